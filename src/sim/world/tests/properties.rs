//! What holds whatever is asked of the world, in whatever order, at whatever times.

mod asks;

use super::*;
use asks::{Ask, ask, step};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The world with a few customers, asked at random.
struct Crowd {
    rig: Rig,
    customers: Vec<CustomerId>,
}

impl Crowd {
    fn new(scenario: Option<&str>) -> Self {
        let mut rig = scenario.map_or_else(Rig::new, Rig::on);
        let customers: Vec<_> =
            (0..4).map(|number| rig.new_customer(&format!("+2782000000{number}"))).collect();
        devices::hand_in_shipped(&mut rig);
        for (number, customer) in customers.iter().enumerate() {
            devices::link(&mut rig, *customer, &format!("SN-{number:08}")).unwrap();
        }
        places::create_three(&mut rig);
        Self { rig, customers }
    }

    fn callout(&self, number: usize) -> CalloutId {
        let ids: Vec<_> = self.rig.world.callouts().map(|record| record.id).collect();
        ids.get(number % ids.len().max(1)).copied().unwrap_or(CalloutId(1))
    }

    fn responder(&self, number: usize) -> ResponderId {
        let ids: Vec<_> = self.rig.world.responders().map(|record| record.id).collect();
        ids.get(number % ids.len().max(1)).copied().unwrap_or(ResponderId(1))
    }

    fn command(&self, ask: &Ask) -> Option<Command> {
        let source = self.rig.source;
        Some(match ask {
            Ask::Wait(_) | Ask::Back(_) | Ask::Snapshot | Ask::Customer(_) => return None,
            Ask::Raise { customer, test, kind, demo } => Command::Raise(Raise {
                who: Who::ById(self.customers[customer % self.customers.len()]),
                classification_id: if *test { 2 } else { 1 },
                response_type_id: *kind,
                internal_test: *demo,
                position: scene().towards(50.0, 300.0 * f64::from(u8::try_from(*customer).unwrap())),
                ..self.rig.raising()
            }),
            Ask::RaiseByBlock { customer } => Command::Raise(Raise {
                who: Who::ByBlock { fields: person(&format!("+2782000000{customer}")), user: None },
                check_subscription: false,
                ..self.rig.raising()
            }),
            Ask::Send { callout, responder, decline } => {
                let responder_id = Some(self.responder(*responder));
                let send = Step::Dispatch { responder_id };
                let step = if *decline { Step::Decline { responder_id } } else { send };
                Command::Step { callout: self.callout(*callout), step }
            }
            Ask::Say { callout } => {
                let message = "We see you, @customer.".to_owned();
                Command::Comment { callout: self.callout(*callout), message, from: None }
            }
            Ask::Reset => Command::Reset,
            Ask::Trouble(number) => Command::SetTroubles(trouble::some(*number)),
            Ask::Step { callout, step: number } => {
                Command::Step { callout: self.callout(*callout), step: step(*number) }
            }
            Ask::Locate { callout, metres } => Command::UpdateLocation {
                source,
                callout: self.callout(*callout),
                position: scene().towards(200.0, *metres),
                accuracy: None,
            },
            Ask::Write { callout, text } => Command::SendEvent {
                source,
                callout: self.callout(*callout),
                author: "Jane Doe".to_owned(),
                text: ["Hello", " ", "@admin @control please"][*text].to_owned(),
            },
            Ask::Dismiss { callout } => Command::Dismiss { source, callout: self.callout(*callout) },
            Ask::Cancel { callout, code } => {
                let safe_code = ["0000", "0001", "0003"].get(*code).map(|code| (*code).to_owned());
                Command::Cancel { source, callout: self.callout(*callout), safe_code }
            }
            Ask::Autopilot(number) => Command::SetAutopilot(Scenario::shipped().nth(*number).map(Box::new)),
            Ask::Device { customer, action } => {
                let device = format!("{:08}", customer % self.customers.len());
                Command::Device(DeviceCommand::Hear { source, message: devices::message(&device, *action) })
            }
            Ask::Fixed(random) => places::command(random, source, &self.customers),
            fleet => return self.fleet_or_feedback(fleet),
        })
    }

    fn fleet_or_feedback(&self, ask: &Ask) -> Option<Command> {
        let source = self.rig.source;
        let patch = |responder: &usize, patch| Command::PatchResponder {
            responder: self.responder(*responder),
            patch: Box::new(patch),
        };
        let types = |medical: bool| {
            let types = if medical { &ResponseType::ALL[..] } else { &[ResponseType::Security] };
            types.iter().copied().collect::<BTreeSet<_>>()
        };
        let unchanged = ResponderPatch::default();
        Some(match ask {
            Ask::Place { metres, demo, medical } => Command::PutResponder(Box::new(NewResponder {
                supplier: None,
                fields: super::fleet::officer("Testy"),
                position: scene().towards(300.0, *metres),
                active: true,
                demo: *demo,
                response_types: types(*medical),
            })),
            Ask::Move { responder, metres } => {
                let position = Some(scene().towards(100.0, *metres));
                patch(responder, ResponderPatch { position, ..unchanged })
            }
            Ask::Switch { responder, active } => {
                patch(responder, ResponderPatch { active: Some(*active), ..unchanged })
            }
            Ask::Equip { responder, demo, medical } => {
                let (demo, response_types) = (Some(*demo), Some(types(*medical)));
                patch(responder, ResponderPatch { demo, response_types, ..unchanged })
            }
            Ask::Delete { responder } => Command::DeleteResponder(self.responder(*responder)),
            Ask::Register(number) => {
                let webhook = Box::new(webhooks::hook(&Topic::ALL[*number..]));
                Command::Webhook(WebhookCommand::Register { source, webhook })
            }
            Ask::Unregister => Command::Webhook(WebhookCommand::Unregister { source }),
            Ask::Tried { status } => {
                let (_, delivery) = self.rig.world.next_deliveries(1).next()?;
                let outcome = TryOutcome::Answered(*status);
                Command::Webhook(WebhookCommand::Tried { delivery, outcome, took_ms: 1 })
            }
            Ask::HoldBack => {
                let (_, delivery) = self.rig.world.next_deliveries(1).next()?;
                Command::Webhook(WebhookCommand::HoldBack { delivery })
            }
            Ask::Supplier(number) => {
                let ids: Vec<_> = self.rig.world.suppliers().map(|supplier| supplier.id).collect();
                let supplier = ids.get(*number).copied().unwrap_or(SupplierId(1));
                let patch = SupplierPatch { region: Some("Gauteng".to_owned()), ..SupplierPatch::default() };
                if number % 2 == 0 {
                    Command::DeleteSupplier(supplier)
                } else {
                    Command::PatchSupplier { supplier, patch }
                }
            }
            Ask::Reason { callout, reason } => {
                let callout = self.callout(*callout);
                let (reason, notes) = (*reason, None);
                Command::Feedback(FeedbackCommand::AttachReason { source, callout, reason, notes })
            }
            Ask::Rate { callout, stars } => Command::Feedback(FeedbackCommand::Rate {
                source,
                callout: self.callout(*callout),
                rating: *stars,
                details: None,
                may_be_contacted: false,
            }),
            Ask::RateItem { callout, item } => Command::Feedback(FeedbackCommand::RateItem {
                source,
                rating: self.rig.world.rating_of(self.callout(*callout)).map_or(RatingId(1), |r| r.id),
                item: NamedItem { id: Some(*item), ..NamedItem::default() },
                sentiment: None,
            }),
            Ask::Forget { customer } => {
                let customer = self.customers[customer % self.customers.len()];
                Command::Membership(MembershipCommand::DeleteCustomer { source, customer })
            }
            Ask::Unsubscribe { customer } => {
                let customer = self.customers[customer % self.customers.len()];
                let subscription = self.rig.world.subscriptions(customer).next()?.id;
                let reason = Some("Moved away".to_owned());
                Command::Membership(MembershipCommand::CancelSubscription { source, subscription, reason })
            }
            _ => return None,
        })
    }

    fn ask(&mut self, ask: &Ask) {
        match ask {
            Ask::Wait(milliseconds) => self.rig.now += SignedDuration::from_millis(i64::from(*milliseconds)),
            Ask::Back(milliseconds) => self.rig.now -= SignedDuration::from_millis(i64::from(*milliseconds)),
            Ask::Customer(number) => {
                let command = Command::CreateCustomer {
                    source: self.rig.source,
                    fields: person(&format!("+2782000000{number}")),
                    subscription: Some(YEAR),
                    subscription_id: None,
                };
                if let Ok(Reply::Customer { customer, .. }) = self.rig.apply(command) {
                    self.customers.push(customer);
                }
            }
            // Written down and read back, as after a restart.
            Ask::Snapshot => {
                let snapshot = serde_json::to_vec(&self.rig.world).unwrap();
                let again: World = serde_json::from_slice(&snapshot).unwrap();
                assert_eq!(again, self.rig.world);
                self.rig.world = again;
            }
            _ => {}
        }
        if let Some(command) = self.command(ask) {
            let before = self.statuses();
            let _refused_as_often_as_not = self.rig.apply(command);
            self.assert_moves(&before);
        } else {
            self.rig.settle();
        }
        self.assert_invariants();
    }

    fn statuses(&self) -> Vec<(CalloutId, usize)> {
        self.rig.world.callouts().map(|record| (record.id, record.entries.len())).collect()
    }

    /// Every change of status is one that the table of reference §9 has.
    fn assert_moves(&self, before: &[(CalloutId, usize)]) {
        for (id, seen) in before {
            // A reset forgets them all.
            let Some(record) = self.rig.world.callout_by_id(*id) else { continue };
            let statuses = record.entries.iter().enumerate().filter_map(|(index, entry)| match entry.kind {
                EntryKind::Status(status) => Some((index, status)),
                _ => None,
            });
            let mut from = Status::Created;
            for (index, to) in statuses {
                assert!(index < *seen || from != Status::Closed, "closed is final");
                let known = matches!(
                    (from, to),
                    (Status::Created | Status::ResponderCancelled, Status::Dispatched)
                        | (Status::Dispatched, Status::ResponderCancelled | Status::Arrived)
                        | (Status::Arrived, Status::Completed)
                        | (_, Status::Closed)
                );
                assert!(known, "{from:?} to {to:?}");
                from = to;
            }
            assert_eq!(from, record.status);
        }
    }

    fn assert_invariants(&self) {
        let world = &self.rig.world;
        let mut active = BTreeSet::new();
        for record in world.callouts() {
            let held = world.active_of_customer(record.source, record.customer).map(|held| held.id);
            if record.is_active() {
                assert!(active.insert(record.customer), "one active callout per customer");
                assert_eq!(held, Some(record.id));
            } else {
                assert_ne!(held, Some(record.id));
                assert_eq!(record.plan, None);
            }
            let there = record.called_from.map(|from| from.place);
            let listed = there.is_some_and(|place| world.active_at(place).any(|one| one.id == record.id));
            assert_eq!(listed, record.is_active() && there.is_some());
            assert!(record.updated_at >= record.created_at);
            let entries = || record.entries.windows(2);
            assert!(entries().all(|pair| pair[0].at <= pair[1].at && pair[0].id < pair[1].id));
        }
        assert_eq!(world.active(self.rig.source).count(), active.len());
        assert_eq!(world.all_active().count(), active.len());
        for device in world.devices() {
            let callout = device.callout.map(|id| self.rig.record(id));
            assert!(callout.is_none_or(|callout| callout.customer == device.customer), "its own customer's");
            let active = world.active_callout_of_device(device).map(|callout| callout.id);
            let of_customer = world.active_of_customer(device.source, device.customer).map(|held| held.id);
            assert!(active.is_none() || active == of_customer);
        }
        for responder in world.responders() {
            let attached = |record: &&CalloutRecord| {
                let current = record.assignment().and_then(|assignment| assignment.responder);
                let on_duty = matches!(record.status, Status::Dispatched | Status::Arrived);
                on_duty && current == Some(responder.id)
            };
            let on_call: Vec<_> = world.callouts().filter(attached).map(|record| record.id).collect();
            assert_eq!(responder.on_call.into_iter().collect::<Vec<_>>(), on_call, "in one place at a time");
        }
        assert!(self.rig.log.windows(2).all(|pair| pair[0].at <= pair[1].at), "times never run backwards");
    }

    /// Every id that was given away, blocks included.
    fn assert_ids_never_repeat(&self) {
        let mut ids = BTreeSet::new();
        let mut renewed = BTreeSet::new();
        let mut new = |id: u64| assert!(ids.insert(id), "{id} twice");
        for event in &self.rig.log {
            match &event.what {
                Happened::Raised { callout, detail, location, .. } => {
                    [callout.0, *detail, location.id].into_iter().for_each(&mut new);
                }
                Happened::Callout { change, .. } => match change {
                    Change::Found { candidates } => candidates.iter().for_each(|c| new(c.id)),
                    Change::Located { report } => new(report.id),
                    Change::Dispatched { entry, journey, .. } => {
                        let reports = Journey::reports(journey.duration_ms);
                        let blocks = [journey.first_fix, journey.first_eta];
                        blocks.into_iter().flat_map(|first| first..first + reports).for_each(&mut new);
                        new(entry.0);
                    }
                    Change::Arrived { entry, fix, eta } => {
                        [entry.0, *fix, *eta].into_iter().for_each(&mut new);
                    }
                    Change::Commented { entry, tags, .. } => {
                        tags.iter().map(|tag| tag.id).chain([entry.0]).for_each(&mut new);
                    }
                    Change::Handled { entry, .. }
                    | Change::DispatchedManually { entry, .. }
                    | Change::Retracted { entry, .. }
                    | Change::Completed { entry, .. }
                    | Change::Closed { entry, .. }
                    | Change::Duress { entry } => new(entry.0),
                    _ => {}
                },
                Happened::ResponderCreated { responder, fix, .. } => {
                    [responder.0, *fix].into_iter().for_each(&mut new);
                }
                Happened::CustomerCreated { customer, .. }
                | Happened::Place(PlaceEvent::GivenOccupant { customer, .. }) => new(customer.0),
                Happened::SubscriptionCreated { subscription, .. } => new(subscription.0),
                Happened::SourceOpened { source, .. } => new(source.0),
                Happened::Device(DeviceEvent::Linked { link, .. }) => new(link.0),
                Happened::ResponderPlaced { fix, .. } => new(*fix),
                // Both are written again when they change.
                Happened::SupplierPut { supplier, .. } if renewed.insert(supplier.0) => new(supplier.0),
                Happened::Feedback(event) if renewed.insert(event.last_id()) => new(event.last_id()),
                Happened::AutopilotSet { to: Some((scenario, _)) } => new(scenario.0),
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_at_any_times_keep_the_invariants_and_replay(asks in prop::collection::vec(ask(), 1..60)) {
        let mut crowd = Crowd::new(None);
        for ask in &asks {
            crowd.ask(ask);
        }
        crowd.assert_ids_never_repeat();
        crowd.rig.assert_replays();
    }

    #[test]
    fn one_jump_equals_many_small_steps(
        scenario in 0usize..6,
        raises in prop::collection::vec((0usize..4, any::<bool>()), 1..4),
        steps in prop::collection::vec(1u32..30_000, 1..80),
        dismissed in any::<bool>(),
        forced in any::<bool>(),
    ) {
        let name = Scenario::shipped().nth(scenario).unwrap().name;
        let (mut jump, mut walk) = (Crowd::new(Some(&name)), Crowd::new(Some(&name)));
        for crowd in [&mut jump, &mut walk] {
            for (customer, test) in &raises {
                crowd.ask(&Ask::Raise { customer: *customer, test: *test, kind: 1, demo: false });
                crowd.ask(&Ask::Wait(1_700));
            }
            if forced {
                crowd.ask(&Ask::Cancel { callout: 1, code: 0 });
            }
            if dismissed {
                crowd.ask(&Ask::Dismiss { callout: 0 });
            }
        }
        for step in &steps {
            walk.ask(&Ask::Wait(*step));
        }
        jump.ask(&Ask::Wait(steps.iter().sum()));
        prop_assert_eq!(&jump.rig.world, &walk.rig.world);
        prop_assert_eq!(&jump.rig.log, &walk.rig.log);
    }

    #[test]
    fn an_idle_callout_stays_under_4_kb(metres in 0.0f64..1_000.0) {
        let mut rig = Rig::on("happy-path");
        let raise = Raise { position: scene().towards(120.0, metres), ..rig.raising() };
        let callout = rig.raise_as(raise);
        rig.after(60.0);
        let record = rig.record(callout);
        let texts: usize = record.entries.iter().map(|entry| match &entry.kind {
            EntryKind::Comment { author, body, .. } => author.len() + body.len(),
            _ => 0,
        }).sum();
        let points: usize = record.assignments.iter()
            .filter_map(|assignment| assignment.journey.as_ref())
            .map(|journey| journey.route.points().len()).sum();
        let bytes = size_of::<CalloutRecord>()
            + record.candidates.capacity() * size_of::<Candidate>()
            + record.assignments.capacity() * size_of::<Assignment>()
            + record.entries.capacity() * size_of::<Entry>()
            + points * size_of::<Position>()
            + texts;
        prop_assert!(bytes < 4_096, "{} bytes", bytes);
    }
}
