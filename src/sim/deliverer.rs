//! Sends what the world's outbox holds, each delivery until the receiver has it or it is given up.
//!
//! What is told of one callout goes out in the order in which it happened: the next only after the end
//! of the one before. Different callouts do not wait for each other, and a receiver that is slow or
//! gone holds up nobody but itself: the world does not wait for any of this.
//!
//! Pauses and patience are the wall's time, since the receiver does not know the simulator's clock.

use crate::sim::engine::{Engine, Failure};
use crate::sim::faults::{Faults, WebhookFault};
use crate::sim::http::server::FOR_THE_REST;
use crate::sim::http::webhook_payload;
use crate::sim::news::News;
use crate::sim::outgoing::{self, FailureKind, Outgoing};
use crate::sim::world::{
    Command, DeliveryId, MOST_TRIES, Picture, SourceId, Topic, TryFailure, TryOutcome, Webhook,
    WebhookCommand, World,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Deliveries of one source that are under way at the same time.
const AT_ONCE: usize = 16;

/// Before the second try and the third (reference §8.3).
const PAUSES: [Duration; MOST_TRIES - 1] = [Duration::from_secs(1), Duration::from_secs(5)];

/// The disk took nothing: until it does, the outcome waits, and with it what comes behind.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// What is under way, by whom it is for.
type UnderWay = BTreeMap<SourceId, BTreeSet<DeliveryId>>;

/// Delivers until `stop`. What is then on its way may arrive; the rest is for the next start.
pub async fn run(engine: &Engine, outgoing: &Outgoing, faults: &Faults, stop: &CancellationToken) {
    let held = Held::default();
    let postman = Postman { engine, outgoing, faults, held: &held, stop };
    let mut writes = engine.desk.watch();
    // With a webhook registered somebody listens, and what is due happens by itself.
    let mut listening: Option<News> = None;
    let mut under_way = UnderWay::new();
    let mut work = FuturesUnordered::new();
    loop {
        writes.mark_unchanged();
        let registered = engine.peek(World::has_webhooks);
        listening = registered.then(|| listening.take().unwrap_or_else(|| engine.news()));
        for (source, delivery) in engine.peek(|world| plan_delivery(world, &under_way)) {
            under_way.entry(source).or_default().insert(delivery);
            work.push(async move {
                postman.see_through(delivery).await;
                (source, delivery)
            });
        }
        tokio::select! {
            () = stop.cancelled() => break,
            _ = writes.changed() => {}
            Some((source, delivery)) = work.next(), if !work.is_empty() => {
                if let Some(theirs) = under_way.get_mut(&source) {
                    theirs.remove(&delivery);
                }
            }
        }
    }
    let rest = async { while work.next().await.is_some() {} };
    if tokio::time::timeout(FOR_THE_REST, rest).await.is_err() {
        tracing::warn!("webhook deliveries were cut off at the end");
    }
}

/// What goes out next: of each thing the oldest delivery, unless that is under way.
fn plan_delivery(world: &World, under_way: &UnderWay) -> Vec<(SourceId, DeliveryId)> {
    let mut planned: Vec<(SourceId, DeliveryId)> = Vec::new();
    let none = BTreeSet::new();
    for (source, delivery) in world.next_deliveries(AT_ONCE) {
        let theirs = under_way.get(&source).unwrap_or(&none);
        let more = planned.iter().filter(|(other, _)| *other == source).count();
        if !theirs.contains(&delivery) && theirs.len() + more < AT_ONCE {
            planned.push((source, delivery));
        }
    }
    planned
}

/// One delivery as it is sent, read off the world anew for each try: the webhook may have been replaced.
struct Letter {
    /// Of what it is told in order.
    lane: (SourceId, u64),
    callout: Option<u64>,
    topic: Topic,
    tries: usize,
    held_back: bool,
    url: String,
    headers: HeaderMap,
    /// `None`: it cannot be written.
    body: Option<Vec<u8>>,
}

impl Letter {
    fn of(world: &World, delivery: DeliveryId) -> Option<Self> {
        let pending = world.pending_delivery(delivery)?;
        let webhook = world.webhook(pending.delivery.source)?;
        Some(Self {
            lane: (pending.delivery.source, pending.lane()),
            callout: match &pending.picture {
                Picture::Callout(record) => Some(record.id.0),
                _ => None,
            },
            topic: pending.delivery.topic,
            tries: pending.delivery.tries.len(),
            held_back: pending.delivery.held_back,
            url: webhook.url.clone(),
            headers: headers(webhook),
            body: serde_json::to_vec(&webhook_payload(world, pending)).ok(),
        })
    }
}

/// They were checked when they were registered.
fn headers(webhook: &Webhook) -> HeaderMap {
    let each = webhook.headers.iter();
    let mut headers: HeaderMap = each
        .filter_map(|(name, value)| {
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
        })
        .collect();
    headers.values_mut().for_each(|value| value.set_sensitive(true));
    headers
}

/// How long a webhook that goes out of order waits for the one that is to pass it.
const OUT_OF_ORDER: Duration = Duration::from_secs(10);

/// Who waits to be passed, by what it is about.
#[derive(Debug, Default)]
struct Held(Mutex<Waiting>);

type Waiting = HashMap<(SourceId, u64), Vec<oneshot::Sender<()>>>;

impl Held {
    fn wait(&self, lane: (SourceId, u64)) -> oneshot::Receiver<()> {
        let (passed, waiting) = oneshot::channel();
        self.lock().entry(lane).or_default().push(passed);
        waiting
    }

    /// Something about this was sent.
    fn pass(&self, lane: (SourceId, u64)) {
        for waiting in self.lock().remove(&lane).into_iter().flatten() {
            let _gone_already = waiting.send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, Debug)]
struct Postman<'a> {
    engine: &'a Engine,
    outgoing: &'a Outgoing,
    faults: &'a Faults,
    held: &'a Held,
    stop: &'a CancellationToken,
}

impl Postman<'_> {
    /// Tries until it is delivered or given up, or the simulator ends.
    async fn see_through(self, delivery: DeliveryId) {
        while let Some(tries) = self.tries(delivery).await {
            if let Some(pause) = tries.checked_sub(1).and_then(|number| PAUSES.get(number))
                && !self.sleep(*pause).await
            {
                return;
            }
            if self.stop.is_cancelled() {
                return;
            }
            // Only what is on the disk is told: the reading waits for it.
            let Some(letter) = self.engine.read(|world| Letter::of(world, delivery)).await else { return };
            let began = Instant::now();
            let (topic, last) = (letter.topic.as_str(), letter.tries + 1 >= MOST_TRIES);
            let is_first = letter.tries == 0 && !letter.held_back;
            let fault = if is_first { self.faults.meet_webhook(letter.callout) } else { None };
            let outcome = match fault {
                Some(WebhookFault::OutOfOrder) if self.hold_back(delivery, letter.lane).await => continue,
                Some(WebhookFault::OutOfOrder) => return,
                // As far as anybody here can tell it was received.
                Some(WebhookFault::Lost) => TryOutcome::Answered(200),
                _ => self.attempt(&letter).await,
            };
            if fault == Some(WebhookFault::Doubled) {
                self.attempt(&letter).await;
            }
            if last && !outcome.is_accepted() {
                tracing::warn!(delivery = delivery.0, event = topic, "a webhook was not delivered: given up");
            }
            let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
            if !self.record(WebhookCommand::Tried { delivery, outcome, took_ms }).await {
                return;
            }
        }
    }

    /// Until the next one about the same thing is gone, or none comes. That it waits is written down
    /// first: it is not lost in a kill. Gives whether its turn came before the simulator's end.
    async fn hold_back(self, delivery: DeliveryId, lane: (SourceId, u64)) -> bool {
        let passed = self.held.wait(lane);
        if !self.record(WebhookCommand::HoldBack { delivery }).await {
            return false;
        }
        tokio::select! {
            _ = passed => true,
            () = tokio::time::sleep(OUT_OF_ORDER) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// How often it has been tried; `None`: it waits no more.
    async fn tries(self, delivery: DeliveryId) -> Option<usize> {
        let tries = |world: &World| Some(world.pending_delivery(delivery)?.delivery.tries.len());
        self.engine.read(tries).await
    }

    async fn attempt(self, letter: &Letter) -> TryOutcome {
        let outcome = self.post(letter).await;
        self.held.pass(letter.lane);
        outcome
    }

    async fn post(self, letter: &Letter) -> TryOutcome {
        let Some(body) = letter.body.clone() else { return TryOutcome::Failed(TryFailure::NotSent) };
        let Ok(target) = self.outgoing.check("url", &letter.url) else {
            return TryOutcome::Failed(TryFailure::NotAllowed);
        };
        match self.outgoing.post_json(&target, &letter.headers, body).await {
            outgoing::Outcome::Answered { status, .. } => TryOutcome::Answered(status),
            outgoing::Outcome::Failed(kind) => TryOutcome::Failed(match kind {
                FailureKind::NotConnected => TryFailure::NotConnected,
                FailureKind::TimedOut => TryFailure::TimedOut,
                FailureKind::Lost => TryFailure::Lost,
                FailureKind::NoClient => TryFailure::NotSent,
            }),
        }
    }

    /// Whether it is written down. It is not sent again before that: a full disk must not become a flood.
    async fn record(self, what: WebhookCommand) -> bool {
        loop {
            match self.engine.apply(Command::Webhook(what.clone())).await {
                Ok(_) | Err(Failure::Refused(_)) => return true,
                Err(Failure::NotStored(_)) if self.sleep(AFTER_A_FAILURE).await => {}
                Err(Failure::NotStored(_)) => return false,
            }
        }
    }

    /// Whether there was time for it.
    async fn sleep(self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.stop.cancelled() => false,
        }
    }
}
