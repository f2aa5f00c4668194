//! What goes wrong with a callout on purpose (see [`crate::sim::faults`]). Which callouts a rule is met
//! by is decided here and kept as an event, so that every view tells the same of them and a replay gives
//! the same world.
//!
//! Some of it happens: nobody is found, somebody declines, a line comes twice. The rest is only told:
//! an ETA that grows and a position that stands still change nothing of the drive itself.

use super::crew::Sent;
use super::drive::Journey;
use super::event::{Change, Event, Happened};
use super::id::{CalloutId, EntryId, Ids, SubscriptionId};
use super::record::{CalloutRecord, Entry, EntryKind, EtaNow, ResponderFix, Role};
use super::{Reply, World};
use crate::geo::streets::{mix, share};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much later a controller's line is seen than it was written.
const CHAT_LATE: SignedDuration = SignedDuration::from_secs(45);

/// Every third report of a vehicle whose position jumps is off by up to so much.
const JUMP_M: f64 = 3_000.0;
const JUMPS: u64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// No responder is found, and none goes: only a company by phone.
    NobodyAvailable,
    /// The nearest says no, and the next one goes.
    DeclinedThenDispatched,
    /// The time that is told grows until the vehicle is there.
    EtaGrows,
    /// The vehicle drives, and its reports stay where they were.
    GpsFrozen,
    /// Reports that are far off, between good ones.
    GpsJumping,
    /// What a controller writes is seen three quarters of a minute later.
    ChatLate,
    /// Each line of the chat is there twice.
    ChatDoubled,
    /// A subscription is not cancelled, though nothing is wrong with what was asked.
    SubscriptionCancelFails,
}

impl Trouble {
    /// The others are of callouts.
    pub fn is_of_subscriptions(self) -> bool {
        self == Self::SubscriptionCancelFails
    }
}

/// One rule that holds, with how often it was met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TroubleRule {
    /// Its place in the list that it came from.
    pub number: u64,
    pub trouble: Trouble,
    /// `None`: any callout.
    pub callout: Option<CalloutId>,
    /// Of the callouts, from 0 to 1.
    pub share: f64,
    /// So many pass unharmed first.
    pub after: u64,
    pub times: Option<u64>,
    pub seed: u64,
    pub seen: u64,
    pub met: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TroubleEvent {
    /// In place of those that held; no callout is in trouble any more.
    Set(Vec<TroubleRule>),
    /// The rules were asked about a callout, and these were met.
    Considered { callout: CalloutId, met: Vec<u64> },
    /// The same of a subscription that is to be cancelled.
    CancelConsidered { subscription: SubscriptionId, met: Vec<u64> },
}

/// The rules, and the callouts that are in trouble.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Troubles {
    rules: Vec<TroubleRule>,
    of: BTreeMap<CalloutId, Vec<Met>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Met {
    trouble: Trouble,
    since: Timestamp,
}

impl TroubleRule {
    fn is_about(&self, callout: CalloutId) -> bool {
        !self.trouble.is_of_subscriptions() && self.callout.is_none_or(|only| only == callout)
    }

    fn is_met_by(&self, callout: CalloutId) -> bool {
        self.is_about(callout) && self.is_drawn(callout.0)
    }

    /// Each try to cancel has a chance of its own: the second may succeed.
    fn is_met_by_cancel(&self, subscription: SubscriptionId) -> bool {
        self.trouble.is_of_subscriptions() && self.is_drawn(subscription.0 ^ mix(self.seen))
    }

    fn is_drawn(&self, about: u64) -> bool {
        let hash = mix(self.seed ^ mix(self.number ^ mix(about)));
        self.seen >= self.after && self.times.is_none_or(|times| self.met < times) && share(hash) < self.share
    }
}

impl Troubles {
    pub(super) fn fold(&mut self, event: &TroubleEvent, at: Timestamp) {
        match event {
            TroubleEvent::Set(rules) => *self = Self { rules: rules.clone(), of: BTreeMap::new() },
            TroubleEvent::Considered { callout, met } => {
                for rule in self.rules.iter_mut().filter(|rule| rule.is_about(*callout)) {
                    rule.seen += 1;
                    if met.contains(&rule.number) {
                        rule.met += 1;
                        self.of.entry(*callout).or_default().push(Met { trouble: rule.trouble, since: at });
                    }
                }
            }
            TroubleEvent::CancelConsidered { met, .. } => {
                for rule in self.rules.iter_mut().filter(|rule| rule.trouble.is_of_subscriptions()) {
                    rule.seen += 1;
                    rule.met += u64::from(met.contains(&rule.number));
                }
            }
        }
    }

    /// Rules are settings, and stay when the world is emptied.
    pub(super) fn after_reset(self) -> Self {
        Self { of: BTreeMap::new(), ..self }
    }

    fn since(&self, callout: CalloutId, trouble: Trouble) -> Option<Timestamp> {
        let met = self.of.get(&callout)?.iter().find(|met| met.trouble == trouble)?;
        Some(met.since)
    }
}

impl World {
    /// The rules that hold, with their counts.
    pub fn trouble_rules(&self) -> &[TroubleRule] {
        &self.tables.troubles.rules
    }

    pub fn is_in(&self, callout: CalloutId, trouble: Trouble) -> bool {
        self.since(callout, trouble).is_some()
    }

    fn since(&self, callout: CalloutId, trouble: Trouble) -> Option<Timestamp> {
        self.tables.troubles.since(callout, trouble)
    }

    /// New rules hold for the callouts that are active, in the order in which they were raised, and for
    /// those that will be. The same rules again begin anew.
    pub(super) fn set_troubles(
        &mut self,
        rules: Vec<TroubleRule>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Reply {
        if rules.is_empty() && self.tables.troubles.rules.is_empty() {
            return Reply::Done;
        }
        self.happen(now, Happened::Trouble(TroubleEvent::Set(rules)), out);
        let mut active: Vec<_> = self.all_active().map(|record| record.id).collect();
        active.sort_unstable();
        for callout in active {
            self.consider(callout, now, out);
        }
        Reply::Done
    }

    /// Asks the rules about a callout. Without rules nothing is written down.
    pub(super) fn consider(&mut self, callout: CalloutId, now: Timestamp, out: &mut Vec<Event>) {
        let rules = &self.tables.troubles.rules;
        if !rules.iter().any(|rule| rule.is_about(callout)) {
            return;
        }
        let met = rules.iter().filter(|rule| rule.is_met_by(callout)).map(|rule| rule.number).collect();
        self.happen(now, Happened::Trouble(TroubleEvent::Considered { callout, met }), out);
    }

    /// Whether a subscription is not cancelled although it could be. Without such rules nothing is
    /// written down.
    pub(super) fn cancel_fails(
        &mut self,
        subscription: SubscriptionId,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> bool {
        let rules = &self.tables.troubles.rules;
        if !rules.iter().any(|rule| rule.trouble.is_of_subscriptions()) {
            return false;
        }
        let met = rules.iter().filter(|rule| rule.is_met_by_cancel(subscription));
        let met: Vec<_> = met.map(|rule| rule.number).collect();
        let fails = !met.is_empty();
        self.happen(now, Happened::Trouble(TroubleEvent::CancelConsidered { subscription, met }), out);
        fails
    }

    /// Who refuses to go, and who goes instead; `None` where nothing is wrong, or nobody else is there.
    pub(super) fn declined_first(
        &self,
        record: &CalloutRecord,
        first: &Sent,
        ids: &mut Ids,
    ) -> Option<(Change, Sent)> {
        let declined_already = record.candidates.iter().any(|candidate| candidate.declined);
        let wrong = self.is_in(record.id, Trouble::DeclinedThenDispatched);
        if !wrong || declined_already || !first.made.is_empty() {
            return None;
        }
        let next = self.nearest_free_but(record, Some(first.responder), ids)?;
        Some((Change::Declined { responder: first.responder }, next))
    }

    /// A line of the chat, or two of it; gives the first one's id.
    pub(super) fn comment(
        &mut self,
        callout: CalloutId,
        (role, author, body): (Role, String, String),
        at: Timestamp,
        out: &mut Vec<Event>,
    ) -> EntryId {
        let mut line = |world: &mut Self, author, body| {
            let mut ids = world.ids();
            let entry = EntryId(ids.take());
            world.change(callout, Change::comment(entry, &mut ids, role, author, body), at, out);
            entry
        };
        let again = self.is_in(callout, Trouble::ChatDoubled).then(|| (author.clone(), body.clone()));
        let first = line(self, author, body);
        if let Some((author, body)) = again {
            line(self, author, body);
        }
        first
    }

    /// How many lines of the chat a client does not see yet.
    pub(super) fn held_back(&self, record: &CalloutRecord, now: Timestamp) -> usize {
        if self.tables.troubles.of.is_empty() {
            return 0;
        }
        record.entries.len() - self.entries(record, now).count()
    }

    /// The event stream as a client sees it now.
    pub fn entries<'w>(
        &'w self,
        record: &'w CalloutRecord,
        now: Timestamp,
    ) -> impl Iterator<Item = &'w Entry> {
        let seen_until = if self.is_in(record.id, Trouble::ChatLate) {
            now.checked_sub(CHAT_LATE).unwrap_or(now)
        } else {
            Timestamp::MAX
        };
        record.entries.iter().filter(move |entry| match entry.kind {
            EntryKind::Comment { role: Role::Admin, .. } => entry.at <= seen_until,
            _ => true,
        })
    }

    /// The time that a frozen receiver still shows.
    pub(super) fn reported_until(&self, callout: CalloutId, journey: &Journey, now: Timestamp) -> Timestamp {
        let frozen = self.since(callout, Trouble::GpsFrozen);
        frozen.map_or(now, |since| now.min(since.max(journey.departed)))
    }

    /// A report as it is told: every third of a receiver that jumps is somewhere else.
    pub(super) fn told_fix(&self, callout: CalloutId, fix: ResponderFix) -> ResponderFix {
        if fix.id % JUMPS != 1 || !self.is_in(callout, Trouble::GpsJumping) {
            return fix;
        }
        let hash = mix(self.tables.seed ^ mix(fix.id));
        let metres = JUMP_M * (0.2 + 0.8 * share(mix(hash)));
        ResponderFix { position: fix.position.towards(360.0 * share(hash), metres), ..fix }
    }

    /// An ETA as it is told: one that grows says what is left, and twice what has passed.
    pub(super) fn told_eta(&self, record: &CalloutRecord, eta: EtaNow) -> EtaNow {
        let journey = record.assignment().and_then(|assignment| assignment.journey.as_ref());
        let Some(journey) = journey.filter(|_| self.is_in(record.id, Trouble::EtaGrows)) else { return eta };
        let passed = eta.at.duration_since(journey.departed).as_secs().max(0);
        let more = u32::try_from(passed.saturating_mul(2)).unwrap_or(u32::MAX);
        EtaNow { duration_s: eta.duration_s.saturating_add(more), ..eta }
    }
}
