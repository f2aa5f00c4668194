//! The exchanges of this session: a small summary of each, and the bodies of the newest as far as
//! their room goes. Bounded in count and in bytes, whatever the length of the session.

use super::resources::Resources;
pub use super::resources::{Resource, Slot};
use crate::app::shared::Shared;
use crate::traffic::har::Entry;
use crate::traffic::{Body, Exchange, Header, Message, Trouble, diff};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Exchanges that are listed; the oldest make room. A poll each 15 s with its chat fills it in a
/// fortnight.
pub const MOST: usize = 120_000;

/// Bytes of bodies and headers that are kept, newest first. The bodies of older exchanges go, their
/// line in the list stays.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What an exchange costs beside its bodies: some headers and the books about it.
const OVERHEAD: usize = 512;

/// A larger body is compared when somebody opens it, not as it arrives.
const COMPARED_AT_ONCE: usize = 64 * 1024;

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub at: Timestamp,
    pub resource: Slot,
    /// The same request before this one; 0 for the first.
    pub previous: u64,
    took_us: u32,
    /// Bytes of the reply's body.
    pub size: u32,
    status: u16,
    pub trouble: Option<Trouble>,
    pub compared: Compared,
}

impl Summary {
    pub fn took(&self) -> SignedDuration {
        SignedDuration::from_micros(self.took_us.into())
    }

    pub fn status(&self) -> Option<u16> {
        (self.status > 0).then_some(self.status)
    }

    pub fn failed(&self) -> bool {
        self.trouble.is_some() || self.status >= 400
    }
}

/// A reply beside the one before it of the same resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compared {
    /// There is nothing to compare it with.
    Alone,
    Same,
    Changed {
        count: u16,
    },
    /// Something changed; what, is found out when it is opened.
    Differs,
}

/// The parts of an exchange that are dropped first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    request: Half,
    reply: Half,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Half {
    headers: Vec<Header>,
    size: u64,
    body: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    body: Body,
    uses: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Number of the oldest that is listed.
    first: u64,
    summaries: VecDeque<Summary>,
    resources: Resources,
    /// Of the newest, as many as there is room for.
    kept: VecDeque<Shared<Kept>>,
    bodies: BTreeMap<u64, Stored>,
    next_body: u64,
    bytes: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            first: 1,
            summaries: VecDeque::new(),
            resources: Resources::default(),
            kept: VecDeque::new(),
            bodies: BTreeMap::new(),
            next_body: 1,
            bytes: 0,
        }
    }
}

impl Log {
    pub fn len(&self) -> usize {
        self.summaries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.summaries.is_empty()
    }

    pub fn first(&self) -> u64 {
        self.first
    }

    /// Number of the newest.
    pub fn last(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.first + self.len() as u64 - 1)
    }

    pub fn summary(&self, number: u64) -> Option<&Summary> {
        self.summaries.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    pub fn resource(&self, slot: Slot) -> &Resource {
        self.resources.get(slot)
    }

    pub(super) fn resources(&self) -> &Resources {
        &self.resources
    }

    /// All lines with their numbers, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Summary)> + ExactSizeIterator {
        self.summaries.iter().enumerate().map(|(index, summary)| (self.first + index as u64, summary))
    }

    /// Bytes of bodies and headers in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Enters an exchange. Gives its number, and the number of the one that had to go for it.
    pub fn push(&mut self, exchange: Exchange) -> (u64, Option<u64>) {
        let number = self.first + self.len() as u64;
        let (slot, previous) = self.resources.enter(&exchange, number);
        let before = self.reply_body(previous);
        let same = before.is_some_and(|id| self.body(id) == exchange.reply.body.as_ref());
        let compared = self.compare(previous, &exchange);
        self.summaries.push_back(Summary {
            at: exchange.at,
            resource: slot,
            previous,
            took_us: u32::try_from(exchange.took.as_micros()).unwrap_or(u32::MAX),
            size: u32::try_from(exchange.reply.size).unwrap_or(u32::MAX),
            status: exchange.status.unwrap_or(0),
            trouble: exchange.trouble,
            compared,
        });
        let request = self.store(exchange.request, None);
        let reply = self.store(exchange.reply, before.filter(|_| same));
        self.bytes += OVERHEAD;
        self.kept.push_back(Shared::new(Kept { request, reply }));
        while self.bytes > MOST_BYTES && self.kept.len() > 1 {
            self.drop_oldest_bodies();
        }
        (number, self.make_room())
    }

    fn make_room(&mut self) -> Option<u64> {
        if self.len() <= MOST {
            return None;
        }
        if self.kept.len() == self.len() {
            self.drop_oldest_bodies();
        }
        let oldest = self.summaries.pop_front()?;
        self.resources.leave(oldest.resource);
        self.first += 1;
        Some(self.first - 1)
    }

    fn compare(&self, previous: u64, exchange: &Exchange) -> Compared {
        let (Some(before), Some(was)) = (self.summary(previous), self.kept(previous)) else {
            return Compared::Alone;
        };
        if exchange.trouble.is_some() || before.trouble.is_some() {
            return Compared::Alone;
        }
        let status = u16::from(before.status() != exchange.status);
        let (old, new) = (was.reply.body.and_then(|id| self.body(id)), exchange.reply.body.as_ref());
        let count = match (old, new) {
            (None, None) => 0,
            (Some(old), Some(new)) if old == new => 0,
            (Some(old), Some(new)) if old.as_str().len().max(new.as_str().len()) <= COMPARED_AT_ONCE => {
                match diff::changes(old, new) {
                    Some(changes) => u16::try_from(changes.len()).unwrap_or(u16::MAX),
                    None => return Compared::Differs,
                }
            }
            _ => return Compared::Differs,
        };
        match count.saturating_add(status) {
            0 => Compared::Same,
            count => Compared::Changed { count },
        }
    }

    fn kept(&self, number: u64) -> Option<&Kept> {
        let oldest = self.first + (self.len() - self.kept.len()) as u64;
        self.kept.get(usize::try_from(number.checked_sub(oldest)?).ok()?).map(|kept| &**kept)
    }

    fn reply_body(&self, number: u64) -> Option<u64> {
        self.kept(number)?.reply.body
    }

    fn body(&self, id: u64) -> Option<&Body> {
        self.bodies.get(&id).map(|stored| &stored.body)
    }

    /// `known`: the very same body is there already.
    fn store(&mut self, message: Message, known: Option<u64>) -> Half {
        let Message { headers, size, body } = message;
        if let Some(stored) = known.and_then(|id| self.bodies.get_mut(&id)) {
            stored.uses += 1;
            return Half { headers, size, body: known };
        }
        let id = body.map(|body| {
            let id = self.next_body;
            self.next_body += 1;
            self.bytes += body.as_str().len();
            self.bodies.insert(id, Stored { body, uses: 1 });
            id
        });
        Half { headers, size, body: id }
    }

    fn drop_oldest_bodies(&mut self) {
        let Some(oldest) = self.kept.pop_front() else { return };
        let Kept { request, reply } = &*oldest;
        self.bytes = self.bytes.saturating_sub(OVERHEAD);
        for id in [request.body, reply.body].into_iter().flatten() {
            let Some(stored) = self.bodies.get_mut(&id) else { continue };
            stored.uses -= 1;
            if stored.uses == 0 {
                self.bytes = self.bytes.saturating_sub(stored.body.as_str().len());
                self.bodies.remove(&id);
            }
        }
    }

    /// The exchange as it was recorded, and whether its bodies are no longer kept.
    pub fn exchange(&self, number: u64) -> Option<Entry> {
        let summary = self.summary(number)?;
        let resource = self.resource(summary.resource);
        let kept = self.kept(number);
        let message = |half: fn(&Kept) -> &Half| {
            let half = kept.map(half)?;
            let body = half.body.and_then(|id| self.body(id)).cloned();
            Some(Message { headers: half.headers.clone(), size: half.size, body })
        };
        let exchange = Exchange {
            at: summary.at,
            took: summary.took(),
            what: resource.what.clone(),
            method: resource.method,
            base: resource.base.clone(),
            path: resource.path.clone(),
            request: message(|kept| &kept.request).unwrap_or_default(),
            status: summary.status(),
            reply: message(|kept| &kept.reply)
                .unwrap_or_else(|| Message { size: summary.size.into(), ..Message::default() }),
            trouble: summary.trouble,
        };
        Some(Entry { exchange, bodies_dropped: kept.is_none() })
    }

    /// All of the session that is listed, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (self.first..self.first + self.len() as u64).filter_map(|number| self.exchange(number))
    }
}
