//! The binary.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed. Our own buffers wipe themselves; but answers with card numbers pass through
/// those of the HTTP and TLS libraries, which free them as they are.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    reissue::cli::main()
}
