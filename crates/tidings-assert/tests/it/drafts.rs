//! How values are written in what is suggested: paths, characters, keywords, long lists.

use expect_test::expect;
use serde::{Deserialize, Serialize};
use tidings_assert::{Recorder, check_events, test_bus};
use tidings_derive::Event;

use crate::events::{self, QuickTest, check, recorded, started};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "odd", crate = "tidings_core")]
enum Odd {
    Key { letter: char, r#type: u32 },
    Pair(char, Option<u32>),
}

fn odd(event: Odd) -> Recorder {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    bus.emitter("case", "c1").emit(event);
    recorder
}

#[test]
fn a_variant_is_written_with_the_path_that_the_expected_one_had() {
    let skipped = || recorded([QuickTest::Step { n: 1, status: events::Status::Skipped }]);
    check(
        check_events!(skipped(), exactly: [
            QuickTest::Step { n: 1, status: events::Status::Passed }
        ]),
        &expect![[r#"
            exactly: [
                QuickTest::Step { n: 1, status: events::Status::Skipped },
            ]
        "#]],
    );
}

#[test]
fn a_character_is_written_as_one() {
    check(
        check_events!(odd(Odd::Key { letter: '\'', r#type: 1 }), exactly: [Odd::Key { letter: 'x', .. }]),
        &expect![[r#"
            exactly: [
                Odd::Key { letter: '\'', .. },
            ]
        "#]],
    );
    check(
        check_events!(odd(Odd::Pair('b', None)), exactly: [Odd::Pair('a', None)]),
        &expect![[r#"
        exactly: [
            Odd::Pair('b', None),
        ]
    "#]],
    );
}

#[test]
fn a_field_whose_name_is_a_keyword_is_left_out() {
    check(
        check_events!(odd(Odd::Key { letter: 'a', r#type: 1 }), exactly: [
            Odd::Key { letter: 'x', r#type: 2 }
        ]),
        &expect![[r#"
            exactly: [
                Odd::Key { letter: 'a', .. }, // less strict than before
            ]
        "#]],
    );
}

#[test]
fn nothing_in_place_of_something_is_written_as_none() {
    check(
        check_events!(odd(Odd::Pair('a', None)), exactly: [Odd::Pair('a', Some(1))]),
        &expect![[r#"
            exactly: [
                Odd::Pair('a', None),
            ]
        "#]],
    );
}

#[test]
fn a_guard_about_a_text_keeps_the_kind_of_its_literal() {
    check(
        check_events!(recorded([started("y")]), exactly: [
            QuickTest::Started { test_name } if test_name.as_str() == "x"
        ]),
        &expect![[r#"
            exactly: [
                QuickTest::Started { test_name } if test_name == "y",
            ]
        "#]],
    );
}
