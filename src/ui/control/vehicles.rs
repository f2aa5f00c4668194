//! Who can be sent: the nearest by the simulator's own choice, each vehicle with its way, the companies.

use super::first_row;
use crate::app::control::model::Vehicle;
use crate::app::control::{Pick, Ranked, Room};
use crate::app::state::State;
use crate::ui::{Look, lines, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let room = &state.control;
    let height = usize::from(area.height);
    let chosen = room.pick_row();
    let first = first_row(chosen, room.fleet_rows(), height);
    for (y, row) in (area.y..area.bottom()).zip(first..room.fleet_rows()) {
        let (line, right) = content(room, row, look);
        let taken = lines::put_right(buf, area.right(), y, area.width, &right);
        let marker = if row == chosen { signs::CURRENT } else { " " };
        let mut whole = Line::from(Span::styled(format!("{marker} "), look.theme.key));
        whole.spans.extend(line.spans);
        let left = area.width.saturating_sub(taken + u16::from(taken > 0));
        lines::put(buf, area.x, y, left, &whole);
    }
}

/// The row of the list drawn in screen row `y`.
pub(super) fn row_at(room: &Room, area: Rect, y: u16) -> Option<u32> {
    let height = usize::from(area.height);
    let offset = usize::from(y.checked_sub(area.y)?);
    let row = first_row(room.pick_row(), room.fleet_rows(), height) + offset;
    (offset < height && row < room.fleet_rows()).then(|| u32::try_from(row).unwrap_or(u32::MAX))
}

fn content(room: &Room, row: usize, look: &Look) -> (Line<'static>, Line<'static>) {
    let theme = &look.theme;
    let style = if room.pick_row() == row { theme.strong } else { theme.text };
    match room.pick_at(row) {
        Pick::Vehicle(_) => {
            let Some((ranked, vehicle)) = ranked(room, row - 1) else { return Default::default() };
            let number = if row <= 9 { row.to_string() } else { " ".to_owned() };
            let style = if vehicle.on { style } else { theme.muted };
            let demo = if vehicle.demo { " · demo" } else { "" };
            let name = format!(" {} {}{demo}", vehicle.callsign, vehicle.name);
            let line = Line::from(vec![Span::styled(number, theme.info), Span::styled(name, style)]);
            (line, way(room, ranked, vehicle, look))
        }
        Pick::Company(id) => {
            let company = room.companies.iter().find(|company| company.id == id);
            let name = company.map(|company| company.name.to_string()).unwrap_or_default();
            (Line::from(Span::styled(name, style)), Line::from(Span::styled("company", theme.muted)))
        }
        Pick::Nearest => (Line::from(Span::styled("the nearest that is free", style)), Line::default()),
    }
}

fn ranked(room: &Room, index: usize) -> Option<(&Ranked, &Vehicle)> {
    let ranked = room.fleet.get(index)?;
    Some((ranked, room.vehicles.get(ranked.index)?))
}

/// `1.2 km  about 3 min  free`; a guess is marked as one.
fn way(room: &Room, ranked: &Ranked, vehicle: &Vehicle, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    let mut spans = Vec::new();
    if let (Some(metres), Some(seconds)) = (ranked.metres, ranked.seconds) {
        let sign = if ranked.by_road { "" } else { "≈ " };
        spans.push(Span::styled(format!("{sign}{:>6}", words::metres(metres)), theme.text));
        spans.push(Span::styled(format!("  {:>6}  ", short(seconds)), theme.text));
    }
    let (word, style) = match (&vehicle.callout, vehicle.on) {
        (Some(callout), _) if room.chosen.as_ref() == Some(callout) => ("sent", theme.info),
        (Some(_), _) => ("busy", theme.warn),
        (None, false) => ("off", theme.muted),
        (None, true) if room.case().is_some_and(|case| case.declined(vehicle.id)) => ("no", theme.warn),
        (None, true) => ("free", theme.ok),
    };
    spans.push(Span::styled(format!("{word:<4}"), style));
    Line::from(spans)
}

/// `40 s`, `3 min`, `1.5 h`.
fn short(seconds: f64) -> String {
    match seconds.max(0.0) {
        seconds if seconds < 60.0 => format!("{seconds:.0} s"),
        seconds if seconds < 5_400.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3_600.0),
    }
}
