//! Watched callouts as lines: one for each thing that happened, for people or for programs.

use crate::app::state::{Health, State};
use crate::app::watching::news::{News, What};
use crate::ui::plain::Tell;
use crate::ui::{age, words};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

/// Tells what happened since it was last asked.
#[derive(Debug)]
pub struct WatchTeller {
    zone: TimeZone,
    json: bool,
    /// Number of the first of the news that was not told yet.
    told: u64,
    link: String,
    notice: String,
    first: bool,
}

impl Tell for WatchTeller {
    fn news(&mut self, state: &State) -> Vec<String> {
        self.happened(state)
    }
}

impl WatchTeller {
    /// A line of JSON for each, or one that is read.
    pub fn new(zone: TimeZone, json: bool) -> Self {
        Self { zone, json, told: 0, link: String::new(), notice: String::new(), first: true }
    }

    fn happened(&mut self, state: &State) -> Vec<String> {
        let Some(watching) = &state.watching else { return Vec::new() };
        let mut lines = Vec::new();
        if std::mem::take(&mut self.first) && !self.json {
            lines.push(whereabouts(state));
        }
        let link = link(state);
        if link != self.link {
            lines.push(self.of_link(state, &link));
            self.link = link;
        }
        let (lost, news) = watching.news.since(self.told);
        if lost > 0 {
            lines.push(self.simple(state, "lost", &format!("{lost} news came too fast and were not told")));
        }
        lines.extend(news.map(|news| self.line(news, state.now)));
        self.told = watching.news.end();
        let notice = state.notice.as_ref().filter(|notice| notice.until > state.now);
        let notice = notice.map(|notice| notice.text.to_string()).unwrap_or_default();
        if notice != self.notice {
            if !notice.is_empty() && !self.json {
                lines.push(self.simple(state, "notice", &notice));
            }
            self.notice = notice;
        }
        lines
    }

    fn line(&self, news: &News, now: Timestamp) -> String {
        if self.json {
            return as_json(news);
        }
        let time = words::clock(news.at, now, &self.zone);
        let eta = news.eta_s.filter(|_| matches!(news.what, What::Dispatched));
        let eta = eta.map(|seconds| format!(", ETA {}", words::about(seconds))).unwrap_or_default();
        let status = match news.what {
            What::Listed | What::New if !news.status.is_empty() => format!(": {}", news.status),
            _ => String::new(),
        };
        let body = match &news.what {
            What::Message(body) => format!(": {body}"),
            _ => String::new(),
        };
        format!("{time} {} {}{status}{eta}{body}", news.callout, news.what.words())
    }

    fn simple(&self, state: &State, event: &str, told: &str) -> String {
        if self.json {
            return json!({ "time": state.now, "event": event, "message": told }).to_string();
        }
        format!("{} {told}", words::clock(state.now, state.now, &self.zone))
    }

    fn of_link(&self, state: &State, told: &str) -> String {
        let event = match &state.link.health {
            Health::Down { .. } => "offline",
            Health::Unknown | Health::Live => "connected",
        };
        self.simple(state, event, told)
    }
}

fn as_json(news: &News) -> String {
    let mut line = json!({
        "time": news.at,
        "callout": news.callout.as_str(),
        "event": news.what.name(),
        "status": news.status.as_str(),
    });
    if let Some(seconds) = news.eta_s {
        line["etaSeconds"] = json!(seconds.round());
    }
    if !news.responder.is_empty() {
        line["responder"] = json!(news.responder.as_str());
    }
    if let What::Message(body) = &news.what {
        line["message"] = json!(body.as_str());
    }
    line.to_string()
}

fn whereabouts(state: &State) -> String {
    let settings = &state.settings;
    let what = match &state.watching {
        Some(watching) if watching.named && watching.entries.len() == 1 => "one callout".to_owned(),
        Some(watching) if watching.named => format!("{} callouts", watching.entries.len()),
        _ => "all active callouts".to_owned(),
    };
    format!(
        "panic-console {} watches {what} of {}, read-only; help lists the commands",
        env!("CARGO_PKG_VERSION"),
        settings.host
    )
}

fn link(state: &State) -> String {
    match &state.link.health {
        Health::Unknown => String::new(),
        Health::Live => "connected".to_owned(),
        Health::Down { problem, .. } => {
            format!("{}: {}; trying again", age::trouble(problem.kind), problem.message)
        }
    }
}
