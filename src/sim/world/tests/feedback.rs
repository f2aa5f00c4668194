//! Reasons, ratings and their items.

use super::*;

fn rate(rig: &mut Rig, callout: CalloutId, rating: i64, details: &str) -> Result<Reply, Refusal> {
    let (source, details) = (rig.source, Some(details.to_owned()));
    let rate = FeedbackCommand::Rate { source, callout, rating, details, may_be_contacted: true };
    rig.apply(Command::Feedback(rate))
}

fn rate_item(rig: &mut Rig, rating: RatingId, item: NamedItem) -> Result<Reply, Refusal> {
    let source = rig.source;
    let sentiment = Some(Sentiment::Positive);
    rig.apply(Command::Feedback(FeedbackCommand::RateItem { source, rating, item, sentiment }))
}

fn described(text: &str) -> NamedItem {
    NamedItem { description: Some(text.to_owned()), ..NamedItem::default() }
}

fn rated(rig: &mut Rig) -> (CalloutId, RatingId) {
    let callout = rig.raise();
    rig.steps(callout, "dispatch arrive complete close");
    match rate(rig, callout, 4, "Quick response") {
        Ok(Reply::Feedback(id)) => (callout, RatingId(id)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_closed_callout_is_rated_once_and_the_rating_can_change() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    for steps in ["dispatch", "arrive", "complete"] {
        rig.steps(callout, steps);
        let refused = rate(&mut rig, callout, 4, "");
        assert!(matches!(refused, Err(Refusal::Invalid { field: "calloutId", .. })), "{refused:?}");
    }
    rig.steps(callout, "close");
    for out in [0, 6, -1] {
        let refused = rate(&mut rig, callout, out, "");
        assert!(matches!(refused, Err(Refusal::Invalid { field: "rating", .. })), "{refused:?}");
    }
    let first = rate(&mut rig, callout, 4, "Quick response").unwrap();
    assert_eq!(rate(&mut rig, callout, 5, "Very quick").unwrap(), first, "the same rating");
    let record = rig.world.rating_of(callout).unwrap();
    assert_eq!((record.stars, record.details.as_deref()), (5, Some("Very quick")));
    assert_eq!(rate(&mut rig, CalloutId(1), 5, ""), Err(Refusal::NotFound { what: "Callout" }));
    rig.assert_replays();
}

#[test]
fn a_rating_item_is_made_or_changed() {
    let mut rig = Rig::new();
    let (_, rating) = rated(&mut rig);
    let first = rate_item(&mut rig, rating, described("Response time")).unwrap();
    let by_id = NamedItem { id: Some(12), ..described("How fast") };
    assert_eq!(rate_item(&mut rig, rating, by_id).unwrap(), first);
    let by_name = NamedItem { name: Some("response_time".to_owned()), ..NamedItem::default() };
    assert_eq!(rate_item(&mut rig, rating, by_name).unwrap(), first);
    let own = rate_item(&mut rig, rating, described("The officer's dog")).unwrap();
    assert_ne!(own, first);
    assert_eq!(rate_item(&mut rig, rating, described("the officer's DOG")).unwrap(), own);
    let items: Vec<_> = rig.world.rating(rating).unwrap().items.iter().map(|item| item.item).collect();
    assert_eq!(items, [Some(12), None]);
    rig.assert_replays();
}

#[test]
fn a_rating_item_must_be_one_of_something() {
    let mut rig = Rig::new();
    let (_, rating) = rated(&mut rig);
    let unknown = NamedItem { id: Some(1), ..described("Response time") };
    for (item, field) in [
        (unknown, "ratingItemId"),
        (described(" "), "ratingItemDescription"),
        (NamedItem::default(), "ratingItemDescription"),
    ] {
        let refused = rate_item(&mut rig, rating, item);
        assert!(
            matches!(&refused, Err(Refusal::Invalid { field: named, .. }) if *named == field),
            "{refused:?}"
        );
    }
    let refused = rate_item(&mut rig, RatingId(1), described("Response time"));
    assert_eq!(refused, Err(Refusal::NotFound { what: "Rating" }));
    assert!(rig.world.rating(rating).unwrap().items.is_empty());
}

#[test]
fn a_reason_is_one_of_the_list_and_belongs_to_its_callout() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let attach = |rig: &mut Rig, callout, reason| {
        let (source, notes) = (rig.source, Some("Called back, all clear".to_owned()));
        rig.apply(Command::Feedback(FeedbackCommand::AttachReason { source, callout, reason, notes }))
    };
    let refused = attach(&mut rig, callout, 100);
    assert!(matches!(refused, Err(Refusal::Invalid { field: "exceptionReasonId", .. })), "{refused:?}");
    attach(&mut rig, callout, 102).unwrap();
    rig.cancel(callout, None).unwrap();
    attach(&mut rig, callout, 103).unwrap();
    let reasons: Vec<_> = rig.world.exception_reasons(callout).iter().map(|reason| reason.reason).collect();
    assert_eq!(reasons, [102, 103]);
    assert_eq!(attach(&mut rig, CalloutId(1), 102), Err(Refusal::NotFound { what: "Callout" }));
    rig.assert_replays();
    rig.apply(Command::Reset).unwrap();
    assert!(rig.world.exception_reasons(callout).is_empty());
    rig.assert_replays();
}
