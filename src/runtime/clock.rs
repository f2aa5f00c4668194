//! The one place of the console that reads a clock.

use jiff::{SignedDuration, Timestamp};
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// The wall's clock, or in the demo the simulator's, which may run faster. Cheap to clone; all
/// clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<Anchor>>);

/// The clock read `then` at the instant `at`, and runs `speed` seconds a second since.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    at: Instant,
    then: Timestamp,
    speed: f64,
}

impl Anchor {
    fn read(&self) -> Timestamp {
        let passed = self.at.elapsed().as_secs_f64() * self.speed;
        SignedDuration::try_from_secs_f64(passed)
            .ok()
            .and_then(|passed| self.then.checked_add(passed).ok())
            .unwrap_or(self.then)
    }
}

impl Clock {
    /// The time of day.
    pub fn wall() -> Self {
        #[expect(clippy::disallowed_methods, reason = "here, and only here, the console reads the time")]
        let then = Timestamp::now();
        Self::starting_at(then)
    }

    pub fn starting_at(then: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Anchor { at: Instant::now(), then, speed: 1.0 })))
    }

    pub fn now(&self) -> Timestamp {
        self.anchor(|anchor| anchor.read())
    }

    /// Goes with another clock from here on: it reads `now` at this instant, at that speed.
    pub fn follow(&self, now: Timestamp, speed: f64) {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        self.anchor(|anchor| *anchor = Anchor { at: Instant::now(), then: now, speed });
    }

    /// Sleeps until this clock reads `at`; for ever when there is no such time.
    pub async fn sleep_until(&self, at: Option<Timestamp>) {
        let Some(at) = at else { return pending().await };
        let (now, speed) = self.anchor(|anchor| (anchor.read(), anchor.speed));
        let left = at.duration_since(now).as_secs_f64() / speed;
        if left > 0.0 {
            // A little late rather than a little early, when the timer would not be due yet.
            let left = std::time::Duration::try_from_secs_f64(left).unwrap_or(std::time::Duration::MAX);
            tokio::time::sleep(left.saturating_add(std::time::Duration::from_micros(100))).await;
        }
    }

    fn anchor<T>(&self, with: impl FnOnce(&mut Anchor) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How long it is since it was started, in real time whatever the speed of any clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn start() -> Timestamp {
        "2026-06-10T09:30:00Z".parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn it_runs_at_its_speed_and_can_be_set() {
        let clock = Clock::starting_at(start());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), start() + SignedDuration::from_secs(2));
        clock.follow(start() + SignedDuration::from_secs(100), 10.0);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), start() + SignedDuration::from_secs(120));
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_when_the_clock_is_there_and_not_before() {
        let clock = Clock::starting_at(start());
        clock.follow(start(), 5.0);
        let at = start() + SignedDuration::from_secs(15);
        let began = Instant::now();
        clock.sleep_until(Some(at)).await;
        assert!(clock.now() >= at);
        assert!(began.elapsed() < Duration::from_millis(3_010), "15 s at speed 5 are 3 s");
    }

    #[tokio::test(start_paused = true)]
    async fn no_time_is_never() {
        let clock = Clock::starting_at(start());
        let never = tokio::time::timeout(Duration::from_secs(3600), clock.sleep_until(None)).await;
        assert!(never.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_senseless_speed_is_the_wall_s() {
        let clock = Clock::starting_at(start());
        clock.follow(start(), f64::NAN);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), start() + SignedDuration::from_secs(1));
    }
}
