//! The sender's address: the peer, or what proxies that we trust say about it. In memory only.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    bits: u32,
    v6: bool,
}

/// Not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network: write an address, or an address, a slash and a number of bits")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;
    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| NetworkError)?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let (base, width) = widen(address);
        let bits = bits.unwrap_or(width);
        if bits > width {
            return Err(NetworkError);
        }
        Ok(Network { base: masked(base, bits, width), bits, v6: width == 128 })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.v6 {
            true => write!(f, "{}/{}", std::net::Ipv6Addr::from(self.base), self.bits),
            false => write!(f, "{}/{}", std::net::Ipv4Addr::from(self.base as u32), self.bits),
        }
    }
}

impl Network {
    /// Whether an address lies in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let (value, width) = widen(address.to_canonical());
        (width == 128) == self.v6 && masked(value, self.bits, width) == self.base
    }
    /// This machine: a proxy beside the server.
    pub fn loopback() -> Vec<Network> {
        ["127.0.0.0/8", "::1"].map(|text| text.parse().expect("constant")).to_vec()
    }
}

fn widen(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    }
}

fn masked(value: u128, bits: u32, width: u32) -> u128 {
    let cut = width - bits;
    if cut >= 128 { 0 } else { value >> cut << cut }
}

/// The sender's address. `forwarded` are the values of `X-Forwarded-For`, in the order of the headers: read from the
/// right, past trusted hops, because everything to the left of the first untrusted one is the sender's own word.
pub fn sender<'a>(
    peer: Option<IpAddr>,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[Network],
) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut found = peer?.to_canonical();
    if !is_trusted(found) {
        return Some(found);
    }
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    for hop in hops.into_iter().rev() {
        let Some(address) = parse(hop.trim()) else { break };
        found = address;
        if !is_trusted(found) {
            break;
        }
    }
    Some(found)
}

/// An address, perhaps with a port or in brackets.
fn parse(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn check(peer: &str, forwarded: &[&str], expect: &str) {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        let found = sender(Some(peer.parse().unwrap()), forwarded.iter().copied(), &trusted);
        assert_eq!(found, Some(expect.parse().unwrap()), "{peer} {forwarded:?}");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        check("192.0.2.1", &["1.1.1.1"], "192.0.2.1");
        check("10.0.0.1", &["6.6.6.6, 1.1.1.1"], "1.1.1.1");
        check("10.0.0.1", &["6.6.6.6", "1.1.1.1, 10.2.0.1"], "1.1.1.1");
        check("::ffff:10.0.0.1", &["1.1.1.1:5000"], "1.1.1.1");
        check("::1", &["[2001:db8::1]:5000"], "2001:db8::1");
        check("10.0.0.1", &["nonsense"], "10.0.0.1");
        check("10.0.0.1", &["1.1.1.1, nonsense, 10.0.0.3"], "10.0.0.3");
        check("10.0.0.1", &[], "10.0.0.1");
    }

    #[test]
    fn networks() {
        let holds = |network: &str, address: &str| network.parse::<Network>().unwrap().holds(address.parse().unwrap());
        assert!(holds("10.1.2.3/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:5::1") && !holds("2001:db8::/32", "2001:db9::1"));
        for wrong in ["", "10.0.0.0/33", "x/8", "10.0.0.0/"] {
            assert_eq!(wrong.parse::<Network>(), Err(NetworkError), "{wrong}");
        }
        assert_eq!("10.1.2.3/8".parse::<Network>().unwrap().to_string(), "10.0.0.0/8");
    }
}
