//! The comment chat. A message is made once and said once: in doubt the server's own list decides.

use super::action::{Answer, Effect, Failure, FailureKind, MessageId, Outcome, Unsent};
use super::callout::{Comment, Role};
use super::state::{Call, Chat, Delivery, Outgoing, Pane, PendingWrite, State, Tone, Watch};
use super::{Effects, calls, dialogs, link};
use crate::text::DisplayText;
use jiff::Timestamp;

/// Tries after which a message that never shows up is given back to the person.
const TRIES: u32 = 3;

/// Enter in the input line.
pub(super) fn submit(state: &mut State) -> Effects {
    if state.chat.draft.is_blank() {
        state.chat.writing = false;
        return Vec::new();
    }
    if !matches!(state.watch, Watch::Live(_)) {
        state.tell(Tone::Warning, "no active callout: there is nobody to write to");
        return Vec::new();
    }
    if dialogs::asks_first(state, PendingWrite::Message) { Vec::new() } else { send(state) }
}

/// The line goes out.
pub(super) fn send(state: &mut State) -> Effects {
    if state.chat.draft.is_blank() || !matches!(state.watch, Watch::Live(_)) {
        return Vec::new();
    }
    let text = DisplayText::from(state.chat.draft.take());
    queue(state, text);
    state.chat.scroll = 0;
    let sending = pump(state);
    if sending.is_empty() { vec![state.remember()] } else { sending }
}

fn queue(state: &mut State, text: DisplayText) {
    let id = MessageId(state.chat.next_message);
    state.chat.next_message += 1;
    state.chat.outbox.push(Outgoing {
        id,
        text,
        written_at: state.now,
        delivery: Delivery::Queued,
        attempts: 0,
        known_before: 0,
    });
}

/// Messages that are not known to have arrived, as the next start wants them.
pub(super) fn unsent(chat: &Chat) -> Vec<Unsent> {
    let is_open = |message: &&Outgoing| !matches!(message.delivery, Delivery::Sent { .. });
    let keep = |message: &Outgoing| Unsent {
        text: message.text.clone(),
        tried: message.attempts > 0,
        known_before: message.known_before,
    };
    chat.outbox.iter().filter(is_open).map(keep).collect()
}

/// Messages of an earlier run. Whether the last try of one arrived is not known, so it waits for the
/// first reading of the chat and is sent only if it is not in there.
pub(super) fn restore(state: &mut State, unsent: Vec<Unsent>) {
    for Unsent { text, tried, known_before } in unsent {
        queue(state, text);
        if let Some(message) = state.chat.outbox.last_mut().filter(|_| tried) {
            message.delivery = Delivery::Unconfirmed { since: Timestamp::UNIX_EPOCH };
            (message.attempts, message.known_before) = (1, known_before);
        }
    }
}

/// Another callout, another chat.
pub(super) fn clear(state: &mut State) {
    let chat = &mut state.chat;
    (chat.comments, chat.outbox) = (Vec::new(), Vec::new());
    (chat.scroll, chat.unread) = (0, 0);
}

/// Sends the oldest waiting message. In order, so nothing overtakes one that is under way or in
/// doubt.
pub(super) fn pump(state: &mut State) -> Effects {
    let Watch::Live(followed) = &state.watch else { return Vec::new() };
    let callout = followed.callout.id.clone();
    let is_busy =
        state.chat.outbox.iter().any(|message| {
            matches!(message.delivery, Delivery::Sending { .. } | Delivery::Unconfirmed { .. })
        });
    if is_busy || !link::is_up(state) || state.settings.read_only {
        return Vec::new();
    }
    let Some(index) = state.chat.outbox.iter().position(|m| m.delivery == Delivery::Queued) else {
        return Vec::new();
    };
    let message = state.chat.outbox[index].id;
    let call = calls::start(state, Call::Say { message });
    let known = state.chat.comments.len();
    let outgoing = &mut state.chat.outbox[index];
    outgoing.delivery = Delivery::Sending { call };
    if outgoing.attempts == 0 {
        outgoing.known_before = known;
    }
    outgoing.attempts += 1;
    let send = Effect::SendMessage { call, callout, text: outgoing.text.clone() };
    // That it was tried is on disk before it goes out: killed in between, it is not said twice.
    vec![state.remember(), send]
}

pub(super) fn reply(state: &mut State, id: MessageId, outcome: Outcome) -> Effects {
    let now = state.now;
    let Some(message) = state.chat.outbox.iter_mut().find(|message| message.id == id) else {
        return Vec::new();
    };
    match outcome {
        Ok(Answer::Said(comment)) => {
            message.delivery = Delivery::Sent { event: comment.map(|comment| comment.id) };
        }
        Ok(_) => message.delivery = Delivery::Sent { event: None },
        Err(failure) => fail(message, &failure, now),
    }
    let in_doubt = matches!(message.delivery, Delivery::Unconfirmed { .. });
    let mut effects = vec![state.remember()];
    if in_doubt {
        effects.extend(link::poll_now(state));
    }
    effects.extend(pump(state));
    effects
}

fn fail(message: &mut Outgoing, failure: &Failure, now: Timestamp) {
    message.delivery = match failure.kind {
        // It never left: it waits for the link, and this was no try.
        FailureKind::Unreachable | FailureKind::Unauthorized | FailureKind::TooMany => {
            message.attempts = message.attempts.saturating_sub(1);
            Delivery::Queued
        }
        FailureKind::Unanswered | FailureKind::Server | FailureKind::Unreadable => {
            Delivery::Unconfirmed { since: now }
        }
        FailureKind::NotFound | FailureKind::Refused | FailureKind::Forbidden => {
            Delivery::Failed { why: failure.message.clone() }
        }
    };
}

/// The server's list came with a reading that was asked for at `since`.
pub(super) fn heard(state: &mut State, comments: Option<Vec<Comment>>, since: Option<Timestamp>) -> Effects {
    let Some(comments) = comments else { return Vec::new() };
    let before = state.chat.outbox.len();
    note_unread(state, &comments);
    state.chat.comments = comments;
    let chat = &mut state.chat;
    let arrived = settle(&mut chat.outbox, &chat.comments, since);
    if arrived || chat.outbox.len() != before {
        let mut effects = vec![state.remember()];
        effects.extend(pump(state));
        return effects;
    }
    pump(state)
}

/// Takes out of the outbox what the list shows, and decides about messages in doubt. Each comment
/// answers for one message only, so the same words said twice stay two messages.
fn settle(outbox: &mut Vec<Outgoing>, comments: &[Comment], since: Option<Timestamp>) -> bool {
    let mut taken = vec![false; comments.len()];
    let mut changed = false;
    outbox.retain_mut(|message| {
        if let Some(index) = find(message, comments, &taken) {
            taken[index] = true;
            changed = true;
            return false;
        }
        if let Delivery::Unconfirmed { since: doubt } = message.delivery
            && since.is_some_and(|asked| asked >= doubt)
        {
            changed = true;
            message.delivery = if message.attempts >= TRIES {
                Delivery::Failed { why: "sent three times, and the control room has none of them".into() }
            } else {
                Delivery::Queued
            };
        }
        true
    });
    changed
}

fn find(message: &Outgoing, comments: &[Comment], taken: &[bool]) -> Option<usize> {
    let by_id = match &message.delivery {
        Delivery::Sent { event: Some(id) } => return comments.iter().position(|c| c.id == *id),
        Delivery::Sent { event: None } | Delivery::Unconfirmed { .. } => true,
        Delivery::Queued | Delivery::Sending { .. } | Delivery::Failed { .. } => false,
    };
    let is_it = |(index, comment): &(usize, &Comment)| {
        comment.role == Role::User && comment.body == message.text && !taken[*index]
    };
    by_id
        .then(|| comments.iter().enumerate().skip(message.known_before).find(is_it))
        .flatten()
        .map(|(index, _)| index)
}

/// Counts what a controller said while nobody looked, and keeps a scrolled-back view where it is.
fn note_unread(state: &mut State, comments: &[Comment]) {
    let new = comments.get(state.chat.comments.len()..).unwrap_or_default();
    let from_others = new.iter().filter(|comment| comment.role != Role::User).count();
    if state.chat.scroll > 0 {
        state.chat.scroll += new.len();
    }
    let in_sight = state.columns >= State::ALL_PANES || state.focus == Pane::Chat;
    if !in_sight || state.chat.scroll > 0 {
        state.chat.unread += from_others;
    }
}

/// `r`: the oldest failed message goes back into the queue.
pub(super) fn retry(state: &mut State) -> Effects {
    if failed_message(&state.chat).is_none() {
        state.tell(Tone::Info, "no message has failed");
        return Vec::new();
    }
    if !matches!(state.watch, Watch::Live(_)) {
        state.tell(Tone::Warning, "the callout is over: nobody would read it");
        return Vec::new();
    }
    if dialogs::asks_first(state, PendingWrite::Retry) { Vec::new() } else { send_again(state) }
}

/// The one that the next retry is about.
pub(crate) fn failed_message(chat: &Chat) -> Option<&Outgoing> {
    chat.outbox.iter().find(|message| matches!(message.delivery, Delivery::Failed { .. }))
}

pub(super) fn send_again(state: &mut State) -> Effects {
    let is_live = matches!(state.watch, Watch::Live(_));
    let failed = state.chat.outbox.iter_mut().find(|m| matches!(m.delivery, Delivery::Failed { .. }));
    let Some(message) = failed.filter(|_| is_live) else { return Vec::new() };
    message.delivery = Delivery::Queued;
    message.attempts = 0;
    pump(state)
}

/// The callout ended: what was not sent by now never will be, and says so.
pub(super) fn callout_over(state: &mut State) {
    state.chat.writing = false;
    for message in &mut state.chat.outbox {
        if !matches!(message.delivery, Delivery::Sent { .. }) {
            message.delivery = Delivery::Failed { why: "the callout ended first".into() };
        }
    }
}

/// Messages on the screen: the server's and ours that it does not have yet.
fn total(chat: &Chat) -> usize {
    chat.comments.len() + chat.outbox.len()
}

pub(super) fn scroll(state: &mut State, back: isize) {
    let highest = total(&state.chat).saturating_sub(1);
    state.chat.scroll = state.chat.scroll.saturating_add_signed(back).min(highest);
    if state.chat.scroll == 0 {
        state.chat.unread = 0;
    }
}
