//! Numbers: ECMAScript's floats, integers with all their digits, and tokens as they stand.

use std::collections::HashMap;

use proptest::prelude::*;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::support::{refusal, text};
use crate::json::{canonicalize, to_string};

#[test]
fn floats_print_as_in_appendix_b_of_the_rfc() {
    let table: [(u64, &str); 24] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in table {
        assert_eq!(text(&f64::from_bits(bits)), expected, "{bits:016x}");
    }
}

#[test]
fn floats_change_notation_where_ecmascript_does() {
    for (value, expected) in [
        (1e20, "100000000000000000000"),
        (1.5e20, "150000000000000000000"),
        (1.234_567_890_123_456_8e17, "123456789012345680"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (1.0, "1"),
        (-0.0, "0"),
        (-1.5e300, "-1.5e+300"),
    ] {
        assert_eq!(text(&value), expected);
    }
}

#[test]
fn an_f32_prints_its_own_shortest_digits() {
    for (value, expected) in [
        (0.1_f32, "0.1"),
        (f32::MAX, "3.4028235e+38"),
        (f32::MIN_POSITIVE, "1.1754944e-38"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (16_777_216.0, "16777216"),
        (-0.0, "0"),
    ] {
        assert_eq!(text(&value), expected);
    }
}

#[test]
fn integers_keep_all_their_digits() {
    assert_eq!(text(&9_007_199_254_740_993_u64), "9007199254740993");
    assert_eq!(text(&u64::MAX), "18446744073709551615");
    assert_eq!(text(&i64::MIN), "-9223372036854775808");
    assert_eq!(text(&i128::MIN), "-170141183460469231731687303715884105728");
    assert_eq!(text(&u128::MAX), "340282366920938463463374607431768211455");
    assert_eq!(text(&json!(u64::MAX)), "18446744073709551615");
}

#[test]
fn a_float_that_is_no_number_is_refused_with_its_path() {
    #[derive(Serialize)]
    struct Outer {
        config: Rates,
    }
    #[derive(Serialize)]
    struct Rates {
        rates: Vec<f64>,
    }
    let value = Outer { config: Rates { rates: vec![1.0, 2.0, 3.0, f64::NAN] } };
    assert_eq!(refusal(&value), "config.rates[3]: NaN is not a JSON number");
    assert_eq!(to_string(&value).unwrap_err().path(), "config.rates[3]");
    assert_eq!(refusal(&f32::INFINITY), "infinity is not a JSON number");
    assert_eq!(
        refusal(&HashMap::from([("a key", f64::NEG_INFINITY)])),
        "[\"a key\"]: -infinity is not a JSON number"
    );
}

#[test]
fn arbitrary_precision_numbers_keep_integers_and_normalise_floats() {
    struct Digits(&'static str);
    impl Serialize for Digits {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut number = serializer.serialize_struct("$serde_json::private::Number", 1)?;
            number.serialize_field("$serde_json::private::Number", self.0)?;
            number.end()
        }
    }
    assert_eq!(text(&Digits("123456789012345678901234567890")), "123456789012345678901234567890");
    assert_eq!(text(&Digits("1.0")), "1");
    assert_eq!(text(&Digits("1E2")), "100");
    assert_eq!(text(&Digits("-0")), "0");
    assert_eq!(refusal(&Digits("one")), "raw JSON is not valid");
    assert_eq!(refusal(&Digits("1e999")), "infinity is not a JSON number");
}

#[test]
fn number_tokens_of_a_text_are_kept_as_written() {
    let tokens = [
        "1.0",
        "1",
        "-0",
        "-0.0",
        "1E400",
        "1e+2",
        "0.10",
        "123456789012345678901234567890",
        "1.5E-7",
    ];
    for token in tokens {
        assert_eq!(canonicalize(token).unwrap().as_str(), token);
    }
    assert_ne!(canonicalize("1.0"), canonicalize("1"));
    assert_ne!(canonicalize("1"), canonicalize("\"1\""));
}

proptest! {
    #[test]
    fn integers_of_every_width_are_exact(wide in any::<i128>(), unsigned in any::<u64>()) {
        prop_assert_eq!(text(&wide), wide.to_string());
        prop_assert_eq!(text(&unsigned), unsigned.to_string());
    }

    #[test]
    fn an_f32_reads_back_as_itself(value in any::<f32>().prop_filter("finite", |value| value.is_finite())) {
        prop_assert_eq!(text(&value).parse::<f32>().unwrap().to_bits(), (value + 0.0).to_bits());
        prop_assert!(text(&value).len() <= text(&f64::from(value)).len());
    }
}
