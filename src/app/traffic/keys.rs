//! What the keys and the mouse do on the traffic screen.

use super::{Copied, Done, Focus, Spot, Traffic, TrafficOrder, Typing, View, settle, space};
use crate::app::Effects;
use crate::app::action::Effect;
use crate::app::draft::Draft;
use crate::app::intent::Intent;
use crate::app::state::{Dialog, State, Tone};
use crate::traffic::curl::{Curl, LARGEST_COPY};
use crate::traffic::har::Entry;
use crate::traffic::{Body, Side, size};

pub(in crate::app) fn apply(state: &mut State, intent: Intent) -> Effects {
    let effects = match intent {
        Intent::NextPane | Intent::PreviousPane => focus_other(state),
        Intent::Open => open(state),
        Intent::Find => find(state),
        Intent::NextMatch => next_match(state, false),
        Intent::PreviousMatch => next_match(state, true),
        Intent::NextView => next_view(state),
        Intent::Fold | Intent::Unfold | Intent::FoldAll => fold(state, intent),
        Intent::PanLeft => move_aside(state, -ASIDE),
        Intent::PanRight => move_aside(state, ASIDE),
        Intent::CopyCurl => copy_curl(state, false),
        Intent::CopyCurlWithToken => ask_for_token(state),
        Intent::CopyBody => copy_body(state),
        Intent::SaveBody => save_body(state),
        Intent::Export => export(state),
        scrolling => {
            scroll(state, scrolling);
            Vec::new()
        }
    };
    settle(state);
    effects
}

/// Columns that a key moves long rows by.
const ASIDE: i16 = 8;

fn move_aside(state: &mut State, columns: i16) -> Effects {
    let rows = usize::from(space::space(state).body_rows);
    if let Some(opened) = &mut state.traffic.opened {
        opened.move_aside(columns, rows);
    }
    Vec::new()
}

fn focus_other(state: &mut State) -> Effects {
    let focus = if state.traffic.focus == Focus::List { Focus::Body } else { Focus::List };
    give_focus(&mut state.traffic, focus);
    Vec::new()
}

/// Who reads a body does not want it taken away by the next poll.
fn give_focus(traffic: &mut Traffic, focus: Focus) {
    if focus == Focus::Body && traffic.chosen.is_none() {
        return;
    }
    traffic.focus = focus;
    let at_end = traffic.position().is_some_and(|position| position + 1 >= traffic.count());
    traffic.follows = focus == Focus::List && (at_end || traffic.chosen.is_none());
}

fn open(state: &mut State) -> Effects {
    let traffic = &mut state.traffic;
    if traffic.focus == Focus::List {
        give_focus(traffic, Focus::Body);
    } else if let Some(opened) = &mut traffic.opened {
        opened.toggle();
    }
    Vec::new()
}

fn fold(state: &mut State, intent: Intent) -> Effects {
    let Some(opened) = &mut state.traffic.opened else { return Vec::new() };
    match intent {
        Intent::Fold => opened.fold_here(),
        Intent::Unfold => opened.unfold_here(),
        _ => opened.fold_all(),
    }
    Vec::new()
}

fn next_view(state: &mut State) -> Effects {
    state.traffic.view = match state.traffic.view {
        View::Changes => View::Reply,
        View::Reply => View::Request,
        View::Request => View::Changes,
    };
    Vec::new()
}

/// Filters the list or searches the body, whichever has the keys.
fn find(state: &mut State) -> Effects {
    let traffic = &mut state.traffic;
    traffic.typing = Some(if traffic.focus == Focus::List { Typing::Filter } else { Typing::Search });
    Vec::new()
}

fn next_match(state: &mut State, back: bool) -> Effects {
    let traffic = &mut state.traffic;
    if traffic.search.value().is_empty() {
        state.tell(Tone::Info, "nothing is searched for: / in the body begins");
        return Vec::new();
    }
    let Some(opened) = &mut traffic.opened else { return Vec::new() };
    if opened.hits().is_empty() {
        state.tell(Tone::Info, "not found in this body");
        return Vec::new();
    }
    opened.next_hit(back, false);
    give_focus(&mut state.traffic, Focus::Body);
    Vec::new()
}

fn scroll(state: &mut State, intent: Intent) {
    let space = space::space(state);
    let traffic = &mut state.traffic;
    let in_body = traffic.focus == Focus::Body;
    let page = usize::from(if in_body { space.body_rows } else { space.list_rows }).saturating_sub(1).max(1);
    let (at, count) = match (&traffic.opened, in_body) {
        (Some(opened), true) => (opened.line, opened.len()),
        (None, true) => return,
        (_, false) => (traffic.position().unwrap_or(0), traffic.count()),
    };
    let last = count.saturating_sub(1);
    let to = match intent {
        Intent::ScrollUp => at.saturating_sub(1),
        Intent::ScrollDown => at + 1,
        Intent::PageUp => at.saturating_sub(page),
        Intent::PageDown => at + page,
        Intent::ScrollToStart => 0,
        Intent::ScrollToEnd => last,
        _ => return,
    };
    match &mut traffic.opened {
        Some(opened) if in_body => opened.choose(to),
        _ => traffic.choose_position(to.min(last)),
    }
}

pub(in crate::app) fn pressed(state: &mut State, spot: Spot) -> Effects {
    let traffic = &mut state.traffic;
    match spot {
        Spot::List => give_focus(traffic, Focus::List),
        Spot::Exchange(number) => {
            traffic.focus = Focus::List;
            let position = traffic.filter.position(&traffic.log, number);
            traffic.choose_position(position);
        }
        Spot::Body => give_focus(traffic, Focus::Body),
        Spot::Row(position) => {
            give_focus(traffic, Focus::Body);
            if let Some(opened) = &mut traffic.opened {
                opened.choose(position);
                opened.toggle();
            }
        }
        Spot::View(view) => traffic.view = view,
    }
    if traffic.typing == Some(Typing::File) {
        traffic.typing = None;
    }
    settle(state);
    Vec::new()
}

/// The window moves; what is chosen goes along only as far as it must to stay in it.
pub(in crate::app) fn wheeled(state: &mut State, spot: Spot, lines: i16) -> Effects {
    let space = space::space(state);
    let by = isize::from(lines);
    let traffic = &mut state.traffic;
    if matches!(spot, Spot::Body | Spot::Row(_) | Spot::View(_)) {
        let rows = usize::from(space.body_rows).max(1);
        if let Some(opened) = &mut traffic.opened {
            let (top, line) = moved(opened.top, opened.line, opened.len(), rows, by);
            (opened.top, opened.line) = (top, line);
        }
    } else {
        let rows = usize::from(space.list_rows).max(1);
        let at = traffic.position().unwrap_or(0);
        let (top, line) = moved(traffic.top, at, traffic.count(), rows, by);
        traffic.top = top;
        traffic.choose_position(line);
    }
    settle(state);
    Vec::new()
}

/// Where a window of `rows` stands after it was moved, and what is chosen in it.
fn moved(top: usize, at: usize, count: usize, rows: usize, by: isize) -> (usize, usize) {
    let top = top.saturating_add_signed(by).min(count.saturating_sub(rows));
    (top, at.clamp(top, (top + rows).min(count.max(1)) - 1))
}

/// The input line that has the keys.
pub(in crate::app) fn line(state: &mut State) -> Option<&mut Draft> {
    let traffic = &mut state.traffic;
    match traffic.typing? {
        Typing::Filter => Some(&mut traffic.filter.draft),
        Typing::Search => Some(&mut traffic.search),
        Typing::File => Some(&mut traffic.file),
    }
}

/// Something was typed: filter and search follow each character.
pub(in crate::app) fn edited(state: &mut State) {
    let traffic = &mut state.traffic;
    match traffic.typing {
        Some(Typing::Filter) => traffic.filter.edited(&traffic.log),
        Some(Typing::Search) => {
            if let Some(opened) = &mut traffic.opened {
                opened.search(traffic.search.value());
                opened.next_hit(false, true);
            }
        }
        Some(Typing::File) | None => return,
    }
    settle(state);
}

/// Enter in an input line.
pub(in crate::app) fn submit(state: &mut State) -> Effects {
    let typing = state.traffic.typing.take();
    let effects = match typing {
        Some(Typing::File) => {
            let file = state.traffic.file.take();
            let file = Some(file.trim()).filter(|file| !file.is_empty()).map(Into::into);
            state.tell(Tone::Info, "writing the archive …");
            vec![Effect::Traffic(TrafficOrder::Export { file })]
        }
        _ => Vec::new(),
    };
    settle(state);
    effects
}

/// Out of what was entered last: the input line with what it did, the body, the filter.
pub(in crate::app) fn back(state: &mut State) -> Effects {
    let traffic = &mut state.traffic;
    match traffic.typing.take() {
        Some(Typing::Filter) => traffic.filter.clear(),
        Some(Typing::Search) => clear_search(traffic),
        Some(Typing::File) => {
            let _ = traffic.file.take();
            state.notice = None;
        }
        None if traffic.focus == Focus::Body && !traffic.search.value().is_empty() => clear_search(traffic),
        None if traffic.focus == Focus::Body => give_focus(traffic, Focus::List),
        None if traffic.filter.is_on() => traffic.filter.clear(),
        None => state.notice = None,
    }
    settle(state);
    Vec::new()
}

fn clear_search(traffic: &mut Traffic) {
    let _ = traffic.search.take();
    if let Some(opened) = &mut traffic.opened {
        opened.search("");
    }
}

fn chosen(state: &mut State) -> Option<Entry> {
    let entry = state.traffic.chosen.and_then(|number| state.traffic.log.exchange(number));
    if entry.is_none() {
        state.tell(Tone::Info, "there is no exchange to copy");
    }
    entry
}

fn curl(state: &mut State) -> Option<Curl> {
    let Entry { exchange, bodies_dropped } = chosen(state)?;
    if bodies_dropped {
        state.tell(Tone::Warning, "the request is no longer kept: it made room for newer ones");
        return None;
    }
    let authorized = exchange.request.header("authorization").is_some();
    let content_type = exchange.request.header("content-type").map(str::to_owned);
    let url = exchange.url();
    Some(Curl { method: exchange.method, url, authorized, content_type, body: exchange.request.body })
}

fn copy_curl(state: &mut State, with_token: bool) -> Effects {
    let Some(curl) = curl(state) else { return Vec::new() };
    if curl.line(None).len() > LARGEST_COPY {
        state.tell(Tone::Warning, "too large for the terminal's clipboard");
        return Vec::new();
    }
    vec![Effect::Traffic(TrafficOrder::CopyCurl { curl, with_token })]
}

/// The real token leaves this program by this key only, and not before it is said what that means.
fn ask_for_token(state: &mut State) -> Effects {
    let Some(curl) = curl(state) else { return Vec::new() };
    let side = state.traffic.chosen.and_then(|number| state.traffic.log.side(number));
    if side == Some(Side::Control) {
        // The API's token is none of the control side's business.
        state.tell(
            Tone::Info,
            "the control side’s token is the profile’s control_token: y copies with $TOKEN",
        );
        return Vec::new();
    }
    if curl.authorized {
        state.dialog = Some(Dialog::CopyToken);
        return Vec::new();
    }
    state.tell(Tone::Info, "this request was sent without a token");
    Vec::new()
}

/// The question was answered with yes.
pub(in crate::app) fn copy_with_token(state: &mut State) -> Effects {
    copy_curl(state, true)
}

/// The body that is in front: of the request where that is shown, else of the reply.
fn body(state: &mut State) -> Option<(u64, Body)> {
    let Entry { exchange, bodies_dropped } = chosen(state)?;
    let message = if state.traffic.view == View::Request { exchange.request } else { exchange.reply };
    if message.body.is_none() {
        let why = match (bodies_dropped, message.size) {
            (true, _) => "the body is no longer kept: it made room for newer ones",
            (false, 0) if state.traffic.view == View::Request => "the request has no body: v shows the reply",
            (false, 0) => "there is no body",
            (false, _) => "the body is no text",
        };
        state.tell(Tone::Warning, why);
    }
    Some((state.traffic.chosen?, message.body?))
}

fn copy_body(state: &mut State) -> Effects {
    let Some((_, body)) = body(state) else { return Vec::new() };
    if body.as_str().len() > LARGEST_COPY {
        let told = format!(
            "{} are too much for the terminal's clipboard: w writes them into a file",
            size(body.as_str().len() as u64)
        );
        state.tell(Tone::Warning, &told);
        return Vec::new();
    }
    vec![Effect::Traffic(TrafficOrder::CopyBody { body })]
}

fn save_body(state: &mut State) -> Effects {
    let Some((number, body)) = body(state) else { return Vec::new() };
    vec![Effect::Traffic(TrafficOrder::SaveBody { number, body })]
}

fn export(state: &mut State) -> Effects {
    if state.traffic.log.is_empty() {
        state.tell(Tone::Info, "nothing was sent yet: there is nothing to export");
    } else {
        state.traffic.typing = Some(Typing::File);
    }
    Vec::new()
}

/// What became of an order, told in the footer.
pub(in crate::app) fn done(state: &mut State, done: &Done) -> Effects {
    let (tone, told) = match done {
        Done::Copied { what, tmux } => {
            let what = match what {
                Copied::Curl => "copied as curl; $TOKEN stands for the token",
                Copied::CurlWithToken => {
                    "copied as curl with the real token: whoever has it can call out help"
                }
                Copied::Body => "copied the body",
            };
            let hint = if *tmux { " (tmux needs: set -g set-clipboard on)" } else { "" };
            (Tone::Info, format!("{what}{hint}"))
        }
        Done::NoToken => (Tone::Warning, "there is no token yet: nothing was copied".to_owned()),
        Done::SavedBody { file } => (Tone::Info, format!("body written to {file}")),
        Done::Exported { file, exchanges } => {
            let word = if *exchanges == 1 { "exchange" } else { "exchanges" };
            (Tone::Info, format!("{exchanges} {word} written to {file}, names and places included"))
        }
        Done::NotWritten { why } => (Tone::Problem, format!("nothing was written: {why}")),
    };
    state.tell(tone, &told);
    Vec::new()
}
