//! `Vec` and `String` in few bytes of code, under the names that `alloc` has: what a check needs of them and no more. Whatever the
//! type of their items, one function makes room. Nothing is given back: a page's heap does not take it (`crates/verifier/src/arena.rs`),
//! and code that walks through all that was read in order to free nothing is bytes as well.
#![expect(unsafe_code, reason = "room is there before the items it is for; UTF-8 is looked at once, when bytes become text")]

use alloc::alloc::alloc;
use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use core::slice;

/// Where all room begins: at a multiple of this. No item asks for more.
const ALIGN: usize = 8;

/// More bytes than there are, and still a number that a layout may have.
const LARGEST: usize = isize::MAX as usize - ALIGN;

/// What stands before the items, at a multiple of [`ALIGN`]. A list is the place of this, so that it is one number wherever it goes:
/// lists that carry three are copied about, which was a tenth of the verifier.
#[repr(C, align(8))]
struct Room {
    /// Items that are there.
    len: usize,
    /// Items that there is room for.
    most: usize,
}

/// The room of all lists that have none yet.
static NONE: Room = Room { len: 0, most: 0 };

impl Room {
    /// Makes a list longer by `more` items of `size` bytes, and returns the place of the first, where nothing is written yet.
    ///
    /// # Safety
    /// `room` was made here for items of this size, or is [`NONE`].
    #[inline(never)]
    unsafe fn take(room: &mut NonNull<Self>, more: usize, size: usize) -> *mut u8 {
        // SAFETY: by contract there is a room.
        let Self { len, most } = *unsafe { room.as_ref() };
        let longer = len.saturating_add(more);
        if longer > most {
            let most = longer.max(2 * most);
            let bytes = most.saturating_mul(size).saturating_add(size_of::<Self>()).min(LARGEST);
            // SAFETY: there are bytes. There is no memory for as many as a number too large is cut to.
            let new = NonNull::new(unsafe { alloc(layout(bytes)) }).expect("memory");
            // SAFETY: the room before was no larger than the new one.
            unsafe { new.copy_from_nonoverlapping(room.cast(), size_of::<Self>() + len * size) };
            *room = new.cast();
            // SAFETY: there is room for one, where its numbers are not those of the new room yet.
            unsafe { room.as_mut().most = most };
        }
        if more > 0 {
            // SAFETY: it is not `NONE`, which has room for no item, and it is this list's alone.
            unsafe { room.as_mut().len = longer };
        }
        // SAFETY: the items reach from behind the room to `most * size`, and `len` is not beyond it.
        unsafe { room.add(1).as_ptr().cast::<u8>().add(len * size) }
    }
}

fn layout(size: usize) -> Layout {
    // SAFETY: `ALIGN` is a power of two, and sizes are cut to `LARGEST`.
    unsafe { Layout::from_size_align_unchecked(size, ALIGN) }
}

/// Items one after the other.
pub struct Vec<T> {
    room: NonNull<Room>,
    items: PhantomData<T>,
}

// SAFETY: the room is this value's alone, so it goes where its items may go.
unsafe impl<T: Send> Send for Vec<T> {}
// SAFETY: shared, it only gives shared items.
unsafe impl<T: Sync> Sync for Vec<T> {}

impl<T> Vec<T> {
    /// None.
    pub const fn new() -> Self {
        const { assert!(align_of::<T>() <= ALIGN && size_of::<T>() > 0) };
        Self { room: NonNull::from_ref(&NONE), items: PhantomData }
    }

    /// One more.
    #[inline(never)]
    pub fn push(&mut self, item: T) {
        // SAFETY: the room is for these items, and `take` gives place for one.
        unsafe { self.take(1).write(item) }
    }

    /// Place for more items, which must be written.
    ///
    /// # Safety
    /// Nothing else is done with the list before that.
    #[inline(always)]
    unsafe fn take(&mut self, more: usize) -> *mut T {
        // SAFETY: the room was made for items of this size.
        unsafe { Room::take(&mut self.room, more, size_of::<T>()).cast() }
    }

    /// One more at a place, before those that stand from there on.
    pub fn insert(&mut self, at: usize, item: T) {
        let after = self.len().checked_sub(at).expect("a place in the list");
        // SAFETY: `take` gives place for one behind the last. Those from `at` on move up by one, and the item takes the place of their first.
        unsafe {
            let place = self.take(1).sub(after);
            place.copy_to(place.add(1), after);
            place.write(item);
        }
    }

    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        self
    }

    /// All of them, no more to be changed in number.
    pub fn leak(mut self) -> &'static mut [T]
    where
        T: 'static,
    {
        // SAFETY: nothing is given back, so the items stay; `self` ends here.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr(), self.len()) }
    }
}

impl<T: Copy> Vec<T> {
    /// Copies of one more, up to this number.
    pub fn resize(&mut self, len: usize, item: T) {
        let more = len.saturating_sub(self.len());
        // SAFETY: all of them are written.
        let place = unsafe { self.take(more) };
        for i in 0..more {
            // SAFETY: `take` gave room for so many.
            unsafe { place.add(i).write(item) }
        }
    }

    /// More of them.
    pub fn extend_from_slice(&mut self, items: &[T]) {
        // SAFETY: `take` gives room for these, apart from all others.
        unsafe { self.take(items.len()).copy_from_nonoverlapping(items.as_ptr(), items.len()) }
    }
}

impl<T> Deref for Vec<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: `len` items were written behind the room.
        unsafe { slice::from_raw_parts(self.room.add(1).as_ptr().cast(), self.room.as_ref().len) }
    }
}

impl<T> DerefMut for Vec<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: `len` items were written behind the room, and they are this value's alone.
        unsafe { slice::from_raw_parts_mut(self.room.add(1).as_ptr().cast(), self.room.as_ref().len) }
    }
}

impl<T> Default for Vec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for Vec<T> {
    fn clone(&self) -> Self {
        self.iter().cloned().collect()
    }
}

impl<T> FromIterator<T> for Vec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = Self::new();
        for item in items {
            all.push(item);
        }
        all
    }
}

impl<T> IntoIterator for Vec<T> {
    type Item = T;
    type IntoIter = Items<T>;

    fn into_iter(self) -> Items<T> {
        Items { all: self, next: 0 }
    }
}

/// The items by value.
pub struct Items<T> {
    all: Vec<T>,
    next: usize,
}

impl<T> Iterator for Items<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let item: *const T = self.all.get(self.next)?;
        self.next += 1;
        // SAFETY: each is read once, and nothing of `all` is used or dropped after that.
        Some(unsafe { item.read() })
    }
}

impl<'a, T> IntoIterator for &'a Vec<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> slice::Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Vec<T> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    fn into_iter(self) -> slice::IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T: PartialEq> PartialEq for Vec<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Vec<T> {}

impl<T: fmt::Debug> fmt::Debug for Vec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// UTF-8.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct String {
    bytes: Vec<u8>,
}

impl String {
    /// None.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// More of it.
    pub fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// One ASCII character more.
    pub fn push(&mut self, character: char) {
        self.bytes.push(character as u8 & 0x7f);
    }

    /// Its bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self
    }
}

impl Deref for String {
    type Target = str;

    #[inline(always)]
    fn deref(&self) -> &str {
        // SAFETY: only text and ASCII characters were put together.
        unsafe { str::from_utf8_unchecked(&self.bytes) }
    }
}

impl From<&str> for String {
    fn from(text: &str) -> Self {
        let mut all = Self::new();
        all.push_str(text);
        all
    }
}

impl PartialEq<str> for String {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<String> for &str {
    fn eq(&self, other: &String) -> bool {
        **self == **other
    }
}

impl PartialEq<&str> for String {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for String {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// What makes something that owns of something that is borrowed.
#[cfg(feature = "small")]
pub trait ToOwned {
    /// What owns.
    type Owned;
    /// A copy.
    fn to_owned(&self) -> Self::Owned;
}

#[cfg(feature = "small")]
impl<T: Copy> ToOwned for [T] {
    type Owned = Vec<T>;

    fn to_owned(&self) -> Vec<T> {
        let mut all = Vec::new();
        all.extend_from_slice(self);
        all
    }
}

#[cfg(feature = "small")]
impl ToOwned for str {
    type Owned = String;

    fn to_owned(&self) -> String {
        String::from(self)
    }
}

/// The bytes as text, if they are UTF-8 (Unicode 16.0, table 3-7).
#[inline(never)]
pub(crate) fn text_of(bytes: &[u8]) -> Option<&str> {
    let mut rest = bytes.iter();
    while let Some(first) = rest.next() {
        // How many bytes follow, and the least number that is not written with fewer.
        let (more, least) = match first {
            0..=0x7f => continue,
            0xc0..=0xdf => (1, 0x80),
            0xe0..=0xef => (2, 0x800),
            0xf0..=0xf7 => (3, 0x1_0000),
            _ => return None,
        };
        let mut number = u32::from(*first) & 0x3f >> more;
        for _ in 0..more {
            let byte = rest.next().filter(|byte| *byte & 0xc0 == 0x80)?;
            number = number << 6 | u32::from(byte & 0x3f);
        }
        if number < least || char::from_u32(number).is_none() {
            return None;
        }
    }
    // SAFETY: these are whole characters in their shortest form, and none is half of a pair.
    Some(unsafe { str::from_utf8_unchecked(bytes) })
}
