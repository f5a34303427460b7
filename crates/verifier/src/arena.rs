//! The module's heap: blocks one after the other. Nothing comes back but what a page gives back before it asks for more
//! ([`give_back`]): a check of one bundle needs no more, and a page that checks many makes a new instance for each.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::cell::Cell;

const PAGE: usize = 65_536;

struct Arena {
    /// The first free byte; 0 before the first block.
    free: Cell<usize>,
}

// SAFETY: the module has no threads.
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena { free: Cell::new(0) };

impl Arena {
    /// Moves the end of used memory, growing it where needed.
    fn reserve(&self, end: usize) -> bool {
        let have = memory_size(0) * PAGE;
        if end > have && memory_grow(0, (end - have).div_ceil(PAGE)) == usize::MAX {
            return false;
        }
        self.free.set(end);
        true
    }
}

// SAFETY: blocks never overlap: each begins at or after the end of all others.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.free.get() == 0 {
            self.free.set(memory_size(0) * PAGE);
        }
        let at = self.free.get().next_multiple_of(layout.align());
        match at.checked_add(layout.size()) {
            Some(end) if self.reserve(end) => at as *mut u8,
            _ => core::ptr::null_mut(),
        }
    }

    /// Nothing comes back: a check of one bundle ends before memory does, and code that frees what it has seen is a tenth of
    /// the module.
    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

/// The block of a page's `alloc`, if nothing came after it.
pub(crate) fn give_back(at: usize, len: usize) {
    if at + len == ARENA.free.get() {
        ARENA.free.set(at);
    }
}

/// A defect or the end of memory: the page sees a trap and says that it could not check. Nothing is formatted, which keeps
/// the formatting code out of the module.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unreachable()
}
