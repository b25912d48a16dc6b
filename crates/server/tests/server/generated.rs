//! Pages that derive from tables in the code are committed and fresh.

use expect_test::expect_file;

#[test]
fn settings() {
    expect_file!["../../../../docs/generated/settings.md"].assert_eq(&server::config::page());
}

#[test]
fn errors() {
    expect_file!["../../../../docs/generated/errors.md"].assert_eq(&server::error::page());
}

#[test]
fn openapi() {
    let text = server::router::openapi().to_pretty_json().expect("the description is JSON");
    expect_file!["../../../../docs/generated/openapi.json"].assert_eq(&(text + "\n"));
}
