//! The timeline: a bar per test, chosen by keyboard and by pointer.

use super::driver::Browser;
use super::runs;

fn chosen(browser: &Browser) -> String {
    browser.text("document.getElementById('detail').dataset.chosen")
}

/// The middle of the ring around the bar that has the focus.
fn ring(browser: &Browser) -> (f64, f64) {
    let at = |axis: &str, size: &str| {
        browser.number(&format!(
            "(() => {{ const box = document.getElementById('timeline-mark').getBoundingClientRect();
               return box.{axis} + box.{size} / 2; }})()"
        ))
    };
    (at("x", "width"), at("y", "height"))
}

#[test]
fn there_is_a_bar_per_test_and_the_keyboard_reaches_all_of_them() {
    let run = runs::small();
    let browser = Browser::start();
    browser.open(&run.page());
    let cases = run.summary().cases().len();
    assert_eq!(
        browser.text("document.getElementById('timeline-view').dataset.bars"),
        cases.to_string()
    );
    browser.value("void document.getElementById('timeline-view').focus()");
    let mut reached = std::collections::BTreeSet::new();
    for lane in 0..3 {
        for _ in 0..lane {
            browser.keys(&["Down"]);
        }
        browser.keys(&["Home"]);
        for _ in 0..cases {
            reached.insert(browser.text("document.getElementById('timeline-mark').dataset.key"));
            browser.keys(&["Right"]);
        }
        browser.keys(&["Home", "Up", "Up", "Up"]);
    }
    assert_eq!(reached.len(), cases, "{reached:?}");
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn a_click_on_a_bar_chooses_its_test() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    browser.value("void document.getElementById('timeline-view').focus()");
    browser.keys(&["Home", "Right", "Right", "Enter"]);
    let readout = "document.getElementById('timeline-readout').innerText";
    assert!(browser.text(readout).contains("locks after three"), "{}", browser.text(readout));
    let (key, place) = (chosen(&browser), ring(&browser));
    browser.keys(&["Home", "Enter"]);
    assert_ne!(chosen(&browser), key);
    browser.click_at(place.0, place.1);
    assert_eq!(chosen(&browser), key);
    let selected = "document.querySelector('[role=treeitem][aria-selected=true] .name').innerText";
    assert_eq!(browser.text(selected), "locks after three");
}

#[test]
fn zoom_and_pan_go_by_keyboard() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    browser.value("void document.getElementById('timeline-view').focus()");
    browser.keys(&["Home"]);
    let width = || browser.number("document.getElementById('timeline-mark').offsetWidth");
    let before = width();
    browser.keys(&["+", "+"]);
    assert!(width() > 2.5 * before, "{} after {before}", width());
    browser.keys(&["0"]);
    assert!((width() - before).abs() < 2.0);
}

#[test]
fn the_lanes_can_be_read_as_a_table() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    browser.click("[aria-controls=timeline-table]");
    let table = browser.text("document.getElementById('timeline-table').innerText");
    assert!(table.contains("lab-2") && table.contains("390 ms"), "{table}");
}
