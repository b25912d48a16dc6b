//! The built-in country table: the floor when no place file is there. 0.5 MB in the program, 2 MB in memory.
//!
//! Form (`scripts/make-enrich-data.py` writes it, zstd): a line of JSON, then for v4 (addresses) and v6 (upper 64 bits)
//! a sorted list of starts, as three columns: trailing zero bits of each difference, the difference without them as a
//! varint, and the number of the country code. A start holds until the next one.

use super::place::Source;
use serde::Deserialize;
use std::net::IpAddr;

const TABLE: &[u8] = include_bytes!("../../data/country.zst");
/// The table unpacks to less than this; a guard against a damaged build.
const TABLE_BYTES_MAX: usize = 16 << 20;

#[derive(Deserialize)]
struct Head {
    name: String,
    /// Seconds since 1970.
    built: i64,
    /// The first is empty: no country.
    codes: Vec<Box<str>>,
    v4: usize,
    v6: usize,
}

/// Country by address.
pub(super) struct Countries {
    source: Source,
    codes: Vec<Box<str>>,
    v4: Vec<(u32, u8)>,
    v6: (Vec<u64>, Vec<u8>),
}

impl Countries {
    /// Unpacks the built-in table.
    pub(super) fn built_in() -> Countries {
        let bytes =
            zstd::bulk::decompress(TABLE, TABLE_BYTES_MAX).expect("the embedded table is whole: a test reads it");
        let line = bytes.iter().position(|&b| b == b'\n').expect("the table begins with a line");
        let head: Head = serde_json::from_slice(&bytes[..line]).expect("the line is the table's head");
        let mut rest = &bytes[line + 1..];
        let (starts, codes) = column(&mut rest, head.v4);
        let v4 = starts.into_iter().map(|s| u32::try_from(s).unwrap_or(u32::MAX)).zip(codes).collect();
        let v6 = column(&mut rest, head.v6);
        Countries { source: Source { name: head.name, built_ms: head.built * 1000 }, codes: head.codes, v4, v6 }
    }

    /// The country code of a public address; empty when the table does not know it.
    pub(super) fn country(&self, ip: IpAddr) -> &str {
        let code = match ip {
            IpAddr::V4(ip) => {
                let at = self.v4.partition_point(|&(start, _)| start <= u32::from(ip));
                at.checked_sub(1).map(|i| self.v4[i].1)
            }
            IpAddr::V6(ip) => {
                let upper = (u128::from(ip) >> 64) as u64;
                let at = self.v6.0.partition_point(|&start| start <= upper);
                at.checked_sub(1).map(|i| self.v6.1[i])
            }
        };
        &self.codes[usize::from(code.unwrap_or(0))]
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

/// Reads one list of starts and the codes at them.
fn column(rest: &mut &[u8], rows: usize) -> (Vec<u64>, Vec<u8>) {
    let zeros = take(rest, rows);
    let mut start = 0u64;
    let mut starts = Vec::with_capacity(rows);
    for &zeros in zeros {
        start = start.wrapping_add(varint(rest) << zeros);
        starts.push(start);
    }
    (starts, take(rest, rows).to_vec())
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (head, tail) = rest.split_at(n);
    *rest = tail;
    head
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let byte = take(rest, 1)[0];
        value |= u64::from(byte & 127) << shift;
        shift += 7;
        if byte < 128 {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses whose country has not changed for decades.
    #[test]
    fn known_addresses() {
        let table = Countries::built_in();
        let check = |ip: &str, want: &str| {
            assert_eq!(table.country(ip.parse().expect("an address")), want, "{ip}");
        };
        check("128.101.101.101", "US"); // University of Minnesota
        check("2607:ea00:101::1", "US");
        check("129.132.1.1", "CH"); // ETH Zurich
        check("2001:67c:10ec::1", "CH");
        check("133.11.0.1", "JP"); // University of Tokyo
        check("143.107.1.1", "BR"); // University of Sao Paulo
        check("0.0.0.0", "");
        check("255.255.255.255", "");
        check("::", "");
        assert!(table.source.built_ms > 1_750_000_000_000);
        assert!(table.v4.len() > 100_000 && table.v6.0.len() > 50_000);
        assert!(table.v4.is_sorted_by(|a, b| a.0 < b.0) && table.v6.0.is_sorted_by(|a, b| a < b));
    }
}
