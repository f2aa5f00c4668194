//! Many callouts at once: a list of those that are active, and one of them in the four panes.
//!
//! Only looks. The list's own schedule makes all readings; the chosen callout stands in `State::watch` and
//! `State::chat` as the one of the ordinary console does, so that the panes are the same.
//!
//! The order is the most urgent first, and within the same urgency whoever has waited longest. What comes
//! new is therefore the last of its kind, and the rows above it stay. Whatever moves, the chosen callout
//! stays chosen, and on the row of the screen on which it was. As long as nobody chose, the first one is.

mod keys;
mod list;
pub mod news;
mod place;
mod poll;
mod readings;
#[cfg(test)]
mod tests;

pub(super) use keys::{apply, back, edited, line, panes, pressed, submit, wheeled};
pub(super) use list::resized;
pub use place::{Place, place};
pub(super) use poll::{begin, deadline, due, is_of_one, refresh};
pub(super) use readings::{listed, read};

use super::callout::{CalloutId, Status};
use super::draft::Draft;
use super::state::{Ending, Followed, State};
use jiff::{SignedDuration, Timestamp};
use news::Ring;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Callouts that are watched; more of a list are left out, and it says so.
pub const MOST: usize = 5_000;
/// Closed ones that are kept; the oldest of more go by themselves.
pub const MOST_CLOSED: usize = 500;
/// Dismissals that can be undone.
pub const MOST_UNDONE: usize = 20;
/// Characters of a filter.
const LONGEST: usize = 60;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Watching {
    /// These and no others were asked for; else what the server lists as active.
    pub named: bool,
    pub entries: BTreeMap<CalloutId, Entry>,
    /// What is listed, in its order.
    pub order: Vec<CalloutId>,
    pub chosen: Option<CalloutId>,
    /// First row of the list on the screen.
    pub top: usize,
    /// The list has the keys, else the pane in `State::focus`.
    pub focused: bool,
    pub filter: Draft,
    /// The filter's line has the keys.
    pub typing: bool,
    /// Somebody chose. Until then the most urgent one is in front.
    pub touched: bool,
    /// Chat and route of the chosen one were read since it was chosen.
    pub whole: bool,
    /// Newest last; a level may hold many.
    pub dismissed: VecDeque<Vec<Entry>>,
    pub news: Ring,
    /// Why the server does not list them.
    pub problem: Option<super::action::Failure>,
    /// Active ones that the newest list held beyond what is kept.
    pub left_out: usize,
    pace: poll::Pace,
    /// How many there are of each urgency, listed or not.
    counts: [usize; 7],
}

/// A callout in the list: all but its route and chat, which only the chosen one has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: CalloutId,
    /// `None` until it was read or listed.
    pub seen: Option<Followed>,
    pub ended: Option<Ending>,
    /// Messages of the control room that nobody has looked at.
    pub unread: usize,
    /// A wrong safe code was given.
    pub duress: bool,
    /// Readings in a row that brought nothing.
    pub missed: u32,
    /// Messages of others at the last reading.
    heard: Option<usize>,
    since: Timestamp,
    /// Under which it stands in the order.
    rank: Rank,
    /// When it is read next; `None` while it is being read, and when it is over.
    next: Option<Timestamp>,
    /// Its place in the interval.
    beat: Timestamp,
    /// It was read, and not only listed.
    whole: bool,
}

/// How soon somebody has to look. The order is the list's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Urgency {
    Duress,
    SoftCancel,
    /// Nobody is on the way.
    Waiting,
    OnTheWay,
    OnScene,
    /// The responder is done, the control room is not.
    Done,
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Rank {
    urgency: Urgency,
    /// Milliseconds: longest waiting first; of those that are over the latest first.
    time: i64,
    id: CalloutId,
}

impl Entry {
    fn new(id: CalloutId, now: Timestamp) -> Self {
        let rank = Rank { urgency: Urgency::Waiting, time: now.as_millisecond(), id: id.clone() };
        let (seen, ended, heard, next) = (None, None, None, None);
        Self {
            id,
            seen,
            ended,
            unread: 0,
            duress: false,
            missed: 0,
            heard,
            since: now,
            rank,
            next,
            beat: now,
            whole: false,
        }
    }

    pub fn status(&self) -> Option<&Status> {
        self.seen.as_ref().map(|seen| &seen.callout.status)
    }

    pub fn soft_cancelled(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.soft_cancelled)
    }

    pub fn urgency(&self) -> Urgency {
        match self.status() {
            _ if self.ended.is_some() => Urgency::Over,
            _ if self.duress => Urgency::Duress,
            _ if self.soft_cancelled() => Urgency::SoftCancel,
            Some(Status::Dispatched) => Urgency::OnTheWay,
            Some(Status::Arrived) => Urgency::OnScene,
            Some(Status::Completed) => Urgency::Done,
            _ => Urgency::Waiting,
        }
    }

    /// When it was raised, else since when it is watched.
    pub fn created(&self) -> Timestamp {
        self.seen.as_ref().and_then(|seen| seen.callout.times.created).unwrap_or(self.since)
    }

    /// Since the newest word about it; `None` before the first.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let seen = self.seen.as_ref()?;
        Some(now.duration_since(seen.seen_at).max(SignedDuration::ZERO))
    }

    /// The newest word is so old that nothing of it may be taken for live.
    pub fn is_stale(&self, state: &State) -> bool {
        let limit = state.stale_after();
        self.ended.is_none() && self.age(state.now).is_some_and(|age| age > limit)
    }

    fn ranked(&self) -> Rank {
        let urgency = self.urgency();
        let time = match (urgency, &self.seen) {
            (Urgency::Over, Some(seen)) => -seen.seen_at.as_millisecond(),
            _ => self.created().as_millisecond(),
        };
        Rank { urgency, time, id: self.id.clone() }
    }
}

impl Watching {
    /// None named: all that are active.
    pub fn of(ids: impl IntoIterator<Item = CalloutId>) -> Self {
        let start = Timestamp::UNIX_EPOCH;
        let entries: BTreeMap<CalloutId, Entry> =
            ids.into_iter().map(|id| (id.clone(), Entry::new(id, start))).collect();
        Self {
            named: !entries.is_empty(),
            order: entries.keys().cloned().collect(),
            chosen: entries.keys().next().cloned(),
            entries,
            top: 0,
            focused: true,
            filter: Draft::with_limit(LONGEST),
            typing: false,
            touched: false,
            whole: false,
            dismissed: VecDeque::new(),
            news: Ring::default(),
            problem: None,
            left_out: 0,
            pace: poll::Pace::default(),
            counts: [0; 7],
        }
    }

    pub fn entry(&self) -> Option<&Entry> {
        self.entries.get(self.chosen.as_ref()?)
    }

    /// Where the chosen one stands in the list; `None` when it is not listed.
    pub fn row(&self) -> Option<usize> {
        let entry = self.entry()?;
        self.order.binary_search_by(|other| self.rank_of(other).cmp(&Some(&entry.rank))).ok()
    }

    /// The rows from `top` on.
    pub fn rows(&self, top: usize) -> impl Iterator<Item = &Entry> {
        self.order.iter().skip(top).filter_map(|id| self.entries.get(id))
    }

    pub fn active(&self) -> usize {
        self.entries.len() - self.pace.closed
    }

    pub fn closed(&self) -> usize {
        self.pace.closed
    }

    /// Also of those that the filter hides.
    pub fn count(&self, urgency: Urgency) -> usize {
        self.counts[urgency as usize]
    }

    pub fn shows_filter(&self) -> bool {
        self.typing || !self.filter.is_blank()
    }

    /// All that was asked for is over: there is nothing more to wait for.
    pub fn is_done(&self) -> bool {
        self.named && self.active() == 0
    }

    /// How much rarer than usual the server is asked, since it said that it is too often.
    pub fn slowed(&self) -> f64 {
        self.pace.stretch
    }

    fn rank_of(&self, id: &CalloutId) -> Option<&Rank> {
        self.entries.get(id).map(|entry| &entry.rank)
    }

    fn ids_dismissed(&self) -> BTreeSet<&CalloutId> {
        self.dismissed.iter().flatten().map(|entry| &entry.id).collect()
    }
}

impl State {
    /// Polls that may be overdue before the data counts as stale.
    pub const POLLS_UNTIL_STALE: i32 = 2;

    /// Whether the list is in front of the person, here or beside the panes.
    pub fn is_watching(&self) -> bool {
        self.watching.is_some()
    }
}
