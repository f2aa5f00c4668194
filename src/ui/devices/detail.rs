//! The chosen device: all that is known of it, and the last exchange as it went over the wire.

use super::{list, paragraph};
use crate::app::action::{Failure, FailureKind};
use crate::app::control::Reach;
use crate::app::devices::Whence;
use crate::app::devices::model::{Device, Exchange, Resolved};
use crate::app::intent::Intent;
use crate::app::state::State;
use crate::keymap::Scope;
use crate::ui::{Look, lines, moments, signs, words};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

const LABEL: usize = 12;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let Some(device) = state.devices.device() else {
        let text = "Once one is linked: what it says, and what the API makes of it.";
        paragraph(text, look.theme.muted, area, buf);
        return;
    };
    let width = usize::from(area.width);
    let mut rows = known(state, device, look, width);
    let exchange = exchange_rows(state, device, look, width);
    // Air goes first where there is little room, then what the list tells too.
    if rows.len() + exchange.len() < usize::from(area.height) {
        rows.push(Line::default());
    }
    let surplus = (rows.len() + exchange.len()).saturating_sub(usize::from(area.height));
    for (y, row) in (area.y..area.bottom()).zip(rows.into_iter().skip(surplus.min(2)).chain(exchange)) {
        lines::put(buf, area.x, y, area.width, &row);
    }
}

fn labelled(label: &str, spans: Vec<Span<'static>>, look: &Look) -> Line<'static> {
    let mut line = Line::from(Span::styled(format!("{label:<LABEL$}"), look.theme.muted));
    line.spans.extend(spans);
    line
}

/// What there is of these, a point between each two.
fn joined(parts: Vec<(String, Style)>, look: &Look) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (text, style) in parts.into_iter().filter(|(text, _)| !text.is_empty()) {
        if !spans.is_empty() {
            spans.push(Span::styled(" · ", look.theme.muted));
        }
        spans.push(Span::styled(text, style));
    }
    spans
}

fn known(state: &State, device: &Device, look: &Look, width: usize) -> Vec<Line<'static>> {
    let theme = &look.theme;
    let prefixed =
        |word: &str, text: &str| if text.is_empty() { String::new() } else { format!("{word}{text}") };
    let serial = if device.serial.is_empty() { signs::UNKNOWN } else { device.serial.as_str() };
    let type_id = device.type_id.map(|id| format!("type {id}")).unwrap_or_default();
    let template = match device.template.as_str() {
        "" => ("none: its messages are not understood".to_owned(), theme.warn),
        name => (name.to_owned(), theme.text),
    };
    let owner = if device.customer_name.is_empty() && device.customer.is_empty() {
        vec![("not known".to_owned(), theme.muted)]
    } else {
        vec![
            (device.customer_name.to_string(), theme.text),
            (prefixed("customer ", device.customer.as_str()), theme.muted),
        ]
    };
    let mut rows = vec![
        labelled(
            "serial",
            joined(
                vec![
                    (serial.to_owned(), theme.strong),
                    (prefixed("called ", device.alias.as_str()), theme.text),
                ],
                look,
            ),
            look,
        ),
        labelled(
            "template",
            joined(
                vec![
                    template,
                    (type_id, theme.muted),
                    (device.supplier.to_string(), theme.muted),
                    (prefixed("firmware ", device.firmware.as_str()), theme.muted),
                ],
                look,
            ),
            look,
        ),
        labelled("customer", joined(owner, look), look),
        labelled("battery", battery(state, device, look), look),
        labelled("last event", last_event(state, device, look), look),
        labelled("position", position(state, device, look), look),
    ];
    rows.push(labelled("callout", callout(state, device, look, width), look));
    rows
}

fn ago(state: &State, at: Option<Timestamp>, look: &Look) -> (String, Style) {
    let since = at.map(|at| moments::ago(state, look, state.devices_now().duration_since(at)));
    (since.unwrap_or_default(), look.theme.muted)
}

fn battery(state: &State, device: &Device, look: &Look) -> Vec<Span<'static>> {
    let Some(battery) = device.battery else {
        return vec![Span::styled("never told", look.theme.muted)];
    };
    let mut spans = list::battery(device, look).spans;
    let (since, style) = ago(state, battery.at, look);
    if !since.is_empty() {
        spans.push(Span::styled(format!("  {since}"), style));
    }
    spans
}

fn last_event(state: &State, device: &Device, look: &Look) -> Vec<Span<'static>> {
    let Some(event) = &device.last_event else {
        return vec![Span::styled("it was never heard", look.theme.muted)];
    };
    let word = list::word(event.name.as_str());
    let name = if word == event.name.as_str() { String::new() } else { event.name.to_string() };
    joined(
        vec![(word.to_owned(), look.theme.text), (name, look.theme.muted), ago(state, event.at, look)],
        look,
    )
}

fn position(state: &State, device: &Device, look: &Look) -> Vec<Span<'static>> {
    let theme = &look.theme;
    let (place, whence) = state.place_of(device);
    let shown = format!("{:.6}, {:.6}", place.latitude(), place.longitude());
    match whence {
        Whence::Told => vec![Span::styled(shown, theme.text)],
        Whence::Own => joined(vec![(shown, theme.text), ("where you are".to_owned(), theme.muted)], look),
        Whence::Moving => {
            let metres = state.shifted_by().map(words::metres).unwrap_or_default();
            joined(vec![(shown, theme.focus), (format!("{metres} away, not sent yet"), theme.warn)], look)
        }
    }
}

/// Where the callout is, and which key leads to it.
fn callout(state: &State, device: &Device, look: &Look, width: usize) -> Vec<Span<'static>> {
    let theme = &look.theme;
    let Some(callout) = &device.callout else {
        return vec![Span::styled("none", theme.muted)];
    };
    let key = look.keys.keys_of(Scope::Devices, Intent::Open);
    let customer = look.keys.keys_of(Scope::Screens, Intent::ShowCustomer);
    let followed = state.followed().is_some_and(|followed| followed.callout.id == *callout);
    let (word, style) = if device.active { ("active", theme.info) } else { ("over", theme.muted) };
    let mut spans = joined(vec![(callout.to_string(), theme.strong), (word.to_owned(), style)], look);
    let ways: &[(&str, &str)] = match (state.reach() == Reach::Simulator, followed) {
        (true, true) => &[(&key, "control room"), (&customer, "your screen")],
        (true, false) => &[(&key, "control room")],
        (false, true) => &[(&key, "your screen")],
        (false, false) => &[],
    };
    for (key, what) in ways {
        let hint = format!(" {what}");
        let taken: usize = spans.iter().map(Span::width).sum();
        if LABEL + taken + 3 + key.len() + hint.len() > width {
            break;
        }
        spans.push(Span::raw("   "));
        spans.push(Span::styled((*key).to_owned(), theme.key));
        spans.push(Span::styled(hint, theme.muted));
    }
    if ways.is_empty() {
        spans.push(Span::styled("   not on your screen", theme.muted));
    }
    spans
}

fn exchange_rows(state: &State, device: &Device, look: &Look, width: usize) -> Vec<Line<'static>> {
    let theme = &look.theme;
    let Some(exchange) = state.devices.exchanges.get(&device.id) else {
        return vec![Line::from(Span::styled("Nothing was sent for it from here yet.", theme.muted))];
    };
    let ago = format!(" · {} ago", words::duration(state.now.duration_since(exchange.at)));
    let ago = if state.still { String::new() } else { ago };
    let when = format!(" · {}{ago}", words::clock(exchange.at, state.now, &look.zone));
    let request = Span::styled(exchange.request.to_string(), theme.strong);
    let mut rows = vec![labelled("sent", vec![request, Span::styled(when, theme.muted)], look)];
    for row in message_rows(exchange.sent.as_str(), width.saturating_sub(LABEL)) {
        rows.push(labelled("", vec![Span::styled(row, theme.text)], look));
    }
    match &exchange.came {
        Ok(resolved) => rows.extend(came(device, exchange, resolved, look)),
        Err(failure) => {
            let (label, said) = refusal(failure);
            for (index, row) in lines::wrap(said, width.saturating_sub(LABEL), 0).into_iter().enumerate() {
                let label = if index == 0 { label } else { "" };
                rows.push(labelled(label, vec![Span::styled(row.to_owned(), theme.danger)], look));
            }
        }
    }
    rows
}

/// What a failure means for the message, and why in the server's own words where it gave some.
fn refusal(failure: &Failure) -> (&'static str, &str) {
    let said = failure.message.as_str();
    let label = match failure.kind {
        FailureKind::Unreachable | FailureKind::Forbidden => "not sent",
        FailureKind::Unanswered | FailureKind::Unreadable => "in doubt",
        _ => "refused",
    };
    (label, said.split_once("the server answered ").map_or(said, |(_, words)| words))
}

/// What the API resolved the message to.
fn came(device: &Device, exchange: &Exchange, resolved: &Resolved, look: &Look) -> Vec<Line<'static>> {
    let theme = &look.theme;
    let event = if resolved.event.is_empty() { "taken".into() } else { resolved.event.clone() };
    let callout = resolved.callout.as_ref().map(|callout| format!("callout {callout}"));
    let battery = resolved.battery.map(|level| format!("battery {level} %"));
    let customer = resolved.customer.as_ref().map(|customer| format!("customer {customer}"));
    let owner = customer.unwrap_or_else(|| device.owner());
    let place = exchange.place.map(|place| format!("{:.6}, {:.6}", place.latitude(), place.longitude()));
    let mut rows = vec![labelled(
        "resolved",
        joined(
            vec![
                (event.to_string(), theme.ok),
                (callout.unwrap_or_default(), theme.strong),
                (battery.unwrap_or_default(), theme.text),
                (owner, theme.text),
            ],
            look,
        ),
        look,
    )];
    if let Some(place) = place {
        rows.push(labelled("", vec![Span::styled(format!("at {place}"), theme.text)], look));
    }
    rows
}

/// The message as it went out, broken after commas where it can be.
fn message_rows(message: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = String::new();
    for part in message.split_inclusive(',') {
        if !row.is_empty() && row.chars().count() + part.chars().count() > width {
            rows.push(std::mem::take(&mut row));
        }
        row.push_str(part);
        while row.chars().count() > width.max(8) {
            let end = row.char_indices().nth(width.max(8)).map_or(row.len(), |(index, _)| index);
            let rest = row.split_off(end);
            rows.push(std::mem::replace(&mut row, rest));
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    rows
}
