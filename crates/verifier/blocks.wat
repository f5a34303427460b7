 ;; What stands in for memory.copy and memory.fill, which WebAssembly 1.0 does not have: scripts/build-verifier.sh puts these before the
 ;; module's last parenthesis. Eight bytes at a time, from the end: most blocks are hashes and points, and byte by byte, as wasm-opt would
 ;; do it, the check of a page takes three times as long.

 ;; As memory.copy, for blocks that overlap too: from the end is right unless the target begins below the source, within it.
 (func $block_copy (param $to i32) (param $from i32) (param $left i32)
  (if (i32.lt_u (i32.sub (local.get $from) (local.get $to)) (local.get $left))
   (then
    (loop $one
     (if (local.get $left)
      (then
       (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
       (local.set $to (i32.add (local.get $to) (i32.const 1)))
       (local.set $from (i32.add (local.get $from) (i32.const 1)))
       (local.set $left (i32.sub (local.get $left) (i32.const 1)))
       (br $one)))))
   (else
    (loop $eight
     (if (i32.ge_u (local.get $left) (i32.const 8))
      (then
       (i64.store align=1
        (i32.add (local.get $to) (local.tee $left (i32.sub (local.get $left) (i32.const 8))))
        (i64.load align=1 (i32.add (local.get $from) (local.get $left))))
       (br $eight))))
    (loop $one
     (if (local.get $left)
      (then
       (i32.store8
        (i32.add (local.get $to) (local.tee $left (i32.sub (local.get $left) (i32.const 1))))
        (i32.load8_u (i32.add (local.get $from) (local.get $left))))
       (br $one)))))))

 (func $block_fill (param $to i32) (param $with i32) (param $left i32)
  (loop $eight
   (if (i32.ge_u (local.get $left) (i32.const 8))
    (then
     (i64.store align=1
      (i32.add (local.get $to) (local.tee $left (i32.sub (local.get $left) (i32.const 8))))
      (i64.mul (i64.extend_i32_u (i32.and (local.get $with) (i32.const 255))) (i64.const 0x0101010101010101)))
     (br $eight))))
  (loop $one
   (if (local.get $left)
    (then
     (i32.store8
      (i32.add (local.get $to) (local.tee $left (i32.sub (local.get $left) (i32.const 1))))
      (local.get $with))
     (br $one)))))
