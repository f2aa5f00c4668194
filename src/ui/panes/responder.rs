//! Who comes, in what, and when they will be here.

use super::Page;
use crate::app::callout::{Callout, Responder, Status, Supplier};
use crate::app::reckoning::Whereabouts;
use crate::app::state::{EtaSample, Followed, State, Watch};
use crate::geo;
use crate::text::DisplayText;
use crate::ui::{Look, Signs, age, moments, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::collections::VecDeque;

const LABEL: usize = 10;
/// With fewer rows than this, nothing is left empty.
const ROOM_FOR_GAPS: u16 = 13;
/// With fewer rows than this, the callsign shares the row of the name.
const ROOM_FOR_CALLSIGN: u16 = 9;
/// Fewer samples make no course.
const ENOUGH_FOR_BARS: usize = 4;
/// Samples in the sparkline, and how many where there is little room.
const COURSE: usize = 10;
const SHORT_COURSE: usize = 4;
const ROOM_FOR_COURSE: u16 = 44;
/// With fewer columns the trend is all that is told of it.
const ROOM_FOR_BARS: u16 = 32;
/// Seconds by which an ETA must differ from the one before to count as moved.
const STEADY_S: f64 = 5.0;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut page = Page::new(area, buf);
    match &state.watch {
        Watch::Looking | Watch::Idle if state.is_watching() => {}
        Watch::Looking | Watch::Idle => {
            page.text("Nobody is called out.", look.theme.muted);
            page.gap();
            page.text("Who comes, in which car and when, stands here after dispatch.", look.theme.muted);
        }
        Watch::Raising { .. } => page.text("The control room is not reached yet.", look.theme.muted),
        Watch::Live(followed) | Watch::Ended { followed, .. } => {
            followed_responder(state, followed, look, &mut page);
        }
    }
}

fn followed_responder(state: &State, followed: &Followed, look: &Look, page: &mut Page<'_>) {
    let callout = &followed.callout;
    let roomy = page.left() >= ROOM_FOR_GAPS;
    // Whoever cancelled is not who comes.
    let cancelled = callout.status == Status::ResponderCancelled;
    if let Some(responder) = callout.responder.as_ref().filter(|_| !cancelled) {
        if matches!(callout.status, Status::Dispatched | Status::Other(_)) {
            eta(state, followed, look, page);
            if roomy {
                page.gap();
            }
        } else if !callout.status.is_closed() {
            let on_scene = if callout.status == Status::Arrived { "On scene" } else { "Done on scene" };
            page.line(&Line::from(Span::styled(
                format!("{} {on_scene}", signs::DONE),
                look.theme.ok.add_modifier(Modifier::BOLD),
            )));
            if roomy {
                page.gap();
            }
        }
        person(responder, look, page);
        if roomy {
            page.gap();
        }
        company(callout.supplier.as_ref(), look, page);
    } else if let Some(supplier) = callout.supplier.as_ref().filter(|_| callout.is_manual_dispatch()) {
        page.text("Sent by hand: only the company is known.", look.theme.info);
        page.text("No name, route or ETA will come.", look.theme.muted);
        page.gap();
        company(Some(supplier), look, page);
    } else {
        waiting(callout, look, page);
    }
}

/// What is waited for before anybody is on the way.
fn waiting(callout: &Callout, look: &Look, page: &mut Page<'_>) {
    let times = &callout.times;
    let text = match callout.status {
        Status::Closed => "Nobody was sent.",
        Status::ResponderCancelled => "The responder cancelled. Waiting for another one.",
        Status::Created if times.verified.is_some() => "Verified. Waiting for a responder to accept.",
        Status::Created if times.owned.is_some() => "A controller has it. Waiting to be verified.",
        Status::Created if times.acknowledged.is_some() => {
            "Acknowledged. Waiting for a controller to take it."
        }
        Status::Created => "Waiting for the control room.",
        _ => "No responder is named.",
    };
    page.text(text, look.theme.text);
}

fn row(page: &mut Page<'_>, label: &str, value: Vec<Span<'_>>, look: &Look) {
    let mut spans = vec![Span::styled(format!("{label:<LABEL$}"), look.theme.muted)];
    spans.extend(value);
    page.line(&Line::from(spans));
}

fn known(text: &DisplayText, style: Style) -> Vec<Span<'_>> {
    let shown = if text.is_empty() { signs::UNKNOWN } else { text.as_str() };
    vec![Span::styled(shown, style)]
}

fn person(responder: &Responder, look: &Look, page: &mut Page<'_>) {
    let mut name = known(&responder.name, look.theme.strong);
    if page.area.height >= ROOM_FOR_CALLSIGN {
        row(page, "Name", name, look);
        row(page, "Callsign", known(&responder.callsign, look.theme.text), look);
    } else {
        name.push(Span::styled(format!(" · {}", responder.callsign), look.theme.muted));
        row(page, "Name", name, look);
    }
    row(page, "Mobile", known(&responder.mobile, look.theme.text), look);
    row(page, "Vehicle", known(&responder.vehicle, look.theme.text), look);
    row(page, "Plate", known(&responder.plate, look.theme.strong), look);
}

fn company(supplier: Option<&Supplier>, look: &Look, page: &mut Page<'_>) {
    let Some(supplier) = supplier else { return };
    row(page, "Company", known(&supplier.name, look.theme.text), look);
    row(page, "Phone", known(&supplier.contact_number, look.theme.text), look);
}

fn eta(state: &State, followed: &Followed, look: &Look, page: &mut Page<'_>) {
    let outdated = age::out_of_date(state);
    let heard = followed.callout.eta.unwrap_or_default();
    let place = age::whereabouts(state);
    let estimate = place.filter(|place| place.estimated && outdated.is_none());
    let mut time = match (estimate.and_then(|place| place.left_s), heard.duration_s) {
        (Some(left), _) => {
            vec![Span::styled(
                format!("≈ {}", words::seconds(left)),
                look.theme.info.add_modifier(Modifier::BOLD),
            )]
        }
        (None, Some(seconds)) => vec![Span::styled(words::seconds(seconds), look.theme.strong)],
        (None, None) => vec![Span::raw(signs::UNKNOWN)],
    };
    match outdated {
        Some(age) => {
            let told = if state.still {
                format!("  as of {}", moments::passed(state, look, age))
            } else {
                format!("  as of {} ago", words::duration(age))
            };
            time.push(Span::styled(told, look.theme.warn));
        }
        None => time.extend(course(&followed.eta_course, page.area.width, look)),
    }
    row(page, "ETA", time, look);
    let mut distance = distance(estimate, heard.distance_m);
    if let Some(place) = place {
        let bearing = state.own.fix.position.bearing_to(place.position);
        let narrow = page.area.width < ROOM_FOR_COURSE;
        let direction = if narrow { geo::compass(bearing) } else { words::direction(bearing) };
        distance.push(Span::styled(format!(" {direction}"), look.theme.muted));
    }
    row(page, "Distance", distance, look);
}

fn distance(estimate: Option<Whereabouts>, heard: Option<f64>) -> Vec<Span<'static>> {
    let distance = match (estimate.and_then(|place| place.left_m), heard) {
        (Some(left), _) => format!("≈ {}", words::metres(left)),
        (None, Some(metres)) => words::metres(metres),
        (None, None) => signs::UNKNOWN.to_owned(),
    };
    vec![Span::raw(distance)]
}

/// The recent ETAs as bars, and in words whether they fall or rise.
fn course(samples: &VecDeque<EtaSample>, width: u16, look: &Look) -> Vec<Span<'static>> {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bars = if width >= ROOM_FOR_COURSE { COURSE } else { SHORT_COURSE };
    let recent: Vec<f64> = samples.iter().rev().take(bars).map(|sample| sample.duration_s.max(0.0)).collect();
    let [newest, before, ..] = recent.as_slice() else { return Vec::new() };
    // Two or three bars are a lump that says nothing; the trend in words does.
    let no_bars = recent.len() < ENOUGH_FOR_BARS || width < ROOM_FOR_BARS;
    let shown = if no_bars { [].as_slice() } else { recent.as_slice() };
    let most = recent.iter().copied().fold(1.0, f64::max);
    let bar = |value: &f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 7 by construction")]
        let height = (value / most * 7.0).round().clamp(0.0, 7.0) as usize;
        BARS.get(height).copied().unwrap_or('█')
    };
    let bars: String = shown.iter().rev().map(bar).collect();
    let narrow = width < ROOM_FOR_COURSE;
    let (trend, style) = match newest - before {
        change if change > STEADY_S => ("↑ later", look.theme.warn),
        change if change < -STEADY_S => ("↓ nearer", look.theme.ok),
        _ => ("→ steady", look.theme.muted),
    };
    let bars = if look.signs == Signs::Utf8 { format!("  {bars} ") } else { "  ".to_owned() };
    let trend = if narrow { crate::ui::lines::prefix(trend, 1) } else { trend };
    vec![Span::styled(bars, look.theme.muted), Span::styled(trend, style)]
}
