//! What happened to the callouts that are watched, in order: plain mode tells it, and the terminal is told
//! of what matters.

use crate::app::callout::{CalloutId, Status};
use crate::app::state::State;
use crate::app::{Effects, notify};
use crate::text::{DisplayText, cut};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// News that are kept: more than one list and one batch of actions bring.
const MOST: usize = 16_384;
/// Columns of a message that are kept of it.
const LONGEST: usize = 200;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// It was there when watching began.
    Listed,
    /// It was not there before.
    New,
    Dispatched,
    ResponderCancelled,
    Arrived,
    Completed,
    Closed,
    /// The server does not know it (any more).
    Unknown,
    /// A status that has no meaning to us.
    Status(DisplayText),
    SoftCancel,
    Duress,
    /// From the control room.
    Message(DisplayText),
}

impl What {
    pub(in crate::app) fn of(status: &Status) -> Self {
        match status {
            Status::Dispatched => Self::Dispatched,
            Status::ResponderCancelled => Self::ResponderCancelled,
            Status::Arrived => Self::Arrived,
            Status::Completed => Self::Completed,
            Status::Closed => Self::Closed,
            Status::Created | Status::Other(_) => Self::Status(status.as_str().into()),
        }
    }

    /// In the words of a line.
    pub fn words(&self) -> &str {
        match self {
            Self::Listed => "active",
            Self::New => "new",
            Self::Dispatched => "responder dispatched",
            Self::ResponderCancelled => "responder cancelled",
            Self::Arrived => "responder arrived",
            Self::Completed => "responder completed",
            Self::Closed => "closed",
            Self::Unknown => "not known to the server",
            Self::Status(word) => word.as_str(),
            Self::SoftCancel => "soft cancel asked",
            Self::Duress => "DURESS: a wrong safe code was given",
            Self::Message(_) => "new message",
        }
    }

    /// In one word, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Listed => "active",
            Self::New => "new",
            Self::Dispatched => "dispatched",
            Self::ResponderCancelled => "responder-cancelled",
            Self::Arrived => "arrived",
            Self::Completed => "completed",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
            Self::Status(_) => "status",
            Self::SoftCancel => "soft-cancel",
            Self::Duress => "duress",
            Self::Message(_) => "message",
        }
    }

    /// Whether somebody who looks elsewhere wants to know.
    pub(in crate::app) fn rings(&self) -> bool {
        !matches!(self, Self::Listed | Self::Completed | Self::Status(_))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct News {
    pub at: Timestamp,
    pub callout: CalloutId,
    pub what: What,
    /// As it was then.
    pub status: DisplayText,
    pub eta_s: Option<f64>,
    pub responder: DisplayText,
}

/// The newest of them, each with its number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    /// Of the oldest that is kept.
    first: u64,
    kept: VecDeque<News>,
}

impl Ring {
    fn push(&mut self, news: News) {
        self.kept.push_back(news);
        if self.kept.len() > MOST {
            self.kept.pop_front();
            self.first += 1;
        }
    }

    /// The number that the next one will have.
    pub fn end(&self) -> u64 {
        self.first + u64::try_from(self.kept.len()).unwrap_or(u64::MAX)
    }

    /// From number `from` on, and how many before those are gone by now.
    pub fn since(&self, from: u64) -> (u64, impl Iterator<Item = &News>) {
        let lost = self.first.saturating_sub(from);
        let skipped = usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        (lost, self.kept.iter().skip(skipped))
    }
}

/// `rings`: it happened just now.
pub(super) fn add(state: &mut State, id: &CalloutId, what: What, rings: bool) -> Effects {
    let now = state.now;
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let Some(entry) = watching.entries.get(id) else { return Vec::new() };
    let callout = entry.seen.as_ref().map(|seen| &seen.callout);
    let who = callout.and_then(|callout| callout.responder.as_ref());
    let what = match what {
        What::Message(body) => What::Message(cut(body.as_str(), LONGEST).into()),
        other => other,
    };
    let rings = rings && what.rings();
    let news = News {
        at: now,
        callout: id.clone(),
        status: callout.map(|callout| callout.status.as_str().into()).unwrap_or_default(),
        eta_s: callout.and_then(|callout| callout.eta?.duration_s),
        responder: who.map(|responder| responder.name.clone()).unwrap_or_default(),
        what,
    };
    let told = format!("callout {id}: {}", news.what.words());
    watching.news.push(news);
    if rings { notify::tell(state, &told) } else { Vec::new() }
}
