//! Customers and subscriptions that change, end and go.

use super::customers::field;
use super::*;

fn change(rig: &mut Rig, customer: CustomerId, patch: CustomerPatch) -> Result<Reply, Refusal> {
    let (source, patch) = (rig.source, Box::new(patch));
    rig.apply(Command::Membership(MembershipCommand::UpdateCustomer { source, customer, patch }))
}

fn delete(rig: &mut Rig, customer: CustomerId) -> Result<Reply, Refusal> {
    let source = rig.source;
    rig.apply(Command::Membership(MembershipCommand::DeleteCustomer { source, customer }))
}

fn update(
    rig: &mut Rig,
    subscription: SubscriptionId,
    valid_to: Timestamp,
    dependants: Option<Vec<CustomerId>>,
) -> Result<Reply, Refusal> {
    let source = rig.source;
    rig.apply(Command::Membership(MembershipCommand::UpdateSubscription {
        source,
        subscription,
        valid_to,
        dependants,
    }))
}

fn cancel(rig: &mut Rig, subscription: SubscriptionId) -> Result<Reply, Refusal> {
    let (source, reason) = (rig.source, Some("Customer ended the service".to_owned()));
    rig.apply(Command::Membership(MembershipCommand::CancelSubscription { source, subscription, reason }))
}

/// A customer without a subscription.
fn stranger(rig: &mut Rig, mobile: &str) -> CustomerId {
    let (source, fields) = (rig.source, person(mobile));
    let command = Command::CreateCustomer { source, fields, subscription: None, subscription_id: None };
    match rig.apply(command) {
        Ok(Reply::Customer { customer, .. }) => customer,
        other => panic!("{other:?}"),
    }
}

fn raise_for(rig: &mut Rig, customer: CustomerId) -> Result<Reply, Refusal> {
    let raising = rig.raising();
    rig.apply(Command::Raise(Raise { who: Who::ById(customer), ..raising }))
}

fn held(rig: &Rig) -> SubscriptionId {
    rig.world.subscriptions(rig.customer).next().unwrap().id
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let mut rig = Rig::new();
    let customer = rig.customer;
    let other = [("allergies", "Penicillin"), ("bloodtype", "O+")];
    let other = other.map(|(name, text)| (name.to_owned(), text.into())).into();
    let email = Told::Value("testy@example.com".to_owned());
    change(&mut rig, customer, CustomerPatch { email, other, ..CustomerPatch::default() }).unwrap();
    let surname = Some("Doe".to_owned());
    let other = [("bloodtype".to_owned(), serde_json::Value::Null)].into();
    change(&mut rig, customer, CustomerPatch { surname, other, ..CustomerPatch::default() }).unwrap();
    let fields = &rig.world.customer(rig.source, customer).unwrap().fields;
    assert_eq!((fields.name.as_str(), fields.surname.as_str()), ("Testy", "Doe"));
    assert_eq!(fields.email.as_deref(), Some("testy@example.com"));
    assert_eq!(fields.other.keys().collect::<Vec<_>>(), ["allergies"]);
    change(&mut rig, customer, CustomerPatch { email: Told::Cleared, ..CustomerPatch::default() }).unwrap();
    assert_eq!(rig.world.customer(rig.source, customer).unwrap().fields.email, None);
    let events = rig.log.len();
    change(&mut rig, customer, CustomerPatch::default()).unwrap();
    assert_eq!(rig.log.len(), events, "nothing changed, nothing happened");
    rig.assert_replays();
}

#[test]
fn a_number_moves_with_its_customer_and_stays_unique() {
    let mut rig = Rig::new();
    let (customer, other) = (rig.customer, stranger(&mut rig, "+27820000001"));
    let to = |mobile: &str| CustomerPatch { mobile: Some(mobile.to_owned()), ..CustomerPatch::default() };
    let taken = change(&mut rig, customer, to("082 000 0001"));
    assert_eq!(taken, Err(Refusal::Duplicate { field: "mobile" }));
    for wrong in ["", " ", "--", "12"] {
        assert_eq!(field(&change(&mut rig, customer, to(wrong)).unwrap_err()), "customer.mobile");
    }
    let nameless = CustomerPatch { name: Some(" ".to_owned()), ..CustomerPatch::default() };
    assert_eq!(field(&change(&mut rig, customer, nameless).unwrap_err()), "customer.name");
    change(&mut rig, customer, to("+27 83 123 4567")).unwrap();
    change(&mut rig, customer, to("+27820000002")).unwrap();
    change(&mut rig, other, to("+27831234567")).unwrap();
    let found = |mobile| rig.world.customer_by_mobile(rig.source, mobile).map(|customer| customer.id);
    assert_eq!(found("0831234567"), Some(other));
    assert_eq!(found("0820000002"), Some(customer));
    assert_eq!(found("0820000001"), None);
    let unknown = change(&mut rig, CustomerId(1), to("+27820000009"));
    assert_eq!(unknown, Err(Refusal::NotFound { what: "Customer" }));
    rig.assert_replays();
}

#[test]
fn a_deleted_customer_is_gone_but_not_left_alone() {
    let mut rig = Rig::new();
    let (source, customer) = (rig.source, rig.customer);
    let callout = rig.raise();
    delete(&mut rig, customer).unwrap();
    assert_eq!(rig.world.customer(source, customer), None);
    assert_eq!(delete(&mut rig, customer), Err(Refusal::NotFound { what: "Customer" }));
    assert_eq!(raise_for(&mut rig, customer), Err(Refusal::NotFound { what: "Customer" }));
    rig.steps(callout, "dispatch arrive");
    rig.locate(callout, scene()).unwrap();
    assert_eq!(rig.world.customer_of(rig.record(callout)).unwrap().id, customer);
    let cancelled = rig.cancel(callout, Some("4567"));
    assert!(
        matches!(cancelled, Ok(Reply::Cancelled { outcome: CancelOutcome::Closed, .. })),
        "{cancelled:?}"
    );
    let again = stranger(&mut rig, "+27831234567");
    assert_ne!(again, customer);
    rig.assert_replays();
}

#[test]
fn a_deleted_user_s_customer_is_made_anew_by_their_next_panic() {
    let mut rig = Rig::new();
    let source = rig.source;
    let (email, password_hash) = ("jane@example.com".to_owned(), PasswordHash(String::new()));
    let mobile = Some("+27820000005".to_owned());
    let register = Command::RegisterUser { source, email, password_hash, mobile };
    let Ok(Reply::User { user, customer }) = rig.apply(register) else { panic!() };
    delete(&mut rig, customer).unwrap();
    let who = Who::ByBlock { fields: person("+27820000005"), user: Some(user) };
    let callout = rig.raise_as(Raise { who, check_subscription: false, ..rig.raising() });
    let anew = rig.record(callout).customer;
    assert_ne!(anew, customer);
    assert_eq!(rig.world.user(source, user).unwrap().customer, anew);
    rig.assert_replays();
}

#[test]
fn the_list_of_dependants_is_replaced() {
    let mut rig = Rig::new();
    let (main, subscription) = (rig.customer, held(&rig));
    let [sam, joe] = ["+27820000001", "+27820000002"].map(|mobile| stranger(&mut rig, mobile));
    let until = rig.now + SignedDuration::from_hours(48);
    assert_eq!(raise_for(&mut rig, sam), Err(Refusal::NoSubscription));
    update(&mut rig, subscription, until, Some(vec![sam, sam])).unwrap();
    assert_eq!(rig.world.subscription(rig.source, subscription).unwrap().dependants, [sam], "once");
    raise_for(&mut rig, sam).unwrap();
    update(&mut rig, subscription, until, None).unwrap();
    assert!(rig.world.has_active_subscription(sam, rig.now), "left out: left alone");
    update(&mut rig, subscription, until, Some(vec![joe])).unwrap();
    assert!(!rig.world.has_active_subscription(sam, rig.now));
    for wrong in [vec![CustomerId(1)], vec![main]] {
        let refusal = update(&mut rig, subscription, until, Some(wrong)).unwrap_err();
        assert_eq!(field(&refusal), "dependantCustomerIds");
    }
    assert_eq!(rig.world.subscription(rig.source, subscription).unwrap().dependants, [joe]);
    rig.after(48.0 * 3_600.0);
    assert_eq!(raise_for(&mut rig, joe), Err(Refusal::NoSubscription), "the main member's has lapsed");
    rig.assert_replays();
}

#[test]
fn what_has_ended_is_not_revived() {
    let mut rig = Rig::new();
    let (customer, subscription) = (rig.customer, held(&rig));
    let later = rig.now + SignedDuration::from_hours(1);
    assert_eq!(field(&update(&mut rig, subscription, start(), None).unwrap_err()), "validTo");
    update(&mut rig, subscription, later, None).unwrap();
    rig.after(3_600.0);
    assert_eq!(field(&update(&mut rig, subscription, later, None).unwrap_err()), "subscriptionId");
    let (source, dependants) = (rig.source, vec![]);
    let anew = Command::CreateSubscription { source, customer, subscription: YEAR, dependants };
    let Ok(Reply::Subscription(second)) = rig.apply(anew.clone()) else { panic!() };
    cancel(&mut rig, second).unwrap();
    let record = rig.world.subscription(source, second).unwrap();
    let reason = Some("Customer ended the service".to_owned());
    assert_eq!(record.cancelled, Some(Cancelled { at: rig.now, reason }));
    assert_eq!(field(&cancel(&mut rig, second).unwrap_err()), "subscriptionId");
    let far = rig.now + SignedDuration::from_hours(1);
    assert_eq!(field(&update(&mut rig, second, far, None).unwrap_err()), "subscriptionId");
    assert_eq!(raise_for(&mut rig, customer), Err(Refusal::NoSubscription));
    let fields = person("+27820000001");
    let subscription_id = Some(second);
    let join = Command::CreateCustomer { source, fields, subscription: None, subscription_id };
    assert_eq!(field(&rig.apply(join).unwrap_err()), "subscriptionId");
    rig.apply(anew).unwrap();
    raise_for(&mut rig, customer).unwrap();
    assert_eq!(cancel(&mut rig, SubscriptionId(1)), Err(Refusal::NotFound { what: "Subscription" }));
    let blank = MembershipCommand::CancelSubscription { source, subscription, reason: Some(" ".to_owned()) };
    assert_eq!(field(&rig.apply(Command::Membership(blank)).unwrap_err()), "reason");
    rig.assert_replays();
}

#[test]
fn worlds_of_before_read_as_they_were() {
    let rig = Rig::new();
    let mut old = serde_json::to_value(&rig.world).unwrap();
    let tables = old.as_object_mut().unwrap();
    assert!(tables.remove("signup").is_some() && tables.remove("services").is_some());
    assert_eq!(serde_json::from_value::<World>(old).unwrap(), rig.world);
}
