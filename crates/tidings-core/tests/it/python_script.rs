//! The script in `docs/content_id.md` and this crate name the same content alike.
//!
//! The script is taken from the page as a reader would take it, and runs on lines made
//! from typed payloads. Other programs import it, and name Python values of their own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde::{Deserialize, Serialize};
use tidings_core::json::{Encoder, canonicalize, to_string};
use tidings_core::{ContentId, Entity};
use tidings_derive::Event;

const PAGE: &str = include_str!("../../docs/content_id.md");
const ENTITY: [(&str, &str); 2] = [("suite", "a_SUITE \"quoted\""), ("case", "tést/1")];

#[derive(Serialize)]
enum Said {
    Nothing,
    Number(u128),
    Floats(f64, f32),
    Text { zebra: &'static str, alpha: &'static str },
    Keys(BTreeMap<&'static str, i64>),
    Timed { seconds: f64, test_name: &'static str, attempt: u32, started: u64 },
    OnlyTimed { seconds: f64 },
    Nested { rows: Vec<Vec<Option<bool>>>, seconds: BTreeMap<&'static str, f64> },
}

fn payloads() -> Vec<(Said, &'static [&'static str])> {
    vec![
        (Said::Nothing, &[]),
        (Said::Number(u128::MAX), &[]),
        (Said::Number(9_007_199_254_740_993), &[]),
        (Said::Floats(1e21, 0.1), &[]),
        (Said::Floats(-1.5e-7, 16_777_216.0), &[]),
        (Said::Text { zebra: "\"\\\u{8}\u{c}\n\r\t\u{1f}\u{7f}/", alpha: "€ 😀 \u{2028}" }, &[]),
        (
            Said::Keys(BTreeMap::from([("\u{e000}", 1), ("\u{10000}", 2), ("\r", 3), ("a", -4)])),
            &[],
        ),
        (
            Said::Timed { seconds: 1.25, test_name: "t1", attempt: 1, started: 7 },
            &["seconds", "started"],
        ),
        (Said::OnlyTimed { seconds: 1.0 }, &["seconds"]),
        (
            Said::Nested {
                rows: vec![vec![None, Some(true)], vec![]],
                seconds: BTreeMap::from([("seconds", 2.0)]),
            },
            &[],
        ),
    ]
}

fn line(said: &Said, volatile: &[&str]) -> String {
    let mut encoder = Encoder::new();
    encoder.variant(said).expect("every float is finite");
    let data = encoder.finish();
    let entity = to_string(&ENTITY).expect("text has a form");
    let id = ContentId::compute("demo.said", &entity, &data, volatile);
    let names = match volatile {
        [] => String::new(),
        names => format!(r#","volatile":"{}""#, names.join(",")),
    };
    let entity = to_string(&entity).expect("text has a form");
    format!(
        "{{\"type\":\"demo.said\",\"data\":{data},\"entity\":{entity},\"contentid\":\"{id}\"{names}}}\n"
    )
}

fn foreign_line(json: &str) -> String {
    let data = canonicalize(json).expect("the line is JSON");
    let id = ContentId::compute("demo.foreign", "[]", &data, &[] as &[&str]);
    format!(
        "{{\"type\":\"demo.foreign\",\"data\":{data},\"entity\":\"[]\",\"contentid\":\"{id}\"}}\n"
    )
}

/// The script, and the example that imports it.
fn blocks() -> [&'static str; 2] {
    let mut blocks = PAGE.split("```python\n").skip(1);
    [(); 2].map(|()| {
        let block = blocks.next().expect("the page has two python blocks");
        block.split_once("```").expect("the block ends").0
    })
}

fn python(program: &str, folder: &Path) -> std::process::Child {
    Command::new("python3")
        .args(["-B", "-c", program])
        .env("PYTHONPATH", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is needed to check the script of docs/content_id.md: `apt-get install python3`")
}

/// Saves the script in a folder named after the test, and runs a program that imports it.
fn import(test: &str, program: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).expect("the folder for tests can be written");
    fs::write(folder.join("content_id.py"), blocks()[0]).expect("its files too");
    let output = python(program, &folder).wait_with_output().expect("the program ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("Python writes UTF-8")
}

/// Compares the ids of `{"value": …}` for values in the notation of Python.
fn assert_alike(name: &str, values: &[(String, ContentId)]) {
    let literals: Vec<_> = values.iter().map(|(literal, _)| literal.as_str()).collect();
    let text = import(
        name,
        &format!(
            "from content_id import content_id\n\
             for value in [{}]:\n    \
                 print(content_id('demo.value', [['case', 't']], {{'value': value}}))",
            literals.join(", ")
        ),
    );
    assert_eq!(text.lines().count(), values.len());
    for ((literal, id), line) in values.iter().zip(text.lines()) {
        assert_eq!(line, id.to_string(), "{literal}");
    }
}

fn native<T: Serialize>(literal: impl Into<String>, value: T) -> (String, ContentId) {
    let mut encoder = Encoder::new();
    encoder.value(&BTreeMap::from([("value", value)])).expect("the value has a form");
    let data = encoder.finish();
    let id = ContentId::compute("demo.value", r#"[["case","t"]]"#, &data, &[] as &[&str]);
    (literal.into(), id)
}

fn run(journal: &str) -> Output {
    let mut python = python(blocks()[0], Path::new(""));
    let mut input = python.stdin.take().expect("stdin is piped");
    input.write_all(journal.as_bytes()).expect("the script reads its input");
    drop(input);
    python.wait_with_output().expect("the script ends")
}

#[test]
fn the_script_recomputes_every_id() {
    let mut lines: Vec<_> =
        payloads().iter().map(|(said, volatile)| line(said, volatile)).collect();
    lines.push(foreign_line(r#"{"b":1.0,"a":[1E2,-0,0.10],"n":123456789012345678901234567890}"#));
    let output = run(&lines.concat());
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text, format!("ok {}\n", lines.len()), "{errors}");
    assert!(output.status.success());
}

#[test]
fn the_script_names_the_line_that_was_changed() {
    let good = line(&Said::Number(1), &[]);
    let bad = line(&Said::Number(2), &[]).replace("\"data\":2", "\"data\":3");
    let output = run(&(good + &bad));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("line 2: contentid is "), "{text}");
    assert_eq!(text.lines().count(), 1);
    assert_eq!(output.status.code(), Some(1));
}

/// The finite values of RFC 8785, appendix B, by their bits.
const APPENDIX_B: [u64; 24] = [
    0x0000_0000_0000_0000,
    0x8000_0000_0000_0000,
    0x0000_0000_0000_0001,
    0x8000_0000_0000_0001,
    0x7fef_ffff_ffff_ffff,
    0xffef_ffff_ffff_ffff,
    0x4340_0000_0000_0000,
    0xc340_0000_0000_0000,
    0x4430_0000_0000_0000,
    0x44b5_2d02_c7e1_4af5,
    0x44b5_2d02_c7e1_4af6,
    0x44b5_2d02_c7e1_4af7,
    0x444b_1ae4_d6e2_ef4e,
    0x444b_1ae4_d6e2_ef4f,
    0x444b_1ae4_d6e2_ef50,
    0x3eb0_c6f7_a0b5_ed8c,
    0x3eb0_c6f7_a0b5_ed8d,
    0x41b3_de43_5555_5553,
    0x41b3_de43_5555_5554,
    0x41b3_de43_5555_5555,
    0x41b3_de43_5555_5556,
    0x41b3_de43_5555_5557,
    0xbecb_f647_612f_3696,
    0x4314_3ff3_c1cb_0959,
];

#[test]
fn a_float_of_python_and_one_of_rust_have_one_id() {
    let mut floats: Vec<_> = APPENDIX_B.map(f64::from_bits).to_vec();
    // Around every power of ten, so around each change of notation too.
    for exponent in -30..=30 {
        let power: f64 = format!("1e{exponent}").parse().expect("it is a float");
        let beside = [power, power.next_down(), power.next_up(), power * 1.5, power / 3.0];
        floats.extend(beside.into_iter().flat_map(|float| [float, -float]));
    }
    let mut values: Vec<_> =
        floats.into_iter().map(|float| native(format!("{float:?}"), float)).collect();
    values.extend([
        native("1.0", 1.0),
        native("-0.0", 0.0),
        native("100.0", 1e2),
        native("1e16", 1e16),
        native("123456789012345680000.0", 123_456_789_012_345_680_000.0),
        native("float.fromhex('0x1p-1074')", 5e-324),
        native("type('Kelvin', (float,), {'__repr__': lambda _: 'K'})(1.5)", 1.5),
    ]);
    assert_alike("floats", &values);
}

#[test]
fn an_int_of_python_keeps_all_its_digits_and_a_bool_is_none() {
    let ints = [0, 1, -1, 10, -100, 9_007_199_254_740_993, i128::MIN, i128::MAX];
    let mut values: Vec<_> = ints.map(|int| native(int.to_string(), int)).to_vec();
    values.extend([native("2**128 - 1", u128::MAX), native("__import__('signal').SIGINT", 2)]);
    assert_alike("ints", &values);
    assert_alike(
        "others",
        &[
            native("True", true),
            native("False", false),
            native("None", ()),
            native("(1, 2.0, True)", (1, 2, true)),
            native("__import__('content_id').Token('0.1')", 0.1_f32),
        ],
    );
}

#[test]
fn a_float_without_a_json_form_has_no_id_in_python_either() {
    let text = import(
        "refused",
        "from content_id import content_id, number\n\
         for value in [float('nan'), float('inf'), -float('inf'), True, '1']:\n    \
             try:\n        \
                 print(number(value))\n    \
             except (TypeError, ValueError) as error:\n        \
                 print(error)",
    );
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "nan has no JSON form",
            "inf has no JSON form",
            "-inf has no JSON form",
            "True is no number",
            "'1' is no number",
        ]
    );
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "quick_test", crate = "tidings_core")]
enum QuickTest {
    Done {
        test_name: String,
        attempt: u32,
        #[event(volatile)]
        seconds: f64,
    },
}

#[test]
fn the_example_of_the_page_names_a_dict_as_this_crate_names_the_event() {
    let event = QuickTest::Done { test_name: "boot".to_owned(), attempt: 1, seconds: 9.5 };
    let entity = Entity::new("suite", "smoke").child("case", "boot");
    let id = ContentId::of(&event, &entity).expect("it has a JSON form");
    assert_eq!(import("example", blocks()[1]), format!("{id}\n"));
}
