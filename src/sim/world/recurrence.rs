//! When something that repeats begins next.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// The reference's own word for once.
    #[default]
    Single,
    Daily,
    Weekly,
    Monthly,
}

/// The most of `interval`: some 27 years of days.
pub const MOST_INTERVAL: u16 = 9_999;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats {
    pub every: Every,
    /// Every so many days, weeks or months; at least 1.
    pub interval: u16,
    /// Nothing begins after this.
    pub until: Option<Timestamp>,
}

impl Default for Repeats {
    fn default() -> Self {
        Self { every: Every::Single, interval: 1, until: None }
    }
}

impl Repeats {
    /// The first occurrence that is not before `now`. Counted from the first each time, in UTC, so
    /// that the 31st stays the 31st after a short month.
    pub fn next(&self, first: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let in_bounds = |at: Timestamp| self.until.is_none_or(|until| at <= until).then_some(at);
        if first >= now {
            return in_bounds(first);
        }
        let first = TimeZone::UTC.to_datetime(first);
        // Not more than have passed: the next is this one or one of the two after it.
        let passed = self.passed(first, TimeZone::UTC.to_datetime(now))?;
        let after = (0..3).filter_map(|more| self.occurrence(first, passed + more));
        after.filter(|at| *at >= now).min().and_then(in_bounds)
    }

    fn occurrence(&self, first: DateTime, number: i64) -> Option<Timestamp> {
        let count = number.checked_mul(i64::from(self.interval.max(1)))?;
        let span: Span = match self.every {
            Every::Single => return None,
            Every::Daily => Span::new().try_days(count).ok()?,
            Every::Weekly => Span::new().try_weeks(count).ok()?,
            Every::Monthly => Span::new().try_months(count).ok()?,
        };
        TimeZone::UTC.to_timestamp(first.checked_add(span).ok()?).ok()
    }

    /// A number of occurrences that have surely begun before `now`, at most one too few.
    fn passed(&self, first: DateTime, now: DateTime) -> Option<i64> {
        let interval = i64::from(self.interval.max(1));
        let days = first.date().until(now.date()).ok()?.get_days();
        let units = match self.every {
            Every::Single => return None,
            Every::Daily => i64::from(days),
            Every::Weekly => i64::from(days / 7),
            Every::Monthly => {
                let months = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month());
                months(now) - months(first)
            }
        };
        Some((units / interval - 1).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn repeats(every: Every, interval: u16) -> Repeats {
        Repeats { every, interval, until: None }
    }

    #[test]
    fn the_next_is_never_before_now() {
        let first = "2026-01-31T16:00:00Z";
        for (every, interval, now, next) in [
            (Every::Single, 1, "2026-01-01T00:00:00Z", Some(first)),
            (Every::Single, 1, first, Some(first)),
            (Every::Single, 1, "2026-01-31T16:00:01Z", None),
            (Every::Daily, 1, "2026-01-31T16:00:01Z", Some("2026-02-01T16:00:00Z")),
            (Every::Daily, 1, "2026-02-01T16:00:00Z", Some("2026-02-01T16:00:00Z")),
            (Every::Daily, 3, "2026-02-02T00:00:00Z", Some("2026-02-03T16:00:00Z")),
            (Every::Weekly, 1, "2026-02-07T17:00:00Z", Some("2026-02-14T16:00:00Z")),
            (Every::Weekly, 2, "2026-02-01T00:00:00Z", Some("2026-02-14T16:00:00Z")),
            (Every::Monthly, 1, "2026-02-01T00:00:00Z", Some("2026-02-28T16:00:00Z")),
            (Every::Monthly, 1, "2026-03-01T00:00:00Z", Some("2026-03-31T16:00:00Z")),
            (Every::Monthly, 12, "2026-02-01T00:00:00Z", Some("2027-01-31T16:00:00Z")),
            (Every::Daily, 1, "2126-02-01T15:00:00Z", Some("2126-02-01T16:00:00Z")),
        ] {
            let found = repeats(every, interval).next(time(first), time(now));
            assert_eq!(found, next.map(time), "{every:?} {interval} {now}");
        }
    }

    #[test]
    fn it_ends_with_until() {
        let until = Some(time("2026-02-02T00:00:00Z"));
        let repeats = Repeats { until, ..repeats(Every::Daily, 1) };
        let first = time("2026-01-31T16:00:00Z");
        assert_eq!(repeats.next(first, time("2026-02-01T00:00:00Z")), Some(time("2026-02-01T16:00:00Z")));
        assert_eq!(repeats.next(first, time("2026-02-01T17:00:00Z")), None);
    }

    #[test]
    fn no_time_is_out_of_its_reach() {
        for every in [Every::Daily, Every::Weekly, Every::Monthly] {
            let far = repeats(every, MOST_INTERVAL).next(time("2026-01-31T16:00:00Z"), Timestamp::MAX);
            assert_eq!(far, None);
            assert!(repeats(every, 1).next(Timestamp::MIN, time("2026-01-31T16:00:00Z")).is_some());
        }
    }
}
