//! The console as lines of text: one for each change, for a screen reader, a log or a pipe. Nothing is
//! drawn, and nothing that only ages is told again.

use super::dialogs::pending_of_device;
use super::{age, words};
use crate::app::callout::{Callout, CalloutId, Eta, Responder, Role};
use crate::app::devices;
use crate::app::flow::{self, Standing};
use crate::app::spoken::Said as Answer;
use crate::app::state::{Delivery, Dialog, Environment, Health, PendingWrite, State, Watch};
use crate::keymap::{Keymap, Scope, name_of, scopes_of_place};
use crate::text::DisplayText;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Tells what is new, a line each.
pub trait Tell {
    fn news(&mut self, state: &State) -> Vec<String>;
}

/// Tells what changed since it was last asked.
#[derive(Debug)]
pub struct Teller {
    keys: Keymap,
    zone: TimeZone,
    said: Option<Said>,
    /// Ids of the comments of `callout` that were told.
    comments: BTreeSet<String>,
    callout: Option<CalloutId>,
    retold: u32,
    /// Answers that were told.
    answered: u64,
}

/// What was told last; a change of it is news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    watch: String,
    steps: Vec<String>,
    responder: String,
    eta: String,
    link: String,
    position: String,
    outbox: Vec<String>,
    dialog: Vec<String>,
    notice: String,
    /// The same words once more are an answer of their own.
    told_until: Option<jiff::Timestamp>,
}

impl Tell for Teller {
    fn news(&mut self, state: &State) -> Vec<String> {
        self.changes(state)
    }
}

impl Teller {
    pub fn new(keys: Keymap, zone: TimeZone) -> Self {
        Self { keys, zone, said: None, comments: BTreeSet::new(), callout: None, retold: 0, answered: 0 }
    }

    /// What is new, with the time in front.
    fn changes(&mut self, state: &State) -> Vec<String> {
        let now = self.said_of(state);
        let asked = std::mem::replace(&mut self.retold, state.retold) != state.retold;
        if asked {
            self.forget(state);
        }
        let first = self.said.is_none();
        let before = self.said.replace(now.clone()).unwrap_or_default();
        let mut lines = Vec::new();
        if first {
            lines.push(whereabouts(state));
        }
        let mut tell = |before: &str, now: &str| {
            if before != now && !now.is_empty() {
                lines.push(now.to_owned());
            }
        };
        tell(&before.watch, &now.watch);
        tell(&before.link, &now.link);
        for step in now.steps.iter().filter(|step| !before.steps.contains(step)) {
            tell("", step);
        }
        tell(&before.responder, &now.responder);
        if before.eta != now.eta {
            tell("", &state.followed().map(|followed| eta(&followed.callout)).unwrap_or_default());
        }
        tell(&before.position, &now.position);
        for message in now.outbox.iter().filter(|message| !before.outbox.contains(message)) {
            tell("", message);
        }
        if before.dialog != now.dialog {
            now.dialog.iter().for_each(|line| tell("", line));
        }
        let again = before.told_until != now.told_until;
        tell(if again { "" } else { &before.notice }, &now.notice);
        lines.extend(self.chat(state));
        lines.extend(self.answers(state));
        if state.now == jiff::Timestamp::UNIX_EPOCH {
            return lines;
        }
        let time = words::clock(state.now, state.now, &self.zone);
        lines.into_iter().map(|line| format!("{time} {line}")).collect()
    }

    /// One by one, however many lines came at once.
    fn answers(&mut self, state: &State) -> Vec<String> {
        let told = std::mem::replace(&mut self.answered, state.answers.count());
        let lines = |said: &Answer| match said {
            Answer::Unknown(line) => vec![format!("there is no such command: {line}; help lists them")],
            Answer::Help => self.commands(state),
        };
        state.answers.since(told).flat_map(lines).collect()
    }

    /// As if nothing had been told; of the chat the newest message alone is worth telling again.
    fn forget(&mut self, state: &State) {
        self.said = None;
        if let Some(newest) = state.chat.comments.last() {
            self.comments.remove(newest.id.as_str());
        }
    }

    fn said_of(&self, state: &State) -> Said {
        let callout = state.followed().map(|followed| &followed.callout);
        let notice = state.notice.as_ref().filter(|notice| notice.until > state.now);
        Said {
            watch: watch(state),
            steps: steps(state),
            responder: callout.map(responder).unwrap_or_default(),
            eta: callout.and_then(|callout| callout.eta?.duration_s).map(words::about).unwrap_or_default(),
            link: link(state),
            position: position(state),
            outbox: outbox(state),
            dialog: self.dialog(state),
            notice: notice.map(|notice| notice.text.to_string()).unwrap_or_default(),
            told_until: notice.map(|notice| notice.until),
        }
    }

    /// Comments that were not told yet, oldest first.
    fn chat(&mut self, state: &State) -> Vec<String> {
        let callout = state.followed().map(|followed| followed.callout.id.clone());
        if self.callout != callout {
            self.comments.clear();
            self.callout = callout;
        }
        let mut lines = Vec::new();
        for comment in &state.chat.comments {
            if self.comments.insert(comment.id.to_string()) {
                let who = match comment.role {
                    Role::User => "you".to_owned(),
                    Role::Admin => format!("controller {}", comment.author),
                    Role::Other => comment.author.to_string(),
                };
                lines.push(format!("message from {}: {}", who.trim_end(), comment.body));
            }
        }
        lines
    }

    fn dialog(&self, state: &State) -> Vec<String> {
        match &state.dialog {
            // Those questions are of a screen, and lines have none.
            None | Some(Dialog::CopyToken | Dialog::Profiles { .. } | Dialog::Leave { .. }) => Vec::new(),
            Some(Dialog::Countdown { .. }) => vec![format!(
                "raising a {} panic in 3 seconds; confirm sends at once, back stops",
                words::class(state.settings.classification)
            )],
            Some(Dialog::TypeReal { .. }) => {
                vec!["this is not a test: a real responder may be sent. Type REAL to go on, an empty line stops"
                    .to_owned()]
            }
            Some(Dialog::ConfirmWrite { write }) => vec![confirm_write(state, *write)],
            Some(Dialog::ConfirmSoftCancel) => {
                vec!["soft cancel: tell the control room that no help is wanted? confirm, or back".to_owned()]
            }
            Some(Dialog::SafeCode { problem, .. }) => {
                let problem = problem.iter().map(|problem| format!("not taken: {problem}"));
                problem
                    .chain([
                        "type the safe code, or the word cancel to cancel without it; an empty line keeps \
                             the callout"
                            .to_owned(),
                    ])
                    .collect()
            }
            Some(Dialog::Control(_)) => {
                vec!["this form belongs to the control room's screen: back leaves it".to_owned()]
            }
            Some(Dialog::Devices(form)) => device_form(form),
            Some(Dialog::Help { .. } | Dialog::Palette { .. }) => self.commands(state),
        }
    }

    /// The intents that mean something without a picture.
    fn commands(&self, state: &State) -> Vec<String> {
        let mut lines = vec![
            "say TEXT: send a message".to_owned(),
            "status: how things stand, told once more".to_owned(),
        ];
        let scopes = scopes_of_place(state).into_iter().chain([Scope::Chat]);
        for row in scopes.flat_map(|scope| self.keys.rows(scope)) {
            let line = format!("{}: {}", name_of(row.intent), row.help);
            if !row.intent.is_about_the_picture() && !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

/// What a form of the devices' screen asks for, and what is wrong with the last answer. A line answers it.
fn device_form(form: &devices::Form) -> Vec<String> {
    let not_taken = |problem: &DisplayText| format!("not taken: {problem}");
    let (problems, ask): (Vec<String>, &str) = match form {
        devices::Form::Link(link) if link.busy => return vec!["linking the device".to_owned()],
        devices::Form::Link(link) => {
            let problems = link.wrong.values().chain(&link.problem).map(not_taken);
            (problems.collect(), "type the serial of the device; an empty line leaves")
        }
        devices::Form::Battery { problem, .. } => (
            problem.iter().map(not_taken).collect(),
            "type how full its battery is, in percent; an empty line leaves",
        ),
        devices::Form::Place { problem, .. } => (
            problem.iter().map(not_taken).collect(),
            "type its place as latitude, longitude; an empty line leaves",
        ),
        devices::Form::Unlink { .. } => (Vec::new(), "unlink the device from its customer? confirm, or back"),
        devices::Form::Press { .. } => {
            (Vec::new(), "a press beyond this machine is made on the full screen only; an empty line leaves")
        }
    };
    problems.into_iter().chain([ask.to_owned()]).collect()
}

/// What would go out, and where to.
fn confirm_write(state: &State, write: PendingWrite) -> String {
    let what = match write {
        PendingWrite::Raise if state.registers => format!(
            "register this profile's customer with a subscription for a year, and raise a {} panic",
            words::class(state.settings.classification)
        ),
        PendingWrite::Raise => format!("raise a {} panic", words::class(state.settings.classification)),
        PendingWrite::Message => format!("send the message: {}", state.chat.draft.value()),
        PendingWrite::Retry => "send the failed message once more".to_owned(),
        PendingWrite::Device => pending_of_device(state),
    };
    format!("profile {} at {}: {what}? confirm, or back", state.settings.profile, state.settings.host)
}

fn whereabouts(state: &State) -> String {
    let settings = &state.settings;
    let environment = match settings.environment {
        Environment::Demo => "demo: the simulator in this program answers".to_owned(),
        Environment::Local => format!("profile {}, on this machine", settings.profile),
        Environment::Staging => format!("profile {}, STAGING at {}", settings.profile, settings.host),
        Environment::Production => format!("profile {}, PRODUCTION at {}", settings.profile, settings.host),
        Environment::Remote => format!("profile {}, REMOTE HOST {}", settings.profile, settings.host),
    };
    let read_only = if settings.read_only { ", read-only" } else { "" };
    format!(
        "panic-console {}, {environment}, classification {}{read_only}; help lists the commands",
        env!("CARGO_PKG_VERSION"),
        words::class(settings.classification)
    )
}

fn watch(state: &State) -> String {
    match &state.watch {
        Watch::Looking => "looking for an active callout".to_owned(),
        Watch::Idle => "no active callout; raise begins one".to_owned(),
        Watch::Raising { problem, .. } => match problem {
            Some(problem) => format!("not raised: {problem}"),
            None => format!("raising a {} panic", words::class(state.settings.classification)),
        },
        Watch::Live(followed) => format!("callout {} is active", followed.callout.id),
        Watch::Ended { followed, why } => match why {
            crate::app::state::Ending::Closed => format!("callout {} is closed", followed.callout.id),
            crate::app::state::Ending::Unknown => {
                format!("callout {} is not known to the server any more", followed.callout.id)
            }
        },
    }
}

/// Each step that has happened, in its own words.
fn steps(state: &State) -> Vec<String> {
    let Some(followed) = state.followed() else { return Vec::new() };
    let flow = flow::Flow::of(followed, state.now);
    let reached = |standing: Standing| matches!(standing, Standing::Done | Standing::Current);
    flow.steps
        .iter()
        .filter(|step| reached(step.standing))
        .enumerate()
        .map(|(number, step)| format!("step {}: {}", number + 1, step.kind.word()))
        .collect()
}

fn responder(callout: &Callout) -> String {
    if let Some(responder) = &callout.responder {
        let Responder { name, callsign, vehicle, plate, .. } = responder;
        let parts = [name, callsign, vehicle, plate].map(ToString::to_string);
        let known: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        return format!("responder: {}", known.join(", "));
    }
    match callout.supplier.as_ref().filter(|_| callout.is_manual_dispatch()) {
        Some(supplier) => format!("dispatched by hand: {}", supplier.name),
        None => String::new(),
    }
}

/// Told when its minutes change. The distance alone changes with each reading, and is no news.
fn eta(callout: &Callout) -> String {
    let Some(Eta { distance_m, duration_s: Some(seconds), .. }) = callout.eta else { return String::new() };
    let left = distance_m.map(|metres| format!(", {}", words::metres(metres))).unwrap_or_default();
    format!("ETA {}{left}", words::about(seconds))
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

fn position(state: &State) -> String {
    let own = &state.own;
    match (own.lost, &own.held, own.moving) {
        (Some(_), ..) => "no GPS fix: no position is sent".to_owned(),
        (None, Some(_), _) => "position too vague to be sent, held back".to_owned(),
        (None, None, Some(_)) => words::way(&own.way).to_owned(),
        (None, None, None) => String::new(),
    }
}

fn outbox(state: &State) -> Vec<String> {
    let told = |message: &crate::app::state::Outgoing| match &message.delivery {
        Delivery::Failed { why } => Some(format!("message not sent: {why}: {}", message.text)),
        Delivery::Unconfirmed { .. } => Some(format!("message in doubt: {}", message.text)),
        Delivery::Queued | Delivery::Sending { .. } | Delivery::Sent { .. } => None,
    };
    state.chat.outbox.iter().filter_map(told).collect()
}
