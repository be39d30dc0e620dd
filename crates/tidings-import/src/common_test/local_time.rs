//! Local times without a zone, which are good for nothing but the time between them.

use std::time::Duration;

use super::term::Term;

/// `{{Year,Month,Day},{Hour,Minute,Second}}`, in seconds since some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LocalTime(i64);

impl LocalTime {
    /// Reads it.
    pub(super) fn read(term: &Term) -> Option<Self> {
        let [date, time] = term.tuple()? else { return None };
        let [year, month, day] = three(date)?;
        let [hour, minute, second] = three(time)?;
        // Days since the first of March of the year 0, as in the Gregorian calendar.
        let shifted = if month > 2 { year } else { year - 1 };
        let months = (month + 9) % 12;
        let days = 365 * shifted + shifted / 4 - shifted / 100
            + shifted / 400
            + (153 * months + 2) / 5
            + day;
        Some(Self(((days * 24 + hour) * 60 + minute) * 60 + second))
    }

    /// How long after another it is; none if it is before it.
    pub(super) fn since(self, earlier: Self) -> Option<Duration> {
        u64::try_from(self.0 - earlier.0).ok().map(Duration::from_secs)
    }
}

fn three(term: &Term) -> Option<[i64; 3]> {
    let [first, second, third] = term.tuple()? else { return None };
    let numbers = [first.integer()?, second.integer()?, third.integer()?];
    numbers.iter().all(|number| (0..=9999).contains(number)).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::super::term::parse;
    use super::*;

    fn time(text: &str) -> Option<LocalTime> {
        LocalTime::read(&parse(text).expect("a term"))
    }

    #[test]
    fn the_time_between_two_is_counted_over_months_and_leap_days() {
        for (from, to, seconds) in [
            ("{{2026,11,21},{2,57,56}}", "{{2026,11,21},{2,58,3}}", Some(7)),
            ("{{2024,2,28},{23,59,59}}", "{{2024,3,1},{0,0,0}}", Some(86_401)),
            ("{{2025,12,31},{23,59,59}}", "{{2026,1,1},{0,0,1}}", Some(2)),
            ("{{2026,1,1},{0,0,1}}", "{{2026,1,1},{0,0,0}}", None),
        ] {
            let (from, to) = (time(from).expect("reads"), time(to).expect("reads"));
            assert_eq!(to.since(from), seconds.map(Duration::from_secs));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["x", "{{2026,1},{0,0,0}}", "{{2026,1,1},{0,0,x}}", "{{2026,1,99999},{0,0,1}}"]
        {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
