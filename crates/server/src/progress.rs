//! Progress bars with rate and time left, on a terminal; nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bytes.
pub fn bytes(total: u64, what: &str) -> ProgressBar {
    bar(total, what, "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left")
}

/// A bar over things that are counted.
pub fn count(total: u64, what: &str) -> ProgressBar {
    bar(total, what, "{msg} {wide_bar} {human_pos}/{human_len} {per_sec}, {eta} left")
}

fn bar(total: u64, what: &str, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates above are well formed");
    ProgressBar::new(total).with_style(style).with_message(what.to_owned())
}
