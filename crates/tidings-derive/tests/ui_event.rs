//! The messages of `#[derive(Event)]`, one file per message.

#[test]
fn every_fault_has_one_message_that_says_what_to_do() {
    trybuild::TestCases::new().compile_fail("tests/ui/event/*.rs");
}
