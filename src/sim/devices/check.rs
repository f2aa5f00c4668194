//! What a template's shape cannot say wrong, but its meaning can.

use super::frame::LONGEST_FRAME;
use super::place::At;
use super::read::SentId;
use super::template::{Action, DevicePart, Payload, Template};
use std::collections::BTreeSet;

const LONGEST_NAME: usize = 64;
const LONGEST_TEXT: usize = 1_000;
/// Suppliers, words of an action, fields of a frame.
const MOST: usize = 64;

impl Template {
    /// Each fault by the dotted path of its key.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        self.check_names(&mut faults);
        self.check_serial(&mut faults);
        self.check_message(&mut faults);
        self.check_actions(&mut faults);
        for action in Action::ALL {
            self.check_payload(action, &mut faults);
        }
        self.check_frame(&mut faults);
        faults
    }

    fn check_names(&self, faults: &mut Vec<(String, String)>) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > LONGEST_NAME || !self.name.chars().all(plain) {
            let why = format!("is not 1 to {LONGEST_NAME} of a-z, 0-9 and -");
            faults.push(("name".to_owned(), why));
        }
        if self.description.len() > LONGEST_TEXT {
            faults.push(("description".to_owned(), format!("is longer than {LONGEST_TEXT} characters")));
        }
        if self.type_id < 1 {
            faults.push(("type".to_owned(), "is not a positive number".to_owned()));
        }
        let blank = |name: &String| name.trim().is_empty() || name.len() > LONGEST_NAME;
        if self.suppliers.len() > MOST || self.suppliers.iter().any(blank) {
            let why = format!("holds a name that is blank or longer than {LONGEST_NAME}, or too many");
            faults.push(("suppliers".to_owned(), why));
        }
    }

    fn check_serial(&self, faults: &mut Vec<(String, String)>) {
        let why = match &self.serial.device {
            DevicePart::First(0) | DevicePart::Last(0) => Some("takes no character".to_owned()),
            DevicePart::Characters(from, to) if *from < 1 || to < from => {
                Some("characters count from 1, the first one first".to_owned())
            }
            DevicePart::Characters(_, to) | DevicePart::First(to) | DevicePart::Last(to)
                if *to > LONGEST_TEXT =>
            {
                Some("takes more characters than any serial has".to_owned())
            }
            DevicePart::Group(name) if !self.serial.pattern.has_group(name) => {
                Some(format!("the pattern has no group {name}"))
            }
            _ => None,
        };
        faults.extend(why.map(|why| ("serial.device".to_owned(), why)));
    }

    fn check_message(&self, faults: &mut Vec<(String, String)>) {
        if self.message.device.pointer().is_none() {
            faults.push(("message.device".to_owned(), "must be a field of the message".to_owned()));
        }
        if self.message.type_id.is_none()
            && self.message.device.pointer().is_some_and(|_| self.frame.is_none())
        {
            let why = "is missing; only the messages of a template with a frame do without";
            faults.push(("message.type".to_owned(), why.to_owned()));
        }
    }

    fn check_actions(&self, faults: &mut Vec<(String, String)>) {
        self.check_at("action.field", Some(&self.action.field), faults);
        let in_frame = matches!(self.action.field, At::Frame(_));
        let mut seen = BTreeSet::new();
        for action in Action::ALL {
            let words = self.action.words(action);
            let mut refuse = |why: &str| faults.push((format!("action.{}", action.as_str()), why.to_owned()));
            if words.len() > MOST {
                refuse("holds too many values");
            }
            if in_frame && words.iter().any(|word| matches!(word, SentId::Text(_))) {
                refuse("holds a text, and the frame holds numbers");
            }
            if !words.iter().all(|word| seen.insert(word.to_string())) {
                refuse("holds a value that means something already");
            }
        }
        if seen.is_empty() {
            faults.push(("action".to_owned(), "no value means anything".to_owned()));
        }
    }

    fn check_payload(&self, action: Action, faults: &mut Vec<(String, String)>) {
        let name = action.as_str();
        let payload = self.payload(action);
        if self.action.words(action).is_empty() {
            if *payload != Payload::default() {
                let why = "no value of the action's field means this";
                faults.push((format!("action.{name}"), why.to_owned()));
            }
            return;
        }
        let moves = matches!(action, Action::Callout | Action::Location);
        let places = [
            ("latitude", &payload.latitude, moves),
            ("longitude", &payload.longitude, moves),
            ("accuracy", &payload.accuracy, false),
            ("level", &payload.level, action == Action::Battery),
            ("sequence", &payload.sequence, false),
        ];
        for (key, at, needed) in places {
            let path = format!("{name}.{key}");
            if needed && at.is_none() {
                faults.push((path, "is missing".to_owned()));
            } else {
                self.check_at(&path, at.as_ref(), faults);
            }
        }
    }

    fn check_at(&self, path: &str, at: Option<&At>, faults: &mut Vec<(String, String)>) {
        let Some(At::Frame(name)) = at else { return };
        if self.frame.as_ref().is_none_or(|frame| frame.field(name).is_none()) {
            faults.push((path.to_owned(), format!("the frame has no field {name}")));
        }
    }

    fn check_frame(&self, faults: &mut Vec<(String, String)>) {
        let Some(frame) = &self.frame else { return };
        let mut refuse = |key: &str, why: String| faults.push((format!("frame.{key}"), why));
        if !(1..=LONGEST_FRAME).contains(&frame.most) {
            refuse("most", format!("is not from 1 to {LONGEST_FRAME}"));
        }
        if !(1..=frame.most).contains(&frame.bytes) {
            refuse("bytes", "is not from 1 to most".to_owned());
        }
        if frame.fields.is_empty() || frame.fields.len() > MOST {
            refuse("fields", format!("is not a list of 1 to {MOST}"));
        }
        let mut names = BTreeSet::new();
        for (index, field) in frame.fields.iter().enumerate() {
            let mut refuse = |key: &str, why: String| refuse(&format!("fields.{index}.{key}"), why);
            if field.name.trim().is_empty() || !names.insert(&field.name) {
                refuse("name", "is blank or there already".to_owned());
            }
            match field.fault() {
                Some((key, why)) => refuse(key, why),
                None if field.end() > frame.bytes => {
                    refuse("byte", format!("ends behind the {} bytes of the frame", frame.bytes));
                }
                None => {}
            }
        }
    }
}
