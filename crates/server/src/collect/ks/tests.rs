#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use proptest::prelude::*;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const V1_7: &str =
    "YTU3ZWZiMjk5YzQ2Y2I5ZTY3ZjhhNGQ2ZDViOTgzYTFjM2U4ZjFlOHwxMjM0OzEyMzQ7MTkwMDAwMDAwMDsyOzEyMzQ1O2FsaWNlOyo=";
const V1_9: &str =
    "NDVlZjg4ODEzMTU5NWFjYzA5MDRlYTE4ZGM0OGI3OWU0ZGRmOTY3NnwxMjM0OzEyMzQ7MTkwMDAwMDAwMDsyOzEyMzQ1O2FsaWNlOyo7Ow==";
const V2_ALICE: &str = "djJ8MTIzNHzaJnINC3QDyx6uGKzcRLVU8TahEaZGNPb3UEoRX6gXL7B3Vj6h7isZyS-g9S0Vud6d_muXegVSN_36xbd3sPGH3x6TFBq0eN426bqTUxxTrQ==";
const V2_BOB: &str = "djJ8MTIzNHyGM28-vpRodUAYJUQZD9Q6SYEVfDFG-F2FDon1SYbrDy-oIHtHNSdaTHRXkH8peHrx-55hvnF02RYS0WJoj-T_jTaSm1fELXYWN1WK_Mzi9gSF37T-JUqrRjFtSIcphgcFiJUWsD7o-Zc2ACw9MIVL";
const BEFORE: i64 = 1_899_999_999;

fn check(ks: &str, now_s: i64) -> Result<Ks, KsError> {
    verify(ks, AccountId(1234), &[Secret(b"another".to_vec()), Secret(SECRET.to_vec())], now_s)
}

#[test]
fn the_vectors_verify() {
    for ks in [V1_7, V1_9, V2_ALICE] {
        let read = check(ks, BEFORE).unwrap();
        assert_eq!(read.user.as_deref(), Some("alice"), "{ks}");
        assert_eq!((read.kind, read.expiry), (2, 1_900_000_000));
        assert_eq!(read.privileges, [("*".to_owned(), String::new())]);
    }
    let bob = check(V2_BOB, BEFORE).unwrap();
    assert_eq!(bob.user.as_deref(), Some("bob@example.org"));
    assert_eq!((bob.kind, bob.privilege("sview"), bob.privilege("virtualeventid")), (0, Some("0_abc"), Some("77")));
}

#[test]
fn both_alphabets_padded_or_not_also_with_spaces_for_plus() {
    let standard = V2_ALICE.replace('-', "+").replace('_', "/");
    for ks in [standard.clone(), standard.replace('+', " "), V2_ALICE.trim_end_matches('=').to_owned()] {
        assert!(check(&ks, BEFORE).is_ok(), "{ks}");
    }
}

#[test]
fn expired_is_minus_five() {
    for ks in [V1_7, V1_9, V2_ALICE, V2_BOB] {
        let error = check(ks, 1_900_000_000).unwrap_err();
        assert_eq!((error.number(), error.to_string().as_str()), (-5, "-5,EXPIRED"));
    }
}

#[test]
fn anything_altered_is_refused() {
    for ks in [V1_7, V1_9, V2_ALICE, V2_BOB] {
        let end = ks.trim_end_matches('=').len();
        for at in [end - 2, end / 2, end - 9] {
            let mut bytes = ks.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert!(check(&altered, BEFORE).is_err(), "{altered}");
        }
        assert_eq!(check(&ks[..end - 4], BEFORE), Err(KsError::InvalidStr), "cut");
        assert_eq!(verify(ks, AccountId(1234), &[Secret(b"wrong".to_vec())], BEFORE), Err(KsError::InvalidStr));
        assert_eq!(verify(ks, AccountId(1234), &[], BEFORE), Err(KsError::InvalidStr));
        assert_eq!(verify(ks, AccountId(99), &[Secret(SECRET.to_vec())], BEFORE), Err(KsError::InvalidPartner));
    }
}

#[test]
fn an_altered_last_character_is_refused() {
    for ks in [V1_7, V1_9, V2_ALICE, V2_BOB] {
        for end in [ks.len() - 1, ks.trim_end_matches('=').len() - 1] {
            for other in ["A", "B", "Q", "9", "_"].into_iter().filter(|other| !ks[end..].starts_with(other)) {
                let altered = format!("{}{other}{}", &ks[..end], &ks[end + 1..]);
                assert_eq!(check(&altered, BEFORE), Err(KsError::InvalidStr), "{altered}");
            }
        }
    }
}

#[test]
fn broken_shapes() {
    let b64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut short = b"v2|1234|".to_vec();
    short.extend([7; 16]);
    let mut zeros = b"v2|1234|".to_vec();
    zeros.extend([0; 64]);
    let megabyte = "A".repeat(1 << 20);
    for ks in ["", "=", "????", &b64(&short), &b64(&zeros), &b64(b"v2|1234|"), &b64(b"v2|"), &b64(&[0; 48]), &megabyte]
    {
        assert_eq!(check(ks, BEFORE).unwrap_err().number(), -1);
    }
}

#[test]
fn anonymous_users() {
    for user in ["", "0", "null"] {
        let info = format!("1234;1234;1900000000;0;1;{user};view:*,widget:1");
        let digest = Sha1::new().chain_update(SECRET).chain_update(info.as_bytes()).finalize();
        let mut bytes = hexadecimal(&digest);
        bytes.push(b'|');
        bytes.extend(info.as_bytes());
        let ks = check(&base64::engine::general_purpose::STANDARD.encode(bytes), BEFORE).unwrap();
        assert_eq!((ks.user.as_deref(), ks.privilege("widget")), (None, Some("1")));
    }
}

#[test]
fn restrictions() {
    let mut ks = check(V2_BOB, BEFORE).unwrap();
    assert_eq!(ks.restricted(None, "/x"), Ok(()));
    ks.privileges.push(("iprestrict".into(), "10.0.0.1".into()));
    assert_eq!(ks.restricted(Some("10.0.0.1".parse().unwrap()), "/x"), Ok(()));
    assert_eq!(ks.restricted(Some("10.0.0.2".parse().unwrap()), "/x").unwrap_err().number(), -9);
    assert_eq!(ks.restricted(None, "/x").unwrap_err().number(), -9);
    ks.privileges = vec![("urirestrict".into(), "/a/*|/b".into())];
    assert_eq!(ks.restricted(None, "/a/x"), Ok(()));
    assert_eq!(ks.restricted(None, "/c").unwrap_err().number(), -11);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), wrap in any::<bool>()) {
        let text = if wrap {
            let mut all = b"v2|1234|".to_vec();
            all.extend(bytes);
            base64::engine::general_purpose::STANDARD.encode(all)
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        prop_assert!(check(&text, BEFORE).is_err());
    }
}
