//! The world under test: a clock turned by hand, invented people, and a log of every event.

mod customers;
mod devices;
mod feedback;
mod fleet;
mod membership;
mod places;
mod properties;
mod scenarios;
mod services;
mod steps;
mod trouble;
mod webhooks;

use super::*;
use jiff::SignedDuration;

/// A world with one tenant and one subscribed customer.
pub(super) struct Rig {
    pub world: World,
    pub now: Timestamp,
    pub source: SourceId,
    pub customer: CustomerId,
    pub log: Vec<Event>,
}

pub(super) const SEED: u64 = 42;

pub(super) fn start() -> Timestamp {
    "2026-06-10T09:30:00Z".parse().unwrap()
}

pub(super) fn at(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).unwrap()
}

pub(super) fn scene() -> Position {
    at(-26.1091, 28.0830)
}

pub(super) fn person(mobile: &str) -> Box<CustomerFields> {
    Box::new(CustomerFields {
        name: "Testy".to_owned(),
        surname: "McTestFace".to_owned(),
        mobile: mobile.to_owned(),
        ..CustomerFields::default()
    })
}

pub(super) const YEAR: NewSubscription =
    NewSubscription { subscription_type_id: 4, valid_from: None, valid_to: None };

impl Rig {
    pub fn new() -> Self {
        let placeholder = SourceId(0);
        let mut rig = Self {
            world: World::new(SEED),
            now: start(),
            source: placeholder,
            customer: CustomerId(0),
            log: Vec::new(),
        };
        let Ok(Reply::Source(source)) =
            rig.apply(Command::OpenSource { client_id: "demo-client".to_owned() })
        else {
            panic!("no source")
        };
        rig.source = source;
        rig.customer = rig.new_customer("+27831234567");
        rig
    }

    /// With the autopilot on a shipped scenario.
    pub fn on(scenario: &str) -> Self {
        let mut rig = Self::new();
        let scenario = Scenario::named(scenario).unwrap();
        rig.apply(Command::SetAutopilot(Some(Box::new(scenario)))).unwrap();
        rig
    }

    pub fn apply(&mut self, command: Command) -> Result<Reply, Refusal> {
        let applied = self.world.apply(command, self.now);
        self.log.extend(applied.events);
        applied.result
    }

    pub fn settle(&mut self) {
        let events = self.world.settle_all(self.now);
        self.log.extend(events);
    }

    pub fn after(&mut self, seconds: f64) -> &mut Self {
        self.now += SignedDuration::from_secs_f64(seconds);
        self.settle();
        self
    }

    pub fn new_customer(&mut self, mobile: &str) -> CustomerId {
        let command = Command::CreateCustomer {
            source: self.source,
            fields: person(mobile),
            subscription: Some(YEAR),
            subscription_id: None,
        };
        match self.apply(command) {
            Ok(Reply::Customer { customer, subscription: Some(_) }) => customer,
            other => panic!("{other:?}"),
        }
    }

    pub fn raising(&self) -> Raise {
        Raise {
            source: self.source,
            who: Who::ById(self.customer),
            position: scene(),
            accuracy: Some(12.0),
            response_type_id: 1,
            classification_id: 1,
            internal_test: false,
            check_subscription: true,
        }
    }

    pub fn raise(&mut self) -> CalloutId {
        let raising = self.raising();
        self.raise_as(raising)
    }

    pub fn raise_as(&mut self, raising: Raise) -> CalloutId {
        match self.apply(Command::Raise(raising)) {
            Ok(Reply::Raised { callout, newly_opened: true }) => callout,
            other => panic!("{other:?}"),
        }
    }

    pub fn record(&self, callout: CalloutId) -> &CalloutRecord {
        self.world.callout(self.source, callout).unwrap()
    }

    pub fn step(&mut self, callout: CalloutId, step: Step) -> Result<Reply, Refusal> {
        self.apply(Command::Step { callout, step })
    }

    /// Steps a callout through the control room, by the names of the control API.
    pub fn steps(&mut self, callout: CalloutId, names: &str) {
        for name in names.split_whitespace() {
            let step = serde_json::from_value(serde_json::json!({ "step": name })).unwrap();
            self.now += SignedDuration::from_millis(1_250);
            self.step(callout, step).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        }
    }

    pub fn status(&self, callout: CalloutId) -> &'static str {
        self.record(callout).status.as_str()
    }

    pub fn dismiss(&mut self, callout: CalloutId) -> Result<Reply, Refusal> {
        let source = self.source;
        self.apply(Command::Dismiss { source, callout })
    }

    pub fn cancel(&mut self, callout: CalloutId, safe_code: Option<&str>) -> Result<Reply, Refusal> {
        let (source, safe_code) = (self.source, safe_code.map(str::to_owned));
        self.apply(Command::Cancel { source, callout, safe_code })
    }

    pub fn locate(&mut self, callout: CalloutId, position: Position) -> Result<Reply, Refusal> {
        let source = self.source;
        self.apply(Command::UpdateLocation { source, callout, position, accuracy: Some(9.0) })
    }

    pub fn write(&mut self, callout: CalloutId, text: &str) -> Result<Reply, Refusal> {
        let (source, author) = (self.source, "Testy McTestFace".to_owned());
        self.apply(Command::SendEvent { source, callout, author, text: text.to_owned() })
    }

    /// Replays the log into a new world and compares; the snapshot must be equal too.
    pub fn assert_replays(&self) {
        let mut again = World::new(SEED);
        for event in &self.log {
            let json = serde_json::to_string(event).unwrap();
            again.replay(&serde_json::from_str(&json).unwrap());
        }
        assert_eq!(again, self.world);
        let json = serde_json::to_string(&self.world).unwrap();
        assert_eq!(serde_json::from_str::<World>(&json).unwrap(), self.world);
    }
}
