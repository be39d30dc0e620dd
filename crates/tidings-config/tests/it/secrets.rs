//! No secret of a configuration is shown.

use expect_test::expect;

use crate::support::{TOKEN, faults, reader};

#[test]
fn a_secret_in_a_configuration_is_refused_and_not_repeated() {
    let told = faults(&format!(
        "password = \"{TOKEN}\"\n[[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\n\
         token = \"{TOKEN}\"\n[observer.headers]\nAuthorization = \"Bearer {TOKEN}\"\n"
    ));
    assert!(!told.contains(TOKEN), "{told}");
    expect![[r#"
        configuration:1:1: `password` holds a secret
          |
        1 | password = [redacted]
          | ^^^^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`

        configuration:3:8: kind `splunk` needs `token_env` or `token_file`
          |
        3 | kind = "splunk"
          |        ^^^^^^^^

        configuration:5:1: `token` holds a secret
          |
        5 | token = [redacted]
          | ^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`

        configuration:7:1: `Authorization` holds a secret
          |
        7 | Authorization = [redacted]
          | ^^^^^^^^^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`"#]].assert_eq(&told);
}

#[test]
fn a_secret_on_the_line_of_another_fault_is_blanked() {
    let json = format!(
        "{{\"observer\": [{{\"kind\": \"http\", \"token\": \"{TOKEN}\", \"urll\": 1, \
         \"headers\": {{\"x-api-key\": \"{TOKEN}\"}}}}]}}"
    );
    let told = reader().json(&json, "").expect_err("it is wrong").to_string();
    assert!(!told.contains(TOKEN), "{told}");
    expect![[r#"
        configuration:1:24: kind `http` needs `url`
          |
        1 | {"observer": [{"kind": "http", "token": [redacted], "urll": 1, "headers": {"x-api-key": [redacted]}}…
          |                        ^^^^^^

        configuration:1:32: `token` holds a secret
          |
        1 | {"observer": [{"kind": "http", "token": [redacted], "urll": 1, "headers": {"x-api-key": [redacted]}}…
          |                                ^^^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`

        configuration:1:52: unknown key `urll`
          |
        1 | … [{"kind": "http", "token": [redacted], "urll": 1, "headers": {"x-api-key": [redacted]}}]}
          |                                          ^^^^^^ did you mean `url`?"#]].assert_eq(&told);
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    let told =
        faults(&format!("[[observer]]\nkind = \"http\"\nurl = \"https://u:{TOKEN}@host/\"\n"));
    assert!(!told.contains(TOKEN), "{told}");
    expect![[r#"
        configuration:3:7: url has a user or a password in it: name a token by `token_env` or `token_file`
          |
        3 | url = [redacted]
          |       ^^^^^^^^^^"#]].assert_eq(&told);
}

#[test]
fn a_secret_in_the_query_or_the_fragment_of_a_url_is_not_repeated() {
    let told = faults(&format!("[[observer]]\nkind = \"http\"\nurl = \"ftp://h/x?key={TOKEN}\"\n"));
    expect![[r#"
        configuration:3:7: url begins with `ftp:`, not with `http://` or `https://`
          |
        3 | url = [redacted]
          |       ^^^^^^^^^^"#]]
    .assert_eq(&told);
    for url in ["ftp://h/x?KEY", "ftp://h/x#KEY", "h/x?KEY", "h/x#KEY", "h:80?a=b&c=KEY"] {
        let url = url.replace("KEY", TOKEN);
        for keys in [
            format!("kind = \"http\"\nurl = \"{url}\""),
            format!("kind = \"splunk\"\nurl = \"{url}\"\ntoken_env = \"TOKEN\""),
            format!("kind = \"http\"\nurl = \"http://h\"\nproxy = \"socks5://{url}\""),
            format!("kind = \"http\"\nurl = \"http://h\"\nproxy = \"u:{TOKEN}@\""),
            format!("kind = \"http\"\nurl = [\"{url}\"]"),
            format!("kind = \"shelf\"\nservers = [\"{url}\", \"b\"]"),
            format!("kind = \"http\"\nurl = \"{url}"),
        ] {
            let told = faults(&format!("[[observer]]\n{keys}\n"));
            assert!(!told.contains(TOKEN), "{told}");
        }
    }
}

#[test]
fn a_comment_behind_a_url_hides_nothing_of_a_text_that_cannot_be_parsed() {
    let told = faults("url = \"http://h\" # where\nnode = = 1\n");
    assert!(told.contains("node = = 1"), "{told}");
}

#[test]
fn a_text_that_cannot_be_parsed_is_not_shown_where_a_secret_may_be() {
    for toml in [
        format!("token = \"{TOKEN}\nnode = 1"),
        format!("[[observer]]\nheaders = {{ Authorization = \"{TOKEN} }}"),
        format!("[[observer]]\nurl = https://u:{TOKEN}@host"),
        format!("hec-token = '''\nabc\n{TOKEN}"),
    ] {
        let told = faults(&toml);
        assert!(!told.contains(TOKEN), "{told}");
    }
}

/// A token as the collector makes them: no name of a variable.
const PASTED: &str = "B5A79AAD-D822-46CC-80D1-819F80D7BFB0";

#[test]
fn a_token_in_place_of_the_name_of_its_variable_is_told_and_not_repeated() {
    let toml =
        format!("[[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\ntoken_env = \"{PASTED}\"\n");
    expect![[r#"
        configuration:4:13: `token_env` takes the name of a variable, and this is none: it looks like the secret itself
          |
        4 | token_env = [redacted]
          |             ^^^^^^^^^^"#]].assert_eq(&faults(&toml));
}

#[test]
fn a_pasted_token_is_told_for_every_kind_enabled_or_not() {
    for keys in [
        "kind = \"http\"\nurl = \"http://h\"",
        "kind = \"http\"\nurl = \"\"",
        "kind = \"splunk\"\nurl = \"http://h\"\nenabled = false",
        "kind = \"vault\"\npassword_env = \"9lives\"",
    ] {
        for token in [PASTED, "1a2b3c", "Splunk abc", "größe", "a.b", "$TOKEN"] {
            let told = faults(&format!("[[observer]]\n{keys}\ntoken_env = \"{token}\"\n"));
            let message = "`token_env` takes the name of a variable, and this is none";
            assert!(told.contains(message) && !told.contains(token), "{told}");
            assert!(told.contains("token_env = [redacted]"), "{told}");
            assert_eq!(told.contains("`password_env` takes the name"), keys.contains("vault"));
            assert!(!told.contains("9lives"), "{told}");
        }
    }
}

#[test]
fn a_pasted_token_is_hidden_wherever_it_stands() {
    for toml in [
        format!("token_env = \"{PASTED}\""),
        format!("[[observer]]\nkind = \"splnk\"\ntoken_env = \"{PASTED}\""),
        format!("[[observer]]\nkind = \"http\"\nurl = \"http://h\"\ntokn_env = \"{PASTED}\""),
        format!("[[observer]]\nkind = \"http\"\nurl = \"http://h\"\ntoken-env = [\"{PASTED}\"]"),
        format!("[[observer]]\nkind = \"console\"\ntoken_env = \"{PASTED}\""),
        format!("[[observer]]\nkind = \"http\"\ntoken_env = {PASTED}"),
        format!("[[observer]]\nkind = \"http\"\ntoken_env {PASTED}"),
        format!("[[observer]]\nkind = \"http\"\ntoken_env = \"{PASTED}"),
        format!("[[observer]]\nkind = \"http\"\ntoken_env = \"\"\"\n{PASTED}\nnode = 1"),
    ] {
        let told = faults(&toml);
        assert!(!told.contains(PASTED) && !told.contains(&PASTED[..8]), "{told}");
    }
    for json in [
        format!("{{\"observer\": [{{\"kind\": \"http\", \"token_env\": \"{PASTED}\"}}]}}"),
        format!("{{\"observer\": [{{\"kind\": \"http\", \"token_env\": \"{PASTED}\", }}]}}"),
    ] {
        let told = reader().json(&json, "").expect_err("it is wrong");
        assert!(!told.to_string().contains(PASTED), "{told}");
        assert!(!format!("{told:?} {:?}", told.faults()).contains(PASTED), "{told}");
    }
}

#[test]
fn the_name_of_a_variable_is_shown() {
    let told = faults("[[observer]]\nkind = \"http\"\nurl = \"http://h\"\ntoken_env = \"_a_B9\"");
    assert!(told.contains("variable `_a_B9` of the environment"), "{told}");
    assert!(told.contains("token_env = \"_a_B9\""), "{told}");
    let told = faults("token_env = \"HEC\" # where\nattributes = { env = \"a-b\" }\nrun = = 1");
    assert!(told.contains("run = = 1"), "{told}");
}

#[test]
fn a_json_that_cannot_be_parsed_is_not_shown_where_a_secret_may_be() {
    let json = format!("{{\"observer\": [{{\"token\": \"{TOKEN}\", }}]}}");
    let told = reader().json(&json, "").expect_err("it is wrong").to_string();
    expect!["configuration:1:36: not JSON: key must be a string"].assert_eq(&told);
}

#[test]
fn a_value_of_a_wrong_type_is_not_repeated() {
    let told = faults(&format!("history = \"{TOKEN}-x\"\nattributes = {{ apiToken = 1 }}\n"));
    let (message, _) = told.split_once('\n').expect("several lines");
    assert!(!message.contains(TOKEN), "{message}");
}

#[test]
fn the_token_that_was_read_is_in_no_debug_text() {
    let toml = "[[observer]]\nkind = \"splunk\"\nurl = \"http://h\"\ntoken_env = \"TOKEN\"\n\
                headers = { x-api-key = \"hunter2\" }\n";
    let config = reader().toml(toml, "").expect("it is right");
    let shown = format!("{config:?}");
    assert!(!shown.contains(TOKEN), "{shown}");
}

#[test]
fn a_secret_among_the_attributes_of_each_event_is_refused_and_not_repeated() {
    let told = faults(&format!(
        "attributes = {{ author = \"me\", \"API-Token\\u001b\" = \"a\", access-token = \"{TOKEN}\" }}\n\
         [[observer]]\nkind = \"http\"\nurl = \"http://h\"\nencoding = \"optics\"\n\
         static_attributes = {{ tests_bearer = \"{TOKEN}\", appVersion = \"1\" }}\n"
    ));
    assert!(!told.contains(TOKEN) && !told.contains('\u{1b}'), "{told}");
    expect![[r#"
        configuration:1:31: `API-Token\u{1b}` holds a secret
          |
        1 | attributes = { author = [redacted], "API-Token\u001b" = [redacted], access-token = [redacted] }
          |                                     ^^^^^^^^^^^^^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`

        configuration:1:56: `access-token` holds a secret
          |
        1 | attributes = { author = [redacted], "API-Token\u001b" = [redacted], access-token = [redacted] }
          |                                                                     ^^^^^^^^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`

        configuration:6:23: `tests_bearer` holds a secret
          |
        6 | static_attributes = { tests_bearer = [redacted], appVersion = "1" }
          |                       ^^^^^^^^^^^^ secrets are never written into a configuration: use `token_env` or `token_file`"#]].assert_eq(&told);
}
