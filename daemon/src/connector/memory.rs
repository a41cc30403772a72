//! The allocator that the daemon and every connector's code share: what is freed goes back.
//!
//! Left to itself, glibc takes a large block that is freed for a sign of more to come, and from then on
//! serves blocks of up to 32 MiB from heaps which it keeps: the cards of one large file held 40 MiB until
//! the daemon ended. With limits that are set it does not learn.

#![allow(unsafe_code, reason = "mallopt")]

/// Blocks of this size or more are the kernel's own, and are given back when they are freed. Whatever is
/// needed for every update is smaller.
const MAPPED: i32 = 256 << 10;
/// So much may stay free at the end of a heap.
const KEPT: i32 = 512 << 10;

/// Has freed memory given back from now on, where the allocator is glibc's.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    for (limit, bytes) in [
        (libc::M_MMAP_THRESHOLD, MAPPED),
        (libc::M_TRIM_THRESHOLD, KEPT),
    ] {
        // SAFETY: it takes two numbers and locks what it changes. One that it refuses leaves things as
        // they were.
        unsafe { libc::mallopt(limit, bytes) };
    }
}
