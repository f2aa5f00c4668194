//! The status flow as a person reads it: what happened and when, how long each step took, what is
//! expected next. Worked out from the one callout; nothing of it is kept.

use super::callout::{Callout, Status};
use super::state::{Followed, Seen};
use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    Created,
    Acknowledged,
    Owned,
    Verified,
    Dispatched,
    /// A supplier was sent by hand: no name, route or ETA will come.
    DispatchedManually,
    ResponderCancelled,
    Arrived,
    Completed,
    Closed,
    Other(DisplayText),
}

impl StepKind {
    /// The way of a callout in which nothing goes wrong.
    pub const USUAL: [Self; 5] =
        [Self::Created, Self::Dispatched, Self::Arrived, Self::Completed, Self::Closed];

    /// The API's own word where it has one.
    pub fn word(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Acknowledged => "Acknowledged",
            Self::Owned => "Controller took it",
            Self::Verified => "Verified",
            Self::Dispatched => "Responder Dispatched",
            Self::DispatchedManually => "Dispatched manually",
            Self::ResponderCancelled => "Responder Cancelled",
            Self::Arrived => "Responder Arrived",
            Self::Completed => "Responder Completed",
            Self::Closed => "closed",
            Self::Other(text) if text.is_empty() => "Unnamed status",
            Self::Other(text) => text.as_str(),
        }
    }

    /// What the control room does within `created`. Only v1 tells of it, so it is left out where
    /// there is no room.
    pub fn is_minor(&self) -> bool {
        matches!(self, Self::Acknowledged | Self::Owned | Self::Verified)
    }

    /// Place on the usual way. A status that we do not know has none.
    fn rank(&self) -> Option<usize> {
        match self {
            Self::Created | Self::Acknowledged | Self::Owned | Self::Verified | Self::ResponderCancelled => {
                Some(0)
            }
            Self::Dispatched | Self::DispatchedManually => Some(1),
            Self::Arrived => Some(2),
            Self::Completed => Some(3),
            Self::Closed => Some(4),
            Self::Other(_) => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Done,
    /// Where the response stands.
    Current,
    /// Expected next.
    Next,
    Later,
    /// The callout closed without it.
    Skipped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    pub standing: Standing,
    pub at: Option<Timestamp>,
    /// Since the step before it; of the current step, how long it has stood.
    pub took: Option<SignedDuration>,
    /// Who: the responder, or the company on a manual dispatch.
    pub who: DisplayText,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    pub steps: Vec<Step>,
    pub soft_cancelled: bool,
    pub since: Option<Timestamp>,
    /// From created to closed, or to the moment asked for.
    pub lasted: Option<SignedDuration>,
}

impl Flow {
    /// The flow as known at `until`: now, or when the link is down the time of the last reply, so
    /// that nothing counts on that nobody has confirmed.
    pub fn of(followed: &Followed, until: Timestamp) -> Self {
        let callout = &followed.callout;
        let mut steps = passed(followed);
        if callout.status.is_closed() {
            skip_what_never_came(&mut steps);
        } else if let Some(last) = steps.last_mut() {
            last.standing = Standing::Current;
        }
        time_them(&mut steps, until);
        let since = callout.times.created.or_else(|| steps.iter().find_map(|step| step.at));
        let end = closed_at(followed).unwrap_or(until);
        if !callout.status.is_closed() {
            expect_the_rest(&mut steps);
        }
        let soft_cancelled = followed.soft_cancelled || callout.cancelled_by_customer;
        Self { steps, soft_cancelled, since, lasted: since.map(|since| elapsed(since, end)) }
    }

    pub fn current(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.standing == Standing::Current)
    }
}

fn elapsed(from: Timestamp, to: Timestamp) -> SignedDuration {
    to.duration_since(from).max(SignedDuration::ZERO)
}

fn closed_at(followed: &Followed) -> Option<Timestamp> {
    if !followed.callout.status.is_closed() {
        return None;
    }
    let seen = followed.history.iter().rev().find(|seen| seen.status.is_closed());
    followed.callout.times.resolved.or(seen.map(|seen| seen.at)).or(Some(followed.seen_at))
}

/// Everything that happened, oldest first.
fn passed(followed: &Followed) -> Vec<Step> {
    let callout = &followed.callout;
    let mut seen: Vec<Step> = followed.history.iter().map(|seen| step_of(seen, callout)).collect();
    if seen.is_empty() {
        let now = Seen {
            status: callout.status.clone(),
            at: followed.seen_at,
            responder: callout.responder.as_ref().map(|who| who.name.clone()).unwrap_or_default(),
        };
        seen.push(step_of(&now, callout));
    }
    name_the_sender(&mut seen, callout);
    let mut steps = before_we_looked(&seen[0].kind, callout);
    steps.append(&mut seen);
    let marks = control_room_marks(callout);
    let place = steps.iter().position(|step| step.kind == StepKind::Created).map_or(0, |at| at + 1);
    steps.splice(place..place, marks);
    steps
}

fn done(kind: StepKind, at: Option<Timestamp>) -> Step {
    Step { kind, standing: Standing::Done, at, took: None, who: DisplayText::default() }
}

fn step_of(seen: &Seen, callout: &Callout) -> Step {
    let kind = match &seen.status {
        Status::Created => StepKind::Created,
        Status::Dispatched if seen.responder.is_empty() && callout.responder.is_none() => {
            StepKind::DispatchedManually
        }
        Status::Dispatched => StepKind::Dispatched,
        Status::ResponderCancelled => StepKind::ResponderCancelled,
        Status::Arrived => StepKind::Arrived,
        Status::Completed => StepKind::Completed,
        Status::Closed => StepKind::Closed,
        Status::Other(text) => StepKind::Other(text.clone()),
    };
    Step { who: seen.responder.clone(), ..done(kind, Some(seen.at)) }
}

/// A manual dispatch has no responder to name, but its company.
fn name_the_sender(steps: &mut [Step], callout: &Callout) {
    let newest = steps.iter_mut().rev().find(|step| step.kind == StepKind::DispatchedManually);
    if let (Some(step), Some(supplier)) = (newest, &callout.supplier) {
        step.who = supplier.name.clone();
    }
}

/// The steps from before our first look, as far as the callout's own times tell.
fn before_we_looked(first: &StepKind, callout: &Callout) -> Vec<Step> {
    let times = callout.times;
    let Some(rank) = first.rank() else { return vec![done(StepKind::Created, times.created)] };
    let mut steps = Vec::new();
    if *first != StepKind::Created {
        steps.push(done(StepKind::Created, times.created));
    }
    let retracted = times.retracted.filter(|_| rank >= 1);
    if let Some(at) = retracted {
        steps.push(done(StepKind::ResponderCancelled, Some(at)));
    }
    // The reply resets the dispatch when a responder cancels, but it must have been.
    if *first == StepKind::ResponderCancelled {
        steps.push(done(StepKind::Dispatched, times.dispatched));
    }
    let dispatched = if callout.is_manual_dispatch() || (rank == 4 && callout.responder.is_none()) {
        StepKind::DispatchedManually
    } else {
        StepKind::Dispatched
    };
    let earlier = [(dispatched, times.dispatched), (StepKind::Arrived, times.arrived)]
        .into_iter()
        .chain([(StepKind::Completed, times.completed)]);
    for (kind, at) in earlier {
        let must_have_been = rank < 4;
        if kind.rank().is_some_and(|one| one < rank) && (at.is_some() || must_have_been) {
            steps.push(done(kind, at));
        }
    }
    steps
}

fn control_room_marks(callout: &Callout) -> Vec<Step> {
    let times = callout.times;
    let mut marks: Vec<Step> = [
        (StepKind::Acknowledged, times.acknowledged),
        (StepKind::Owned, times.owned),
        (StepKind::Verified, times.verified),
    ]
    .into_iter()
    .filter(|(_, at)| at.is_some())
    .map(|(kind, at)| done(kind, at))
    .collect();
    marks.sort_by_key(|mark| mark.at);
    marks
}

/// Puts the steps that a closed callout did without before `closed`.
fn skip_what_never_came(steps: &mut Vec<Step>) {
    let reached = steps.iter().filter(|step| step.kind != StepKind::Closed);
    let reached = reached.filter_map(|step| step.kind.rank()).max().unwrap_or(0);
    let place = steps.iter().position(|step| step.kind == StepKind::Closed).unwrap_or(steps.len());
    let missing = StepKind::USUAL[reached + 1..4].iter().cloned();
    let missing: Vec<Step> =
        missing.map(|kind| Step { standing: Standing::Skipped, ..done(kind, None) }).collect();
    steps.splice(place..place, missing);
}

fn expect_the_rest(steps: &mut Vec<Step>) {
    let reached = steps.iter().rev().find_map(|step| step.kind.rank()).unwrap_or(0);
    for (index, kind) in StepKind::USUAL.into_iter().enumerate().skip(reached + 1) {
        let standing = if index == reached + 1 { Standing::Next } else { Standing::Later };
        steps.push(Step { standing, ..done(kind, None) });
    }
}

fn time_them(steps: &mut [Step], until: Timestamp) {
    let mut before: Option<Timestamp> = None;
    for step in steps {
        step.took = match (step.standing, step.at, before) {
            (Standing::Current, Some(at), _) => Some(elapsed(at, until)),
            (_, Some(at), Some(before)) => Some(elapsed(before, at)),
            _ => None,
        };
        before = step.at.or(before);
    }
}
