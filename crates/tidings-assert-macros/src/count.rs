//! Counts: `3`, `1..=2`, `2..`; those that say nothing or never hold do not compile.

use syn::spanned::Spanned;
use syn::{Error, Expr, ExprRange, Lit, RangeLimits, Result};

use crate::source;

const FORMS: &str = "a count is a number or a range: `3`, `1..=2`, `2..`, `..=4`";

/// Refuses a count that is certain to be a mistake.
pub(crate) fn check(count: &Expr) -> Result<()> {
    match count {
        Expr::Range(range) => check_range(range),
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)) => {
            Err(Error::new(count.span(), FORMS))
        }
        Expr::Unary(_) => Err(Error::new(count.span(), FORMS)),
        _ => Ok(()),
    }
}

fn check_range(range: &ExprRange) -> Result<()> {
    let start = match &range.start {
        Some(start) => literal(start)?,
        None => Some(0),
    };
    let Some(end) = &range.end else {
        let says_nothing = start == Some(0);
        return if says_nothing { Err(nothing(range)) } else { Ok(()) };
    };
    let (Some(start), Some(end)) = (start, literal(end)?) else {
        return Ok(());
    };
    let is_empty = match range.limits {
        RangeLimits::HalfOpen(_) => start >= end,
        RangeLimits::Closed(_) => start > end,
    };
    if is_empty {
        let message = format!("no count is in `{}`", source::text(range));
        return Err(Error::new(range.span(), message));
    }
    Ok(())
}

fn nothing(range: &ExprRange) -> Error {
    let message = format!("`{}` says nothing: every count is in it", source::text(range));
    Error::new(range.span(), message)
}

/// The value of a literal; nothing for an expression that only the program knows.
fn literal(bound: &Expr) -> Result<Option<u64>> {
    match bound {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => Ok(number.base10_parse().ok()),
            _ => Err(Error::new(bound.span(), FORMS)),
        },
        _ => Ok(None),
    }
}
