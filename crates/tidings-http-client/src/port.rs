//! The port in a URL, which is a number or an error.
//!
//! A port that is none must never become the standard one: a token would go there.

/// The port of `host:port`, which has no user in front of it.
///
/// # Errors
///
/// What is wrong with the port. Only digits are repeated: other text may be a secret.
pub(crate) fn port_of(authority: &str) -> Result<Option<u16>, String> {
    // The colons of an IPv6 address stand in brackets.
    let (_address, rest) = authority.rsplit_once(']').unwrap_or(("", authority));
    let Some((_host, port)) = rest.split_once(':') else { return Ok(None) };
    if port.is_empty() {
        return Err("has a `:` without a port behind it: write one of 1 to 65535".to_owned());
    }
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("has a port that is not a number: write one of 1 to 65535".to_owned());
    }
    match port.parse() {
        Ok(port) if port > 0 => Ok(Some(port)),
        _ => Err(format!("names the port `{port}`, which is none: write one of 1 to 65535")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_number_of_1_to_65535_or_is_not_there() {
        for (authority, port) in [
            ("h", None),
            ("h:1", Some(1)),
            ("h:65535", Some(65_535)),
            ("[::1]", None),
            ("[::1]:8088", Some(8_088)),
        ] {
            assert_eq!(port_of(authority), Ok(port), "{authority}");
        }
        for wrong in ["h:", "h:0", "h:65536", "h:99999", "h:abc", "h:+80", "h:1:2", "[::1]:"] {
            assert!(port_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn text_in_the_place_of_a_port_is_not_repeated() {
        let problem = port_of("user:hunter2").unwrap_err();
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}
