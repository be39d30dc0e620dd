//! The file: policy, hashes, determinism, size.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tidings_core::Entity;
use tidings_report::Page;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, Failure, RunEmitter, Status, SuiteStarted,
};

use super::support::{Scene, between, model_of};

/// Base64 of RFC 4648 §4, written for this test alone.
fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: Vec<String> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let bits = bits.concat();
    let digits = bits.as_bytes().chunks(6).map(|chunk| {
        let chunk = format!("{:0<6}", std::str::from_utf8(chunk).expect("zeros and ones"));
        alphabet[usize::from_str_radix(&chunk, 2).expect("six bits")]
    });
    let text: String = digits.collect();
    format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text)))
}

#[test]
fn the_policy_names_the_hashes_of_the_style_and_the_script_and_nothing_else() {
    for (page, rest) in [
        (Scene::new().page(), " img-src data:; base-uri 'none'; form-action 'none'"),
        (
            Page::live_html(),
            " img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'",
        ),
    ] {
        let style = hash(between(&page, "<style>", "</style>"));
        let script = hash(between(&page, "<script>", "</script>"));
        let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
        assert_eq!(
            policy,
            format!("default-src 'none'; script-src {script}; style-src {style};{rest}")
        );
        assert_eq!(page.matches("<script").count(), 2);
        assert!(!page.contains("style=\"") && !page.contains("innerHTML"));
    }
}

#[test]
fn the_page_of_a_recording_is_that_of_the_run() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let suite = run.suite("a");
    suite.case("one").failure(Failure::assertion("no"));
    suite.case("two").skipped(CaseSkipped::by_user("later"));
    suite.success();
    run.success();
    let (first, again) = (scene.page(), Page::html(&model_of(&scene.heard())));
    assert!(first == again, "two pages of the same events differ");
}

#[test]
fn the_page_does_not_depend_on_which_of_two_threads_was_heard_first() {
    let page = |is_other_way: bool| {
        let scene = Scene::new();
        let mut cases = ["one", "two"].map(|name| Entity::new("suite", "s").child("case", name));
        if is_other_way {
            cases.reverse();
        }
        for case in &cases {
            scene.say(case, CaseStarted::new());
        }
        for case in &cases {
            scene.say(case, CaseFinished::new(Status::Success));
        }
        scene.page()
    };
    assert!(page(false) == page(true), "the order of arrival shows");
}

#[test]
fn twenty_thousand_passed_cases_take_less_than_four_megabytes() {
    let scene = Scene::new();
    let run = Entity::new("run", "nightly");
    for number in 0..20_000 {
        let suite = run.child("suite", &format!("crates/module_{:02}", number % 50));
        if number < 50 {
            scene.say(&suite, SuiteStarted::new());
        }
        let case = suite.child("case", &format!("does_what_it_should_{number}"));
        scene.say(&case, CaseStarted::new());
        let taken = Duration::from_nanos(1_234_567 + number * 1_003);
        scene.say(&case, CaseFinished::new(Status::Success).with_duration(taken));
    }
    let page = scene.page();
    assert!(page.len() < 4_000_000, "{} bytes", page.len());
}

#[test]
fn the_live_page_has_no_data_and_says_where_it_comes_from() {
    let page = Page::live_html();
    assert!(page.contains("<html lang=\"en\" data-live=\"events\">"));
    assert_eq!(between(&page, "id=\"data\">", "</script>"), "null");
}
