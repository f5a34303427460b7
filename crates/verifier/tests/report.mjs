// One check by the module, as a page does it: the whole report, byte for byte comparable with the native one. Runs in Node and,
// handed over as text, in a browser; so it stands alone.
export async function reportOf(module, { bundle, policy, name, kept, now }) {
  const v = (await WebAssembly.instantiate(module)).exports;
  const put = (bytes) => {
    const at = v.alloc(bytes.length);
    new Uint8Array(v.memory.buffer, at, bytes.length).set(bytes);
    return [at, bytes.length];
  };
  const text = () => new TextDecoder().decode(new Uint8Array(v.memory.buffer, v.report(), v.report_len()));
  const nodes = v.open(...put(bundle), ...put(policy), ...put(name), now);
  let report = text();
  if (nodes < 0) return report;
  v.remember(...put(kept));
  report += text();
  for (let i = 0; i < nodes; i += 1) {
    v.entry(i);
    report += text();
  }
  v.finish();
  return report + text();
}
