//! The program: arguments in, exit code out.

use std::process::ExitCode;

/// Events are made on one thread and freed on another, thousands a second; the system's allocator spent a sixth of
/// collection's time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
