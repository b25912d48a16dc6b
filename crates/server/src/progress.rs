//! Progress bars with rate and time left, on a terminal; nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

const COUNT: &str = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec}, {eta} left";

/// A bar over bytes.
pub fn bytes(total: u64, what: &str) -> ProgressBar {
    bar(total, what, "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left")
}

/// A bar over things that are counted.
pub fn count(total: u64, what: &str) -> ProgressBar {
    bar(total, what, COUNT)
}

/// Things that are counted, of which nobody knows yet how many there are: see [`expect`].
pub fn counting(what: &str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_style(style("{msg} {spinner} {human_pos}")).with_message(what.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    bar
}

/// So many there are: from now on the bar says how long it takes.
pub fn expect(bar: &ProgressBar, total: u64) {
    bar.set_length(total);
    bar.set_style(style(COUNT));
}

fn bar(total: u64, what: &str, template: &str) -> ProgressBar {
    ProgressBar::new(total).with_style(style(template)).with_message(what.to_owned())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates here are well formed")
}
