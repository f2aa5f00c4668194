//! The traffic screen: every exchange of this session, and one of them opened.
//!
//! What is chosen stays where it is when new exchanges come, unless it is the newest and the list has
//! the keys: then the newest is followed.

mod filter;
mod keys;
pub mod log;
mod opened;
mod packed;
mod resources;
pub mod space;
#[cfg(test)]
mod tests;

pub use filter::Filter;
pub(super) use keys::{apply, back, copy_with_token, done, edited, line, pressed, submit, wheeled};
pub use opened::{INDENT, Opened};

use super::Effects;
use super::draft::Draft;
use super::screen::Screen;
use super::shared::Shared;
use super::state::State;
use crate::text::DisplayText;
use crate::traffic::curl::Curl;
use crate::traffic::{Body, Exchange};
use log::Log;
use serde::{Deserialize, Serialize};

/// Characters of a search, and of the name of a file.
const LONGEST_SEARCH: usize = 80;
const LONGEST_PATH: usize = 300;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// An export reads it while the session goes on.
    pub log: Shared<Log>,
    pub filter: Filter,
    pub focus: Focus,
    pub view: View,
    /// The input line that has the keys.
    pub typing: Option<Typing>,
    pub search: Draft,
    /// Where the archive is written to; empty: into the state folder.
    pub file: Draft,
    /// Number of the chosen exchange.
    pub chosen: Option<u64>,
    /// The newest is chosen as it comes.
    pub follows: bool,
    /// First row of the list on the screen, as a position in what is listed.
    pub top: usize,
    /// Laid out while this screen is shown.
    pub opened: Option<Opened>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            log: Shared::default(),
            filter: Filter::default(),
            focus: Focus::List,
            view: View::Changes,
            typing: None,
            search: Draft::with_limit(LONGEST_SEARCH),
            file: Draft::with_limit(LONGEST_PATH),
            chosen: None,
            follows: true,
            top: 0,
            opened: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Focus {
    #[default]
    List,
    Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// What is different from the same request before.
    Changes,
    Reply,
    Request,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Changes, Self::Reply, Self::Request];

    pub fn title(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Reply => "reply",
            Self::Request => "request",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Typing {
    Filter,
    Search,
    /// The name of the archive.
    File,
}

/// What of this screen the mouse points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spot {
    List,
    Exchange(u64),
    Body,
    /// A row of the body, as a position among those that no fold hides.
    Row(usize),
    View(View),
}

/// Orders of this screen to the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrafficOrder {
    /// Into the terminal's clipboard. With the token, which the runtime alone knows, if asked for.
    CopyCurl {
        curl: Curl,
        with_token: bool,
    },
    CopyBody {
        body: Body,
    },
    /// Into the state folder.
    SaveBody {
        number: u64,
        body: Body,
    },
    /// The session as an archive. Without a name into the state folder.
    Export {
        file: Option<DisplayText>,
    },
}

/// What became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    Copied {
        what: Copied,
        /// Inside tmux, which has to be told to let it through.
        tmux: bool,
    },
    /// No token was fetched yet.
    NoToken,
    SavedBody {
        file: DisplayText,
    },
    Exported {
        file: DisplayText,
        exchanges: usize,
    },
    NotWritten {
        why: DisplayText,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Copied {
    Curl,
    CurlWithToken,
    Body,
}

impl Traffic {
    /// The line of the filter is on the screen.
    pub fn shows_filter(&self) -> bool {
        self.typing == Some(Typing::Filter) || self.filter.is_on()
    }

    /// The line of the search is on the screen.
    pub fn shows_search(&self) -> bool {
        self.typing == Some(Typing::Search) || !self.search.value().is_empty()
    }

    /// Exchanges that are listed.
    pub fn count(&self) -> usize {
        self.filter.count(&self.log)
    }

    /// The chosen one's place in the list.
    pub fn position(&self) -> Option<usize> {
        self.chosen.map(|number| self.filter.position(&self.log, number))
    }

    fn last(&self) -> Option<u64> {
        self.filter.number(&self.log, self.count().checked_sub(1)?)
    }

    /// Chooses by place; at the end the newest is followed from here on.
    fn choose_position(&mut self, position: usize) {
        let last = self.count().saturating_sub(1);
        self.chosen = self.filter.number(&self.log, position.min(last));
        self.follows = position >= last && self.focus == Focus::List;
    }
}

/// An exchange was recorded.
pub(super) fn exchanged(state: &mut State, exchange: Exchange) -> Effects {
    let traffic = &mut state.traffic;
    let before = traffic.count();
    let (number, gone) = traffic.log.change().push(exchange);
    traffic.filter.arrived(&traffic.log, number, gone);
    // The oldest left the list: what is on the screen stays on the same rows.
    if traffic.count() == before && gone.is_some() {
        traffic.top = traffic.top.saturating_sub(1);
    }
    settle(state);
    Vec::new()
}

/// The screen is shown, or left: what is opened is laid out only while it is seen.
pub(super) fn shown(state: &mut State) {
    state.traffic.typing = None;
    if state.screen != Screen::Traffic {
        state.traffic.opened = None;
    }
    settle(state);
}

/// The window has another size: what is chosen stays in sight.
pub(super) fn resized(state: &mut State) {
    settle(state);
}

/// After anything that may have changed what is listed, chosen or in sight.
fn settle(state: &mut State) {
    let space = space::space(state);
    let is_shown = state.screen == Screen::Traffic;
    let traffic = &mut state.traffic;
    let count = traffic.count();
    if count == 0 {
        (traffic.chosen, traffic.opened, traffic.top) = (None, None, 0);
        return;
    }
    if traffic.follows || traffic.chosen.is_none() {
        traffic.chosen = traffic.last();
    }
    // What was chosen is filtered away or gone: its neighbour.
    let position = traffic.position().unwrap_or(0).min(count - 1);
    traffic.chosen = traffic.filter.number(&traffic.log, position);
    let rows = usize::from(space.list_rows).max(1);
    let last = count.saturating_sub(rows);
    traffic.top = traffic.top.min(position).max((position + 1).saturating_sub(rows)).min(last);
    if is_shown {
        open(traffic, usize::from(space.body_rows));
    }
}

/// Lays out what is chosen, unless it is already.
fn open(traffic: &mut Traffic, rows: usize) {
    let Some(number) = traffic.chosen else { return };
    let asked = traffic.focus == Focus::Body;
    let is_open =
        |opened: &Opened| opened.number == number && opened.view == traffic.view && !(opened.waits && asked);
    if !traffic.opened.as_ref().is_some_and(is_open) {
        let before = traffic.opened.take();
        traffic.opened = Opened::new(&traffic.log, number, traffic.view, asked);
        if let Some(opened) = &mut traffic.opened {
            // The next reading of the same thing is read on where the one before was.
            let resource = |number| traffic.log.summary(number).map(|summary| summary.resource);
            if let Some(before) = before.filter(|before| resource(before.number) == resource(number)) {
                opened.go_on_from(&before);
            }
            opened.search(traffic.search.value());
        }
    }
    if let Some(opened) = &mut traffic.opened {
        opened.settle(rows);
    }
}
