//! Durations, distances and times of day in as few words as are clear.

use crate::app::callout::Classification;
use crate::app::state::Way;
use crate::geo;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// `8 s`, `2 min 05 s`, `1 h 12 min`, `3 d 4 h`. Whole seconds, never negative.
pub(super) fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// `48 s`, `12 min`, `3 h`, `2 d`: as short as a column.
pub(super) fn short(duration: SignedDuration) -> String {
    match duration.as_secs().max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

pub(super) fn seconds(seconds: f64) -> String {
    duration(SignedDuration::try_from_secs_f64(seconds.round()).unwrap_or(SignedDuration::ZERO))
}

/// `TEST`, `REAL`, or the number of one that no page explains.
pub(super) fn class(classification: Classification) -> String {
    match classification {
        Classification::Test => "TEST".to_owned(),
        Classification::Real => "REAL".to_owned(),
        Classification::Other(id) => format!("class {id}"),
    }
}

/// For an estimate: `under 1 min`, `about 2 min`.
pub(super) fn about(seconds: f64) -> String {
    if seconds < 60.0 {
        return "under 1 min".to_owned();
    }
    let minutes = (seconds / 60.0).round();
    if minutes < 60.0 { format!("about {minutes:.0} min") } else { format!("about {:.1} h", minutes / 60.0) }
}

/// `640 m`, `1.2 km`, `14 km`.
pub(super) fn metres(metres: f64) -> String {
    match metres.max(0.0) {
        metres if metres < 995.0 => format!("{metres:.0} m"),
        metres if metres < 9_950.0 => format!("{:.1} km", metres / 1_000.0),
        metres => format!("{:.0} km", metres / 1_000.0),
    }
}

/// Time of day, with the date in front where it is not today's.
pub(super) fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    let time = at.time();
    if at.date() == now.date() {
        return format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    }
    format!("{} {:02}:{:02}", day(at.date()), time.hour(), time.minute())
}

/// `12:03`, or the date where it is not today's.
pub(super) fn minute(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    if at.date() != now.date() {
        return day(at.date());
    }
    format!("{:02}:{:02}", at.time().hour(), at.time().minute())
}

/// As [`clock`], in exactly eight columns: another day's time gives way to its date.
pub(super) fn clock_or_day(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at_day, today) = (zone.to_datetime(at).date(), zone.to_datetime(now).date());
    if at_day == today { clock(at, now, zone) } else { format!("{:<8}", day(at_day)) }
}

fn day(date: jiff::civil::Date) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{} {month}", date.day())
}

/// What moves somebody.
pub(super) fn way(way: &Way) -> &'static str {
    match way {
        Way::Walk => "walking",
        Way::Track(_) => "on the track",
        Way::Drive(_) => "driving",
    }
}

/// `north-west`, for sentences.
pub(super) fn direction(bearing: f64) -> &'static str {
    match geo::compass(bearing) {
        "NE" => "north-east",
        "E" => "east",
        "SE" => "south-east",
        "S" => "south",
        "SW" => "south-west",
        "W" => "west",
        "NW" => "north-west",
        _ => "north",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, words) in [
            (-3, "0 s"),
            (59, "59 s"),
            (60, "1 min 00 s"),
            (125, "2 min 05 s"),
            (3_599, "59 min 59 s"),
            (3_720, "1 h 02 min"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), words);
        }
        assert_eq!(super::seconds(f64::NAN), "0 s");
        assert_eq!(about(59.0), "under 1 min");
        assert_eq!(about(140.0), "about 2 min");
        assert_eq!(about(5_400.0), "about 1.5 h");
    }

    #[test]
    fn distances_never_say_1000_m() {
        for (given, words) in
            [(-4.0, "0 m"), (640.4, "640 m"), (999.0, "1.0 km"), (1_240.0, "1.2 km"), (14_100.0, "14 km")]
        {
            assert_eq!(metres(given), words);
        }
    }

    #[test]
    fn another_day_shows_its_date() {
        let at: Timestamp = "2026-03-01T23:59:07Z".parse().unwrap();
        let zone = TimeZone::UTC;
        assert_eq!(clock(at, at, &zone), "23:59:07");
        let next = at + SignedDuration::from_secs(60);
        assert_eq!(clock(at, next, &zone), "1 Mar 23:59");
        assert_eq!(clock_or_day(at, next, &zone), "1 Mar   ");
        let south = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(clock(at, next, &south), "01:59:07");
    }
}
