use super::scan::millionths;

#[test]
fn decimal_numbers_are_read_exactly() {
    assert_eq!(millionths("85"), Some(85_000_000));
    assert_eq!(millionths("85.5"), Some(85_500_000));
    assert_eq!(millionths("-0.0000019"), Some(-1));
    assert_eq!(millionths("1e3"), None);
    assert_eq!(millionths(""), None);
    assert_eq!(millionths("."), None);
}
