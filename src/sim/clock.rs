//! The simulator's one clock. Everything that the world says about time is read here, so a test, a
//! demo at tenfold speed and `POST /control/clock` all turn the same hands.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::Instant;

/// Slowest and fastest run of the clock. At 600 a response of half an hour takes three seconds;
/// faster, and a client that polls at the allowed rate would see nothing but its end.
pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=600.0;

/// One jump of [`SimClock::advance`] is a year at most, so a slip of the finger cannot leave the
/// range of dates that the API can write.
pub const LONGEST_ADVANCE: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Why the clock was not touched.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ClockError {
    #[error("speed: must be from {} to {}", SPEEDS.start(), SPEEDS.end())]
    Speed,
    #[error("advance: must be from 0 to {} seconds", LONGEST_ADVANCE.as_secs())]
    Advance,
}

/// Where the hands stood when the speed last changed or somebody moved them.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    at: Instant,
    shows: Timestamp,
    speed: f64,
}

impl Anchor {
    fn now(&self, instant: Instant) -> Timestamp {
        let passed = instant.saturating_duration_since(self.at).mul_f64(self.speed);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        self.shows.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

/// Where the hands stood at a moment of the wall's clock. From this alone a clock that was killed is
/// known to have shown no more by any later moment, so nothing need be written while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    wall: Timestamp,
    shows: Timestamp,
    speed: f64,
}

impl Mark {
    /// What the clock shows by now if it ran on, whether anybody was there or not.
    pub fn now(&self) -> Timestamp {
        self.at(wall())
    }

    /// A wall clock that was set back makes it stand still.
    fn at(&self, wall: Timestamp) -> Timestamp {
        let speed = if SPEEDS.contains(&self.speed) { self.speed } else { 1.0 };
        let passed = Duration::try_from(wall.duration_since(self.wall)).unwrap_or_default();
        let passed = SignedDuration::try_from(passed.mul_f64(speed)).unwrap_or(SignedDuration::MAX);
        self.shows.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// A clock that is about to be turned shows no more than this, before and after.
    #[must_use]
    pub fn at_most(self, step: Option<SignedDuration>, speed: Option<f64>) -> Self {
        let shows = self.shows.saturating_add(step.unwrap_or_default()).unwrap_or(Timestamp::MAX);
        Self { shows, speed: speed.map_or(self.speed, |speed| speed.max(self.speed)), ..self }
    }

    /// A clock that is put away goes on as the wall's: a demo at 600 times would else be years older
    /// on the next day, and its subscriptions at their end.
    #[must_use]
    pub fn at_rest(self) -> Self {
        Self { speed: 1.0, ..self }
    }
}

fn wall() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the module that may read the time")]
    Timestamp::now()
}

/// A clock that runs faster or slower than the wall's, and forwards only.
///
/// It shows whole milliseconds: that is what the API writes, so a time that comes back out of the
/// state file equals the one that went in. It is driven by tokio's clock, which a test can pause.
#[derive(Debug)]
pub struct SimClock {
    anchor: Mutex<Anchor>,
    /// Wakes those who sleep until a simulated time, when that time has moved nearer or away.
    changed: watch::Sender<()>,
}

impl SimClock {
    /// A clock that shows the wall's time, but never less than `floor`: a state file may come from
    /// a clock that was ahead, and time must not run backwards over its events.
    pub fn starting_no_earlier_than(floor: Timestamp, speed: f64) -> Result<Self, ClockError> {
        Self::starting_at(wall().max(floor), speed)
    }

    /// A clock that shows `start`, whatever the wall says.
    pub fn starting_at(start: Timestamp, speed: f64) -> Result<Self, ClockError> {
        Self::check(None, Some(speed))?;
        let anchor = Anchor { at: Instant::now(), shows: start, speed };
        Ok(Self { anchor: Mutex::new(anchor), changed: watch::Sender::new(()) })
    }

    pub fn now(&self) -> Timestamp {
        whole_milliseconds(self.anchor().now(Instant::now()))
    }

    /// The wall is looked at first, so that the mark is never behind the hands.
    pub fn mark(&self) -> Mark {
        let wall = wall();
        let anchor = self.anchor();
        Mark { wall, shows: anchor.now(Instant::now()), speed: anchor.speed }
    }

    /// How far it is ahead of the wall's clock; negative where it runs slower.
    pub fn ahead_of_the_wall(&self) -> SignedDuration {
        self.now().duration_since(wall())
    }

    pub fn speed(&self) -> f64 {
        self.anchor().speed
    }

    pub fn set_speed(&self, speed: f64) -> Result<(), ClockError> {
        Self::check(None, Some(speed))?;
        self.turn(|anchor| anchor.speed = speed);
        Ok(())
    }

    /// Whether both could be done, so that neither is done when one cannot.
    pub fn check(step: Option<SignedDuration>, speed: Option<f64>) -> Result<(), ClockError> {
        if speed.is_some_and(|speed| !SPEEDS.contains(&speed)) {
            return Err(ClockError::Speed);
        }
        if step.is_some_and(|step| step.is_negative() || step > LONGEST_ADVANCE) {
            return Err(ClockError::Advance);
        }
        Ok(())
    }

    /// Moves the hands forward at once by `step`.
    pub fn advance(&self, step: SignedDuration) -> Result<(), ClockError> {
        Self::check(Some(step), None)?;
        self.turn(|anchor| anchor.shows = anchor.shows.saturating_add(step).unwrap_or(Timestamp::MAX));
        Ok(())
    }

    /// Moves the hands to `floor` if they show less: before events that were written by a clock
    /// ahead of this one are taken over.
    pub fn at_least(&self, floor: Timestamp) {
        self.turn(|anchor| anchor.shows = anchor.shows.max(floor));
    }

    /// Returns once the clock shows `time`, also when it is made faster, slower or moved meanwhile.
    pub async fn sleep_until(&self, time: Timestamp) {
        let mut changed = self.changed.subscribe();
        loop {
            let Some(wait) = self.real_time_until(time) else { return };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = changed.changed() => {}
            }
        }
    }

    /// What is left of the wall's time until this clock shows `time`; `None` once it does.
    fn real_time_until(&self, time: Timestamp) -> Option<Duration> {
        let speed = self.speed();
        let left = time.duration_since(self.now());
        if !left.is_positive() {
            return None;
        }
        // A millisecond more: what the clock shows is rounded down.
        let left = left.saturating_add(SignedDuration::from_millis(1)).unsigned_abs();
        Some(Duration::try_from_secs_f64(left.as_secs_f64() / speed).unwrap_or(Duration::MAX))
    }

    fn turn(&self, change: impl FnOnce(&mut Anchor)) {
        {
            let mut anchor = self.anchor();
            let instant = Instant::now();
            anchor.shows = anchor.now(instant);
            anchor.at = instant;
            change(&mut anchor);
        }
        self.changed.send_replace(());
    }

    fn anchor(&self) -> MutexGuard<'_, Anchor> {
        self.anchor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn noon() -> Timestamp {
        "2026-06-10T12:00:00Z".parse().unwrap()
    }

    fn clock(speed: f64) -> SimClock {
        SimClock::starting_at(noon(), speed).unwrap()
    }

    fn seconds_after_noon(clock: &SimClock) -> i64 {
        clock.now().duration_since(noon()).as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn runs_at_its_speed() {
        let clock = clock(10.0);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(seconds_after_noon(&clock), 30);
        clock.set_speed(0.5).unwrap();
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(seconds_after_noon(&clock), 32);
    }

    #[tokio::test(start_paused = true)]
    async fn is_moved_forward_and_only_so() {
        let clock = clock(1.0);
        clock.advance(SignedDuration::from_secs(600)).unwrap();
        assert_eq!(seconds_after_noon(&clock), 600);
        assert_eq!(clock.advance(SignedDuration::from_secs(-1)), Err(ClockError::Advance));
        assert_eq!(clock.advance(SignedDuration::MAX), Err(ClockError::Advance));
        clock.at_least(noon());
        assert_eq!(seconds_after_noon(&clock), 600);
        clock.at_least("2026-06-10T13:00:00Z".parse().unwrap());
        assert_eq!(seconds_after_noon(&clock), 3_600);
    }

    #[tokio::test]
    async fn never_shows_less_than_its_floor() {
        let ahead: Timestamp = "2199-01-01T00:00:00Z".parse().unwrap();
        let clock = SimClock::starting_no_earlier_than(ahead, 1.0).unwrap();
        assert!(clock.now() >= ahead);
        let behind: Timestamp = "1999-01-01T00:00:00Z".parse().unwrap();
        let clock = SimClock::starting_no_earlier_than(behind, 1.0).unwrap();
        assert!(clock.now() > behind);
    }

    #[test]
    fn a_mark_runs_on_at_its_speed() {
        let mark = Mark { wall: noon(), shows: noon() + SignedDuration::from_hours(1), speed: 60.0 };
        let shown = |mark: Mark, seconds| {
            mark.at(noon() + SignedDuration::from_secs(seconds)).duration_since(noon()).as_secs()
        };
        assert_eq!(shown(mark, 10), 4_200);
        assert_eq!(shown(mark.at_rest(), 10), 3_610);
        assert_eq!(shown(mark, -10), 3_600, "the wall's clock was set back");
        assert_eq!(shown(mark.at_most(Some(SignedDuration::from_secs(5)), Some(1.0)), 10), 4_205);
        assert_eq!(shown(mark.at_most(None, Some(600.0)), 10), 9_600);
        assert_eq!(Mark { speed: f64::MAX, ..mark }.at(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_mark_is_never_behind_the_clock() {
        let clock = clock(600.0);
        let mark = clock.mark();
        std::thread::sleep(Duration::from_millis(5));
        let shown = clock.now();
        let read: Mark = serde_json::from_slice(&serde_json::to_vec(&mark).unwrap()).unwrap();
        assert_eq!(read, mark);
        assert!(read.now() >= shown);
    }

    #[test]
    fn speeds_out_of_range_are_refused() {
        for speed in [0.0, 0.09, 600.1, -1.0, f64::NAN, f64::INFINITY] {
            assert!(SimClock::starting_at(noon(), speed).is_err(), "{speed}");
        }
        assert_eq!(clock(1.0).set_speed(601.0), Err(ClockError::Speed));
        assert_eq!(ClockError::Speed.to_string(), "speed: must be from 0.1 to 600");
    }

    #[test]
    fn shows_whole_milliseconds() {
        let start: Timestamp = "2026-06-10T12:00:00.123456789Z".parse().unwrap();
        let clock = SimClock::starting_at(start, 1.0).unwrap();
        assert_eq!(clock.now().subsec_nanosecond() % 1_000_000, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn sleeps_until_the_time_is_shown() {
        let clock = clock(60.0);
        let began = Instant::now();
        clock.sleep_until(noon() + SignedDuration::from_secs(600)).await;
        assert!(seconds_after_noon(&clock) >= 600);
        assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleeper_notices_that_the_clock_was_moved() {
        let clock = Arc::new(clock(1.0));
        let sleeper = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep_until(noon() + SignedDuration::from_hours(10)).await }
        });
        tokio::task::yield_now().await;
        let began = Instant::now();
        clock.set_speed(600.0).unwrap();
        clock.advance(SignedDuration::from_hours(9)).unwrap();
        sleeper.await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    }
}
