//! Hosted signups, leads, scheduled services and coupons.

use super::customers::field;
use super::*;

fn key(text: &str) -> SessionKey {
    SessionKey(text.to_owned())
}

fn open(rig: &mut Rig, session: &str) -> SessionKey {
    let new = Box::new(NewSignup {
        key: key(session),
        return_url: "https://app.example.com/done".to_owned(),
        email: Some("customer.two@example.com".to_owned()),
        customer_reference_id: Some("user-123".to_owned()),
        site_details: Some([("siteName".to_owned(), "Demo Site".into())].into_iter().collect()),
    });
    let source = rig.source;
    assert_eq!(rig.apply(Command::Signup(SignupCommand::Open { source, new })), Ok(Reply::Done));
    key(session)
}

fn end(rig: &mut Rig, key: &SessionKey, how: SignupEnd) -> Result<Reply, Refusal> {
    rig.apply(Command::Signup(SignupCommand::End { key: key.clone(), how }))
}

#[test]
fn a_signup_makes_a_subscribed_customer_once() {
    let mut rig = Rig::new();
    let session = open(&mut rig, "css_a");
    let taken = end(&mut rig, &session, SignupEnd::Completed(person("+27831234567")));
    assert_eq!(taken, Err(Refusal::Duplicate { field: "mobile" }));
    assert_eq!(
        rig.world.signup(&session, rig.now).unwrap().status,
        SignupStatus::Pending,
        "may be tried again"
    );
    let done = end(&mut rig, &session, SignupEnd::Completed(person("+27820000001")));
    let Ok(Reply::Customer { customer, subscription: Some(_) }) = done else { panic!("{done:?}") };
    let record = rig.world.signup(&session, rig.now).unwrap();
    assert_eq!(record.status, SignupStatus::Completed(customer));
    assert!(record.site.as_ref().unwrap().id > 1_000);
    let fields = &rig.world.customer(rig.source, customer).unwrap().fields;
    assert_eq!(fields.external_reference_id.as_deref(), Some("user-123"));
    assert!(rig.world.has_active_subscription(customer, rig.now));
    for how in [SignupEnd::Cancelled, SignupEnd::PaymentFailed, SignupEnd::Completed(person("+27820000002"))]
    {
        assert_eq!(field(&end(&mut rig, &session, how).unwrap_err()), "sessionId", "it has ended");
    }
    let unknown = end(&mut rig, &key("css_b"), SignupEnd::Cancelled);
    assert_eq!(unknown, Err(Refusal::NotFound { what: "Signup session" }));
    assert!(!format!("{record:?}", record = rig.world.signup(&session, rig.now)).contains("css_a"));
    rig.assert_replays();
}

#[test]
fn a_signup_that_fails_makes_nobody() {
    let mut rig = Rig::new();
    for (session, how, status) in
        [("css_a", SignupEnd::PaymentFailed, "failed"), ("css_b", SignupEnd::Cancelled, "cancelled")]
    {
        let session = open(&mut rig, session);
        assert_eq!(rig.world.signup(&session, rig.now).unwrap().status.as_str(), "pending_verification");
        end(&mut rig, &session, how).unwrap();
        assert_eq!(rig.world.signup(&session, rig.now).unwrap().status.as_str(), status);
    }
    rig.assert_replays();
}

fn guard(rig: &Rig, minutes: i64) -> Box<Booking> {
    Box::new(Booking {
        kind: "guarding".to_owned(),
        customer: rig.customer,
        from: rig.now + SignedDuration::from_mins(minutes),
        to: None,
        repeats: Repeats { every: Every::Daily, interval: 1, until: None },
        position: Some(scene()),
        formatted_address: None,
        config: serde_json::Map::new(),
    })
}

fn book(rig: &mut Rig, id: &str, service: Box<Booking>) -> Result<Reply, Refusal> {
    let (source, id) = (rig.source, id.to_owned());
    rig.apply(Command::Service(ServiceCommand::Schedule { source, id, service }))
}

#[test]
fn a_service_is_booked_ahead_and_comes_again_until_it_is_cancelled() {
    let mut rig = Rig::new();
    let late = guard(&rig, 4);
    assert_eq!(field(&book(&mut rig, "x", late).unwrap_err()), "dateFrom");
    let backwards = Box::new(Booking { to: Some(rig.now), ..*guard(&rig, 9) });
    assert_eq!(field(&book(&mut rig, "x", backwards).unwrap_err()), "dateTo");
    let nobody = Box::new(Booking { customer: CustomerId(1), ..*guard(&rig, 9) });
    assert_eq!(book(&mut rig, "x", nobody), Err(Refusal::NotFound { what: "Customer" }));
    let exact = guard(&rig, 5);
    let first = exact.from;
    book(&mut rig, "x", exact).unwrap();
    let next = |rig: &Rig| rig.world.scheduled(rig.source, "x").unwrap().next_occurrence(rig.now);
    assert_eq!(next(&rig), Some(first));
    rig.after(3_600.0);
    assert_eq!(next(&rig), Some(first + SignedDuration::from_hours(24)));
    let source = rig.source;
    let cancel = |id: &str| Command::Service(ServiceCommand::CancelScheduled { source, id: id.to_owned() });
    assert_eq!(rig.apply(cancel("y")), Err(Refusal::NotFound { what: "Scheduled request" }));
    rig.apply(cancel("x")).unwrap();
    assert_eq!(next(&rig), None);
    assert_eq!(field(&rig.apply(cancel("x")).unwrap_err()), "scheduledRequestId");
    rig.assert_replays();
}

#[test]
fn leads_and_coupons_belong_to_their_source() {
    let mut rig = Rig::new();
    let source = rig.source;
    let Ok(Reply::Source(other)) = rig.apply(Command::OpenSource { client_id: "other".to_owned() }) else {
        panic!()
    };
    let lead = |mobile: &str| {
        let (id, mobile_number) = ("lead_1".to_owned(), mobile.to_owned());
        let lead = Box::new(Lead { id, mobile_number, first_name: None, last_name: None, email: None });
        Command::Service(ServiceCommand::CreateLead { source, lead })
    };
    assert_eq!(field(&rig.apply(lead("nobody")).unwrap_err()), "mobileNumber");
    rig.apply(lead("+14155552671")).unwrap();
    assert!(rig.world.lead(source, "lead_1").is_some() && rig.world.lead(other, "lead_1").is_none());
    let add = |code: &str| Command::Service(ServiceCommand::AddCoupon { source, code: code.to_owned() });
    rig.apply(add(" Summer26 ")).unwrap();
    assert_eq!(rig.apply(add("SUMMER26")), Err(Refusal::Duplicate { field: "couponCode" }));
    assert_eq!(field(&rig.apply(add(" ")).unwrap_err()), "couponCode");
    assert_eq!(rig.world.coupon(source, "summer26"), Some("Summer26"));
    assert_eq!(rig.world.coupon(other, "summer26"), None);
    let code = "SUMMER26".to_owned();
    rig.apply(Command::Service(ServiceCommand::RemoveCoupon { source, code })).unwrap();
    assert_eq!(rig.world.coupon(source, "summer26"), None);
    rig.assert_replays();
}
