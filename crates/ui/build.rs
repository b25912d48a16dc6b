//! Builds the pages that this crate embeds.
//!
//! 1. `UI_DIST` names a folder: embed that (containers, distribution packages, builds without network).
//! 2. Else npm is there: `npm ci` if the lock is newer than what is installed, then `npm run build`. Debug builds do not
//!    begin an installation by themselves: who works on the server alone should not wait for it.
//! 3. Else: debug builds embed one line, so that the API and its tests run; release builds fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a change of should build the pages again, below `web/`.
const SOURCES: [&str; 9] = [
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
    "dev",
];

/// What is embedded when there are no pages.
const PLACEHOLDER: &str = "<!doctype html><meta charset=\"utf-8\"><title>Playhead</title><p>This build has no pages: they \
                           were not installed when it was built. The API is there.</p>\n";

fn main() {
    println!("cargo::rerun-if-env-changed=UI_DIST");
    let out = PathBuf::from(variable("OUT_DIR"));
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../../web");
    let dist = match std::env::var_os("UI_DIST").filter(|folder| !folder.is_empty()) {
        Some(folder) => {
            println!("cargo::rerun-if-changed={}", Path::new(&folder).display());
            PathBuf::from(folder)
        }
        None => {
            for source in SOURCES {
                println!("cargo::rerun-if-changed={}", web.join(source).display());
            }
            build(&web).unwrap_or_else(|why| without(&out, &why))
        }
    };
    let dist = fs::canonicalize(&dist).unwrap_or_else(|error| panic!("no pages in {}: {error}", dist.display()));
    // The folder is only known here, and the attribute takes a literal.
    let code = format!("#[derive(RustEmbed)]\n#[folder = {:?}]\nstruct Files;\n", dist.display().to_string());
    let file = out.join("files.rs");
    fs::write(&file, code).unwrap_or_else(|error| panic!("cannot write {}: {error}", file.display()));
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn build(web: &Path) -> Result<PathBuf, String> {
    if !web.join("package.json").exists() {
        return Err("there is no web folder".to_owned());
    }
    let installed = age(&web.join("node_modules/.package-lock.json"));
    if installed.is_none() && variable("PROFILE") != "release" {
        return Err("the pages are not installed (run `npm ci` in web to have them in debug builds)".to_owned());
    }
    if installed.is_none() || installed < age(&web.join("package-lock.json")) {
        npm(web, &["ci", "--no-audit", "--no-fund"])?;
    }
    npm(web, &["run", "build"])?;
    Ok(web.join("dist"))
}

fn age(file: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(web)
        .output()
        .map_err(|error| format!("npm cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "npm {} failed:\n{}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn without(out: &Path, why: &str) -> PathBuf {
    if variable("PROFILE") == "release" {
        panic!("the pages cannot be built, and a release must have them: {why}");
    }
    for line in why.lines() {
        println!("cargo::warning={line}");
    }
    let folder = out.join("dist");
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
    let page = folder.join("index.html");
    fs::write(&page, PLACEHOLDER).unwrap_or_else(|error| panic!("cannot write {}: {error}", page.display()));
    folder
}
