//! The devices, in the order in which they were linked. Only the rows on the screen are laid out.

use super::paragraph;
use crate::app::devices::model::Device;
use crate::app::intent::Intent;
use crate::app::state::State;
use crate::keymap::Scope;
use crate::ui::control::first_row;
use crate::ui::{Look, lines, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the parts of a row.
const ID: usize = 10;
const TEMPLATE: usize = 16;
const BATTERY: usize = 10;
const EVENT: usize = 15;
/// The least that a customer's name needs to be one.
const NAME: usize = 12;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let devices = &state.devices;
    let list = rows_area(state, area);
    if let Some(problem) = &devices.problem {
        let line = Line::from(Span::styled(format!("! {}", problem.message), look.theme.danger));
        lines::put(buf, area.x, area.y, area.width, &line);
    }
    if devices.list.is_empty() {
        empty(state, look, list, buf);
        return;
    }
    let height = usize::from(list.height);
    let chosen = devices.row();
    let first = first_row(chosen.unwrap_or(0), devices.list.len(), height);
    for (y, (index, device)) in (list.y..).zip(devices.list.iter().enumerate().skip(first).take(height)) {
        row(state, device, chosen == Some(index), look, Rect { y, height: 1, ..list }, buf);
    }
}

fn rows_area(state: &State, area: Rect) -> Rect {
    let taken = u16::from(state.devices.problem.is_some());
    Rect { y: area.y + taken, height: area.height.saturating_sub(taken), ..area }
}

/// The device drawn in screen row `y`.
pub(super) fn row_at(state: &State, area: Rect, y: u16) -> Option<u32> {
    let list = rows_area(state, area);
    let offset = usize::from(y.checked_sub(list.y)?);
    let (height, count) = (usize::from(list.height), state.devices.list.len());
    let row = first_row(state.devices.row().unwrap_or(0), count, height) + offset;
    (offset < height && row < count).then(|| u32::try_from(row).unwrap_or(u32::MAX))
}

fn empty(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let key = look.keys.keys_of(Scope::Devices, Intent::LinkDevice);
    let text = match (state.devices.clock, &state.devices.problem) {
        (Some(_), _) if state.settings.read_only => "No device yet.".to_owned(),
        (Some(_), _) => format!("No device yet: press {key} to link one."),
        (None, None) => "Looking for devices…".to_owned(),
        (None, Some(_)) => "Nothing is known yet. It is asked again by itself.".to_owned(),
    };
    let style = if state.devices.clock.is_some() { look.theme.text } else { look.theme.muted };
    paragraph(&text, style, area, buf);
}

fn row(state: &State, device: &Device, chosen: bool, look: &Look, area: Rect, buf: &mut Buffer) {
    let theme = &look.theme;
    let body = if chosen { theme.strong } else { theme.text };
    let width = usize::from(area.width);
    let marker = if chosen { signs::CURRENT } else { " " };
    let column = |text: &str, columns: usize| {
        let text = crate::text::cut(text, columns - 1);
        let air = columns.saturating_sub(unicode_width::UnicodeWidthStr::width(text.as_str()));
        format!("{text}{}", " ".repeat(air))
    };
    let battery = battery(device, look);
    let event = event(state, device, look);
    // The identity, its battery and its last event stay; the template goes first.
    let mut room = width.saturating_sub(2 + ID + BATTERY + EVENT);
    let mut spans = vec![
        Span::styled(format!("{marker} "), theme.key),
        Span::styled(column(device.id.as_str(), ID), body),
    ];
    let name = if device.alias.is_empty() { device.owner() } else { device.alias.to_string() };
    let with_template = room >= TEMPLATE + NAME;
    if with_template {
        let template = if device.template.is_empty() { "no template" } else { device.template.as_str() };
        spans.push(Span::styled(column(template, TEMPLATE), theme.muted));
        room -= TEMPLATE;
    }
    if room > 4 {
        spans.push(Span::styled(column(&name, room), body));
    }
    let taken = battery.width();
    spans.extend(battery.spans);
    spans.push(Span::raw(" ".repeat(BATTERY.saturating_sub(taken))));
    let style = if device.active { theme.info } else { theme.muted };
    spans.push(Span::styled(event, style));
    lines::put(buf, area.x, area.y, area.width, &Line::from(spans));
}

/// A low one cannot be overlooked, in any theme.
pub(super) fn battery(device: &Device, look: &Look) -> Line<'static> {
    match device.battery {
        Some(battery) if device.is_low() => {
            Line::from(Span::styled(format!(" LOW {:.0}% ", battery.level), look.theme.alarm))
        }
        Some(battery) => Line::from(Span::styled(format!("{:.0} %", battery.level), look.theme.text)),
        None => Line::from(Span::styled(signs::UNKNOWN, look.theme.muted)),
    }
}

/// What it said last, and how long ago.
fn event(state: &State, device: &Device, look: &Look) -> String {
    let Some(event) = &device.last_event else { return "never heard".to_owned() };
    let now = state.devices_now();
    let since = event.at.map(|at| {
        if state.still { words::minute(at, now, &look.zone) } else { words::short(now.duration_since(at)) }
    });
    format!("{} {}", word(event.name.as_str()), since.unwrap_or_default())
}

/// What the device did, for the API's name of it.
pub(super) fn word(event: &str) -> &str {
    match event {
        "NEW_CALLOUT" => "pressed",
        "CALLOUT_LOCATION_UPDATED" => "moved",
        "CALLOUT_CANCELLED" => "cancelled",
        "DEVICE_BATTERY_INFO_RECEIVED" => "battery",
        other => other,
    }
}
