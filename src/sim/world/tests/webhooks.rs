//! Who is told of what, in which order, and what becomes of it.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(super) fn hook(topics: &[Topic]) -> Webhook {
    Webhook {
        url: "https://hooks.example.com/aura?key=hush".to_owned(),
        topics: topics.to_vec(),
        method: "webhook".to_owned(),
        headers: BTreeMap::from([("authorization".to_owned(), "Bearer hush".to_owned())]),
    }
}

const OK: TryOutcome = TryOutcome::Answered(204);
const DOWN: TryOutcome = TryOutcome::Failed(TryFailure::NotConnected);

impl Rig {
    fn told(topics: &[Topic]) -> Self {
        let mut rig = Self::new();
        rig.register(topics);
        rig
    }

    fn register(&mut self, topics: &[Topic]) {
        let source = self.source;
        self.hooks(WebhookCommand::Register { source, webhook: Box::new(hook(topics)) }).unwrap();
    }

    fn hooks(&mut self, command: WebhookCommand) -> Result<Reply, Refusal> {
        self.apply(Command::Webhook(command))
    }

    fn tried(&mut self, delivery: DeliveryId, outcome: TryOutcome) {
        self.hooks(WebhookCommand::Tried { delivery, outcome, took_ms: 7 }).unwrap();
    }

    fn heads(&self) -> Vec<DeliveryId> {
        self.world.next_deliveries(usize::MAX).map(|(_, id)| id).collect()
    }

    /// The names of what waits, oldest first.
    fn waiting(&self) -> String {
        let waiting = self.world.deliveries().filter(|(_, end)| end.is_none());
        waiting.map(|(delivery, _)| delivery.topic.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn ends(&self) -> Vec<Option<End>> {
        self.world.deliveries().map(|(_, end)| end).collect()
    }

    fn callout_picture(&self, delivery: DeliveryId) -> CalloutRecord {
        match &self.world.pending_delivery(delivery).unwrap().picture {
            Picture::Callout(record) => record.as_ref().clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// Everything but the stream, which changes with nearly all of it.
fn without_stream() -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| *topic != Topic::EventsChanged).collect()
}

#[test]
fn the_names_are_the_api_s() {
    for topic in Topic::ALL {
        assert_eq!(Topic::named(topic.as_str()), Some(*topic));
        assert_eq!(serde_json::to_value(topic).unwrap(), topic.as_str());
    }
    assert_eq!(Topic::named("new_callout"), None);
    assert_eq!(Topic::ALL.len(), 18);
}

#[test]
fn nothing_is_told_to_nobody() {
    let mut rig = Rig::new();
    rig.raise();
    assert!(rig.waiting().is_empty() && !rig.world.has_webhooks());
}

#[test]
fn only_what_was_asked_for_is_told() {
    let mut rig = Rig::told(&[Topic::NewCallout]);
    let callout = rig.raise();
    rig.write(callout, "Hello").unwrap();
    assert_eq!(rig.waiting(), "NEW_CALLOUT");
    rig.assert_replays();
}

#[test]
fn another_tenant_hears_nothing() {
    let mut rig = Rig::told(Topic::ALL);
    let Ok(Reply::Source(source)) = rig.apply(Command::OpenSource { client_id: "another".to_owned() }) else {
        panic!("no source")
    };
    rig.source = source;
    rig.customer = rig.new_customer("+27831234567");
    rig.raise();
    assert_eq!(rig.waiting(), "");
}

#[test]
fn customers_and_subscriptions_are_told_of() {
    let mut rig = Rig::told(Topic::ALL);
    rig.new_customer("+27830000001");
    assert_eq!(rig.waiting(), "CREATED_CUSTOMER SUBSCRIPTION_CREATED");
    assert_eq!(rig.heads().len(), 1, "the subscription comes after its customer");
    let Some((delivery, None)) = rig.world.deliveries().next() else { panic!("nothing waits") };
    let pending = rig.world.pending_delivery(delivery.id).unwrap();
    let (About::Customer(id), Picture::Customer(customer)) = (delivery.about, &pending.picture) else {
        panic!("{pending:?}")
    };
    assert_eq!((id, customer.fields.mobile.as_str()), (customer.id, "+27830000001"));
    rig.assert_replays();
}

#[test]
fn an_emergency_that_brings_its_customer_along_tells_of_both() {
    let mut rig = Rig::told(&without_stream());
    let block = |name: &str| {
        let fields = CustomerFields { name: name.to_owned(), ..*person("+27830000002") };
        Who::ByBlock { fields: Box::new(fields), user: None }
    };
    let raising = Raise { who: block("Testy"), check_subscription: false, ..rig.raising() };
    let callout = rig.raise_as(raising.clone());
    assert_eq!(rig.waiting(), "CREATED_CUSTOMER NEW_CALLOUT");
    rig.cancel(callout, None).unwrap();
    rig.raise_as(Raise { who: block("Tested"), ..raising });
    assert!(rig.waiting().ends_with("CALLOUT_CLOSED UPDATED_CUSTOMER NEW_CALLOUT"), "{}", rig.waiting());
}

#[test]
fn steps_by_hand_are_told_only_when_the_switch_asks_for_it() {
    let all = "acknowledge own verify dispatch arrive complete close";
    let mut rig = Rig::told(Topic::ALL);
    let callout = rig.raise();
    rig.steps(callout, all);
    assert_eq!(rig.waiting(), "NEW_CALLOUT");

    let mut rig = Rig::told(&without_stream());
    rig.hooks(WebhookCommand::SetSteps(true)).unwrap();
    let callout = rig.raise();
    rig.steps(callout, all);
    assert_eq!(
        rig.waiting(),
        "NEW_CALLOUT CALLOUT_OWNED RESPONDER_ACKNOWLEDGED_CALLOUT RESPONDER_ARRIVED_ON_SCENE \
         RESPONDER_COMPLETED CALLOUT_CLOSED"
    );
    rig.assert_replays();
}

#[test]
fn a_controller_s_line_is_told_without_the_switch() {
    let mut rig = Rig::told(Topic::ALL);
    let callout = rig.raise();
    let message = "Are you safe?".to_owned();
    rig.apply(Command::Comment { callout, message, from: None }).unwrap();
    assert_eq!(rig.waiting(), "NEW_CALLOUT CALLOUT_EVENTS_CHANGED");
}

#[test]
fn the_autopilot_stands_for_aura_and_is_always_told() {
    let mut rig = Rig::on("manual-dispatch");
    rig.register(&[Topic::ManuallyDispatched, Topic::Owned, Topic::Closed]);
    rig.raise();
    rig.after(24.0 * 3_600.0);
    assert_eq!(rig.waiting(), "CALLOUT_OWNED RESPONDER_MANUALLY_DISPATCHED CALLOUT_CLOSED");
    rig.assert_replays();
}

#[test]
fn the_closure_is_the_last_word() {
    let mut rig = Rig::told(&[Topic::EventsChanged, Topic::Closed, Topic::NoLongerRequiresResponse]);
    let callout = rig.raise();
    rig.cancel(callout, None).unwrap();
    assert_eq!(rig.waiting(), "CALLOUT_NO_LONGER_REQUIRES_RESPONSE CALLOUT_EVENTS_CHANGED CALLOUT_CLOSED");
}

#[test]
fn both_ways_to_cancel_are_told_apart() {
    let topics = [Topic::SoftCancelled, Topic::NoLongerRequiresResponse, Topic::Closed];
    let mut rig = Rig::told(&topics);
    let callout = rig.raise();
    rig.dismiss(callout).unwrap();
    rig.dismiss(callout).unwrap();
    assert_eq!(rig.waiting(), "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER", "once");

    let mut rig = Rig::told(&topics);
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    rig.cancel(callout, Some("4567")).unwrap();
    assert_eq!(rig.waiting(), "CALLOUT_NO_LONGER_REQUIRES_RESPONSE", "called back, not closed yet");
    rig.cancel(callout, Some("4567")).unwrap();
    assert_eq!(rig.waiting(), "CALLOUT_NO_LONGER_REQUIRES_RESPONSE", "once");
}

#[test]
fn a_wrong_safe_code_changes_the_stream_only() {
    let mut rig = Rig::told(Topic::ALL);
    let callout = rig.raise();
    rig.cancel(callout, Some("0000")).unwrap();
    assert_eq!(rig.waiting(), "NEW_CALLOUT CALLOUT_EVENTS_CHANGED");
}

#[test]
fn the_older_name_is_used_for_whoever_knows_no_other() {
    for (topics, name) in [
        (&[Topic::AcknowledgedWithEta] as &[_], "RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA"),
        (&[Topic::AcknowledgedWithEta, Topic::Acknowledged], "RESPONDER_ACKNOWLEDGED_CALLOUT"),
    ] {
        let mut rig = Rig::told(topics);
        rig.hooks(WebhookCommand::SetSteps(true)).unwrap();
        let callout = rig.raise();
        rig.steps(callout, "dispatch");
        assert_eq!(rig.waiting(), name, "one event, one delivery");
    }
}

#[test]
fn a_delivery_tells_how_it_was_then() {
    let mut rig = Rig::told(&[Topic::NewCallout, Topic::Acknowledged]);
    rig.hooks(WebhookCommand::SetSteps(true)).unwrap();
    let callout = rig.raise();
    rig.steps(callout, "dispatch arrive complete close");
    let new = rig.heads()[0];
    assert_eq!(rig.callout_picture(new).status, Status::Created);
    rig.tried(new, OK);
    let picture = rig.callout_picture(rig.heads()[0]);
    assert_eq!((picture.status, picture.assignments.len()), (Status::Dispatched, 1));
    assert!(picture.assignments[0].journey.is_some() && picture.assignments[0].arrived_at.is_none());
    assert!(picture.entries.is_empty() && picture.candidates.is_empty());
}

#[test]
fn after_the_third_failure_it_is_given_up_and_the_next_one_goes() {
    let mut rig = Rig::told(&[Topic::NewCallout, Topic::EventsChanged]);
    let callout = rig.raise();
    rig.write(callout, "Hello").unwrap();
    let first = rig.heads()[0];
    for number in 1..=3 {
        assert_eq!(rig.heads(), [first], "try {number}");
        rig.now += SignedDuration::from_secs(1);
        rig.tried(first, if number == 2 { TryOutcome::Answered(500) } else { DOWN });
    }
    assert_eq!(rig.ends(), [Some(End::GivenUp(Why::Failed)), None]);
    let (delivery, _) = rig.world.deliveries().next().unwrap();
    let outcomes: Vec<_> = delivery.tries.iter().map(|tried| tried.outcome).collect();
    assert_eq!(outcomes, [DOWN, TryOutcome::Answered(500), DOWN]);
    assert!(delivery.tries.windows(2).all(|pair| pair[0].at < pair[1].at));
    let second = rig.heads()[0];
    assert_ne!(second, first);
    rig.tried(second, OK);
    assert_eq!(rig.ends()[1], Some(End::Delivered));
    rig.tried(second, DOWN);
    assert_eq!(rig.ends()[1], Some(End::Delivered), "what comes late changes nothing");
    rig.assert_replays();
}

#[test]
fn only_a_2xx_is_a_receipt() {
    for (status, accepted) in
        [(200, true), (204, true), (299, true), (301, false), (404, false), (500, false)]
    {
        assert_eq!(TryOutcome::Answered(status).is_accepted(), accepted, "{status}");
    }
}

#[test]
fn what_waits_goes_to_the_replacement_if_it_asks_for_it() {
    let mut rig = Rig::told(&[Topic::NewCallout, Topic::EventsChanged]);
    let callout = rig.raise();
    rig.write(callout, "Hello").unwrap();
    rig.register(&[Topic::EventsChanged]);
    assert_eq!(rig.ends(), [Some(End::GivenUp(Why::NotAskedFor)), None]);
    assert_eq!(rig.world.webhooks().count(), 1);
    rig.assert_replays();
}

#[test]
fn a_deleted_webhook_is_told_nothing_more() {
    let mut rig = Rig::told(&[Topic::NewCallout]);
    rig.raise();
    let source = rig.source;
    rig.hooks(WebhookCommand::Unregister { source }).unwrap();
    assert_eq!(rig.ends(), [Some(End::GivenUp(Why::Unregistered))]);
    assert_eq!(rig.world.webhook(source), None);
    let again = rig.hooks(WebhookCommand::Unregister { source });
    assert_eq!(again.unwrap_err(), Refusal::NotFound { what: "Webhook" });
    rig.assert_replays();
}

#[test]
fn a_reset_keeps_the_switch_and_never_repeats_a_number() {
    let mut rig = Rig::told(&[Topic::NewCallout]);
    rig.hooks(WebhookCommand::SetSteps(true)).unwrap();
    rig.raise();
    let before = rig.heads();
    rig.apply(Command::Reset).unwrap();
    assert!(!rig.world.has_webhooks() && rig.world.tells_steps() && rig.heads().is_empty());
    rig.register(&[Topic::NewCallout]);
    rig.customer = rig.new_customer("+27831234567");
    rig.raise();
    assert!(rig.heads() > before);
    rig.assert_replays();
}

#[test]
fn a_receiver_that_is_down_for_good_does_not_fill_the_memory() {
    let mut rig = Rig::told(&[Topic::EventsChanged]);
    let callout = rig.raise();
    for number in 0..MOST_PENDING + MOST_FINISHED + 10 {
        rig.write(callout, &number.to_string()).unwrap();
    }
    let ends = rig.ends();
    assert_eq!(ends.iter().filter(|end| end.is_none()).count(), MOST_PENDING);
    assert_eq!(ends[..MOST_FINISHED], [Some(End::GivenUp(Why::TooMany)); MOST_FINISHED]);
    assert_eq!(ends.len(), MOST_PENDING + MOST_FINISHED);
}

#[test]
fn secrets_do_not_print() {
    let mut rig = Rig::told(&[Topic::NewCallout]);
    rig.raise();
    let printed = format!("{:?} {:?}", rig.world, rig.log);
    assert!(!printed.contains("hush") && printed.contains("hooks.example.com/aura"), "{printed}");
}

#[derive(Clone, Debug)]
enum Ask {
    Raise(usize),
    Write(usize),
    Cancel(usize),
    Step(usize, &'static str),
    /// Tries one of those that may go now.
    Send {
        which: usize,
        accepted: bool,
    },
    Restart,
}

fn ask() -> impl Strategy<Value = Ask> {
    let n = || 0usize..4;
    let steps = prop::sample::select(vec![
        "own",
        "dispatch",
        "dispatch-manually",
        "cancel-responder",
        "arrive",
        "complete",
        "close",
    ]);
    prop_oneof![
        2 => n().prop_map(Ask::Raise),
        3 => n().prop_map(Ask::Write),
        1 => n().prop_map(Ask::Cancel),
        4 => (n(), steps).prop_map(|(number, step)| Ask::Step(number, step)),
        6 => (n(), any::<bool>()).prop_map(|(which, accepted)| Ask::Send { which, accepted }),
        1 => Just(Ask::Restart),
    ]
}

/// A world with its receiver, which has only what got through.
struct Post {
    rig: Rig,
    customers: Vec<CustomerId>,
    received: Vec<(About, Topic)>,
    failures: BTreeMap<DeliveryId, usize>,
}

impl Post {
    fn new() -> Self {
        let mut rig = Rig::new();
        let customers = (0..4).map(|number| rig.new_customer(&format!("+2782000000{number}"))).collect();
        rig.register(Topic::ALL);
        rig.hooks(WebhookCommand::SetSteps(true)).unwrap();
        Self { rig, customers, received: Vec::new(), failures: BTreeMap::new() }
    }

    fn ask(&mut self, ask: &Ask) {
        let callout = |rig: &Rig, number: usize| {
            let active: Vec<_> = rig.world.all_active().map(|record| record.id).collect();
            active.get(number % active.len().max(1)).copied().unwrap_or(CalloutId(1))
        };
        match ask {
            Ask::Raise(number) => {
                let raise = Raise { who: Who::ById(self.customers[*number]), ..self.rig.raising() };
                self.rig.apply(Command::Raise(raise)).unwrap();
            }
            Ask::Write(number) => drop(self.rig.write(callout(&self.rig, *number), "Hello")),
            Ask::Cancel(number) => drop(self.rig.cancel(callout(&self.rig, *number), None)),
            Ask::Step(number, step) => {
                let step = serde_json::from_value(serde_json::json!({ "step": step })).unwrap();
                drop(self.rig.step(callout(&self.rig, *number), step));
            }
            Ask::Send { which, accepted } => {
                let heads = self.rig.heads();
                if let Some(head) = heads.get(which % heads.len().max(1)) {
                    self.send(*head, *accepted);
                }
            }
            Ask::Restart => {
                let json = serde_json::to_string(&self.rig.world).unwrap();
                self.rig.world = serde_json::from_str(&json).unwrap();
            }
        }
    }

    /// Two failures at most: the third would end it.
    fn send(&mut self, delivery: DeliveryId, accepted: bool) {
        let failures = self.failures.entry(delivery).or_default();
        let accepted = accepted || *failures == MOST_TRIES - 1;
        if accepted {
            let sent = &self.rig.world.pending_delivery(delivery).unwrap().delivery;
            self.received.push((sent.about, sent.topic));
        } else {
            *failures += 1;
        }
        self.rig.tried(delivery, if accepted { OK } else { DOWN });
    }

    /// The order in which things happened, as the log has it.
    fn happened(&self) -> BTreeMap<u64, Vec<Topic>> {
        let mut all: BTreeMap<u64, Vec<Topic>> = BTreeMap::new();
        for event in &self.rig.log {
            if let Happened::Webhook(WebhookEvent::Queued { about: About::Callout(id), topic, .. }) =
                event.what
            {
                all.entry(id.0).or_default().push(topic);
            }
        }
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn each_event_is_told_at_least_once_and_in_order(asks in prop::collection::vec(ask(), 1..80)) {
        let mut post = Post::new();
        for ask in &asks {
            post.ask(ask);
        }
        while let Some(head) = post.rig.heads().first().copied() {
            post.send(head, true);
        }
        let mut received: BTreeMap<u64, Vec<Topic>> = BTreeMap::new();
        for (about, topic) in &post.received {
            if let About::Callout(id) = about {
                received.entry(id.0).or_default().push(*topic);
            }
        }
        prop_assert_eq!(&received, &post.happened());
        for record in post.rig.world.callouts() {
            let told = |topic| received[&record.id.0].iter().filter(|told| **told == topic).count();
            prop_assert_eq!(told(Topic::NewCallout), 1);
            prop_assert_eq!(told(Topic::EventsChanged), record.entries.len());
            prop_assert_eq!(told(Topic::Closed), usize::from(!record.is_active()));
            let sent = told(Topic::Acknowledged) + told(Topic::ManuallyDispatched);
            prop_assert_eq!(sent, record.assignments.len());
        }
        prop_assert!(post.rig.world.deliveries().all(|(_, end)| end == Some(End::Delivered)));
        post.rig.assert_replays();
    }
}
