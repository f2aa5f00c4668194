//! The outbox: what waits, in the order of what it is about, and what became of it.

use super::{
    About, Delivery, DeliveryId, End, Finished, MOST_FINISHED, MOST_PENDING, MOST_TRIES, Pending, Picture,
    Topic, Try, WebhookEvent, WebhookTables, Why,
};
use crate::sim::world::id::SourceId;
use crate::sim::world::record::CalloutRecord;
use crate::sim::world::{Tables, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Which deliveries must wait for which. Made again from the pending ones; never stored.
#[derive(Debug, Default, PartialEq)]
pub(in crate::sim::world) struct Lanes {
    /// What waits, by the thing within which the order counts.
    queues: BTreeMap<(SourceId, Lane), BTreeSet<DeliveryId>>,
    /// The first of each lane.
    heads: BTreeMap<SourceId, BTreeSet<DeliveryId>>,
    pending: BTreeMap<SourceId, usize>,
}

/// Within which the order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// Of this callout, or this customer.
    Of(u64),
    /// Of a delivery that was held back: nobody waits for it.
    Late(DeliveryId),
}

impl Lanes {
    pub(in crate::sim::world) fn of(tables: &Tables) -> Self {
        let mut lanes = Self::default();
        for pending in tables.webhooks.pending.values() {
            lanes.add(pending);
        }
        lanes
    }

    pub(super) fn pending(&self, source: SourceId) -> usize {
        self.pending.get(&source).copied().unwrap_or(0)
    }

    pub(super) fn heads(&self, each: usize) -> impl Iterator<Item = (SourceId, DeliveryId)> {
        self.heads.iter().flat_map(move |(source, heads)| heads.iter().take(each).map(|id| (*source, *id)))
    }

    fn add(&mut self, pending: &Pending) {
        let (source, id) = (pending.delivery.source, pending.delivery.id);
        let lane = self.queues.entry((source, pending.queue())).or_default();
        if lane.is_empty() {
            self.heads.entry(source).or_default().insert(id);
        }
        lane.insert(id);
        *self.pending.entry(source).or_default() += 1;
    }

    fn remove(&mut self, pending: &Pending) {
        let (source, id) = (pending.delivery.source, pending.delivery.id);
        let key = (source, pending.queue());
        let Some(lane) = self.queues.get_mut(&key) else { return };
        let was_first = lane.first() == Some(&id);
        if !lane.remove(&id) {
            return;
        }
        let next = lane.first().copied().filter(|_| was_first);
        if lane.is_empty() {
            self.queues.remove(&key);
        }
        if let Some(heads) = self.heads.get_mut(&source) {
            heads.remove(&id);
            heads.extend(next);
            if heads.is_empty() {
                self.heads.remove(&source);
            }
        }
        if let Some(count) = self.pending.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                self.pending.remove(&source);
            }
        }
    }
}

impl Pending {
    /// What of it must be told in order.
    pub fn lane(&self) -> u64 {
        match &self.picture {
            Picture::Callout(record) => record.id.0,
            Picture::Customer(record) => record.id.0,
            Picture::Subscription(record) => record.customer.0,
        }
    }

    fn queue(&self) -> Lane {
        if self.delivery.held_back { Lane::Late(self.delivery.id) } else { Lane::Of(self.lane()) }
    }
}

impl WebhookTables {
    /// The registrations and what they wait for are contents of the world; the switch is a setting,
    /// and a number is never given twice.
    pub(in crate::sim::world) fn after_reset(&self) -> Self {
        Self { steps: self.steps, last_delivery: self.last_delivery, ..Self::default() }
    }

    fn finish(&mut self, delivery: Delivery, end: End) {
        self.finished.push_back(Finished { delivery, end });
        if self.finished.len() > MOST_FINISHED {
            self.finished.pop_front();
        }
    }
}

impl World {
    /// Deliveries that wait, of every source.
    pub fn webhooks_pending(&self) -> usize {
        self.tables.webhooks.pending.len()
    }

    pub(in crate::sim::world) fn fold_webhook(&mut self, what: &WebhookEvent, at: Timestamp) {
        match what {
            WebhookEvent::Registered { source, webhook } => {
                self.give_up(*source, Why::NotAskedFor, |topic| !webhook.topics.contains(&topic));
                self.tables.webhooks.registered.insert(*source, webhook.as_ref().clone());
            }
            WebhookEvent::Unregistered { source } => {
                self.give_up(*source, Why::Unregistered, |_| true);
                self.tables.webhooks.registered.remove(source);
            }
            WebhookEvent::StepsSet(steps) => self.tables.webhooks.steps = *steps,
            WebhookEvent::Queued { delivery, source, topic, about } => {
                self.tables.webhooks.last_delivery = self.tables.webhooks.last_delivery.max(delivery.0);
                let Some(picture) = self.tables.picture(*about, *topic) else { return };
                let delivery = Delivery {
                    id: *delivery,
                    source: *source,
                    topic: *topic,
                    about: *about,
                    at,
                    tries: Vec::new(),
                    held_back: false,
                };
                self.queue(Pending { delivery, picture });
            }
            WebhookEvent::HeldBack { delivery } => {
                if let Some(pending) = self.tables.webhooks.pending.get_mut(delivery) {
                    self.index.lanes.remove(pending);
                    pending.delivery.held_back = true;
                    self.index.lanes.add(pending);
                }
            }
            WebhookEvent::Tried { delivery, outcome, took_ms } => {
                let Some(pending) = self.tables.webhooks.pending.get_mut(delivery) else { return };
                let tries = &mut pending.delivery.tries;
                tries.push(Try { at, took_ms: *took_ms, outcome: *outcome });
                if outcome.is_accepted() {
                    self.end(*delivery, End::Delivered);
                } else if tries.len() >= MOST_TRIES {
                    self.end(*delivery, End::GivenUp(Why::Failed));
                }
            }
        }
    }

    fn queue(&mut self, pending: Pending) {
        let source = pending.delivery.source;
        self.index.lanes.add(&pending);
        self.tables.webhooks.pending.insert(pending.delivery.id, pending);
        if self.index.lanes.pending(source) > MOST_PENDING
            // The oldest of all is the first of its lane.
            && let Some(oldest) = self.index.lanes.heads.get(&source).and_then(BTreeSet::first).copied()
        {
            self.end(oldest, End::GivenUp(Why::TooMany));
        }
    }

    fn end(&mut self, delivery: DeliveryId, end: End) {
        if let Some(pending) = self.tables.webhooks.pending.remove(&delivery) {
            self.index.lanes.remove(&pending);
            self.tables.webhooks.finish(pending.delivery, end);
        }
    }

    fn give_up(&mut self, source: SourceId, why: Why, which: impl Fn(Topic) -> bool) {
        let pending = self.tables.webhooks.pending.values().map(|pending| &pending.delivery);
        let theirs = pending.filter(|delivery| delivery.source == source && which(delivery.topic));
        for id in theirs.map(|delivery| delivery.id).collect::<Vec<_>>() {
            self.end(id, End::GivenUp(why));
        }
    }
}

impl Tables {
    fn picture(&self, about: About, topic: Topic) -> Option<Picture> {
        Some(match about {
            About::Callout(id) => Picture::Callout(Box::new(pictured(self.callouts.get(&id)?, topic))),
            About::Customer(id) => Picture::Customer(Box::new(self.customers.get(&id)?.clone())),
            About::Subscription(id) => Picture::Subscription(Box::new(self.subscriptions.get(&id)?.clone())),
        })
    }
}

/// Without what is not told: it would be most of it.
fn pictured(record: &CalloutRecord, topic: Topic) -> CalloutRecord {
    let assignments = if topic.is_of_responder() { record.assignments.clone() } else { Vec::new() };
    CalloutRecord {
        assignments,
        candidates: Vec::new(),
        incident_details: None,
        entries: Vec::new(),
        plan: None,
        ..*record
    }
}
