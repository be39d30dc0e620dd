//! Numbers: integers with all their digits, floats as ECMAScript prints them.
//!
//! The digits of a float are the shortest that read back as the same `f64` or `f32`;
//! their layout is `Number::toString` of ECMAScript (RFC 8785 §3.2.2.3).

use crate::json::error::EncodeFault;

/// Exponents at which ECMAScript leaves the plain notation.
const PLAIN_POINTS: std::ops::RangeInclusive<i32> = -5..=21;

/// Appends an integer.
#[inline]
pub(super) fn push_integer(out: &mut String, value: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(value));
}

/// Appends a float, or says why it is none.
#[inline]
pub(super) fn push_f64(out: &mut String, value: f64) -> Result<(), EncodeFault> {
    if !value.is_finite() {
        return Err(not_a_number(value));
    }
    if value == 0.0 {
        out.push('0');
    } else {
        push_printed(out, zmij::Buffer::new().format_finite(value));
    }
    Ok(())
}

/// Appends a float with the digits of the shortest `f32`, or says why it is none.
#[inline]
pub(super) fn push_f32(out: &mut String, value: f32) -> Result<(), EncodeFault> {
    if !value.is_finite() {
        return Err(not_a_number(value.into()));
    }
    if value == 0.0 {
        out.push('0');
    } else {
        push_printed(out, zmij::Buffer::new().format_finite(value));
    }
    Ok(())
}

#[cold]
fn not_a_number(value: f64) -> EncodeFault {
    EncodeFault::NotANumber(match value {
        f64::INFINITY => "infinity",
        f64::NEG_INFINITY => "-infinity",
        _ => "NaN",
    })
}

/// Appends what the float printer wrote, in ECMAScript's layout.
#[inline]
fn push_printed(out: &mut String, printed: &str) {
    match printed.split_once('e') {
        None => out.push_str(printed.strip_suffix(".0").unwrap_or(printed)),
        Some((mantissa, exponent)) => push_scientific(out, mantissa, exponent),
    }
}

#[cold]
fn push_scientific(out: &mut String, mantissa: &str, exponent: &str) {
    let exponent: i32 = exponent.parse().expect("a float printer writes its exponent in digits");
    let (sign, mantissa) =
        mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let mantissa = mantissa.strip_suffix(".0").unwrap_or(mantissa);
    let (first, more) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let point = exponent + 1;
    out.push_str(sign);
    if !PLAIN_POINTS.contains(&point) {
        out.push_str(mantissa);
        out.push_str(if exponent < 0 { "e-" } else { "e+" });
        push_integer(out, exponent.unsigned_abs());
    } else if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        out.push_str(first);
        out.push_str(more);
    } else {
        push_shifted(out, first, more, exponent.unsigned_abs() as usize);
    }
}

/// Appends `first.more` with the point moved `shift` digits to the right.
fn push_shifted(out: &mut String, first: &str, more: &str, shift: usize) {
    out.push_str(first);
    if shift < more.len() {
        out.push_str(&more[..shift]);
        out.push('.');
        out.push_str(&more[shift..]);
    } else {
        out.push_str(more);
        out.extend(std::iter::repeat_n('0', shift - more.len()));
    }
}
