//! The chosen callout: what a controller sees of it, and the steps that are possible now.

use super::list;
use crate::app::callout::{Classification, Status};
use crate::app::control::model::{Assignment, Case, Step};
use crate::app::intent::Intent;
use crate::app::state::State;
use crate::keymap::Scope;
use crate::ui::{Look, lines, moments, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns between two steps.
const GAP: usize = 3;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let Some(case) = state.control.case() else {
        let text = Line::from(Span::styled("No callout is chosen.", look.theme.muted));
        lines::put(buf, area.x, area.y, area.width, &text);
        return;
    };
    let width = usize::from(area.width);
    let steps = step_rows(state, case, look, width);
    let refused = refused_rows(state, case, look, width);
    // The steps stay at the bottom, so that they are always found there.
    let below = u16::try_from(steps.len() + refused.len()).unwrap_or(0).min(area.height);
    let top = Rect { height: area.height - below, ..area };
    for (y, row) in (top.y..top.bottom()).zip(known(state, case, look, width)) {
        lines::put(buf, area.x, y, area.width, &row);
    }
    for (y, row) in (top.bottom()..area.bottom()).zip(refused.into_iter().chain(steps)) {
        lines::put(buf, area.x, y, area.width, &row);
    }
}

/// Classification and response type, at the right of the border.
pub(super) fn badges(case: &Case, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    let class = match case.classification {
        Classification::Test => Span::styled("TEST", theme.ok.add_modifier(Modifier::BOLD)),
        Classification::Real => Span::styled(" REAL ", theme.alarm),
        Classification::Other(id) => Span::styled(format!("class {id}"), theme.alarm),
    };
    let response = match case.response_type {
        1 => "security".to_owned(),
        2 => "medical".to_owned(),
        3 => "demo".to_owned(),
        other => format!("response type {other}"),
    };
    let test = if case.internal_test { " · internal test" } else { "" };
    Line::from(vec![Span::raw(" "), class, Span::styled(format!(" · {response}{test} "), theme.muted)])
}

fn known(state: &State, case: &Case, look: &Look, width: usize) -> Vec<Line<'static>> {
    let theme = &look.theme;
    let mut rows = Vec::new();
    let name = if case.customer.is_empty() { "Nobody’s: a fixed location" } else { case.customer.as_str() };
    rows.push(Line::from(vec![
        Span::styled(name.to_owned(), theme.strong),
        Span::raw("  "),
        Span::styled(case.mobile.to_string(), theme.text),
    ]));
    rows.extend(alerts(case, look));
    rows.push(status(state, case, look, width));
    rows.push(place(state, case, look, width));
    if !case.address.is_empty() {
        rows.push(labelled("address", case.address.as_str(), look));
    }
    rows.extend(sent(state, case, look, width));
    if let Some(outcome) = case.outcome {
        let yes = |value: bool| if value { "yes" } else { "no" };
        let text = format!(
            "injuries {}, happy {}, follow-up {}",
            yes(outcome.any_injuries),
            yes(outcome.customer_happy),
            yes(outcome.follow_up_required)
        );
        rows.push(labelled("outcome", &text, look));
    }
    if !case.incident.is_empty() {
        rows.push(labelled("incident", case.incident.as_str(), look));
    }
    rows
}

fn labelled(label: &str, text: &str, look: &Look) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{label:<11}"), look.theme.muted),
        Span::styled(text.to_owned(), look.theme.text),
    ])
}

fn alerts(case: &Case, look: &Look) -> Vec<Line<'static>> {
    let (theme, loud) = (&look.theme, Modifier::REVERSED | Modifier::BOLD);
    if case.status.is_closed() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    if case.duress {
        rows.push(Line::from(Span::styled(" ! DURESS: the safe code was wrong ", theme.alarm)));
    }
    if case.stood_down {
        let text = " CANCELLED by customer: close it ";
        rows.push(Line::from(Span::styled(text, theme.warn.add_modifier(loud))));
    } else if case.cancelled_by_customer {
        let text = " SOFT CANCEL: ask, then close ";
        rows.push(Line::from(Span::styled(text, theme.warn.add_modifier(loud))));
    }
    rows
}

/// Where it stands, and what the control room did about it when.
fn status(state: &State, case: &Case, look: &Look, width: usize) -> Line<'static> {
    let theme = &look.theme;
    let now = state.control_now();
    let mut parts = lines::Parts::default();
    parts.add(0, labelled("status", list::status(&case.status), look));
    if case.on_autopilot {
        parts.add(1, Span::styled("autopilot", theme.info));
    }
    let times = &case.times;
    let marks = [
        ("acknowledged", times.acknowledged),
        ("owned", times.owned),
        ("verified", times.verified),
        ("closed", times.resolved),
    ];
    // Where there is no room for all, the latest of them tells the most.
    for (importance, (word, at)) in (2u8..6).rev().zip(marks) {
        if let Some(at) = at {
            let time = words::clock(at, now, &look.zone);
            let full = format!("{word} {time}");
            parts
                .add(importance, Span::styled(if width >= 60 { full } else { word.to_owned() }, theme.muted));
        }
    }
    parts.fit(width, " · ", theme.muted)
}

fn place(state: &State, case: &Case, look: &Look, width: usize) -> Line<'static> {
    let theme = &look.theme;
    let Some(fix) = case.fix else { return labelled("place", "not known", look) };
    let mut parts = lines::Parts::default();
    let at = fix.position;
    parts.add(0, labelled("place", &format!("{:.5}, {:.5}", at.latitude(), at.longitude()), look));
    if let Some(metres) = fix.accuracy {
        parts.add(1, Span::styled(format!("±{metres:.0} m"), theme.muted));
    }
    if let Some(at) = fix.at.filter(|_| !case.status.is_closed()) {
        let age = moments::ago(state, look, state.control_now().duration_since(at));
        parts.add(2, Span::styled(age, theme.muted));
    }
    parts.fit(width, " · ", theme.muted)
}

/// Who was sent, and how far they are.
fn sent(state: &State, case: &Case, look: &Look, width: usize) -> Vec<Line<'static>> {
    let theme = &look.theme;
    let Some(assignment) = &case.assignment else {
        let told = if case.status.is_closed() { "nobody was sent" } else { "nobody was sent yet" };
        return vec![labelled("responder", told, look)];
    };
    let mut parts = lines::Parts::default();
    let vehicle =
        assignment.responder.and_then(|id| state.control.vehicles.iter().find(|vehicle| vehicle.id == id));
    let who = match vehicle {
        Some(vehicle) => format!("{} {}", vehicle.callsign, vehicle.name).trim().to_owned(),
        None if assignment.responder.is_none() => format!("sent by hand: {}", assignment.supplier),
        None => "not known any more".to_owned(),
    };
    parts.add(0, labelled("responder", &who, look));
    match (progress(case, assignment), case.eta) {
        (Some(word), _) => parts.add(1, Span::styled(word, theme.text)),
        (None, Some(eta)) => {
            if let Some(metres) = eta.distance_m {
                parts.add(2, Span::styled(words::metres(metres), theme.text));
            }
            if let Some(seconds) = eta.duration_s {
                parts.add(1, Span::styled(words::about(seconds), theme.info));
            }
        }
        (None, None) => {}
    }
    let mut rows = vec![parts.fit(width, " · ", theme.muted)];
    if let Some(vehicle) = vehicle {
        let mut car = lines::Parts::default();
        car.add(0, labelled("vehicle", vehicle.model.as_str(), look));
        for (importance, text) in [(1, &vehicle.plate), (2, &assignment.supplier), (3, &vehicle.mobile)] {
            if !text.is_empty() {
                car.add(importance, Span::styled(text.to_string(), theme.muted));
            }
        }
        rows.push(car.fit(width, " · ", theme.muted));
    }
    rows
}

fn progress(case: &Case, assignment: &Assignment) -> Option<&'static str> {
    match case.status {
        _ if assignment.retracted.is_some() => Some("cancelled"),
        Status::Arrived => Some("on scene"),
        Status::Completed | Status::Closed => Some("done"),
        _ => None,
    }
}

fn refused_rows(state: &State, case: &Case, look: &Look, width: usize) -> Vec<Line<'static>> {
    let Some(refused) = state.control.refused.as_ref().filter(|refused| refused.callout == case.id) else {
        return Vec::new();
    };
    let text = format!("{} {}: {}", signs::WARNING, refused.what, refused.why);
    let rows = lines::wrap(&text, width, 0).into_iter().take(3);
    rows.map(|row| Line::from(Span::styled(row.to_owned(), look.theme.danger))).collect()
}

/// All ten, each at its place; what is not possible now is dim.
fn step_rows(state: &State, case: &Case, look: &Look, width: usize) -> Vec<Line<'static>> {
    let theme = &look.theme;
    if case.status.is_closed() {
        return vec![Line::from(Span::styled("Closed: nothing more can be done.", theme.muted))];
    }
    if state.settings.read_only {
        return vec![Line::from(Span::styled("Read-only: no step can be taken.", theme.muted))];
    }
    let mut rows: Vec<Line<'static>> = vec![Line::default()];
    for step in Step::ALL {
        let key = look.keys.keys_of(Scope::Control, intent(step));
        let columns = key.width() + 1 + step.name().width();
        let used = rows.last().map_or(0, Line::width);
        if used > 0 && used + GAP + columns > width {
            rows.push(Line::default());
        }
        let Some(row) = rows.last_mut() else { continue };
        if row.width() > 0 {
            row.push_span(Span::raw(" ".repeat(GAP)));
        }
        let allowed = case.allows(step);
        let (key_style, style) =
            if allowed { (theme.key, theme.strong) } else { (theme.border, theme.border) };
        row.push_span(Span::styled(key, key_style));
        row.push_span(Span::styled(format!(" {}", step.name()), style));
    }
    rows
}

fn intent(step: Step) -> Intent {
    match step {
        Step::Acknowledge => Intent::Acknowledge,
        Step::Own => Intent::Own,
        Step::Verify => Intent::Verify,
        Step::Dispatch => Intent::Dispatch,
        Step::DispatchManually => Intent::DispatchManually,
        Step::Decline => Intent::Decline,
        Step::CancelResponder => Intent::CancelResponder,
        Step::Arrive => Intent::Arrive,
        Step::Complete => Intent::Complete,
        Step::Close => Intent::Close,
    }
}
