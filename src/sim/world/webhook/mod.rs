//! Webhooks (reference §8.3): who asked to be told of what, and the outbox of what is still to be
//! told. Sending is somebody else's; what became of each try comes back as a command.
//!
//! That something is to be told is an event of the log like any other, written together with the
//! event that it tells of: whoever was promised it gets it, also over a restart. Told at least once,
//! since a try that got through may die with the process before it is written down.

mod outbox;
mod topic;

pub(super) use outbox::Lanes;
pub use topic::Topic;

use super::command::{Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CalloutId, CustomerId, SourceId, SubscriptionId};
use super::record::{CalloutRecord, CustomerRecord, SubscriptionRecord};
use super::{Tables, World};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// Tries of one delivery; after the last it is given up (reference §8.3).
pub const MOST_TRIES: usize = 3;

/// Deliveries that wait for one source. With more, the oldest is given up: a receiver that is down
/// for good must not fill the memory.
pub const MOST_PENDING: usize = 10_000;

/// Finished deliveries that can still be looked at, of all sources.
pub const MOST_FINISHED: usize = 1_000;

/// Of a number sequence of its own: the others are for what the API shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub u64);

/// A registration. The headers may hold secrets: `Debug` shows their names, and no more than the
/// beginning of the address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// As it was given.
    pub url: String,
    /// As they were asked for, each once.
    pub topics: Vec<Topic>,
    pub method: String,
    /// As they were given: names and values that a header may have.
    pub headers: BTreeMap<String, String>,
}

impl Webhook {
    /// The address without what may be a secret in its query.
    pub fn shown_url(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }

    /// Under which name an event is told, if at all: one event, one delivery.
    fn topic_for(&self, topic: Topic) -> Option<Topic> {
        let asked = |topic: &Topic| self.topics.contains(topic);
        Some(topic).filter(asked).or_else(|| topic.older_name().filter(asked))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("url", &self.shown_url())
            .field("topics", &self.topics)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What a delivery is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    Callout(CalloutId),
    Customer(CustomerId),
    Subscription(SubscriptionId),
}

/// The same as it was when the event happened: that is told, however late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Picture {
    Callout(Box<CalloutRecord>),
    Customer(Box<CustomerRecord>),
    Subscription(Box<SubscriptionRecord>),
}

/// One event that somebody is to be told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub source: SourceId,
    pub topic: Topic,
    pub about: About,
    /// When it happened.
    pub at: Timestamp,
    pub tries: Vec<Try>,
    /// It goes out of its turn: what comes behind it does not wait for it.
    #[serde(default)]
    pub held_back: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When its outcome was known.
    pub at: Timestamp,
    pub took_ms: u32,
    pub outcome: TryOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TryOutcome {
    Answered(u16),
    Failed(TryFailure),
}

impl TryOutcome {
    /// Any 2xx: the receiver has it.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TryFailure {
    NotConnected,
    TimedOut,
    Lost,
    /// This simulator may not send there: it was started with other rules than when it was registered.
    NotAllowed,
    /// A mistake of ours.
    NotSent,
}

impl TryFailure {
    /// As the control side writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConnected => "could not connect",
            Self::TimedOut => "timed out",
            Self::Lost => "connection lost",
            Self::NotAllowed => "address not allowed",
            Self::NotSent => "could not be sent",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    Delivered,
    GivenUp(Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The last try failed.
    Failed,
    /// The webhook was deleted meanwhile.
    Unregistered,
    /// The webhook was replaced by one that does not ask for this event.
    NotAskedFor,
    /// More than [`MOST_PENDING`] waited.
    TooMany,
}

impl Why {
    /// As the control side writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "every try failed",
            Self::Unregistered => "the webhook was deleted",
            Self::NotAskedFor => "the webhook was replaced by one that does not ask for it",
            Self::TooMany => "too many were waiting",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    pub delivery: Delivery,
    pub picture: Picture,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    pub delivery: Delivery,
    pub end: End,
}

/// What is stored of all this.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WebhookTables {
    /// Whether a controller's own steps are told too.
    pub(super) steps: bool,
    pub(super) last_delivery: u64,
    pub(super) registered: BTreeMap<SourceId, Webhook>,
    pub(super) pending: BTreeMap<DeliveryId, Pending>,
    /// Newest last.
    pub(super) finished: VecDeque<Finished>,
}

#[derive(Clone, Debug)]
pub enum WebhookCommand {
    /// Replaces the source's earlier one.
    Register {
        source: SourceId,
        webhook: Box<Webhook>,
    },
    Unregister {
        source: SourceId,
    },
    SetSteps(bool),
    /// Lets what comes behind it go first.
    HoldBack {
        delivery: DeliveryId,
    },
    /// A try was made.
    Tried {
        delivery: DeliveryId,
        outcome: TryOutcome,
        took_ms: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WebhookEvent {
    Registered { source: SourceId, webhook: Box<Webhook> },
    Unregistered { source: SourceId },
    StepsSet(bool),
    Queued { delivery: DeliveryId, source: SourceId, topic: Topic, about: About },
    HeldBack { delivery: DeliveryId },
    Tried { delivery: DeliveryId, outcome: TryOutcome, took_ms: u32 },
}

impl World {
    pub(super) fn decide_webhook(
        &mut self,
        command: WebhookCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let hooks = &self.tables.webhooks;
        let what = match command {
            WebhookCommand::Register { source, webhook } => WebhookEvent::Registered { source, webhook },
            WebhookCommand::Unregister { source } => {
                if !hooks.registered.contains_key(&source) {
                    return Err(Refusal::NotFound { what: "Webhook" });
                }
                WebhookEvent::Unregistered { source }
            }
            WebhookCommand::SetSteps(steps) if steps == hooks.steps => return Ok(Reply::Done),
            WebhookCommand::SetSteps(steps) => WebhookEvent::StepsSet(steps),
            WebhookCommand::HoldBack { delivery } => WebhookEvent::HeldBack { delivery },
            WebhookCommand::Tried { delivery, outcome, took_ms } => {
                if !hooks.pending.contains_key(&delivery) {
                    // Given up while the try was under way.
                    return Ok(Reply::Done);
                }
                WebhookEvent::Tried { delivery, outcome, took_ms }
            }
        };
        self.happen(now, Happened::Webhook(what), out);
        Ok(Reply::Done)
    }

    /// Whether somebody is to be told of what a controller does by hand. AURA's Responder Simulator
    /// sends nothing (reference §1).
    pub fn tells_steps(&self) -> bool {
        self.tables.webhooks.steps
    }

    /// Puts into the outbox what somebody asked to be told of the event that has just happened.
    pub(super) fn notify(&mut self, at: Timestamp, out: &mut Vec<Event>) {
        if self.tables.webhooks.registered.is_empty() {
            return;
        }
        let Some((about, topics)) = out.last().and_then(|event| topic::of(&event.what)) else { return };
        for topic in topics {
            self.notify_of(*topic, about, at, out);
        }
    }

    /// For what an event alone does not say: the same change is another thing to another cause.
    pub(super) fn notify_of(&mut self, topic: Topic, about: About, at: Timestamp, out: &mut Vec<Event>) {
        let Some((source, _)) = self.tables.owner(about) else { return };
        let Some(webhook) = self.tables.webhooks.registered.get(&source) else { return };
        let Some(topic) = webhook.topic_for(topic) else { return };
        let delivery = DeliveryId(self.tables.webhooks.last_delivery + 1);
        let queued = WebhookEvent::Queued { delivery, source, topic, about };
        self.happen(at, Happened::Webhook(queued), out);
    }
}

/// What can be read.
impl World {
    pub fn webhook(&self, source: SourceId) -> Option<&Webhook> {
        self.tables.webhooks.registered.get(&source)
    }

    /// Of every source, with its client id and the number of deliveries that wait.
    pub fn webhooks(&self) -> impl Iterator<Item = (&str, &Webhook, usize)> {
        self.tables.webhooks.registered.iter().map(|(source, webhook)| {
            let client_id = self.tables.sources.get(source).map_or("", String::as_str);
            (client_id, webhook, self.index.lanes.pending(*source))
        })
    }

    pub fn has_webhooks(&self) -> bool {
        !self.tables.webhooks.registered.is_empty()
    }

    pub fn pending_delivery(&self, id: DeliveryId) -> Option<&Pending> {
        self.tables.webhooks.pending.get(&id)
    }

    /// What may be sent next, oldest first: of each thing the oldest delivery, so that everybody hears
    /// of one thing in the order in which it happened. At most `each` of one source.
    pub fn next_deliveries(&self, each: usize) -> impl Iterator<Item = (SourceId, DeliveryId)> {
        self.index.lanes.heads(each)
    }

    /// Oldest first; `None`: it still waits.
    pub fn deliveries(&self) -> impl Iterator<Item = (&Delivery, Option<End>)> {
        let hooks = &self.tables.webhooks;
        let mut all: Vec<_> = hooks.finished.iter().map(|done| (&done.delivery, Some(done.end))).collect();
        all.extend(hooks.pending.values().map(|pending| (&pending.delivery, None)));
        all.sort_by_key(|(delivery, _)| delivery.id);
        all.into_iter()
    }

    /// The client id of a source.
    pub fn client_id(&self, source: SourceId) -> Option<&str> {
        self.tables.sources.get(&source).map(String::as_str)
    }
}

impl Tables {
    /// Whose it is, and the thing within which the order of events counts: the callout, or the
    /// customer, together with their subscriptions.
    fn owner(&self, about: About) -> Option<(SourceId, u64)> {
        match about {
            About::Callout(id) => self.callouts.get(&id).map(|record| (record.source, id.0)),
            About::Customer(id) => self.customers.get(&id).map(|record| (record.source, id.0)),
            About::Subscription(id) => {
                self.subscriptions.get(&id).map(|record| (record.source, record.customer.0))
            }
        }
    }
}
