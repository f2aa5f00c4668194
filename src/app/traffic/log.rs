//! The exchanges of this session: a small summary of each, and the messages of the newest as far as
//! their room goes. Bounded in count and in bytes, whatever the length of the session.

use super::packed::{Like, Messages, OVERHEAD, Packed};
use super::resources::Resources;
pub use super::resources::{Resource, Slot};
use crate::traffic::har::Entry;
use crate::traffic::{Exchange, Message, Side, Trouble, diff};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Exchanges that are listed; the oldest make room. A poll each 15 s with its chat fills it in a
/// fortnight.
pub const MOST: usize = 120_000;

/// Bytes that bodies and headers may take, packed, newest first: some five thousand polls. The bodies of
/// older exchanges go, their line in the list stays.
pub const MOST_BYTES: usize = 1024 * 1024;

/// So a line never goes before its messages.
const _: () = assert!(MOST_BYTES / OVERHEAD < MOST);

/// Exchanges among which one of the same kind is looked for.
const NEARBY: usize = 256;

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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Number of the oldest that is listed.
    first: u64,
    summaries: VecDeque<Summary>,
    resources: Resources,
    /// Of the newest, as many as there is room for.
    messages: Packed,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            first: 1,
            summaries: VecDeque::new(),
            resources: Resources::default(),
            messages: Packed::default(),
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

    pub fn side(&self, number: u64) -> Option<Side> {
        Some(self.resource(self.summary(number)?.resource).side)
    }

    pub(super) fn resources(&self) -> &Resources {
        &self.resources
    }

    /// All lines with their numbers, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Summary)> + ExactSizeIterator {
        self.summaries.iter().enumerate().map(|(index, summary)| (self.first + index as u64, summary))
    }

    /// Bytes that bodies and headers take.
    pub fn bytes(&self) -> usize {
        self.messages.bytes()
    }

    /// Enters an exchange. Gives its number, and the number of the one that had to go for it.
    pub fn push(&mut self, exchange: Exchange) -> (u64, Option<u64>) {
        let number = self.first + self.len() as u64;
        let (slot, previous) = self.resources.enter(&exchange, number);
        let compared = self.compare(previous, &exchange);
        // While this one has no line, the places are those of the exchanges before it.
        let like = self.like(slot, previous);
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
        self.messages.push(&(exchange.request, exchange.reply), like);
        while self.messages.bytes() > MOST_BYTES && self.messages.drop_oldest() {}
        (number, self.make_room())
    }

    fn make_room(&mut self) -> Option<u64> {
        if self.len() <= MOST {
            return None;
        }
        let oldest = self.summaries.pop_front()?;
        self.resources.leave(oldest.resource);
        self.first += 1;
        Some(self.first - 1)
    }

    fn compare(&self, previous: u64, exchange: &Exchange) -> Compared {
        let (Some(before), Some((_, was))) = (self.summary(previous), self.messages(previous)) else {
            return Compared::Alone;
        };
        if exchange.trouble.is_some() || before.trouble.is_some() {
            return Compared::Alone;
        }
        let status = u16::from(before.status() != exchange.status);
        let (old, new) = (was.body.as_ref(), exchange.reply.body.as_ref());
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

    /// What the next exchange is told from.
    fn like(&self, slot: Slot, previous: u64) -> Option<Like> {
        let open = self.messages.open();
        if let Some(place) = self.place(previous).filter(|place| open.contains(place)) {
            return Some(Like::Same(place));
        }
        let lines = self.len() - self.messages.len();
        let what = &self.resource(slot).what;
        let alike = |place: &usize| {
            let line = self.summaries.get(lines + place);
            line.is_some_and(|line| self.resource(line.resource).what == *what)
        };
        open.rev().take(NEARBY).find(alike).map(Like::Kind)
    }

    /// Where the messages of an exchange are, if they are kept.
    fn place(&self, number: u64) -> Option<usize> {
        let oldest = self.first + (self.len() - self.messages.len()) as u64;
        usize::try_from(number.checked_sub(oldest)?).ok()
    }

    fn messages(&self, number: u64) -> Option<Messages> {
        self.messages.get(self.place(number)?)
    }

    /// The exchange as it was recorded, and whether its bodies are no longer kept.
    pub fn exchange(&self, number: u64) -> Option<Entry> {
        let summary = self.summary(number)?;
        let resource = self.resource(summary.resource);
        let messages = self.messages(number);
        let bodies_dropped = messages.is_none();
        let (request, reply) = messages.unwrap_or_else(|| {
            (Message::default(), Message { size: summary.size.into(), ..Message::default() })
        });
        let exchange = Exchange {
            at: summary.at,
            took: summary.took(),
            what: resource.what.clone(),
            method: resource.method,
            side: resource.side,
            base: resource.base.clone(),
            path: resource.path.clone(),
            request,
            status: summary.status(),
            reply,
            trouble: summary.trouble,
        };
        Some(Entry { exchange, bodies_dropped })
    }

    /// All of the session that is listed, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (self.first..self.first + self.len() as u64).filter_map(|number| self.exchange(number))
    }
}
