//! Every message of `#[derive(State)]`, as the user sees it, and the enums it accepts.

#[test]
fn each_fault_has_its_message() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/state/*.rs");
    cases.pass("tests/ui/state/pass/*.rs");
}
