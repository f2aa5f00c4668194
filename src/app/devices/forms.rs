//! What is asked for before something is sent: whose device it is, where it is, how full its battery is.
//! What is wrong is told at its field, and nothing that was filled in is lost.

use super::keys::speaker;
use super::model::Kind;
use super::{Key, Order, Say, Wanted, orders};
use crate::app::Effects;
use crate::app::draft::Draft;
use crate::app::raise;
use crate::app::state::{Dialog, State};
use crate::geo::Position;
use crate::text::DisplayText;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tui_input::InputRequest;

const LONGEST_SERIAL: usize = 128;
const LONGEST_NAME: usize = 60;
const LONGEST_NUMBER: usize = 18;
const LONGEST_PLACE: usize = 40;

/// The fields of a link, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    Template,
    Serial,
    Customer,
    Supplier,
    Alias,
}

impl Field {
    pub const ALL: [Self; 5] = [Self::Template, Self::Serial, Self::Customer, Self::Supplier, Self::Alias];

    /// By the API's name of it, which a refusal begins with.
    fn named_in(said: &str) -> Option<Self> {
        let names = [
            ("deviceSerial", Self::Serial),
            ("deviceId", Self::Serial),
            ("deviceSupplier", Self::Supplier),
            ("deviceType", Self::Template),
            ("template", Self::Template),
            ("deviceAlias", Self::Alias),
            ("customerId", Self::Customer),
            ("Customer", Self::Customer),
        ];
        names.into_iter().find(|(name, _)| said.contains(name)).map(|(_, field)| field)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkForm {
    pub field: Field,
    /// The name of one that there is.
    pub template: DisplayText,
    pub serial: Draft,
    pub customer: Draft,
    pub supplier: Draft,
    pub alias: Draft,
    pub wrong: BTreeMap<Field, DisplayText>,
    /// What is wrong with none of the fields.
    pub problem: Option<DisplayText>,
    /// It was sent, and no answer came yet.
    pub busy: bool,
}

impl LinkForm {
    fn new(kinds: &[Kind]) -> Self {
        Self {
            field: Field::Serial,
            template: kinds.first().map(|kind| kind.name.clone()).unwrap_or_default(),
            serial: Draft::with_limit(LONGEST_SERIAL),
            customer: Draft::with_limit(LONGEST_NUMBER),
            supplier: Draft::with_limit(LONGEST_NAME),
            alias: Draft::with_limit(LONGEST_NAME),
            wrong: BTreeMap::new(),
            problem: None,
            busy: false,
        }
    }

    pub fn is_on_template(&self) -> bool {
        self.field == Field::Template
    }

    pub fn kind<'a>(&self, kinds: &'a [Kind]) -> Option<&'a Kind> {
        kinds.iter().find(|kind| kind.name == self.template)
    }

    pub fn draft(&self, field: Field) -> Option<&Draft> {
        match field {
            Field::Template => None,
            Field::Serial => Some(&self.serial),
            Field::Customer => Some(&self.customer),
            Field::Supplier => Some(&self.supplier),
            Field::Alias => Some(&self.alias),
        }
    }

    /// The input line that has the keys.
    fn line(&mut self) -> Option<&mut Draft> {
        if self.busy {
            return None;
        }
        // Whatever is changed may be right then.
        self.wrong.remove(&self.field);
        self.problem = None;
        match self.field {
            Field::Template => None,
            Field::Serial => Some(&mut self.serial),
            Field::Customer => Some(&mut self.customer),
            Field::Supplier => Some(&mut self.supplier),
            Field::Alias => Some(&mut self.alias),
        }
    }

    /// The next field, or the one before.
    pub(super) fn step(&mut self, by: isize) {
        let at = Field::ALL.iter().position(|field| *field == self.field).unwrap_or(0);
        let count = Field::ALL.len();
        self.field = Field::ALL[(at + count).saturating_add_signed(by) % count];
    }

    /// The next template, or the one before.
    pub(super) fn choose(&mut self, kinds: &[Kind], by: isize) {
        let count = kinds.len().max(1);
        let at = kinds.iter().position(|kind| kind.name == self.template).unwrap_or(0);
        if let Some(kind) = kinds.get((at + count).saturating_add_signed(by) % count) {
            self.template = kind.name.clone();
        }
        for field in [Field::Template, Field::Serial, Field::Supplier] {
            self.wrong.remove(&field);
        }
        self.problem = None;
    }

    /// After the templates changed: one that is gone cannot be chosen, and the first look may come late.
    pub(super) fn settle(&mut self, kinds: &[Kind]) {
        if self.kind(kinds).is_none() && !self.busy {
            self.template = kinds.first().map(|kind| kind.name.clone()).unwrap_or_default();
        }
    }

    /// What can be told without a template's pattern.
    fn check(&mut self, kinds: &[Kind]) -> bool {
        self.wrong.clear();
        self.problem = None;
        let mut wrong = |field, why: &str| self.wrong.insert(field, why.into());
        let kind = kinds.iter().find(|kind| kind.name == self.template);
        if kind.is_none() {
            wrong(Field::Template, "there is none");
        }
        if self.serial.is_blank() {
            wrong(Field::Serial, "is needed: it is printed on the device");
        }
        let customer = self.customer.value().trim();
        if !customer.is_empty() && !customer.parse::<i64>().is_ok_and(|id| id > 0) {
            wrong(Field::Customer, "a customer’s number, or nothing");
        }
        if kind.is_some_and(|kind| kind.suppliers.is_empty()) && self.supplier.is_blank() {
            wrong(Field::Supplier, "is needed: the template names none");
        }
        if let Some(first) = self.wrong.keys().next() {
            self.field = *first;
        }
        self.wrong.is_empty()
    }

    pub(super) fn order(&self) -> Order {
        let text = |draft: &Draft| DisplayText::new(draft.value());
        Order::Link {
            template: self.template.clone(),
            serial: text(&self.serial),
            supplier: text(&self.supplier),
            customer: self.customer.value().trim().parse().ok(),
            alias: text(&self.alias),
        }
    }

    pub(super) fn on_its_way(self: Box<Self>) -> Self {
        Self { busy: true, ..*self }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Form {
    Link(Box<LinkForm>),
    Battery {
        device: Key,
        level: Draft,
        problem: Option<DisplayText>,
    },
    Place {
        device: Key,
        place: Draft,
        problem: Option<DisplayText>,
    },
    /// A question.
    Unlink {
        device: Key,
    },
    /// A press beyond this machine: the word has to be typed out.
    Press {
        device: Key,
        draft: Draft,
    },
}

impl Form {
    pub(super) fn press(device: Key) -> Self {
        Self::Press { device, draft: Draft::with_limit(raise::WORD.len()) }
    }

    /// Which device it is about.
    pub fn device(&self) -> Option<&Key> {
        match self {
            Self::Link(_) => None,
            Self::Battery { device, .. }
            | Self::Place { device, .. }
            | Self::Unlink { device }
            | Self::Press { device, .. } => Some(device),
        }
    }
}

/// The input line of a form, if it has one.
pub(in crate::app) fn line(form: &mut Form) -> Option<&mut Draft> {
    match form {
        Form::Link(link) => link.line(),
        Form::Battery { level: draft, problem, .. } | Form::Place { place: draft, problem, .. } => {
            *problem = None;
            Some(draft)
        }
        Form::Press { draft, .. } => Some(draft),
        Form::Unlink { .. } => None,
    }
}

/// A blank on the row of templates chooses the next one.
pub(in crate::app) fn typed(state: &mut State, character: char) -> bool {
    let Some(Dialog::Devices(Form::Link(link))) = &mut state.dialog else { return false };
    let takes = link.is_on_template() && !link.busy;
    if takes && character == ' ' {
        link.choose(&state.devices.kinds, 1);
    }
    takes
}

fn show(state: &mut State, form: Form) {
    state.dialog = Some(Dialog::Devices(form));
}

pub(super) fn link(state: &mut State) -> Effects {
    if state.may_speak() {
        let form = LinkForm::new(&state.devices.kinds);
        show(state, Form::Link(Box::new(form)));
    }
    Vec::new()
}

pub(super) fn battery(state: &mut State) {
    let Some(device) = speaker(state) else { return };
    let known = state.devices.named(&device).and_then(|device| device.battery);
    let level = filled(3, &known.map(|battery| format!("{:.0}", battery.level)).unwrap_or_default());
    show(state, Form::Battery { device, level, problem: None });
}

pub(super) fn place(state: &mut State) {
    let Some(device) = speaker(state) else { return };
    let Some(known) = state.devices.named(&device) else { return };
    let (at, _) = state.place_of(known);
    let place = filled(LONGEST_PLACE, &format!("{:.6}, {:.6}", at.latitude(), at.longitude()));
    state.devices.shifting = None;
    show(state, Form::Place { device, place, problem: None });
}

/// A line with something in it already.
fn filled(limit: usize, text: &str) -> Draft {
    let mut draft = Draft::with_limit(limit);
    text.chars().for_each(|character| draft.insert(character));
    draft.edit(InputRequest::GoToEnd);
    draft
}

/// Enter.
pub(in crate::app) fn answer(state: &mut State, form: Form) -> Effects {
    match form {
        Form::Link(mut link) => {
            if link.busy || !link.check(&state.devices.kinds) {
                show(state, Form::Link(link));
                return Vec::new();
            }
            orders::want(state, Wanted::Link(link))
        }
        Form::Battery { device, level, .. } => {
            let percent = level.value().trim().parse::<f64>().ok();
            let Some(level) = percent.filter(|percent| (0.0..=100.0).contains(percent)) else {
                let problem = Some("a number from 0 to 100".into());
                show(state, Form::Battery { device, level, problem });
                return Vec::new();
            };
            orders::want(state, Wanted::Say { device, say: Say::Battery(level) })
        }
        Form::Place { device, place, .. } => match read_place(place.value()) {
            Ok(to) => orders::want(state, Wanted::Say { device, say: Say::Move(to) }),
            Err(why) => {
                show(state, Form::Place { device, place, problem: Some(why.into()) });
                Vec::new()
            }
        },
        // Enter is the harmless answer of a question.
        Form::Unlink { .. } => Vec::new(),
        Form::Press { device, draft } if draft.value() == raise::WORD => {
            orders::send(state, Wanted::Say { device, say: Say::Press })
        }
        Form::Press { device, draft } => {
            show(state, Form::Press { device, draft });
            Vec::new()
        }
    }
}

/// Yes. Only the question of an unlink has one.
pub(in crate::app) fn confirm(state: &mut State, form: Form) -> Effects {
    match form {
        Form::Unlink { device } => orders::send(state, Wanted::Unlink { device }),
        other => answer(state, other),
    }
}

fn read_place(given: &str) -> Result<Position, &'static str> {
    const SHAPE: &str = "latitude and longitude, as -26.1091, 28.083";
    let (latitude, longitude) = given.split_once(',').ok_or(SHAPE)?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| SHAPE);
    Position::new(number(latitude)?, number(longitude)?).ok_or("not a place on the earth")
}

/// The device is linked: the form has done its work.
pub(super) fn linked(state: &mut State) {
    if matches!(state.dialog, Some(Dialog::Devices(Form::Link(_)))) {
        state.dialog = None;
    }
}

/// The server's own words, without what was asked of it and what our advice is.
fn their_words(said: &str) -> &str {
    let after = said.split_once("the server answered ").and_then(|(_, rest)| rest.split_once(": "));
    after.map_or(said, |(_, words)| words.split_once("; ").map_or(words, |(words, _)| words))
}

/// The server refused what the form holds. Whether it still stands there to tell it.
pub(super) fn refused(state: &mut State, said: &DisplayText) -> bool {
    let Some(Dialog::Devices(Form::Link(link))) = &mut state.dialog else { return false };
    link.busy = false;
    let theirs = their_words(said.as_str());
    match Field::named_in(theirs) {
        Some(field) => {
            link.field = field;
            link.wrong.insert(field, theirs.into());
        }
        None => link.problem = Some(said.clone()),
    }
    true
}

/// A field was found wrong before anything was sent.
pub(super) fn wrong(state: &mut State, field: &str, why: &DisplayText) -> bool {
    let Some(Dialog::Devices(Form::Link(link))) = &mut state.dialog else { return false };
    link.busy = false;
    match Field::named_in(field) {
        Some(field) => {
            link.field = field;
            link.wrong.insert(field, why.clone());
        }
        None => link.problem = Some(format!("{field} {why}").into()),
    }
    true
}
