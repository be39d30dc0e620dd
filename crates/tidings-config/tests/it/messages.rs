//! One test per message.

use std::error::Error;
use std::fs;

use expect_test::{Expect, expect};

use crate::support::{error, faults, reader};

fn check(toml: &str, expected: &Expect) {
    expected.assert_eq(&faults(toml));
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    check(
        "[[observer]]\nkind = \"console\"\nintrest = [\"a\"]\n",
        &expect![[r#"
        configuration:3:1: unknown key `intrest`
          |
        3 | intrest = ["a"]
          | ^^^^^^^ did you mean `interest`?"#]],
    );
}

#[test]
fn an_unknown_key_near_to_none_is_told_with_those_of_the_kind() {
    check(
        "[[observer]]\nkind = \"console\"\nbanana = 1\n",
        &expect![[r#"
        configuration:3:1: unknown key `banana`
          |
        3 | banana = 1
          | ^^^^^^ kind `console` has the keys `path`, `mode`, `colour` and `annotations`"#]],
    );
}

#[test]
fn an_unknown_key_at_the_top_is_told() {
    check(
        "nod = \"lab-3\"\nfruit = 1\n",
        &expect![[r#"
        configuration:1:1: unknown key `nod`
          |
        1 | nod = "lab-3"
          | ^^^ did you mean `node`?

        configuration:2:1: unknown key `fruit`
          |
        2 | fruit = 1
          | ^^^^^ expected `run`, `node`, `attributes`, `dedup`, `history`, `close_timeout_s`, `strict` or `observer`"#]],
    );
}

#[test]
fn an_unknown_key_in_a_table_of_a_key_is_told() {
    check(
        "[[observer]]\nkind = \"shelf\"\nqueue = { event = 5, bytes = 9 }\n[observer.retry]\nfirst = 1\n",
        &expect![[r#"
            configuration:3:11: unknown key `event`
              |
            3 | queue = { event = 5, bytes = 9 }
              |           ^^^^^ did you mean `events`?

            configuration:5:1: unknown key `first`
              |
            5 | first = 1
              | ^^^^^ expected `first_ms`, `cap_ms`, `age_max_s` or `attempts_max`"#]],
    );
}

#[test]
fn all_unknown_keys_are_told_at_once() {
    let fault = error("nod = 1\n[[observer]]\nkind = \"http\"\nurll = 1\nbacth = 2\n");
    let told: Vec<_> = fault.faults().iter().map(|it| (it.line(), it.message())).collect();
    let expected = [
        (1, "unknown key `nod`"),
        (3, "kind `http` needs `url`"),
        (4, "unknown key `urll`"),
        (5, "unknown key `bacth`"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_key_of_the_top_below_an_observer_is_told_with_its_place() {
    check(
        "[[observer]]\nkind = \"http\"\nurl = \"http://h\"\nclose_timeout_s = 5\nnode = \"lab-3\"\n",
        &expect![[r#"
            configuration:4:1: `close_timeout_s` belongs above the first `[[observer]]`
              |
            4 | close_timeout_s = 5
              | ^^^^^^^^^^^^^^^ it is a key of the whole configuration, not of this observer

            configuration:5:1: `node` belongs above the first `[[observer]]`
              |
            5 | node = "lab-3"
              | ^^^^ it is a key of the whole configuration, not of this observer"#]],
    );
}

#[test]
fn every_key_of_the_top_but_dedup_belongs_above_the_first_observer() {
    let told = faults("xyzzyxyzzy = 1");
    let top = told.split('`').skip(1).step_by(2).filter(|key| !key.contains("xyzzy"));
    let top: Vec<&str> = top.filter(|key| !["dedup", "observer"].contains(key)).collect();
    assert_eq!(top.len(), 6, "{told}");
    for key in top {
        for kind in ["console", "journal", "junit", "http", "splunk", "shelf"] {
            let told = faults(&format!("[[observer]]\nkind = \"{kind}\"\n{key} = 1\n"));
            let expected = format!("`{key}` belongs above the first `[[observer]]`");
            assert!(told.contains(&expected), "{expected}: {told}");
            assert!(!told.contains("did you mean"), "{told}");
        }
    }
}

#[test]
fn a_key_of_an_observer_at_the_top_is_told_with_its_place() {
    check(
        "kind = \"splunk\"\nurl = \"http://h\"\nspool = \"s\"\nurll = 1\n",
        &expect![[r#"
        configuration:1:1: `kind` is a key of an observer
          |
        1 | kind = "splunk"
          | ^^^^ put it below `[[observer]]`

        configuration:2:1: `url` is a key of an observer
          |
        2 | url = "http://h"
          | ^^^ put it below `[[observer]]`

        configuration:3:1: `spool` is a key of an observer
          |
        3 | spool = "s"
          | ^^^^^ put it below `[[observer]]`

        configuration:4:1: unknown key `urll`
          |
        4 | urll = 1
          | ^^^^ expected `run`, `node`, `attributes`, `dedup`, `history`, `close_timeout_s`, `strict` or `observer`"#]],
    );
}

#[test]
fn a_key_of_another_kind_is_told_with_its_kind() {
    check(
        "[[observer]]\nkind = \"console\"\nindex = \"tests\"\n",
        &expect![[r#"
        configuration:3:1: `index` does not fit kind `console`
          |
        3 | index = "tests"
          | ^^^^^ it is a key of kind `splunk`"#]],
    );
}

#[test]
fn keys_of_a_delivery_do_not_fit_an_observer() {
    check(
        "[[observer]]\nkind = \"console\"\nbatch = { events = 1 }\n",
        &expect![[r#"
        configuration:3:1: `batch` does not fit kind `console`
          |
        3 | batch = { events = 1 }
          | ^^^^^ it takes each event at once: see `deliver` and `wait_max_ms`"#]],
    );
}

#[test]
fn keys_of_an_observer_do_not_fit_a_delivery() {
    check(
        "[[observer]]\nkind = \"shelf\"\ndeliver = \"queued\"\n",
        &expect![[r#"
        configuration:3:1: `deliver` does not fit kind `shelf`
          |
        3 | deliver = "queued"
          | ^^^^^^^ it has a queue and a thread of its own: see `queue` and `send`"#]],
    );
}

#[test]
fn an_unknown_kind_is_told_with_the_nearest_one() {
    // Whether `live` and `nats` are known is up to features.
    let told = faults("[[observer]]\nkind = \"splnk\"\n");
    let told = told.replace("`live`, ", "").replace("`nats`, ", "");
    expect![[r#"
        configuration:2:8: unknown kind `splnk`
          |
        2 | kind = "splnk"
          |        ^^^^^^^ did you mean `splunk`? known here: `console`, `faulty`, `http`, `journal`, `junit`, `shelf`, `splunk` and `vault`; a kind of another crate is known to programs that link that crate in (`use that_crate as _;`)"#]]
    .assert_eq(&told);
}

#[test]
fn a_missing_kind_is_told() {
    check(
        "[[observer]]\nname = \"a\"\n\n[[observer]]\nkind = 5\n",
        &expect![[r#"
        configuration:1:1: an observer needs `kind`
          |
        1 | [[observer]]
          | ^^^^^^^^^^^^ say what it is: `kind = "console"`

        configuration:5:8: `kind` is not a string
          |
        5 | kind = 5
          |        ^"#]],
    );
}

#[test]
fn a_missing_key_of_a_kind_is_told() {
    check(
        "[[observer]]\nkind = \"journal\"\n",
        &expect![[r#"
        configuration:2:8: kind `journal` needs `path`
          |
        2 | kind = "journal"
          |        ^^^^^^^^^"#]],
    );
}

#[test]
fn the_keys_of_a_junit_report_are_told() {
    check(
        "[[observer]]\nkind = \"junit\"\n\n\
         [[observer]]\nkind = \"junit\"\npath = \"\"\n\n\
         [[observer]]\nkind = \"junit\"\npath = \"a\"\npaht = \"b\"\nmode = \"tree\"\nqueue = {}\n",
        &expect![[r#"
            configuration:2:8: kind `junit` needs `path`
              |
            2 | kind = "junit"
              |        ^^^^^^^

            configuration:6:8: `path` is empty: name a file
              |
            6 | path = ""
              |        ^^

            configuration:11:1: unknown key `paht`
               |
            11 | paht = "b"
               | ^^^^ did you mean `path`?

            configuration:12:1: `mode` does not fit kind `junit`
               |
            12 | mode = "tree"
               | ^^^^ it is a key of kind `console`

            configuration:13:1: `queue` does not fit kind `junit`
               |
            13 | queue = {}
               | ^^^^^ it takes each event at once: see `deliver` and `wait_max_ms`"#]],
    );
}

#[test]
fn wrong_types_are_told_in_the_words_of_the_file() {
    let cases = [
        "node = 5",
        "attributes = 1",
        "history = \"ten\"",
        "history = 1.5",
        "strict = \"yes\"",
        "dedup = true",
        "observer = { kind = \"console\" }",
        "observer = [1]",
        "[[observer]]\nkind = \"console\"\ninterest = \"a\"",
        "[[observer]]\nkind = \"console\"\ninterest = [1]",
        "[[observer]]\nkind = \"console\"\nmode = [1]",
        "[[observer]]\nkind = \"shelf\"\nside = { at = { metres = \"x\" } }",
        "[[observer]]\nkind = \"shelf\"\nside = \"at\"",
        "[[observer]]\nkind = \"shelf\"\nside = { left = 1 }",
    ];
    let told: Vec<String> = cases
        .iter()
        .flat_map(|toml| error(toml).faults().to_vec())
        .map(|fault| format!("{}:{}: {}", fault.line(), fault.column(), fault.message()))
        .collect();
    expect![[r#"
        1:8: expected a string, found an integer
        1:14: expected a table, found an integer
        1:11: expected an integer of at least 0, found a string
        1:11: expected an integer of at least 0, found a decimal number
        1:10: expected a boolean, found a string
        1:9: expected a table, found a boolean
        1:1: `observer` is a list of tables
        1:13: `observer` is a list of tables
        3:12: expected a list, found a string
        3:13: expected a string, found an integer
        3:8: expected a string, found a list
        3:26: expected a number, found a string
        3:8: expected a table with this name
        3:8: expected the name alone"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn numbers_out_of_range_are_told() {
    let cases = [
        "dedup = { capacity = 0 }",
        "history = -1",
        "history = 99999999999999999999999999999999999999999999",
        "close_timeout_s = 400000000",
        "[[observer]]\nkind = \"shelf\"\nroom = 300",
        "[[observer]]\nkind = \"shelf\"\nqueue = { events = 0 }",
        "[[observer]]\nkind = \"shelf\"\nbatch = { bytes = -5 }",
        "[[observer]]\nkind = \"shelf\"\nretry = { cap_ms = 0 }",
    ];
    let told: Vec<String> = cases
        .iter()
        .flat_map(|toml| error(toml).faults().to_vec())
        .map(|fault| format!("{}:{}: {}", fault.line(), fault.column(), fault.message()))
        .collect();
    expect![[r#"
        1:22: out of range: expected an integer of at least 1, found 0
        1:11: out of range: expected an integer of at least 0, found -1
        1:11: out of range: the integer is too large
        1:19: out of range: expected an integer from 0 to 315360000, found 400000000
        3:8: out of range: expected an integer from 0 to 255, found 300
        3:20: out of range: expected an integer of at least 1, found 0
        3:19: out of range: expected an integer of at least 1, found -5
        3:20: out of range: expected an integer from 1 to 315360000000, found 0"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn an_unknown_value_is_told_with_the_nearest_one() {
    check(
        "[[observer]]\nkind = \"shelf\"\nqueue = { overflow = \"drop_oldst\" }\nsend = \"now\"\n",
        &expect![[r#"
            configuration:3:22: unknown value
              |
            3 | queue = { overflow = "drop_oldst" }
              |                      ^^^^^^^^^^^^ did you mean `drop_oldest`?"#]],
    );
}

#[test]
fn a_fault_of_a_custom_kind_stands_at_its_key_or_at_the_kind() {
    check(
        "[[observer]]\nkind = \"shelf\"\nside = { at = { metres = -1 } }\n",
        &expect![[r#"
        configuration:3:8: a shelf stands at 0 or behind
          |
        3 | side = { at = { metres = -1 } }
          |        ^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check(
        "[[observer]]\nkind = \"shelf\"\nside = \"left\"\n",
        &expect![[r#"
        configuration:2:8: a shelf at a side has room
          |
        2 | kind = "shelf"
          |        ^^^^^^^"#]],
    );
}

#[test]
fn each_bad_prefix_and_path_is_told() {
    check(
        "[[observer]]\nkind = \"console\"\ninterest = [\"a\", \"b*\", \"!\"]\nredact = [\"password\"]\n",
        &expect![[r#"
            configuration:3:18: `b*` is not a prefix: `*` and `**` stand for whole segments (`a.*`, not `a*`)
              |
            3 | interest = ["a", "b*", "!"]
              |                  ^^^^

            configuration:3:24: `` is not a prefix: it is empty (`**` means everything)
              |
            3 | interest = ["a", "b*", "!"]
              |                        ^^^

            configuration:4:11: `password` cannot be redacted: a path begins with `data.` or `attributes.`
              |
            4 | redact = ["password"]
              |           ^^^^^^^^^^"#]],
    );
}

#[test]
fn an_empty_interest_is_no_interest() {
    check(
        "[[observer]]\nkind = \"console\"\ninterest = []\n",
        &expect![[r#"
        configuration:3:12: `interest` is empty
          |
        3 | interest = []
          |            ^^ leave it out to hear everything, or set `enabled = false`"#]],
    );
}

#[test]
fn two_observers_cannot_have_one_name() {
    check(
        "[[observer]]\nkind = \"console\"\nname = \"a\"\n[[observer]]\nkind = \"shelf\"\nname = \"a\"\n",
        &expect![[r#"
            configuration:6:8: another observer is called `a`
              |
            6 | name = "a"
              |        ^^^ name each once, as the report tells them apart by it"#]],
    );
    check(
        "[[observer]]\nkind = \"console\"\nname = \" \"\n",
        &expect![[r#"
        configuration:3:8: `name` is blank
          |
        3 | name = " "
          |        ^^^ leave it out, and the observer is called after its kind"#]],
    );
}

#[test]
fn two_deliveries_cannot_have_one_spool() {
    check(
        "[[observer]]\nkind = \"shelf\"\nspool = \"a/b\"\n[[observer]]\nkind = \"shelf\"\nspool = \"a/./b/\"\n",
        &expect![[r#"
            configuration:6:9: another observer spools into this folder
              |
            6 | spool = "a/./b/"
              |         ^^^^^^^^ one delivery has it to itself: name another folder"#]],
    );
}

#[test]
fn a_key_that_would_do_nothing_is_told() {
    check(
        "[[observer]]\nkind = \"shelf\"\nfsync = \"never\"\nspool_full = \"drop_oldest\"\n\
         spool_bytes_max = 1\ninterval_ms = 5\nqueue = { block_timeout_ms = 1 }\n\
         [[observer]]\nkind = \"shelf\"\nsend = \"on_flush\"\nbatch = { linger_ms = 1 }\n\
         [[observer]]\nkind = \"console\"\nwait_max_ms = 5\n",
        &expect![[r#"
            configuration:3:1: `fsync` would do nothing here
              |
            3 | fsync = "never"
              | ^^^^^ it belongs to `spool`: name a folder for it

            configuration:4:1: `spool_full` would do nothing here
              |
            4 | spool_full = "drop_oldest"
              | ^^^^^^^^^^ it belongs to `spool`: name a folder for it

            configuration:5:1: `spool_bytes_max` would do nothing here
              |
            5 | spool_bytes_max = 1
              | ^^^^^^^^^^^^^^^ it belongs to `spool`: name a folder for it

            configuration:6:1: `interval_ms` would do nothing here
              |
            6 | interval_ms = 5
              | ^^^^^^^^^^^ it belongs to `send = "real_time"`

            configuration:7:11: `block_timeout_ms` would do nothing here
              |
            7 | queue = { block_timeout_ms = 1 }
              |           ^^^^^^^^^^^^^^^^ it belongs to `overflow = "block"` or `spool_full = "block"`

            configuration:11:11: `linger_ms` would do nothing here
               |
            11 | batch = { linger_ms = 1 }
               |           ^^^^^^^^^ it belongs to `send = "batched"`

            configuration:14:1: `wait_max_ms` would do nothing here
               |
            14 | wait_max_ms = 5
               | ^^^^^^^^^^^ it belongs to `deliver = "synchronous"`"#]],
    );
}

#[test]
fn keys_of_http_and_splunk_that_would_do_nothing_are_told() {
    check(
        "[[observer]]\nkind = \"http\"\nurl = \"http://h\"\nutc_offset = \"Z\"\n\
         [[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\ntoken_env = \"TOKEN\"\nack_poll_s = 1\n",
        &expect![[r#"
            configuration:4:14: it would do nothing here: it belongs to `encoding = "optics"`
              |
            4 | utc_offset = "Z"
              |              ^^^

            configuration:9:14: it would do nothing here: it belongs to `acknowledge = true`
              |
            9 | ack_poll_s = 1
              |              ^"#]],
    );
}

#[test]
fn keys_that_contradict_each_other_are_told() {
    check(
        "[[observer]]\nkind = \"shelf\"\nqueue = { overflow = \"spool\" }\n\
         retry = { first_ms = 10, cap_ms = 5 }\ndead_letter = \"\"\n",
        &expect![[r#"
            configuration:3:22: there is no spool to overflow into
              |
            3 | queue = { overflow = "spool" }
              |                      ^^^^^^^ name a folder for it: `spool = "spool/name"`

            configuration:4:35: `cap_ms` is less than `first_ms`
              |
            4 | retry = { first_ms = 10, cap_ms = 5 }
              |                                   ^ it is the most that any pause lasts, the first one too

            configuration:5:15: `dead_letter` is empty
              |
            5 | dead_letter = ""
              |               ^^ name a path, seen from the folder of the configuration"#]],
    );
}

#[test]
fn a_bad_url_is_told() {
    check(
        "[[observer]]\nkind = \"http\"\nurl = \"splunk.example:8088\"\n\
         [[observer]]\nkind = \"splunk\"\nurl = \"ftp://h\"\ntoken_env = \"TOKEN\"\n",
        &expect![[r#"
            configuration:3:7: url does not begin with `http://` or `https://`
              |
            3 | url = "splunk.example:8088"
              |       ^^^^^^^^^^^^^^^^^^^^^

            configuration:6:7: url begins with `ftp:`, not with `http://` or `https://`
              |
            6 | url = "ftp://h"
              |       ^^^^^^^^^"#]],
    );
}

#[test]
fn other_bad_values_of_http_are_told() {
    check(
        "[[observer]]\nkind = \"http\"\nurl = \"http://h\"\nheaders = { \"a b\" = \"x\" }\n\
         [[observer]]\nkind = \"http\"\nurl = \"http://h\"\nencoding = \"optics\"\nutc_offset = \"noon\"\n\
         [[observer]]\nkind = \"http\"\nurl = \"http://h\"\ncompression = \"zip\"\n\
         [[observer]]\nkind = \"http\"\nurl = \"http://h\"\nca_file = \"ca.pem\"\n",
        &expect![[r#"
            configuration:4:11: header `a b` has a bad character in its name
              |
            4 | headers = { "a b" = [redacted] }
              |           ^^^^^^^^^^^^^^^^^^^^^^

            configuration:9:14: `noon` is not an offset from UTC: `+05:30`, `-08:00` or `Z` is expected
              |
            9 | utc_offset = "noon"
              |              ^^^^^^

            configuration:13:15: unknown value
               |
            13 | compression = "zip"
               |               ^^^^^ did you mean `gzip`?

            configuration:17:11: ca file `no/such/folder/ca.pem` cannot be read: entity not found
               |
            17 | ca_file = "ca.pem"
               |           ^^^^^^^^"#]],
    );
}

#[test]
fn a_missing_token_is_told() {
    check(
        "[[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\ntoken_env = \"NOT_SET\"\n\
         [[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\ntoken_env = \"BLANK\"\n\
         [[observer]]\nkind = \"http\"\nurl = \"http://h\"\ntoken_file = \"none\"\n\
         [[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\n\
         [[observer]]\nkind = \"http\"\nurl = \"http://h\"\ntoken_env = \"TOKEN\"\ntoken_file = \"none\"\n",
        &expect![[r#"
            configuration:4:13: variable `NOT_SET` of the environment is not set or blank
              |
            4 | token_env = "NOT_SET"
              |             ^^^^^^^^^

            configuration:8:13: variable `BLANK` of the environment is not set or blank
              |
            8 | token_env = "BLANK"
              |             ^^^^^^^

            configuration:12:14: token file `no/such/folder/none` cannot be read: entity not found
               |
            12 | token_file = "none"
               |              ^^^^^^

            configuration:14:8: kind `splunk` needs `token_env` or `token_file`
               |
            14 | kind = "splunk"
               |        ^^^^^^^^

            configuration:20:14: the token is in two places: leave out `token_env` or `token_file`
               |
            20 | token_file = "none"
               |              ^^^^^^"#]],
    );
}

#[test]
fn a_fault_of_toml_is_told_at_its_place() {
    check(
        "node = \"a\"\nrun = \n",
        &expect![[r#"
        configuration:2:7: not TOML: string values must be quoted, expected literal string
          |
        2 | run =
          |      ^"#]],
    );
    check(
        "node = \"a\"\nnode = \"b\"\n",
        &expect![[r#"
        configuration:2:1: not TOML: duplicate key
          |
        2 | node = "b"
          | ^^^^"#]],
    );
}

#[test]
fn a_fault_of_json_is_told_at_its_place() {
    let told = |json: &str| reader().json(json, "").expect_err("it is wrong").to_string();
    expect![[r#"
        configuration:3:10: not JSON: expected value
          |
        3 |   "run": }
          |          ^"#]]
    .assert_eq(&told("{\n  \"node\": \"a\",\n  \"run\": }\n"));
    expect![[r#"
        configuration:3:3: `node` is there twice
          |
        3 |   "node": "b"
          |   ^^^^^^"#]]
    .assert_eq(&told("{\n  \"node\": \"a\",\n  \"node\": \"b\"\n}\n"));
    expect![[r#"
        configuration:1:1: a configuration is an object: `{ … }`
          |
        1 | []
          | ^^"#]]
    .assert_eq(&told("[]"));
    expect![[r#"
        configuration:1:10: not JSON: unexpected end of hex escape
          |
        1 | {"node": "\ud800"}
          |          ^^^^^^^^"#]]
    .assert_eq(&told("{\"node\": \"\\ud800\"}"));
    let deep = format!("{{\"attributes\": {{\"a\": {}1{}}}}}", "[".repeat(100), "]".repeat(100));
    expect![[r#"
        configuration:1:101: nested deeper than 80 levels
          |
        1 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]…
          |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]].assert_eq(&told(&deep));
    expect![[r#"
        configuration:1:52: unknown key `intrest`
          |
        1 | {"observer": [{"kind": "console", "mode": "lines", "intrest": ["a"]}]}
          |                                                    ^^^^^^^^^ did you mean `interest`?"#]].assert_eq(&told(
        "{\"observer\": [{\"kind\": \"console\", \"mode\": \"lines\", \"intrest\": [\"a\"]}]}",
    ));
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let padding = "x".repeat(150);
    check(
        &format!("attributes = {{ a = \"{padding}\" }}\nnode = [\"{padding}\", 1]\n"),
        &expect![[r#"
            configuration:2:8: expected a string, found a list
              |
            2 | node = ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
              |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    let json = format!("{{\"node\": \"{padding}\", \"nod\": 1, \"run\": \"{padding}\"}}");
    let told = reader().json(&json, "").expect_err("it is wrong").to_string();
    expect![[r#"
        configuration:1:164: unknown key `nod`
          |
        1 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "nod": 1, "run": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
          |                                          ^^^^^ did you mean `node`?"#]].assert_eq(&told);
}

#[test]
fn tabs_and_wide_letters_do_not_shift_the_mark() {
    let toml = "attributes = { \"größe\" = 1, b = 2 }\n\tnod = 1\n";
    check(
        toml,
        &expect![[r#"
        configuration:2:2: unknown key `nod`
          |
        2 |     nod = 1
          |     ^^^ did you mean `node`?"#]],
    );
}

#[test]
fn a_file_is_named_and_has_to_say_its_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tidings.toml");
    fs::write(&path, "\u{feff}nod = 1\n").expect("a file");
    let shown = |text: String| text.replace(&folder.path().display().to_string(), "FOLDER");
    let told = |name: &str| {
        let fault = reader().load(folder.path().join(name)).expect_err("it is wrong");
        shown(fault.to_string())
    };
    expect![[r#"
        FOLDER/tidings.toml:1:1: unknown key `nod`
          |
        1 | nod = 1
          | ^^^ did you mean `node`?"#]]
    .assert_eq(&told("tidings.toml"));
    expect!["`FOLDER/tidings.yaml` ends with neither `.toml` nor `.json`: rename it, as that is how the format of a configuration is told"].assert_eq(&told("tidings.yaml"));
    let cause = fs::read_to_string(folder.path().join("other.json")).expect_err("no such file");
    let expected = format!("failed to read the configuration `FOLDER/other.json`: {cause}");
    assert_eq!(told("other.json"), expected);
}

#[test]
fn a_main_that_returns_the_error_prints_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let load = |name: &str| reader().load(folder.path().join(name)).expect_err("it is wrong");
    for fault in [error("nod = 1\nfruit = 2\n"), load("x.toml"), load("x.yaml")] {
        let shown: Box<dyn Error> = Box::new(fault);
        assert_eq!(format!("Error: {shown:?}"), format!("Error: \n{shown}"));
        assert!(shown.source().is_none(), "its text has the cause already: {shown}");
    }
}
