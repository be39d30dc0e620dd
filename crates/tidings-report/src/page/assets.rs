//! The style and the script of the page, put together from their files.

/// The files of the style, in order.
const STYLE: [&str; 3] = [
    include_str!("../../assets/base.css"),
    include_str!("../../assets/tree.css"),
    include_str!("../../assets/detail.css"),
];

/// The files of the script, in order; all of them share one scope.
const SCRIPT: [&str; 13] = [
    include_str!("../../assets/text.js"),
    include_str!("../../assets/dom.js"),
    include_str!("../../assets/store.js"),
    include_str!("../../assets/filter.js"),
    include_str!("../../assets/head.js"),
    include_str!("../../assets/tree.js"),
    include_str!("../../assets/diff.js"),
    include_str!("../../assets/notes.js"),
    include_str!("../../assets/detail.js"),
    include_str!("../../assets/lists.js"),
    include_str!("../../assets/timeline.js"),
    include_str!("../../assets/diagram.js"),
    include_str!("../../assets/main.js"),
];

/// The frame that style, script and data are put into.
pub(super) const FRAME: &str = include_str!("../../assets/page.html");

/// The whole style.
pub(super) fn style() -> String {
    STYLE.concat()
}

/// The whole script, closed in a scope of its own.
pub(super) fn script() -> String {
    format!("(() => {{\n\"use strict\";\n{}\n}})();\n", SCRIPT.concat())
}
