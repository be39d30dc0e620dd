//! Hostile text: nothing that a test says is markup, and nothing it says is endless.

use tidings_core::Entity;
use tidings_testrun::{
    Attachment, CaseFinished, CaseStarted, ErrorItem, Failure, LogFile, Output, RunPlanned,
    RunStarted, Selector, SuiteStarted,
};

use super::support::{Scene, data_of};

const HOSTILE: [&str; 7] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]>\u{2028}\u{2029}alert(1)",
    "nul \0 and \u{1b}[31mred\u{1b}[0m",
    "\"'`{{data}}{{script}}&lt;",
    "javascript:alert(1)",
];

/// Says each text at every place that takes one.
fn everywhere(text: &str) -> Scene {
    let scene = Scene::new();
    let run = Entity::new("run", text);
    let suite = run.child("suite", text);
    let case = suite.child("case", text);
    scene.say(&run, RunStarted::new());
    scene.say(&run, RunPlanned::selectors([Selector::test(text, format!("{text} unseen"))]));
    scene.say(&suite, SuiteStarted::new().with_property(text, text));
    scene.say(&case, CaseStarted::new().with_fingerprint(text));
    scene.say(&case, Output::stdout(text));
    scene.say(&case, Attachment::path(text, text).with_media_type(text));
    scene.say(&case, LogFile::new(text));
    let failure = Failure::assertion(text).with_class(text).with_details(text);
    let failure = failure.with_expected(text).with_actual(text).at_line(text, 1);
    scene.say(&suite, ErrorItem::named(text, failure.clone()));
    scene.say(&case, CaseFinished::failed(failure));
    scene
}

#[test]
fn hostile_text_is_never_raw_in_the_page() {
    let frame = everywhere("plain").page();
    for text in HOSTILE {
        let page = everywhere(text).page();
        for mark in ["<script", "</script", "<img", "<!--", "\u{2028}", "\0", "\u{1b}"] {
            let (found, own) = (page.matches(mark).count(), frame.matches(mark).count());
            assert_eq!(found, own, "`{}` of {text:?}", mark.escape_debug());
        }
    }
}

#[test]
fn hostile_text_arrives_as_it_was_said() {
    for text in HOSTILE {
        let data = data_of(&everywhere(text).page());
        let case = &data["cases"][0];
        assert_eq!(case["name"], text);
        assert_eq!(case["notes"]["output"][0]["text"], text);
        assert_eq!(case["attempts"][0]["failure"]["expected"], text);
        assert_eq!(data["errors"][0]["name"], text);
        assert_eq!(data["suites"][0]["path"][0][1], text);
    }
}

#[test]
fn a_name_of_megabytes_is_cut() {
    let page = everywhere(&"<é".repeat(1_700_000)).page();
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    let name = &data_of(&page)["cases"][0]["name"];
    assert!(name.as_str().expect("a text").ends_with(" bytes left out]"), "{name}");
}
