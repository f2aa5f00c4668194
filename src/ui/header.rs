//! Where we are and how fresh what we see is: on the screen in every situation.

use super::age::{self, Freshness};
use super::lines::{self, Parts};
use super::{Look, moments, signs, tabs, words};
use crate::app::callout::Classification;
use crate::app::state::{Environment, State, Watch};
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

const GAP: &str = "  ";
/// With less room a failure's reason says nothing.
const ROOM_FOR_REASON: usize = 12;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let width = area.width.saturating_sub(2);
    let tabs = tabs::places(area, state);
    tabs::draw(&tabs, state.screen, look, buf);
    let room = tabs.first().map_or(width, |(_, place, _)| place.x.saturating_sub(area.x + 2));
    let alone = area.height < 2;
    put(buf, area, 0, &first_line(state, look, alone, usize::from(room)));
    if !alone {
        put(buf, area, 1, &link_line(state, look, usize::from(width)));
    }
    warn(state, look, area, buf);
}

/// On a host of one's own its name says more than the program's, where there is room for one of them.
fn first_line<'a>(state: &'a State, look: &Look, alone: bool, room: usize) -> Line<'a> {
    let fitted = |names: (u8, u8)| {
        let mut parts = Parts::default();
        identity(state, look, names, &mut parts);
        if alone {
            link(state, look, &mut parts);
            countdowns(state, look, &mut parts);
        } else {
            demo(state, look, &mut parts);
        }
        parts.fit(room, GAP, Style::new())
    };
    let host = state.settings.host.as_str();
    let line = fitted((5, 4));
    let has_host = line.spans.iter().any(|span| span.content == host);
    if has_host && state.settings.environment != Environment::Demo { line } else { fitted((4, 5)) }
}

/// Production is red from edge to edge, whatever stands there: nobody shall take it for a demo.
pub(super) fn warn(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    if state.settings.environment == Environment::Production {
        buf.set_style(area, look.theme.alarm.remove_modifier(Modifier::DIM));
    }
}

fn put(buf: &mut Buffer, area: Rect, row: u16, line: &Line<'_>) {
    lines::put(buf, area.x + 1, area.y + row, area.width.saturating_sub(2), line);
}

fn badge(word: &str, style: Style) -> Line<'static> {
    Span::styled(format!(" {word} "), style).into()
}

/// Which kind of place it is, as it stands on every screen.
pub(super) fn badge_of(environment: Environment, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    let reversed = |style: Style| style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    match environment {
        Environment::Production => badge("PRODUCTION", theme.alarm),
        Environment::Remote => badge("REMOTE HOST", theme.alarm),
        Environment::Staging => badge("STAGING", reversed(theme.warn)),
        Environment::Local => badge("LOCAL", reversed(theme.info)),
        Environment::Demo => badge("DEMO", reversed(theme.ok)),
    }
}

/// `name` and `host`: how soon each of them makes room.
fn identity<'a>(state: &'a State, look: &Look, (name, host): (u8, u8), parts: &mut Parts<'a>) {
    let theme = &look.theme;
    let settings = &state.settings;
    parts.add(name, Span::styled("panic-console", theme.strong));
    parts.add(0, badge_of(settings.environment, look));
    // Of many callouts each has its own.
    if !state.is_watching() || state.followed().is_some() {
        parts.add(0, classification(state, look));
    }
    if settings.read_only {
        parts.add(1, Span::styled("READ-ONLY", theme.warn.add_modifier(Modifier::BOLD)));
    }
    // The demo's badge says its name already.
    if settings.environment != Environment::Demo && !settings.profile.is_empty() {
        parts.add(3, Span::raw(settings.profile.as_str()));
    }
    parts.add(host, Span::styled(settings.host.as_str(), theme.muted));
}

/// The callout's own where there is one: that is what the control room acts by.
fn classification(state: &State, look: &Look) -> Line<'static> {
    let followed = match &state.watch {
        Watch::Live(followed) => followed.callout.classification,
        _ => None,
    };
    match followed.unwrap_or(state.settings.classification) {
        Classification::Test => Span::styled("TEST", look.theme.ok.add_modifier(Modifier::BOLD)).into(),
        Classification::Real => badge("REAL", look.theme.alarm),
        Classification::Other(id) => badge(&format!("CLASS {id}"), look.theme.alarm),
    }
}

fn demo(state: &State, look: &Look, parts: &mut Parts<'_>) {
    let Some(demo) = &state.demo else { return };
    parts.add(2, Span::styled(format!("clock ×{}", demo.speed), look.theme.info));
    if !demo.scenario.is_empty() {
        let answers = match demo.scenario.as_str() {
            "off" => "autopilot off",
            named => named,
        };
        parts.add(6, Span::styled(answers.to_owned(), look.theme.muted));
    }
}

/// The second line. When something is wrong its reason comes before what goes out next.
fn link_line<'a>(state: &'a State, look: &Look, width: usize) -> Line<'a> {
    let mut parts = Parts::default();
    link(state, look, &mut parts);
    let Freshness::Down { problem, .. } = age::freshness(state) else {
        countdowns(state, look, &mut parts);
        return parts.fit(width, GAP, Style::new());
    };
    let mut line = parts.fit(width, GAP, Style::new());
    let room = width.saturating_sub(line.width() + GAP.len());
    if room >= ROOM_FOR_REASON {
        line.push_span(Span::raw(GAP));
        line.push_span(Span::styled(crate::text::cut(problem.message.as_str(), room), look.theme.text));
    }
    let mut rest = Parts::default();
    countdowns(state, look, &mut rest);
    let rest = rest.fit(width.saturating_sub(line.width() + GAP.len()), GAP, Style::new());
    if rest.width() > 0 {
        line.push_span(Span::raw(GAP));
        line.spans.extend(rest.spans);
    }
    line
}

fn link(state: &State, look: &Look, parts: &mut Parts<'_>) {
    let theme = &look.theme;
    let (sign, word, detail, style) = match age::freshness(state) {
        Freshness::Unasked => (signs::QUIET, "not connected yet", None, theme.muted),
        Freshness::Connecting => (signs::WAITING, "connecting", None, theme.info),
        Freshness::Resting { heard } => {
            let heard = heard.map(|at| format!("last reply {}", words::clock(at, state.now, &look.zone)));
            let word = if state.followed().is_some() { "polling stopped" } else { "idle" };
            (signs::QUIET, word, heard, theme.muted)
        }
        Freshness::Live { age } => (signs::LIVE, "live", Some(moments::passed(state, look, age)), theme.ok),
        Freshness::Stale { age } => {
            (signs::WARNING, "stale", Some(moments::passed(state, look, age)), theme.warn)
        }
        Freshness::Down { retry_in, problem, .. } => {
            let retry = retry_in.map(|wait| format!("retry {}", moments::due(state, look, wait)));
            (signs::WARNING, age::trouble(problem.kind), retry, theme.danger)
        }
    };
    let detail = detail.map(|detail| format!(" · {detail}")).unwrap_or_default();
    parts.add(0, Span::styled(format!("{sign} {word}{detail}"), style));
    if let Freshness::Down { age: Some(age), .. } = age::freshness(state) {
        parts.add(1, Span::styled(format!("data {}", moments::old(state, look, age)), theme.warn));
    }
    if state.link.missed > 0 {
        let polls = if state.link.missed == 1 { "poll" } else { "polls" };
        parts.add(2, Span::styled(format!("{} {polls} missed", state.link.missed), theme.warn));
    }
}

/// What goes out next, and how much went out.
fn countdowns(state: &State, look: &Look, parts: &mut Parts<'_>) {
    let muted = look.theme.muted;
    if let Some(watching) = state.watching.as_ref().filter(|watching| watching.slowed() > 1.0) {
        let often = format!("asked {:.1}× less often", watching.slowed());
        parts.add(2, Span::styled(often, look.theme.warn));
    }
    let wait = |at: Timestamp| moments::ahead(state, look, at.duration_since(state.now));
    if matches!(state.watch, Watch::Live(_)) {
        let is_retry = matches!(age::freshness(state), Freshness::Down { .. });
        if let Some(poll) = state.link.next_poll.filter(|_| !is_retry) {
            parts.add(3, Span::styled(format!("poll {}", wait(poll)), muted));
        }
        if let Some(location) = state.link.next_location.filter(|_| !state.settings.read_only) {
            let told = match (state.own.lost, &state.own.held) {
                (Some(since), _) => {
                    let gone = moments::lasting(state, look, state.now.duration_since(since));
                    Span::styled(format!("no fix {gone}"), look.theme.warn)
                }
                (None, Some(_)) => Span::styled("location held", muted),
                (None, None) => Span::styled(format!("location {}", wait(location)), muted),
            };
            parts.add(4, told);
        }
        if state.still {
            // A minute that slides on would change the number although nothing is sent.
            return;
        }
        let minute_ago = state.now - SignedDuration::from_secs(60);
        let sent = state.link.sent.iter().rev().take_while(|at| **at > minute_ago).count();
        parts.add(6, Span::styled(format!("{sent} requests/min"), muted));
    }
}
