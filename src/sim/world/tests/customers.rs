//! The customer's side: tenants, customers, subscriptions, users, and what a customer may do to a
//! callout.

use super::*;

fn create(rig: &mut Rig, fields: Box<CustomerFields>) -> Result<Reply, Refusal> {
    let source = rig.source;
    rig.apply(Command::CreateCustomer { source, fields, subscription: None, subscription_id: None })
}

pub(super) fn field(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Invalid { field, .. } => field,
        other => panic!("{other}"),
    }
}

#[test]
fn a_client_id_is_one_tenant() {
    let mut rig = Rig::new();
    let open = |client_id: &str| Command::OpenSource { client_id: client_id.to_owned() };
    assert_eq!(rig.apply(open("demo-client")), Ok(Reply::Source(rig.source)));
    let Ok(Reply::Source(other)) = rig.apply(open("other-client")) else { panic!() };
    assert_ne!(other, rig.source);
    let callout = rig.raise();
    assert!(rig.world.callout(other, callout).is_none());
    assert!(rig.world.customer(other, rig.customer).is_none());
    assert_eq!(rig.world.active(other).count(), 0);
    let dismiss = Command::Dismiss { source: other, callout };
    assert_eq!(rig.apply(dismiss), Err(Refusal::NotFound { what: "Callout" }));
}

#[test]
fn a_customer_needs_names_and_a_number_of_their_own() {
    let mut rig = Rig::new();
    for (name, surname, mobile, wrong) in [
        (" ", "Doe", "+27820000001", "customer.name"),
        ("Jane", "", "+27820000001", "customer.surname"),
        ("Jane", "Doe", "  ", "customer.mobile"),
        ("Jane", "Doe", "--", "customer.mobile"),
        ("Jane", "Doe", "call me", "customer.mobile"),
    ] {
        let (name, surname) = (name.to_owned(), surname.to_owned());
        let fields = Box::new(CustomerFields { name, surname, ..*person(mobile) });
        assert_eq!(field(&create(&mut rig, fields).unwrap_err()), wrong);
    }
    for same in ["+27 83 123 4567", "083 123 4567", "0027831234567"] {
        assert_eq!(create(&mut rig, person(same)), Err(Refusal::Duplicate { field: "mobile" }), "{same}");
    }
    create(&mut rig, person("+27820000001")).unwrap();
}

#[test]
fn a_subscription_lets_a_customer_raise_for_as_long_as_it_lasts() {
    let mut rig = Rig::new();
    let Ok(Reply::Customer { customer, .. }) = create(&mut rig, person("+27820000001")) else { panic!() };
    let raise =
        |rig: &mut Rig| rig.apply(Command::Raise(Raise { who: Who::ById(customer), ..rig.raising() }));
    assert_eq!(raise(&mut rig), Err(Refusal::NoSubscription));
    let until = rig.now + SignedDuration::from_hours(1);
    let (source, dependants) = (rig.source, vec![]);
    let subscription = NewSubscription { valid_to: Some(until), ..YEAR };
    let command = Command::CreateSubscription { source, customer, subscription, dependants };
    let Ok(Reply::Subscription(id)) = rig.apply(command.clone()) else { panic!() };
    assert_eq!(rig.world.subscription(rig.source, id).unwrap().valid_to, until);
    assert!(matches!(rig.apply(command), Err(Refusal::Duplicate { .. })));
    rig.after(3_600.0);
    assert_eq!(raise(&mut rig), Err(Refusal::NoSubscription));
    let unchecked = Raise { who: Who::ById(customer), check_subscription: false, ..rig.raising() };
    rig.raise_as(unchecked);
}

#[test]
fn subscriptions_that_make_no_sense_are_refused() {
    let mut rig = Rig::new();
    let source = rig.source;
    let id = rig.world.subscriptions(rig.customer).next().unwrap().id;
    let mut both = |subscription, subscription_id| {
        let fields = person("+27820000001");
        rig.apply(Command::CreateCustomer { source, fields, subscription, subscription_id }).unwrap_err()
    };
    let now = start();
    let zero = NewSubscription { subscription_type_id: 0, ..YEAR };
    let backwards = NewSubscription { valid_from: Some(now), valid_to: Some(now), ..YEAR };
    assert_eq!(field(&both(Some(YEAR), Some(id))), "subscriptionId");
    assert_eq!(field(&both(None, Some(SubscriptionId(1)))), "subscriptionId");
    assert_eq!(field(&both(Some(zero), None)), "subscriptionTypeId");
    assert_eq!(field(&both(Some(backwards), None)), "validTo");
    let mut create = |customer, dependants| {
        let subscription = YEAR;
        rig.apply(Command::CreateSubscription { source, customer, subscription, dependants }).unwrap_err()
    };
    assert_eq!(create(CustomerId(1), vec![]), Refusal::NotFound { what: "Customer" });
    let customer = CustomerId(id.0 - 1);
    assert_eq!(field(&create(customer, vec![CustomerId(1)])), "dependantCustomerIds");
}

#[test]
fn joining_an_existing_subscription_entitles_too() {
    let mut rig = Rig::new();
    let (source, subscription_id) =
        (rig.source, rig.world.subscriptions(rig.customer).next().map(|subscription| subscription.id));
    let fields = person("+27820000001");
    let command = Command::CreateCustomer { source, fields, subscription: None, subscription_id };
    let Ok(Reply::Customer { customer, .. }) = rig.apply(command) else { panic!() };
    rig.raise_as(Raise { who: Who::ById(customer), ..rig.raising() });
    rig.assert_replays();
}

#[test]
fn a_user_registers_once_and_is_a_subscribed_customer() {
    let mut rig = Rig::new();
    let register = |rig: &mut Rig, email: &str, mobile: Option<&str>| {
        let (source, email) = (rig.source, email.to_owned());
        let password_hash = PasswordHash("hash".to_owned());
        rig.apply(Command::RegisterUser { source, email, password_hash, mobile: mobile.map(str::to_owned) })
    };
    let Ok(Reply::User { user, customer }) = register(&mut rig, "jane@example.com", None) else { panic!() };
    assert_eq!(register(&mut rig, "JANE@example.com", None), Err(Refusal::Duplicate { field: "email" }));
    assert_eq!(field(&register(&mut rig, "jane", None).unwrap_err()), "email");
    assert_eq!(rig.world.user_by_email(rig.source, " Jane@Example.com").unwrap().id, user);
    assert!(rig.world.has_active_subscription(customer, rig.now));
    let Ok(Reply::User { customer, .. }) = register(&mut rig, "testy@example.com", Some("+27831234567"))
    else {
        panic!()
    };
    assert_eq!(customer, rig.customer, "the customer with that number");
    let taken = register(&mut rig, "other@example.com", Some("+27831234567"));
    assert_eq!(taken, Err(Refusal::Duplicate { field: "mobileNumber" }));
    assert!(!format!("{:?}", rig.world.user(rig.source, user).unwrap()).contains("\"hash\""));
    rig.assert_replays();
}

#[test]
fn a_customer_block_makes_or_updates_the_customer() {
    let mut rig = Rig::new();
    let raise = |rig: &mut Rig, fields, user| {
        let who = Who::ByBlock { fields, user };
        let raised = rig.apply(Command::Raise(Raise { who, check_subscription: false, ..rig.raising() }));
        match raised {
            Ok(Reply::Raised { callout, .. }) => Ok(rig.record(callout).customer),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal),
        }
    };
    let vehicle = CustomerFields { vehicle_make: Some("Box".to_owned()), ..*person("+27831234567") };
    assert_eq!(raise(&mut rig, Box::new(vehicle), None), Ok(rig.customer));
    let fields = &rig.world.customer(rig.source, rig.customer).unwrap().fields;
    assert_eq!(fields.vehicle_make.as_deref(), Some("Box"));
    let new = raise(&mut rig, person("+27820000009"), None).unwrap();
    assert_ne!(new, rig.customer);
    assert_eq!(field(&raise(&mut rig, person(""), None).unwrap_err()), "customer.mobile");

    let source = rig.source;
    let (email, password_hash) = ("jane@example.com".to_owned(), PasswordHash(String::new()));
    let register = Command::RegisterUser { source, email, password_hash, mobile: None };
    let Ok(Reply::User { user, customer }) = rig.apply(register) else { panic!() };
    assert_eq!(raise(&mut rig, person("+27820000010"), Some(user)), Ok(customer), "the user's own customer");
    let active = rig.world.active_of_customer(source, new).unwrap().id;
    rig.steps(active, "close");
    assert_eq!(raise(&mut rig, person("+27820000009"), Some(user)), Ok(new), "turns out to be known");
    assert_eq!(rig.world.user(source, user).unwrap().customer, new);
    let (email, password_hash) = ("joe@example.com".to_owned(), PasswordHash(String::new()));
    let register = Command::RegisterUser { source, email, password_hash, mobile: None };
    let Ok(Reply::User { user: other, .. }) = rig.apply(register) else { panic!() };
    let taken = raise(&mut rig, person("+27820000009"), Some(other));
    assert_eq!(taken, Err(Refusal::Duplicate { field: "customer.mobile" }));
    rig.assert_replays();
}

#[test]
fn a_second_panic_returns_the_first_callout_unmoved() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let elsewhere = Raise { position: at(-26.2, 28.1), ..rig.raising() };
    let again = rig.apply(Command::Raise(elsewhere));
    assert_eq!(again, Ok(Reply::Raised { callout, newly_opened: false }));
    assert_eq!(rig.record(callout).location.position, scene());
    rig.steps(callout, "close");
    assert!(rig.raise() > callout);
}

#[test]
fn raising_checks_its_fields() {
    let mut rig = Rig::new();
    for (raise, wrong) in [
        (Raise { response_type_id: 4, ..rig.raising() }, "responseTypeId"),
        (Raise { classification_id: 0, ..rig.raising() }, "calloutClassificationId"),
        (Raise { accuracy: Some(-1.0), ..rig.raising() }, "accuracy"),
        (Raise { accuracy: Some(f64::NAN), ..rig.raising() }, "accuracy"),
    ] {
        assert_eq!(field(&rig.apply(Command::Raise(raise)).unwrap_err()), wrong);
    }
    let unknown = Raise { who: Who::ById(CustomerId(1)), ..rig.raising() };
    assert_eq!(rig.apply(Command::Raise(unknown)), Err(Refusal::NotFound { what: "Customer" }));
    assert_eq!(rig.world.callouts().count(), 0);
}

#[test]
fn a_location_is_taken_until_the_callout_is_closed() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let place = at(-26.1, 28.1);
    for path in ["", "dispatch", "arrive", "complete"] {
        rig.steps(callout, path);
        rig.locate(callout, place).unwrap();
    }
    let report = rig.record(callout).location;
    assert_eq!((report.position, report.accuracy, report.at), (place, Some(9.0), rig.now));
    rig.steps(callout, "close");
    assert_eq!(rig.locate(callout, place), Err(Refusal::Closed));
}

#[test]
fn a_closed_callout_takes_no_messages_and_no_cancelling() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    rig.write(callout, "Please hurry.").unwrap();
    assert_eq!(field(&rig.write(callout, " \n").unwrap_err()), "event");
    rig.steps(callout, "close");
    assert_eq!(field(&rig.write(callout, "Hello?").unwrap_err()), "calloutId");
    assert_eq!(field(&rig.dismiss(callout).unwrap_err()), "calloutId");
    assert_eq!(field(&rig.cancel(callout, None).unwrap_err()), "calloutId");
}

#[test]
fn a_soft_cancel_changes_nothing_but_the_wish() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    rig.dismiss(callout).unwrap();
    rig.dismiss(callout).unwrap();
    let record = rig.record(callout);
    assert!(record.cancelled_by_customer && record.is_active());
    assert_eq!(record.status, Status::Dispatched);
    rig.locate(callout, scene()).unwrap();
}

#[test]
fn cancelling_by_safe_code() {
    for (path, code, outcome, status, wished) in [
        ("", Some("4567"), CancelOutcome::Closed, "closed", true),
        ("", None, CancelOutcome::Closed, "closed", false),
        ("dispatch", Some("4567"), CancelOutcome::StandingDown, "Responder Cancelled", true),
        ("dispatch", None, CancelOutcome::StandingDown, "Responder Cancelled", false),
        ("dispatch-manually", None, CancelOutcome::StandingDown, "Responder Cancelled", false),
        ("dispatch cancel-responder", None, CancelOutcome::Closed, "closed", false),
        ("dispatch arrive", None, CancelOutcome::Closed, "closed", false),
        ("dispatch", Some("0000"), CancelOutcome::Duress, "Responder Dispatched", false),
    ] {
        let mut rig = Rig::new();
        let callout = rig.raise();
        rig.steps(callout, path);
        assert_eq!(rig.cancel(callout, code), Ok(Reply::Cancelled { callout, outcome }), "{path} {code:?}");
        let record = rig.record(callout);
        assert_eq!((rig.status(callout), record.cancelled_by_customer), (status, wished), "{path} {code:?}");
        let duress = record.entries.iter().any(|entry| entry.kind == EntryKind::Duress);
        assert_eq!((duress, record.duress), (outcome == CancelOutcome::Duress, duress));
        if outcome == CancelOutcome::StandingDown {
            assert_eq!(record.allowed_steps(), ["close"], "nobody else is sent");
            assert!(rig.world.responders().all(|responder| responder.on_call.is_none()));
            assert_eq!(rig.cancel(callout, code), Ok(Reply::Cancelled { callout, outcome }), "asked twice");
        }
        rig.assert_replays();
    }
}

#[test]
fn a_safe_code_is_four_digits() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    for code in ["", "123", "12345", "12a4", "١٢٣٤"] {
        assert_eq!(field(&rig.cancel(callout, Some(code)).unwrap_err()), "safeCode", "{code}");
    }
    assert!(!rig.record(callout).duress);
}

#[test]
fn a_clock_set_back_does_not_turn_time_back() {
    let mut rig = Rig::new();
    rig.after(60.0);
    let callout = rig.raise();
    let raised = rig.now;
    rig.now = start();
    rig.write(callout, "Still here.").unwrap();
    assert_eq!(rig.record(callout).updated_at, raised);
}
