//! The sender's address: the peer, or what proxies that we trust say about it. In memory only.

use crate::config::Network;
use std::net::{IpAddr, SocketAddr};

/// The sender's address. `forwarded` are the values of `X-Forwarded-For`, in the order of the headers: read from the
/// right, past trusted hops, because everything to the left of the first untrusted one is the sender's own word.
pub fn sender<'a>(
    peer: Option<IpAddr>,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[Network],
) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
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
        let trusted = ["10.0.0.0/8", "::1"].map(|text| Network::parse(text).unwrap());
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
}
