//! The verifier as a WebAssembly module: a page hands in bytes and reads a report, nothing else goes in or out.
//!
//! No imports, no wasm-bindgen, no JSON. A page loads it like this (`public/page.js` has the whole loader):
//!
//! 1. `p = alloc(n)`, copy `n` bytes to `memory.buffer` at `p`; once for each of bundle, policy, name, what is remembered.
//! 2. `open(…)`: how many entries there are to check, or -1 if the check ended. The report's lines so far lie at
//!    `report()`, `report_len()` bytes of UTF-8, until the next call.
//! 3. `remember(…)`: compares with what was kept from earlier visits; the line at `report()` says how it ended. Before `finish`.
//! 4. `entry(i)` for each, in any order: 1 verified, 0 failed, -1 no such entry. Its lines lie at `report()`.
//! 5. `finish()`: the state (see [`State`]), its lines at `report()`.
//!
//! All lines together are byte for byte the report that `ledger::verify::verify` writes natively. Their grammar stands in
//! `ledger::verify::report`. After growing, `memory.buffer` is a new object: take it anew after every call.
#![expect(unsafe_code, reason = "exports need unmangled names, and a page can hand in bytes by address only")]
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
mod arena;

use core::cell::UnsafeCell;

use ledger::bytes::Reader;
use ledger::owned::{String, ToOwned, Vec};
use ledger::policy::Policy;
use ledger::verify::{Check, Memory, State, policy_unreadable};

/// What the calls share: one check at a time.
struct Page {
    check: Option<(Check, Policy)>,
    report: String,
    hash: [u8; 32],
}

/// A cell for one thread.
struct OneThread(UnsafeCell<Page>);

// SAFETY: the module has no threads, and a page's calls come one after the other.
unsafe impl Sync for OneThread {}

static PAGE: OneThread = OneThread(UnsafeCell::new(Page { check: None, report: String::new(), hash: [0; 32] }));

fn page() -> &'static mut Page {
    // SAFETY: every exported function calls this once and keeps nothing of it when it returns.
    unsafe { &mut *PAGE.0.get() }
}

/// Room for `len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    let mut room = Vec::new();
    room.resize(len, 0);
    room.leak().as_mut_ptr()
}

/// Gives room back, if nothing was allocated since: a page hashes one picture after the other in the same place.
///
/// # Safety
/// `at` and `len` are those of one earlier `alloc`, not given back before and not used after.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(at: *mut u8, len: usize) {
    #[cfg(target_arch = "wasm32")]
    arena::give_back(at as usize, len);
    // SAFETY: by contract this is the box that `alloc` leaked.
    #[cfg(not(target_arch = "wasm32"))]
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(at, len)) });
}

/// Opens a bundle. A `name_len` of 0 stands for "no address was opened".
///
/// # Safety
/// Every pair of address and length was made by `alloc` and filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(
    bundle: *const u8,
    bundle_len: usize,
    policy: *const u8,
    policy_len: usize,
    name: *const u8,
    name_len: usize,
    now_ms: f64,
) -> i32 {
    // SAFETY: by contract.
    let (bundle, policy, name) = unsafe { (bytes(bundle, bundle_len), bytes(policy, policy_len), bytes(name, name_len)) };
    let page = page();
    page.check = None;
    let Ok(policy) = Policy::parse(policy) else {
        page.report = policy_unreadable().text;
        return -1;
    };
    let expected = (!name.is_empty()).then_some(name);
    match Check::open(bundle, &policy, expected, now_ms as u64) {
        Ok(check) => {
            page.report = check.opening().to_owned();
            let count = check.nodes().len();
            page.check = Some((check, policy));
            count as i32
        }
        Err(report) => {
            page.report = report.text;
            -1
        }
    }
}

/// Compares with what was kept: for each checkpoint a length of two bytes, the note, a count of one byte, and as many hashes of
/// 32 bytes, the consistency proof.
///
/// # Safety
/// `kept` and `kept_len` were made by `alloc` and filled, or `kept_len` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn remember(kept: *const u8, kept_len: usize) {
    // SAFETY: by contract.
    let kept = read_memory(unsafe { bytes(kept, kept_len) });
    let page = page();
    page.report = page.check.as_mut().map(|(check, policy)| check.remember(policy, &kept)).unwrap_or_default();
}

/// Puts the bundle's signed note where the report's lines else lie.
#[unsafe(no_mangle)]
pub extern "C" fn note() {
    let page = page();
    page.report = page.check.as_ref().map(|(check, _)| check.note().to_owned()).unwrap_or_default();
}

/// Checks one entry.
#[unsafe(no_mangle)]
pub extern "C" fn entry(i: usize) -> i32 {
    let page = page();
    page.report = String::new();
    let Some(node) = page.check.as_mut().and_then(|(check, _)| check.entry(i)) else {
        return -1;
    };
    page.report = node.text;
    i32::from(node.outcome.is_ok())
}

/// Says what follows for the whole: 0 verified, 1 failed, 2 unusable, 3 not co-signed, 4 stale, 5 unissued, 6 unowned, as the command
/// line exits. Only 0 is ever shown as in order.
#[unsafe(no_mangle)]
pub extern "C" fn finish() -> i32 {
    let page = page();
    page.report = String::new();
    let Some(report) = page.check.as_ref().map(|(check, _)| check.finish()) else {
        return 2;
    };
    page.report = report.text;
    match report.state {
        State::Verified => 0,
        State::Failed => 1,
        State::Unusable => 2,
        State::NotCosigned => 3,
        State::Stale => 4,
        State::Unissued => 5,
        State::Unowned => 6,
    }
}

/// Where the lines of the last call lie.
#[unsafe(no_mangle)]
pub extern "C" fn report() -> *const u8 {
    page().report.as_ptr()
}

/// How many bytes they are.
#[unsafe(no_mangle)]
pub extern "C" fn report_len() -> usize {
    page().report.len()
}

/// BLAKE3 of any bytes, such as a picture or this module itself: the address of 32 bytes, until the next call.
///
/// # Safety
/// `at` and `len` were made by `alloc` and filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn blake3(at: *const u8, len: usize) -> *const u8 {
    // SAFETY: by contract.
    let hash = ledger::hash(unsafe { bytes(at, len) });
    let page = page();
    page.hash = *hash.as_bytes();
    page.hash.as_ptr()
}

/// # Safety
/// `at` is the address of `len` bytes, or `len` is 0.
unsafe fn bytes<'a>(at: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: by contract.
    unsafe { core::slice::from_raw_parts(at, len) }
}

/// An unreadable memory becomes an empty note, which the step "memory" then refuses.
fn read_memory(bytes: &[u8]) -> Vec<Memory> {
    let mut r = Reader::new(bytes);
    let mut kept = Vec::new();
    while !r.is_empty() {
        let note = r.s16().to_owned();
        let consistency = (0..r.count8()).map(|_| r.hash()).collect();
        kept.push(Memory { note, consistency });
    }
    if r.whole().is_err() {
        kept.push(Memory::default());
    }
    kept
}
