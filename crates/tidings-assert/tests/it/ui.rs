//! Misuse of the macros does not compile, and the message says what would.

#[test]
fn misuse_is_told_at_the_token_that_makes_it() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
