//! The binary `leafproof`.
fn main() {}
