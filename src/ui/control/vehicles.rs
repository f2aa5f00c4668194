//! Who can be sent: the nearest by the simulator's own choice, each vehicle with its way, the companies.

use super::first_row;
use crate::app::control::model::Vehicle;
use crate::app::control::{Pick, Ranked, Room};
use crate::app::state::State;
use crate::ui::{Look, lines, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let room = &state.control;
    let height = usize::from(area.height);
    let chosen = room.pick_row();
    let first = first_row(chosen, room.fleet_rows(), height);
    for (y, row) in (area.y..area.bottom()).zip(first..room.fleet_rows()) {
        let right = aside(room, row, look);
        let taken = lines::put_right(buf, area.right(), y, area.width, &right);
        let line = content(room, row, usize::from(area.width.saturating_sub(taken + 3)), look);
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

/// Who it is, in `width` columns.
fn content(room: &Room, row: usize, width: usize, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    let style = if room.pick_row() == row { theme.strong } else { theme.text };
    match room.pick_at(row) {
        Pick::Vehicle(_) => {
            let Some((_, vehicle)) = ranked(room, row - 1) else { return Line::default() };
            let number = if row <= 9 { row.to_string() } else { " ".to_owned() };
            let style = if vehicle.on { style } else { theme.muted };
            let name = format!(" {}", name(vehicle, width.saturating_sub(2)));
            Line::from(vec![Span::styled(number, theme.info), Span::styled(name, style)])
        }
        Pick::Company(id) => {
            let company = room.companies.iter().find(|company| company.id == id);
            let name = company.map(|company| company.name.to_string()).unwrap_or_default();
            Line::from(Span::styled(name, style))
        }
        Pick::Nearest => Line::from(Span::styled("the nearest that is free", style)),
    }
}

/// The fullest name that has room: with the first name, with its letter, without one.
fn name(vehicle: &Vehicle, width: usize) -> String {
    let (callsign, whole) = (vehicle.callsign.as_str(), vehicle.name.as_str());
    let demo = if vehicle.demo { " · demo" } else { "" };
    let letter: String = match whole.split_once(' ') {
        Some((first, last)) => format!("{}. {last}", lines::clusters(first).next().unwrap_or_default()),
        None => whole.to_owned(),
    };
    let names = [format!("{callsign} {whole}{demo}"), format!("{callsign} {letter}{demo}")];
    let fits = names.into_iter().find(|name| name.trim().width() <= width);
    let last = if callsign.is_empty() { letter.as_str() } else { callsign };
    fits.map_or_else(|| format!("{last}{demo}"), |name| name.trim().to_owned())
}

/// How far and what of a vehicle; that a company is one.
fn aside(room: &Room, row: usize, look: &Look) -> Line<'static> {
    match room.pick_at(row) {
        Pick::Vehicle(_) => ranked(room, row - 1)
            .map(|(ranked, vehicle)| way(room, ranked, vehicle, look))
            .unwrap_or_default(),
        Pick::Company(_) => Line::from(Span::styled("company", look.theme.muted)),
        Pick::Nearest => Line::default(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Position;

    #[test]
    fn a_name_gives_way_before_it_is_cut() {
        let of = |callsign: &str, name: &str, width| {
            let vehicle = Vehicle {
                id: 1,
                name: name.into(),
                callsign: callsign.into(),
                model: "".into(),
                plate: "".into(),
                mobile: "".into(),
                on: true,
                demo: false,
                callout: None,
                position: Position::new(0.0, 0.0).unwrap(),
            };
            super::name(&vehicle, width)
        };
        assert_eq!(of("Sierra 38", "Thandi Nkosi", 30), "Sierra 38 Thandi Nkosi");
        assert_eq!(of("Sierra 38", "Thandi Nkosi", 21), "Sierra 38 T. Nkosi");
        assert_eq!(of("Sierra 38", "Thandi Nkosi", 14), "Sierra 38");
        assert_eq!(of("", "Thandi Nkosi", 10), "T. Nkosi");
        assert_eq!(of("Sierra 38", "", 30), "Sierra 38");
    }
}
