//! House rules that are not worth a tool.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// A module may use only modules above it in `lib.rs`. Tests may use all.
#[test]
fn modules_use_only_modules_above_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let order: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(order.len() > 10, "lib.rs names its modules one a line: {order:?}");
    let place = |module: &str| order.iter().position(|m| *m == module);
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        if name.contains("tests") || name == "lib.rs" {
            continue;
        }
        let module = name.split(['/', '.']).next().unwrap();
        let here = place(module).unwrap_or_else(|| panic!("{name} belongs to no module of lib.rs"));
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code.take_while(|line| !line.starts_with("#[cfg(test)]")) {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + "crate::".len()..];
                // `use crate::{a::B, c::D}` names several.
                let (list, group) = rest.strip_prefix('{').map_or((rest, false), |list| (list, true));
                let named = if group { list.split(", ").collect() } else { vec![list] };
                for used in named {
                    let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                    if place(used).is_some_and(|there| there > here) {
                        wrong.push(format!("{name}: {}", line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these use modules below their own:\n{}", wrong.join("\n"));
}

/// No clock, no environment, no randomness, none of the maps whose order is random.
#[test]
fn the_engine_stays_pure() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        if name.contains("tests") {
            continue;
        }
        for line in fs::read_to_string(&file).unwrap().lines().take_while(|line| !line.starts_with("#[cfg(test)]")) {
            let banned = ["SystemTime", "Instant::now", "Timestamp::now", "std::env::", "collections::Hash", "rand::"];
            let comment = line.trim_start().starts_with("//");
            if !comment && banned.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{name}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "these break a promise of lib.rs:\n{}", wrong.join("\n"));
}
