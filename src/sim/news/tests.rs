use super::*;
use crate::geo::Position;
use crate::sim::auth::Credentials;
use crate::sim::engine::Plan;
use crate::sim::http::scenario as scenario_named;
use crate::sim::scenario::Params;
use crate::sim::world::{CalloutId, Command, CustomerFields, Raise, Reply, Status, Who};
use jiff::SignedDuration;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance};

/// An engine with somebody on the autopilot, and the task that keeps it up.
struct Kept {
    engine: Arc<Engine>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Kept {
    async fn start() -> Self {
        let client = Credentials { client_id: "client".to_owned(), client_secret: "secret".into() };
        let plan = Plan { state: None, seed: 1, speed: 1.0, clients: vec![client] };
        let engine = Arc::new(Engine::start(plan).await.unwrap());
        let scenario = scenario_named("happy-path", Params::default()).unwrap();
        engine.apply(Command::SetAutopilot(scenario.map(Box::new))).await.unwrap();
        let stop = CancellationToken::new();
        let task = {
            let (engine, stop) = (Arc::clone(&engine), stop.clone());
            tokio::spawn(async move { keep_up(&engine, stop).await })
        };
        Self { engine, stop, task }
    }

    async fn raise(&self) -> CalloutId {
        let fields = CustomerFields {
            name: "Ayanda".to_owned(),
            surname: "Example".to_owned(),
            mobile: "+27000000001".to_owned(),
            ..CustomerFields::default()
        };
        let raise = Raise {
            source: self.engine.source,
            who: Who::ByBlock { fields: Box::new(fields), user: None },
            position: Position::new(-26.0, 28.0).unwrap(),
            accuracy: None,
            response_type_id: 1,
            classification_id: 1,
            internal_test: false,
            check_subscription: false,
        };
        match self.engine.apply(Command::Raise(raise)).await.unwrap() {
            Reply::Raised { callout, .. } => callout,
            other => panic!("{other:?}"),
        }
    }

    /// The status as it is written, with nothing brought up to date for the question.
    fn status(&self, callout: CalloutId) -> Status {
        self.engine.peek(|world| world.callout_by_id(callout).unwrap().status)
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_told_to_whoever_listens() {
    let kept = Kept::start().await;
    let (mut first, mut second) = (kept.engine.news(), kept.engine.news());
    kept.raise().await;
    assert!(first.changed().await && second.changed().await);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_news() {
    let kept = Kept::start().await;
    let watching = kept.engine.desk.watch();
    let unknown = Command::Comment { callout: CalloutId(1), message: "x".to_owned(), from: None };
    kept.engine.apply(unknown).await.unwrap_err();
    assert!(!watching.has_changed().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_tells_of_its_change_all_the_same() {
    let desk = Desk::default();
    let watching = desk.watch();
    let given_up = async {
        let mut telling = desk.telling();
        telling.any = true;
        std::future::pending::<()>().await;
    };
    let outcome = tokio::time::timeout(Duration::from_secs(1), given_up).await;
    assert!(outcome.is_err() && watching.has_changed().unwrap());
}

#[tokio::test(start_paused = true)]
async fn what_is_due_happens_while_somebody_listens() {
    let kept = Kept::start().await;
    let mut news = kept.engine.news();
    let callout = kept.raise().await;
    let began = Instant::now();
    while kept.status(callout) != Status::Closed {
        assert!(news.changed().await);
    }
    assert!(began.elapsed() > Duration::from_secs(60), "in the time of its scenario");
}

#[tokio::test(start_paused = true)]
async fn with_nobody_there_nothing_moves() {
    let kept = Kept::start().await;
    let callout = kept.raise().await;
    let mut watching = kept.engine.desk.watch();
    let due = kept.engine.next_due();
    advance(Duration::from_secs(24 * 3_600)).await;
    tokio::task::yield_now().await;
    assert_eq!((kept.status(callout), kept.engine.next_due()), (Status::Created, due));
    assert!(!watching.has_changed().unwrap());
    // Somebody comes, and what happened meanwhile is there at once.
    let news = kept.engine.news();
    watching.changed().await.unwrap();
    assert_eq!(kept.status(callout), Status::Closed);
    drop(news);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_listener_nothing_moves_again() {
    let kept = Kept::start().await;
    let mut news = kept.engine.news();
    let callout = kept.raise().await;
    while kept.status(callout) != Status::Dispatched {
        assert!(news.changed().await);
    }
    drop(news);
    advance(Duration::from_secs(24 * 3_600)).await;
    tokio::task::yield_now().await;
    assert_eq!(kept.status(callout), Status::Dispatched);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_turned_or_sped_up_is_followed() {
    let kept = Kept::start().await;
    let mut news = kept.engine.news();
    let callout = kept.raise().await;
    assert!(news.changed().await);
    let began = Instant::now();
    kept.engine.turn_clock(Some(SignedDuration::from_hours(2)), None).await.unwrap();
    assert!(news.changed().await);
    assert_eq!(kept.status(callout), Status::Closed);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    let callout = kept.raise().await;
    kept.engine.turn_clock(None, Some(600.0)).await.unwrap();
    while kept.status(callout) != Status::Closed {
        assert!(news.changed().await);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_it_is_stopped() {
    let kept = Kept::start().await;
    let _news = kept.engine.news();
    kept.raise().await;
    kept.stop.cancel();
    kept.task.await.unwrap();
}
