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
