//! What is said about a callout beside its course: why it was not needed, and how the customer found
//! it (reference §6.7, §6.8).

use super::World;
use super::command::{Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CalloutId, RatingId, SourceId};
use super::record::CalloutRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The cancellation reasons that can be attached, by the sample's ids.
pub const EXCEPTION_REASONS: [(i64, &str); 3] = [
    (101, "Customer unavailable at location"),
    (102, "False alarm triggered"),
    (103, "Technical malfunction detected"),
];

/// One thing that a rating can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatingItem {
    pub id: i64,
    pub name: &'static str,
    pub description: &'static str,
}

/// The catalogue; the sample has the first of it.
pub const RATING_ITEMS: [RatingItem; 5] = [
    RatingItem { id: 12, name: "RESPONSE_TIME", description: "Response time" },
    RatingItem { id: 13, name: "RESPONDER", description: "Responder" },
    RatingItem { id: 14, name: "CONTROL_ROOM", description: "Control room" },
    RatingItem { id: 15, name: "COMMUNICATION", description: "Communication" },
    RatingItem { id: 16, name: "APP", description: "App" },
];

const STARS: std::ops::RangeInclusive<i64> = 1..=5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    Positive,
    Negative,
}

impl Sentiment {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }
}

#[derive(Clone, Debug)]
pub enum FeedbackCommand {
    AttachReason {
        source: SourceId,
        callout: CalloutId,
        reason: i64,
        notes: Option<String>,
    },
    /// A second rating of the same callout changes the first: a repeated request rates once.
    Rate {
        source: SourceId,
        callout: CalloutId,
        rating: i64,
        details: Option<String>,
        may_be_contacted: bool,
    },
    RateItem {
        source: SourceId,
        rating: RatingId,
        item: NamedItem,
        sentiment: Option<Sentiment>,
    },
}

/// How a request names a rating item. One outside the catalogue goes by its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedItem {
    pub id: Option<i64>,
    pub name: Option<String>,
    pub description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FeedbackEvent {
    ReasonAttached {
        callout: CalloutId,
        reason: AttachedReason,
    },
    Rated {
        rating: RatingId,
        callout: CalloutId,
        stars: i64,
        details: Option<String>,
        may_be_contacted: bool,
    },
    ItemRated {
        rating: RatingId,
        item: RatedItem,
    },
}

impl FeedbackEvent {
    pub(super) fn last_id(&self) -> u64 {
        match self {
            Self::ReasonAttached { reason, .. } => reason.id,
            Self::Rated { rating, .. } => rating.0,
            Self::ItemRated { item, .. } => item.id,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttachedReason {
    pub id: u64,
    pub reason: i64,
    pub notes: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatingRecord {
    pub id: RatingId,
    pub callout: CalloutId,
    pub stars: i64,
    pub details: Option<String>,
    pub may_be_contacted: bool,
    pub items: Vec<RatedItem>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatedItem {
    pub id: u64,
    /// Of the catalogue.
    pub item: Option<i64>,
    /// As it was given; the catalogue's own stands there.
    pub name: Option<String>,
    pub description: String,
    pub sentiment: Option<Sentiment>,
}

impl RatedItem {
    /// Whether the other is about the same thing, so that it takes its place.
    fn is_about(&self, other: &Self) -> bool {
        match (self.item, other.item) {
            (None, None) => self.description.to_lowercase() == other.description.to_lowercase(),
            (mine, theirs) => mine == theirs,
        }
    }
}

/// All feedback. What belongs to a callout is found by its id.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Feedback {
    reasons: BTreeMap<CalloutId, Vec<AttachedReason>>,
    ratings: BTreeMap<RatingId, RatingRecord>,
    rating_of: BTreeMap<CalloutId, RatingId>,
}

impl Feedback {
    pub(super) fn fold(&mut self, event: &FeedbackEvent, at: Timestamp) {
        match event {
            FeedbackEvent::ReasonAttached { callout, reason } => {
                self.reasons.entry(*callout).or_default().push(reason.clone());
            }
            FeedbackEvent::Rated { rating, callout, stars, details, may_be_contacted } => {
                self.rating_of.insert(*callout, *rating);
                let record = self.ratings.entry(*rating).or_insert_with(|| RatingRecord {
                    id: *rating,
                    callout: *callout,
                    stars: *stars,
                    details: None,
                    may_be_contacted: false,
                    items: Vec::new(),
                    created_at: at,
                    updated_at: at,
                });
                (record.stars, record.may_be_contacted) = (*stars, *may_be_contacted);
                record.details.clone_from(details);
                record.updated_at = at;
            }
            FeedbackEvent::ItemRated { rating, item } => {
                let Some(record) = self.ratings.get_mut(rating) else { return };
                match record.items.iter_mut().find(|known| known.id == item.id) {
                    Some(known) => known.clone_from(item),
                    None => record.items.push(item.clone()),
                }
                record.updated_at = at;
            }
        }
    }
}

/// Reads. Whose callout it is, is asked of the callout itself.
impl World {
    pub fn exception_reasons(&self, callout: CalloutId) -> &[AttachedReason] {
        self.tables.feedback.reasons.get(&callout).map_or(&[], Vec::as_slice)
    }

    pub fn rating(&self, id: RatingId) -> Option<&RatingRecord> {
        self.tables.feedback.ratings.get(&id)
    }

    pub fn rating_of(&self, callout: CalloutId) -> Option<&RatingRecord> {
        self.rating(*self.tables.feedback.rating_of.get(&callout)?)
    }
}

impl World {
    pub(super) fn decide_feedback(
        &mut self,
        command: FeedbackCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let event = match command {
            FeedbackCommand::AttachReason { source, callout, reason, notes } => {
                let callout = self.callout_of(source, callout)?.id;
                if !EXCEPTION_REASONS.iter().any(|(known, _)| *known == reason) {
                    let why = "is none of the reasons that can be listed";
                    return Err(Refusal::Invalid { field: "exceptionReasonId", why });
                }
                let reason = AttachedReason { id: self.ids().take(), reason, notes };
                FeedbackEvent::ReasonAttached { callout, reason }
            }
            FeedbackCommand::Rate { source, callout, rating: stars, details, may_be_contacted } => {
                let record = self.callout_of(source, callout)?;
                if !STARS.contains(&stars) {
                    return Err(Refusal::Invalid { field: "rating", why: "is not from 1 to 5" });
                }
                if record.is_active() {
                    return Err(Refusal::Invalid {
                        field: "calloutId",
                        why: "the callout is not closed yet",
                    });
                }
                let known = self.rating_of(callout).map(|rating| rating.id);
                let rating = known.unwrap_or_else(|| RatingId(self.ids().take()));
                FeedbackEvent::Rated { rating, callout, stars, details, may_be_contacted }
            }
            FeedbackCommand::RateItem { source, rating, item, sentiment } => {
                let record = self.rating(rating).ok_or(Refusal::NotFound { what: "Rating" })?;
                self.callout(source, record.callout).ok_or(Refusal::NotFound { what: "Rating" })?;
                let mut item = resolved(item, sentiment)?;
                let known = record.items.iter().find(|known| known.is_about(&item));
                item.id = known.map_or_else(|| self.ids().take(), |known| known.id);
                FeedbackEvent::ItemRated { rating, item }
            }
        };
        let id = event.last_id();
        self.emit(now, Happened::Feedback(event), out);
        Ok(Reply::Feedback(id))
    }

    fn callout_of(&self, source: SourceId, callout: CalloutId) -> Result<&CalloutRecord, Refusal> {
        self.callout(source, callout).ok_or(Refusal::NotFound { what: "Callout" })
    }
}

/// The item that a request speaks of, without an id of its own yet.
fn resolved(given: NamedItem, sentiment: Option<Sentiment>) -> Result<RatedItem, Refusal> {
    let known = match (given.id, &given.name, &given.description) {
        (Some(id), _, _) => {
            let why = "is none of the rating items that can be listed";
            let known = RATING_ITEMS.iter().find(|item| item.id == id);
            Some(known.ok_or(Refusal::Invalid { field: "ratingItemId", why })?)
        }
        (None, Some(name), _) => RATING_ITEMS.iter().find(|item| item.name.eq_ignore_ascii_case(name)),
        (None, None, Some(text)) => {
            RATING_ITEMS.iter().find(|item| item.description.eq_ignore_ascii_case(text))
        }
        (None, None, None) => None,
    };
    let text = given.description.or_else(|| known.map(|item| item.description.to_owned()));
    let description = text
        .filter(|text| !text.trim().is_empty())
        .ok_or(Refusal::Invalid { field: "ratingItemDescription", why: "is missing or blank" })?;
    let name = given.name.filter(|_| known.is_none()).or_else(|| known.map(|item| item.name.to_owned()));
    Ok(RatedItem { id: 0, item: known.map(|item| item.id), name, description, sentiment })
}
