//! What holds for every document that shows a test run, whatever its tests say. The hostile
//! payloads and the fuzz targets ask the same.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// The elements of JUnit XML.
const ELEMENTS: [&str; 15] = [
    "testsuites",
    "testsuite",
    "testcase",
    "properties",
    "property",
    "failure",
    "error",
    "skipped",
    "rerunFailure",
    "rerunError",
    "flakyFailure",
    "flakyError",
    "stackTrace",
    "system-out",
    "system-err",
];

/// A document that a strict reader takes, of the elements that the format has.
pub(crate) fn check_xml(xml: &str, about: &str) {
    let is_legal = |c: char| {
        // Those that XML 1.0 §2.2 advises against are no better.
        let is_noncharacter = u32::from(c) & 0xfffe == 0xfffe;
        matches!(c, '\t' | '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{fdcf}' | '\u{fdf0}'..)
            && !is_noncharacter
    };
    assert_eq!(xml.chars().find(|&c| !is_legal(c)), None, "{about}");
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    loop {
        match reader.read_event().expect(about) {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                assert!(ELEMENTS.contains(&&*name), "{about}: {name}");
                for attribute in tag.attributes() {
                    let attribute = attribute.expect(about);
                    let value = String::from_utf8_lossy(&attribute.value).into_owned();
                    assert!(!value.contains('<'), "{about}: {value}");
                    unescape(&value).expect(about);
                }
            }
            Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {
                unreachable!("{about}: no element and no text")
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

/// A page with no more markup than one whose texts are plain, `frame`; and its data is JSON.
pub(crate) fn check_page(page: &str, frame: &str, about: &str) {
    for mark in ["<", ">", "\u{2028}", "\u{2029}", "\0", "\u{1b}"] {
        let (found, own) = (page.matches(mark).count(), frame.matches(mark).count());
        assert_eq!(found, own, "{about}: `{}`", mark.escape_debug());
    }
    let (_, rest) = page.split_once("id=\"data\">").expect("the page has data");
    let (json, _) = rest.split_once("</script>").expect("they end");
    let read: Result<serde_json::Value, _> = serde_json::from_str(json);
    assert!(read.is_ok(), "{about}");
}
