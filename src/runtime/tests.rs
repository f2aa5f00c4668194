//! The loop that ships, with a clock that is turned by hand and a server that is a function.

use super::*;
use crate::app::action::{Answer, Effect, Failure, FailureKind, Outcome};
use crate::app::callout::{Callout, CalloutId, Classification, Status};
use crate::app::state::{Dialect, Environment, Settings, Watch};
use crate::geo::Position;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

fn settings() -> Settings {
    Settings {
        profile: "demo".into(),
        host: "127.0.0.1".into(),
        environment: Environment::Demo,
        dialect: Dialect::V2,
        poll_every: SignedDuration::from_secs(15),
        locate_every: SignedDuration::from_secs(10),
        read_only: false,
        classification: Classification::Test,
        response_type_id: 1,
        start: Position::new(-26.1091, 28.083).unwrap(),
        accuracy: 8.0,
        walking_speed: 1.4,
        seed: 7,
    }
}

/// Answers by its function and notes what was asked, and when.
#[derive(Clone)]
struct Server<F> {
    answer: F,
    asked: Arc<Mutex<Vec<(Duration, Effect)>>>,
    began: Instant,
}

impl<F: Fn(&Effect) -> Outcome + Send + Sync + 'static> Api for Server<F> {
    async fn call(&self, order: Effect) -> Outcome {
        self.asked.lock().unwrap().push((self.began.elapsed(), order.clone()));
        tokio::time::sleep(Duration::from_millis(40)).await;
        (self.answer)(&order)
    }
}

/// Counts frames.
#[derive(Clone, Default)]
struct Frames(Arc<Mutex<usize>>);

impl Screen for Frames {
    fn show(&mut self, _state: &State) -> io::Result<()> {
        *self.0.lock().unwrap() += 1;
        Ok(())
    }
}

type Keys = std::pin::Pin<Box<dyn Stream<Item = io::Result<Event>> + Send>>;

/// Each key some seconds after the one before; then silence.
fn keys(script: Vec<(u64, KeyCode)>) -> Keys {
    let typed = stream::unfold(script.into_iter(), |mut script| async move {
        let (wait, code) = script.next()?;
        tokio::time::sleep(Duration::from_secs(wait)).await;
        Some((Ok(Event::Key(KeyEvent::new(code, KeyModifiers::NONE))), script))
    });
    Box::pin(typed.chain(stream::pending()))
}

fn callout(status: Status) -> Box<Callout> {
    Box::new(Callout::new(CalloutId::new("7").unwrap(), status))
}

#[expect(clippy::unnecessary_wraps, reason = "one of the answers that a server gives")]
fn created(order: &Effect) -> Outcome {
    Ok(match order {
        Effect::FindActive { .. } => Answer::Active(Vec::new()),
        Effect::Raise { .. } => Answer::Raised(callout(Status::Created)),
        Effect::Fetch { .. } => Answer::Read(callout(Status::Created)),
        Effect::SendMessage { .. } => Answer::Said(None),
        _ => Answer::Located,
    })
}

struct Ran {
    state: State,
    exit: Exit,
    asked: Vec<(Duration, Effect)>,
    frames: usize,
}

async fn run<F>(answer: F, script: Vec<(u64, KeyCode)>) -> Ran
where
    F: Fn(&Effect) -> Outcome + Send + Sync + 'static,
{
    let server = Server { answer, asked: Arc::default(), began: Instant::now() };
    let (asked, screen) = (Arc::clone(&server.asked), Frames::default());
    let console = Console {
        state: State::new(settings(), None),
        screen: screen.clone(),
        input: keys(script),
        signals: None,
        api: server,
        clock: Clock::starting_at("2026-06-10T09:30:00Z".parse::<Timestamp>().unwrap()),
        keymap: Keymap::default(),
        memory: None,
        resume: None,
        troubles: Vec::new(),
    };
    let (state, exit) = console.run(80, 24).await.unwrap();
    let asked = asked.lock().unwrap().clone();
    let frames = *screen.0.lock().unwrap();
    Ran { state, exit, asked, frames }
}

fn count(ran: &Ran, wanted: fn(&Effect) -> bool) -> usize {
    ran.asked.iter().filter(|(_, order)| wanted(order)).count()
}

#[tokio::test(start_paused = true)]
async fn a_minute_of_polling_and_locating() {
    let script = vec![(1, KeyCode::Char('p')), (0, KeyCode::Enter), (61, KeyCode::Char('q'))];
    let ran = run(created, script).await;
    assert_eq!(ran.exit, Exit::Quit);
    assert_eq!(count(&ran, |order| matches!(order, Effect::Raise { .. })), 1);
    assert_eq!(count(&ran, |order| matches!(order, Effect::Fetch { .. })), 5, "at once, then each 15 s");
    assert_eq!(count(&ran, |order| matches!(order, Effect::SendLocation { .. })), 6, "each 10 s");
}

#[tokio::test(start_paused = true)]
async fn an_idle_console_draws_nothing() {
    let short = run(created, vec![(1, KeyCode::Char('q'))]).await;
    let long = run(created, vec![(3600, KeyCode::Char('q'))]).await;
    assert_eq!(short.frames, long.frames);
}

#[tokio::test(start_paused = true)]
async fn a_live_console_draws_once_a_second_and_not_more() {
    let script = vec![(1, KeyCode::Char('p')), (0, KeyCode::Enter), (100, KeyCode::Char('q'))];
    let ran = run(created, script).await;
    assert!((100..150).contains(&ran.frames), "{}", ran.frames);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_freezes_no_key() {
    struct Deaf;
    impl Api for Deaf {
        async fn call(&self, _order: Effect) -> Outcome {
            std::future::pending().await
        }
    }
    let console = Console {
        state: State::new(settings(), None),
        screen: Frames::default(),
        input: keys(vec![(1, KeyCode::Char('p')), (5, KeyCode::Char('q'))]),
        signals: None,
        api: Deaf,
        clock: Clock::starting_at("2026-06-10T09:30:00Z".parse::<Timestamp>().unwrap()),
        keymap: Keymap::default(),
        memory: None,
        resume: None,
        troubles: Vec::new(),
    };
    let began = Instant::now();
    let (state, _) = console.run(80, 24).await.unwrap();
    assert!(matches!(state.watch, Watch::Raising { .. }));
    assert!(began.elapsed() < Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_raise_is_repeated_until_the_server_is_back() {
    let failures = Arc::new(Mutex::new(3));
    let answer = move |order: &Effect| {
        let mut left = failures.lock().unwrap();
        if matches!(order, Effect::Raise { .. }) && *left > 0 {
            *left -= 1;
            let kind = FailureKind::Unreachable;
            return Err(Failure { kind, message: "refused".into(), retry_after: None });
        }
        created(order)
    };
    let script = vec![(1, KeyCode::Char('p')), (0, KeyCode::Enter), (20, KeyCode::Char('q'))];
    let ran = run(answer, script).await;
    assert_eq!(count(&ran, |order| matches!(order, Effect::Raise { .. })), 4);
    assert!(matches!(ran.state.watch, Watch::Live(_)));
}

#[tokio::test(start_paused = true)]
async fn a_message_on_its_way_gets_a_moment_at_the_end() {
    let script = vec![
        (1, KeyCode::Char('p')),
        (0, KeyCode::Enter),
        (2, KeyCode::Char('i')),
        (0, KeyCode::Char('h')),
        (0, KeyCode::Enter),
        (0, KeyCode::Esc),
        (0, KeyCode::Char('q')),
    ];
    let ran = run(created, script).await;
    assert_eq!(count(&ran, |order| matches!(order, Effect::SendMessage { .. })), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_ends_the_console_as_a_hangup() {
    let console = Console {
        state: State::new(settings(), None),
        screen: Frames::default(),
        input: stream::empty::<io::Result<Event>>(),
        signals: None,
        api: Server { answer: created, asked: Arc::default(), began: Instant::now() },
        clock: Clock::starting_at("2026-06-10T09:30:00Z".parse::<Timestamp>().unwrap()),
        keymap: Keymap::default(),
        memory: None,
        resume: None,
        troubles: Vec::new(),
    };
    let (_, exit) = console.run(80, 24).await.unwrap();
    assert_eq!(exit, Exit::Signal(SIGHUP));
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "a bug in a task")]
async fn a_task_that_panics_ends_the_program_as_a_panic() {
    run(|_: &Effect| panic!("a bug in a task"), vec![(5, KeyCode::Char('q'))]).await;
}
