//! The status flow: what happened, how long it took, where it stands, what is expected next.

use super::{Page, with_key};
use crate::app::callout::{Classification, Status};
use crate::app::flow::{Flow, Standing, Step, StepKind};
use crate::app::intent::Intent;
use crate::app::state::{Ending, Followed, State, Watch};
use crate::keymap::Scope;
use crate::ui::lines::{self, Parts};
use crate::ui::{Look, age, moments, signs, words};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// From this width on a step has its full name.
const ROOM_FOR_NAMES: u16 = 44;
/// And from this on the invitation is a sentence.
const ROOM_FOR_SENTENCES: u16 = 32;
const TOOK: usize = 12;
/// With fewer columns a step has its time, and not how long it took.
const ROOM_FOR_TOOK: u16 = 34;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut page = Page::new(area, buf);
    match &state.watch {
        Watch::Looking | Watch::Idle if state.is_watching() => {
            page.text(unread(state), look.theme.muted);
        }
        Watch::Looking => {
            page.text("Looking for a callout from before …", look.theme.info);
            page.gap();
            page.text("A panic can be raised all the same.", look.theme.muted);
        }
        Watch::Idle => idle(state, look, &mut page),
        Watch::Raising { since, attempts, retry_at, problem } => {
            let problem = problem.as_ref().map(crate::text::DisplayText::as_str);
            raising(state, look, &mut page, (*since, *attempts, *retry_at, problem));
        }
        Watch::Live(followed) | Watch::Ended { followed, .. } => live(state, followed, look, &mut page),
    }
}

/// One line for screens on which the flow pane may be hidden.
pub(in crate::ui) fn strip(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let line = match &state.watch {
        Watch::Looking | Watch::Idle if state.is_watching() => Line::from(unread(state)),
        Watch::Looking => Line::from("Looking for a callout from before …"),
        Watch::Idle => invitation(state, look, area.width),
        Watch::Raising { .. } => Span::styled(
            format!("Raising a {} panic …", words::class(state.settings.classification)),
            look.theme.info,
        )
        .into(),
        Watch::Live(followed) | Watch::Ended { followed, .. } => {
            let flow = Flow::of(followed, age::counted_until(state));
            let mut parts = Parts::default();
            if let Some(step) = flow.steps.iter().rev().find(|step| is_past(step)) {
                let sign = sign(step);
                parts.add(0, Span::styled(format!("{sign} {}", step.kind.word()), style(step, look)));
                let took = step.took.filter(|_| step.standing == Standing::Current);
                if let Some(took) = took {
                    parts.add(1, Span::styled(words::duration(took), look.theme.muted));
                }
            }
            if flow.soft_cancelled {
                parts.add(1, Span::styled("! soft cancel asked", look.theme.warn));
            }
            parts.fit(usize::from(area.width.saturating_sub(2)), "  ", Style::new())
        }
    };
    lines::put(buf, area.x + 1, area.y, area.width.saturating_sub(2), &line);
}

/// Of many callouts none is chosen, or the chosen one was not read yet.
fn unread(state: &State) -> &'static str {
    let chosen = state.watching.as_ref().is_some_and(|watching| watching.chosen.is_some());
    match (&state.watch, chosen) {
        (Watch::Looking, true) => "Reading the callout …",
        (Watch::Looking, false) => "Asking for the active callouts …",
        _ => "The chosen callout stands here.",
    }
}

fn invitation(state: &State, look: &Look, width: u16) -> Line<'static> {
    if state.settings.read_only {
        return Line::from("Read-only: nothing can be raised.");
    }
    let key = look.keys.keys_of(Scope::Panes, Intent::Raise);
    if width < ROOM_FOR_SENTENCES {
        return with_key(
            "",
            &key,
            &format!(" raises a {} panic", words::class(state.settings.classification)),
            look,
        );
    }
    with_key(
        "Press ",
        &key,
        &format!(" to raise a {} panic.", words::class(state.settings.classification)),
        look,
    )
}

fn idle(state: &State, look: &Look, page: &mut Page<'_>) {
    page.line(&invitation(state, look, page.area.width).patch_style(Modifier::BOLD));
    if !state.settings.read_only {
        let told = if page.area.width < ROOM_FOR_SENTENCES {
            "3 seconds to stop it"
        } else {
            "You have 3 seconds to stop it."
        };
        page.line(&Line::from(Span::styled(told, look.theme.muted)));
    }
    page.gap();
    let airy = page.left() >= 12;
    if airy {
        page.line(&Line::from(Span::styled("Then, each with its time:", look.theme.muted)));
        page.gap();
    }
    for (index, kind) in StepKind::USUAL.iter().enumerate() {
        if airy && index > 0 {
            connector(page, "", look);
        }
        let step = format!("{} {}", signs::NEXT, kind.word());
        page.line(&Line::from(Span::styled(step, look.theme.muted)));
    }
}

/// Between two steps: the line that leads from one to the next, and who it was.
fn connector(page: &mut Page<'_>, who: &str, look: &Look) {
    page.line(&Line::from(vec![
        Span::styled("│ ", look.theme.border),
        Span::styled(who.to_owned(), look.theme.muted),
    ]));
}

fn raising(
    state: &State,
    look: &Look,
    page: &mut Page<'_>,
    (since, attempts, retry_at, problem): (Timestamp, u32, Option<Timestamp>, Option<&str>),
) {
    let refused = retry_at.is_none()
        && problem.is_some()
        && !state.in_flight.values().any(|call| matches!(call, crate::app::state::Call::Raise));
    let head = if refused { "The panic was not raised." } else { "Raising a panic …" };
    let tone = if refused { look.theme.danger } else { look.theme.info };
    page.line(&Line::from(Span::styled(head, tone.add_modifier(Modifier::BOLD))));
    let waited = moments::passed(state, look, state.now.duration_since(since));
    let told = if refused {
        format!(
            "{}, after {attempts} {}",
            words::class(state.settings.classification),
            if attempts == 1 { "try" } else { "tries" }
        )
    } else {
        let waited = if state.still { format!("since {waited}") } else { format!("{waited} so far") };
        format!("{}, try {attempts}, {waited}", words::class(state.settings.classification))
    };
    page.line(&Line::from(Span::styled(told, look.theme.muted)));
    if let Some(problem) = problem {
        page.gap();
        page.text(&format!("! {problem}"), look.theme.danger);
    }
    if let Some(at) = retry_at {
        let wait = moments::due(state, look, at.duration_since(state.now));
        page.line(&Line::from(Span::styled(format!("Next try {wait}. It cannot double."), look.theme.text)));
    }
    page.gap();
    let back = look.keys.keys_of(Scope::Panes, Intent::Back);
    let after = if refused { " puts this away." } else { " stops trying." };
    page.line(&with_key("", &back, after, look));
}

fn live(state: &State, followed: &Followed, look: &Look, page: &mut Page<'_>) {
    let flow = Flow::of(followed, age::counted_until(state));
    let notes = notes(state, followed, &flow, look);
    let width = usize::from(page.area.width);
    let needed: usize = notes.iter().map(|(text, _)| lines::wrap(text, width, 0).len()).sum();
    let rows = usize::from(page.area.height);
    let room = rows.saturating_sub(needed).max(rows.min(4));
    let steps = what_fits(&flow.steps, room);
    // A line between the steps where there is room for it, so that they read as one way.
    let joints = steps.iter().skip(1).filter(|step| !step.kind.is_minor()).count();
    let airy = steps.len() + joints <= room;
    for (index, step) in steps.iter().enumerate() {
        if airy && index > 0 && !step.kind.is_minor() {
            connector(page, who_before(&steps[..index]), look);
        }
        page.line_and(&name(step, look, page.area.width), &times(step, state, look, page.area.width));
    }
    if usize::from(page.left()) > needed {
        page.gap();
    }
    for (text, style) in notes {
        page.text(&text, style);
    }
}

/// Whom the step before was about. Control room marks have nobody.
fn who_before<'a>(before: &[&'a Step]) -> &'a str {
    let last = before.last().filter(|step| is_past(step));
    last.filter(|step| matches!(step.kind, StepKind::Dispatched | StepKind::DispatchedManually))
        .map_or("", |step| step.who.as_str())
}

fn is_past(step: &Step) -> bool {
    matches!(step.standing, Standing::Done | Standing::Current)
}

/// The steps that tell most in `room` rows: first the control room's marks go, then what lies far
/// ahead, then the oldest.
fn what_fits(steps: &[Step], room: usize) -> Vec<&Step> {
    let mut kept: Vec<&Step> = steps.iter().collect();
    while kept.len() > room.max(1) {
        let minor = kept.iter().position(|step| step.kind.is_minor() && step.standing == Standing::Done);
        let ahead = kept.iter().rposition(|step| step.standing == Standing::Later);
        let oldest = Some(0);
        let Some(index) = minor.or(ahead).or(oldest) else { break };
        kept.remove(index);
    }
    kept
}

fn sign(step: &Step) -> &'static str {
    match (step.standing, &step.kind) {
        (_, StepKind::ResponderCancelled) if is_past(step) => signs::CANCELLED,
        (Standing::Done, _) => signs::DONE,
        (Standing::Current, _) => signs::CURRENT,
        (Standing::Next | Standing::Later, _) => signs::NEXT,
        (Standing::Skipped, _) => signs::SKIPPED,
    }
}

fn style(step: &Step, look: &Look) -> Style {
    match (step.standing, &step.kind) {
        (_, StepKind::ResponderCancelled) if is_past(step) => look.theme.warn,
        (Standing::Done, _) => look.theme.ok,
        (Standing::Current, _) => look.theme.info.add_modifier(Modifier::BOLD),
        (Standing::Next, _) => look.theme.text,
        (Standing::Later | Standing::Skipped, _) => look.theme.muted,
    }
}

fn name(step: &Step, look: &Look, width: u16) -> Line<'static> {
    let style = style(step, look);
    let word = if width >= ROOM_FOR_NAMES { step.kind.word() } else { short(&step.kind) };
    let indent = if step.kind.is_minor() && width >= ROOM_FOR_NAMES { "  " } else { "" };
    let text = if step.standing == Standing::Done && step.kind != StepKind::ResponderCancelled {
        look.theme.text
    } else {
        style
    };
    Line::from(vec![
        Span::styled(format!("{indent}{} ", sign(step)), style),
        Span::styled(word.to_owned(), text),
    ])
}

fn short(kind: &StepKind) -> &str {
    match kind {
        StepKind::Owned => "Taken",
        StepKind::Dispatched => "Dispatched",
        StepKind::DispatchedManually => "Sent by hand",
        StepKind::ResponderCancelled => "Cancelled",
        StepKind::Arrived => "Arrived",
        StepKind::Completed => "Completed",
        other => other.word(),
    }
}

fn times(step: &Step, state: &State, look: &Look, width: u16) -> Line<'static> {
    match step.standing {
        Standing::Next => Span::styled("expected next", look.theme.muted).into(),
        Standing::Later => Line::default(),
        Standing::Skipped => Span::styled("not reached", look.theme.muted).into(),
        Standing::Done | Standing::Current => {
            let at = step.at.map_or(signs::UNKNOWN.to_owned(), |at| words::clock(at, state.now, &look.zone));
            let took = step.took.map(words::duration).unwrap_or_default();
            if width < ROOM_FOR_TOOK {
                // The name whole, and since when; how long that is can be counted.
                return Span::styled(at, look.theme.muted).into();
            }
            let style = if step.standing == Standing::Current { look.theme.info } else { look.theme.muted };
            Line::from(vec![Span::raw(at), Span::styled(format!("{took:>TOOK$}"), style)])
        }
    }
}

/// What the steps alone do not say.
fn notes(state: &State, followed: &Followed, flow: &Flow, look: &Look) -> Vec<(String, Style)> {
    let callout = &followed.callout;
    let mut notes = Vec::new();
    if let Watch::Ended { why, .. } = &state.watch {
        return ended(state, followed, flow, why, look);
    }
    if flow.soft_cancelled {
        notes.push(("! Soft cancel asked: polling goes on until closed.".to_owned(), look.theme.warn));
    }
    match &callout.status {
        Status::Created if state.settings.read_only || callout.times.verified.is_some() => {}
        Status::Created if callout.classification == Some(Classification::Test) => {
            let text = "A controller verifies a TEST before anybody is sent.";
            notes.push((text.to_owned(), look.theme.muted));
        }
        Status::ResponderCancelled => {
            let who = followed.history.iter().rev().find(|seen| !seen.responder.is_empty());
            let who = who.map_or("The responder", |seen| seen.responder.as_str());
            notes.push((format!("! {who} cannot come. Another one is looked for."), look.theme.warn));
        }
        Status::Other(_) => {
            let text = "The control room uses a status that this console does not know; polling goes on.";
            notes.push((text.to_owned(), look.theme.muted));
        }
        _ => {}
    }
    notes
}

fn ended(state: &State, followed: &Followed, flow: &Flow, why: &Ending, look: &Look) -> Vec<(String, Style)> {
    let mut notes = Vec::new();
    let lasted = flow.lasted.map(words::duration);
    match (why, lasted) {
        (Ending::Closed, Some(lasted)) => {
            notes.push((format!("{} Closed after {lasted}.", signs::DONE), look.theme.ok));
        }
        (Ending::Closed, None) => notes.push((format!("{} Closed.", signs::DONE), look.theme.ok)),
        (Ending::Unknown, _) => {
            let text = "! The server does not know this callout any more.";
            notes.push((text.to_owned(), look.theme.danger));
        }
    }
    if flow.soft_cancelled {
        notes.push(("A soft cancel had been asked for.".to_owned(), look.theme.muted));
    }
    if !followed.callout.incident_details.is_empty() {
        notes.push((followed.callout.incident_details.to_string(), look.theme.text));
    }
    if !state.settings.read_only {
        let key = look.keys.keys_of(Scope::Panes, Intent::Raise);
        notes.push((format!("{key} raises a new one."), look.theme.muted));
    }
    notes
}
