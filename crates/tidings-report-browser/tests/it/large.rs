//! Twenty thousand cases: few elements, and no wait that anybody would notice as one.

use super::driver::Browser;
use super::runs;

const CASES: u64 = 20_000;

/// How many milliseconds it takes from a call to the next frame in which all is shown.
fn millis(browser: &Browser, act: &str) -> f64 {
    let script = format!(
        "(async () => {{ const begun = performance.now(); {act};
           const frame = () => new Promise((done) => requestAnimationFrame(done));
           await new Promise((done) => setTimeout(done, 130)); await frame(); await frame();
           return performance.now() - begun - 130; }})()"
    );
    browser.number(&script)
}

#[test]
fn twenty_thousand_cases_stay_usable() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    let own_elements = browser.count("document.querySelectorAll('*').length");
    browser.open(&runs::large(CASES).page());
    let loading = browser.number("performance.now()");
    let elements = browser.count("document.querySelectorAll('*').length");
    assert!(elements < own_elements + 1_500, "{elements} elements, {own_elements} in a small page");
    // What this machine needs to go over as much text once.
    let floor = browser.number(
        "(() => { const begun = performance.now();
           for (let i = 0; i < 5; i += 1) JSON.parse(document.getElementById('data').textContent);
           return performance.now() - begun; })()",
    );
    let bound = 3_000.0_f64.max(20.0 * floor);
    let query = "const it = document.getElementById('query'); it.value = 'number 1999'; it.dispatchEvent(new Event('input'))";
    let filtering = millis(&browser, query);
    let shown = browser.text("document.getElementById('shown').innerText");
    assert_eq!(shown, "12 of 20,000 shown");
    let clear = "const it = document.getElementById('query'); it.value = ''; it.dispatchEvent(new Event('input'))";
    let clearing = millis(&browser, clear);
    let toggling = millis(&browser, "document.querySelector('[data-status=failure]').click()");
    assert_eq!(browser.text("document.getElementById('shown').innerText"), "200 of 20,000 shown");
    let scrolling = millis(&browser, "document.getElementById('tree').scrollTop = 1e9");
    let last = "[...document.querySelectorAll('[role=treeitem] .name')].at(-1).innerText";
    assert_eq!(browser.text(last), "case number 19942");
    for (what, taken) in [
        ("loading", loading),
        ("filtering", filtering),
        ("clearing", clearing),
        ("toggling", toggling),
        ("scrolling", scrolling),
    ] {
        println!("{what}: {taken:.0} ms, bound {bound:.0} ms");
        assert!(taken < bound, "{what} took {taken} ms, more than {bound} ms");
    }
    let elements = browser.count("document.querySelectorAll('*').length");
    assert!(elements < own_elements + 1_500, "{elements} elements after filtering");
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn the_last_of_many_is_a_few_keys_away() {
    let browser = Browser::start();
    browser.open_at(&runs::large(CASES).page(), "#q=case");
    browser.keys(&["/", "Down", "End", "Enter"]);
    let title = browser.text("document.getElementById('detail-title').innerText");
    assert_eq!(title, "case number 19999");
    browser.keys(&["Home"]);
    assert_eq!(
        browser.text("document.activeElement.querySelector('.name').innerText"),
        "suite_000"
    );
}
