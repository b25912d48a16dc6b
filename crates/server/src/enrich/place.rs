//! Where an address is. Country is a fact, region a hint, city a guess.
//!
//! Data, first that works: the operator's files, `DATA/geo/*.mmdb` (the set-up's download), the built-in country
//! table. The server always starts: a bad file is a warning. A changed file is checked and taken while running.

use super::Settings;
use super::atlas::Point;
use super::country::Countries;
use engine::event::Text;
use maxminddb::{PathElement, Reader, path};
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

/// Look-ups a file must answer before it is taken.
const CHECK_LOOKUPS: u32 = 10_000;
/// Place data older than this is worth a warning, ms.
pub const OLD_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// Largest place file that is read into memory. DB-IP's city files are 63 and 71 MB.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// How fine a place may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// Country only.
    Country,
    /// Country and region.
    Region,
    /// Country, region and city.
    #[default]
    City,
}

impl std::str::FromStr for Precision {
    type Err = String;
    fn from_str(word: &str) -> Result<Precision, String> {
        match word {
            "country" => Ok(Precision::Country),
            "region" => Ok(Precision::Region),
            "city" => Ok(Precision::City),
            _ => Err(format!("{word:?} is none of country, region, city")),
        }
    }
}

/// Where somebody is. Empty text means not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166 alpha-2 code.
    pub country: Text,
    /// Region name.
    pub region: Text,
    /// City name.
    pub city: Text,
    /// Data set and build date that said so (`DBIP-City-Lite 2026-06-05`); empty when nothing is known.
    pub source: Text,
    /// Where the city lies, if the data say.
    pub point: Option<Point>,
}

impl Place {
    /// The same place, no finer than `precision`: for visitors who signal that they do not want more (`Sec-GPC`, `DNT`).
    #[must_use]
    pub fn no_finer(mut self, precision: Precision) -> Place {
        if precision < Precision::City {
            self.city = Text::default();
            self.point = None;
        }
        if precision < Precision::Region {
            self.region = Text::default();
        }
        self
    }
}

/// What the place data is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Data set name.
    pub name: String,
    /// When it was built, ms since 1970; 0 when the file does not say.
    pub built_ms: i64,
}

impl Source {
    /// Whether the data is more than 90 days old.
    pub fn is_old(&self, now_ms: i64) -> bool {
        now_ms - self.built_ms > OLD_MS
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = jiff::Timestamp::from_millisecond(self.built_ms).map(|at| at.strftime("%F").to_string());
        write!(f, "{} {}", self.name, day.unwrap_or_default())
    }
}

/// The place data in use.
pub(super) struct Places {
    settings: Settings,
    current: RwLock<Arc<Data>>,
    /// What the files looked like when they were last read, good or bad, so that a bad one is read (and warned of) once.
    seen: Mutex<Vec<Stamp>>,
}

/// One file as it stood: path, length, time of change.
type Stamp = (PathBuf, u64, Option<SystemTime>);

/// One generation of data, and its name as rows carry it.
struct Data {
    kind: DataKind,
    source: Source,
    label: Text,
}

enum DataKind {
    Files(Vec<File>),
    BuiltIn(Countries),
}

struct File {
    reader: Reader<Vec<u8>>,
    nested: bool,
}

impl Places {
    pub(super) fn open(settings: &Settings) -> Places {
        let places = Places {
            settings: settings.clone(),
            current: RwLock::new(Arc::new(Data::built_in())),
            seen: Mutex::default(),
        };
        places.refresh();
        places
    }

    pub(super) fn place(&self, ip: IpAddr) -> Place {
        let ip = ip.to_canonical(); // ::ffff:a.b.c.d is looked up as v4
        if !is_public(ip) {
            return Place::default();
        }
        self.data().place(ip).no_finer(self.settings.precision)
    }

    pub(super) fn source(&self) -> Source {
        self.data().source.clone()
    }

    /// Takes changed files, if they are good.
    pub(super) fn refresh(&self) {
        let paths = self.settings.place_files();
        let stamps: Vec<Stamp> = paths.into_iter().map(stamp).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == stamps {
            return;
        }
        let old = self.source();
        match Data::read(&stamps) {
            Ok(Some(data)) => {
                tracing::info!(old = %old, new = %data.source, "Place data taken.");
                self.put(data);
            }
            Ok(None) => {
                if !matches!(self.data().kind, DataKind::BuiltIn(_)) {
                    tracing::warn!(old = %old, "Place files are gone: the built-in country table is used.");
                    self.put(Data::built_in());
                }
            }
            Err(why) => tracing::warn!(%why, kept = %old, "Place file refused: the old data stays."),
        }
        *seen = stamps;
    }

    fn data(&self) -> Arc<Data> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, data: Data) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(data);
    }
}

impl Settings {
    /// The operator's files, else those in the data folder, by name.
    fn place_files(&self) -> Vec<PathBuf> {
        if !self.geo.is_empty() {
            return self.geo.clone();
        }
        let Some(folder) = self.data.as_ref().map(|data| data.join("geo")) else { return Vec::new() };
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = files
            .flatten()
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|e| e == "mmdb"))
            .collect();
        paths.sort();
        paths
    }
}

fn stamp(path: PathBuf) -> Stamp {
    let meta = std::fs::metadata(&path).ok();
    let length = meta.as_ref().map_or(0, std::fs::Metadata::len);
    (path, length, meta.and_then(|m| m.modified().ok()))
}

impl Data {
    fn new(kind: DataKind, source: Source) -> Data {
        Data { label: source.to_string().into(), kind, source }
    }

    fn built_in() -> Data {
        let countries = Countries::built_in();
        let source = countries.source().clone();
        Data::new(DataKind::BuiltIn(countries), source)
    }

    /// Reads and checks files. None when there are none.
    fn read(stamps: &[Stamp]) -> Result<Option<Data>, String> {
        let mut files = Vec::new();
        for (path, length, _) in stamps {
            if *length > FILE_BYTES_MAX {
                return Err(format!("{} is larger than {FILE_BYTES_MAX} bytes", path.display()));
            }
            files.push(File::read(path).map_err(|why| format!("{}: {why}", path.display()))?);
        }
        let Some(first) = files.first() else { return Ok(None) };
        let meta = first.reader.metadata();
        let source = Source {
            name: meta.database_type.clone(),
            built_ms: i64::try_from(meta.build_epoch).unwrap_or(0).saturating_mul(1000),
        };
        Ok(Some(Data::new(DataKind::Files(files), source)))
    }

    fn place(&self, ip: IpAddr) -> Place {
        let mut place = match &self.kind {
            DataKind::BuiltIn(countries) => Place { country: countries.country(ip).into(), ..Place::default() },
            // A damaged record is as good as none: the address stays unknown, the event is kept.
            DataKind::Files(files) => files
                .iter()
                .filter(|file| file.takes(ip))
                .find_map(|file| file.place(ip).ok().flatten())
                .unwrap_or_default(),
        };
        if !place.country.is_empty() || !place.city.is_empty() {
            place.source = self.label.clone();
        }
        place
    }
}

impl File {
    /// Reads a file into memory (not mapped: copying a newer file over a mapped one kills the process) and checks it.
    fn read(path: &Path) -> Result<File, String> {
        let reader = Reader::open_readfile(path).map_err(|e| e.to_string())?;
        let meta = reader.metadata();
        if !matches!(meta.ip_version, 4 | 6) || meta.node_count == 0 || meta.database_type.is_empty() {
            return Err("metadata makes no sense".to_owned());
        }
        // Flat files (`@ip-location-db`) say `city ipv4`, `country ipvAll`; MaxMind's nested ones `GeoLite2-City`.
        let nested = !meta.database_type.contains("ipv");
        let file = File { reader, nested };
        // Not `Reader::verify`: it refuses every flat file for its empty description.
        let mut found = 0;
        for i in 0..CHECK_LOOKUPS {
            let bits = i.wrapping_mul(0x9E37_79B1);
            let v4 = IpAddr::V4(Ipv4Addr::from(bits));
            let v6 = IpAddr::V6(Ipv6Addr::from((0x2000_0000 | u128::from(bits >> 3)) << 96 | u128::from(i) << 64));
            for ip in [v4, v6] {
                if file.takes(ip) {
                    found += u32::from(file.place(ip).map_err(|e| e.to_string())?.is_some());
                }
            }
        }
        // A data set of another kind (network names, say) decodes well but knows no place. Test files know few addresses,
        // so nothing found is refused only where the file is large.
        if found == 0 && file.reader.metadata().node_count > 100_000 {
            return Err(format!("holds no places: {}", file.reader.metadata().database_type));
        }
        Ok(file)
    }

    /// A v4 file fails on a v6 address.
    fn takes(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() || self.reader.metadata().ip_version == 6
    }

    fn place(&self, ip: IpAddr) -> Result<Option<Place>, maxminddb::MaxMindDbError> {
        let found = self.reader.lookup(ip)?;
        if !found.has_data() {
            return Ok(None);
        }
        let text = |path: &[PathElement<'_>]| found.decode_path::<&str>(path).map(|text| text.unwrap_or_default());
        let (country, region, city) = if self.nested {
            (
                text(&path!["country", "iso_code"])?,
                text(&path!["subdivisions", 0, "names", "en"])?,
                text(&path!["city", "names", "en"])?,
            )
        } else {
            (text(&path!["country_code"])?, text(&path!["state1"])?, text(&path!["city"])?)
        };
        // Single in flat files, double in nested ones. A damaged point is not worth losing the place for.
        let degrees = |path: &[PathElement<'_>]| {
            let single = || found.decode_path::<f32>(path).ok().flatten().map(f64::from);
            found.decode_path::<f64>(path).ok().flatten().or_else(single)
        };
        let (latitude, longitude) = if self.nested {
            (degrees(&path!["location", "latitude"]), degrees(&path!["location", "longitude"]))
        } else {
            (degrees(&path!["latitude"]), degrees(&path!["longitude"]))
        };
        let point = latitude.zip(longitude).and_then(|(latitude, longitude)| Point::of(latitude, longitude));
        Ok(Some(Place {
            country: country.into(),
            region: region.into(),
            city: plain_city(city).into(),
            source: Text::default(),
            // A country's or a region's middle is no city's.
            point: point.filter(|_| !city.is_empty()),
        }))
    }
}

/// `Minneapolis (Prospect Park)` without the quarter, so that one city is one row.
fn plain_city(name: &str) -> &str {
    match name.strip_suffix(')').and_then(|rest| rest.rfind(" (")) {
        Some(at) => name[..at].trim_end(),
        None => name,
    }
}

/// Not private, loopback, link-local, documentation, shared, multicast or reserved: only then does a data set's answer
/// mean anything (one answers AU for 203.0.113.5).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation()
                || a == 0
                || a >= 224 // multicast, reserved, broadcast
                || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
                || (a == 198 && (18..20).contains(&b)) // benchmarks
                || (a == 192 && b == 0 && c == 0))
        }
        // Global unicast is 2000::/3; within it 2001:db8::/32 and 3fff::/20 are documentation.
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            a & 0xE000 == 0x2000 && !(a == 0x2001 && b == 0x0DB8) && !(a == 0x3FFF && b < 0x1000)
        }
    }
}

#[cfg(test)]
mod tests;
