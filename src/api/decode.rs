//! What both dialects share when a reply becomes the console's model: unwrapping (reference §10, rule
//! 12), cleaning of text, the chat.

use super::model::event::{self, Event, EventSent};
use super::model::route::{Measures, Route};
use super::model::{Id, Number};
use crate::app::callout::{Callout, CalloutId, Comment, Eta, Fix, Role, Times, TrackingLink};
use crate::geo::Position;
use crate::text::{DisplayText, one_line};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(crate) type Object = Map<String, Value>;

/// Fields without a meaning to us that are kept of one callout. The API sends a handful.
const MOST_UNKNOWN: usize = 64;
/// Longest tracking link kept.
const LONGEST_LINK: usize = 2_048;

/// A reply that cannot be read. It says nothing of what stood in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("it is not JSON")]
    NotJson,
    #[error("there is no callout in it")]
    NoCallout,
    #[error("its callout has no usable id")]
    NoId,
    #[error("there is no list in it")]
    NoList,
}

impl From<DecodeError> for String {
    fn from(error: DecodeError) -> Self {
        error.to_string()
    }
}

pub(crate) fn json(body: &[u8]) -> Result<Value, DecodeError> {
    serde_json::from_slice(body).map_err(|_| DecodeError::NotJson)
}

/// How much a callout must say for itself where no `callout` key announces it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bare {
    /// `id` and `status`: a reply may hold many an object with an id.
    IdAndStatus,
    /// `id` alone: the reply to a create, of which v1 promises no more.
    Id,
}

/// The callout object of a reply: in `data`, then in `callout`, else the reply itself.
pub(crate) fn callout_object(value: Value, bare: Bare) -> Result<Object, DecodeError> {
    let Value::Object(mut object) = value else { return Err(DecodeError::NoCallout) };
    if let Some(inner @ Value::Object(_)) = object.remove("data") {
        return callout_object(inner, bare);
    }
    if let Some(Value::Object(mut callout)) = object.remove("callout") {
        // A webhook's delivery has the dispatch beside the callout.
        if let Some(beside) = object.remove("incidentInformation") {
            callout.entry("incidentInformation").or_insert(beside);
        }
        return Ok(callout);
    }
    let says_enough = object.contains_key("id") && (bare == Bare::Id || object.contains_key("status"));
    if says_enough { Ok(object) } else { Err(DecodeError::NoCallout) }
}

/// The rows of a list: the reply itself, or what stands under `data` or one of `keys`.
pub(crate) fn rows(value: Value, keys: &[&str]) -> Result<Vec<Value>, DecodeError> {
    match value {
        Value::Array(rows) => Ok(rows),
        Value::Object(mut object) => {
            let found = keys.iter().chain(&["data"]).find_map(|key| object.remove(*key));
            found.map_or(Err(DecodeError::NoList), |inner| rows(inner, keys))
        }
        _ => Err(DecodeError::NoList),
    }
}

pub(crate) fn callout_id(id: Option<&Id>) -> Result<CalloutId, DecodeError> {
    id.and_then(|id| CalloutId::new(id.to_string())).ok_or(DecodeError::NoId)
}

/// Takes a field out of those that the wire type does not know. One that cannot be read stays there,
/// and so among the unknown ones.
pub(crate) fn take<T: DeserializeOwned>(extra: &mut BTreeMap<String, Value>, key: &str) -> Option<T> {
    let read = serde_json::from_value(extra.get(key)?.clone()).ok()?;
    extra.remove(key);
    Some(read)
}

pub(crate) fn take_time(extra: &mut BTreeMap<String, Value>, key: &str) -> Option<Timestamp> {
    let time = extra.get(key)?.as_str()?.trim().parse().ok()?;
    extra.remove(key);
    Some(time)
}

/// The route, also under the other names that it may have.
pub(crate) fn route(known: Option<Route>, extra: &mut BTreeMap<String, Value>) -> Option<Vec<Position>> {
    if let Some(route) = known {
        return Some(route.line());
    }
    let (key, route) =
        ["routes", "polygons"].iter().find_map(|key| Some((*key, Route::under(key, extra.get(*key)?)?)))?;
    extra.remove(key);
    Some(route.line())
}

pub(crate) fn tracking(link: Option<String>) -> Option<TrackingLink> {
    let link = one_line(&link?, LONGEST_LINK);
    (!link.is_empty()).then_some(TrackingLink(link))
}

/// What was not understood, as JSON text. Nulls tell nothing and are dropped.
pub(crate) fn unknown(extra: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    extra
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .take(MOST_UNKNOWN)
        .map(|(key, value)| (one_line(&key, 64), DisplayText::new(&value.to_string()).to_string()))
        .collect()
}

pub(crate) fn display(text: Option<&str>) -> DisplayText {
    text.map(DisplayText::new).unwrap_or_default()
}

pub(crate) fn display_id(id: Option<&Id>) -> DisplayText {
    id.map(|id| DisplayText::new(&id.to_string())).unwrap_or_default()
}

/// The words that are there, with one blank between them.
pub(crate) fn phrase(words: &[Option<&str>]) -> DisplayText {
    let words: Vec<&str> = words.iter().flatten().map(|word| word.trim()).filter(|w| !w.is_empty()).collect();
    DisplayText::new(&words.join(" "))
}

pub(crate) fn fix(
    latitude: Option<f64>,
    longitude: Option<f64>,
    accuracy: Option<Number>,
    at: Option<Timestamp>,
) -> Option<Fix> {
    let position = Position::new(latitude?, longitude?)?;
    Some(Fix { position, accuracy: accuracy.map(|Number(metres)| metres).filter(|m| *m >= 0.0), at })
}

/// The ETA in numbers. `None` for the empty objects of a callout to which nobody is attached.
pub(crate) fn eta(measures: &Measures) -> Option<Eta> {
    let (distance, duration) = (measures.distance.value, measures.duration.value);
    if distance.is_none() && duration.is_none() {
        return None;
    }
    Some(Eta { distance_m: distance.map(|m| m.0), duration_s: duration.map(|s| s.0), at: None })
}

/// The chat out of an event stream, oldest first. Changes of status are no part of it.
pub(crate) fn comments(events: &[Event]) -> Vec<Comment> {
    let mut comments: Vec<Comment> = events.iter().filter_map(comment).collect();
    oldest_first(&mut comments);
    comments
}

/// By time; those that do not tell theirs stay in their order, at the end.
pub(crate) fn oldest_first(comments: &mut [Comment]) {
    comments.sort_by_key(|comment| (comment.at.is_none(), comment.at));
}

/// An event is a comment when its type says so, or when it has something to say.
pub(crate) fn comment(event: &Event) -> Option<Comment> {
    let body = event.event.body.as_deref().or(event.message.as_deref());
    if event.callout_event_type_id != Some(event::COMMENT) && body.is_none() {
        return None;
    }
    Some(Comment {
        id: display_id(event.id.as_ref()),
        role: role(event.event.role.as_deref()),
        author: display(event.created_by.as_deref()),
        body: display(body),
        at: event.created_at,
    })
}

fn role(raw: Option<&str>) -> Role {
    match raw.map(|raw| raw.trim().to_ascii_lowercase()).as_deref() {
        Some("user") => Role::User,
        Some("admin") => Role::Admin,
        _ => Role::Other,
    }
}

/// The chat out of the reply to a list of events: a bare list, or one under `calloutEvents`.
pub fn decode_comments(body: &[u8]) -> Result<Vec<Comment>, DecodeError> {
    Ok(comments(&events(body)?))
}

fn events(body: &[u8]) -> Result<Vec<Event>, DecodeError> {
    let rows = rows(json(body)?, &["calloutEvents", "events"])?;
    Ok(rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect())
}

/// When a controller acknowledged, took and verified the callout, as far as the event stream tells:
/// v2 has it nowhere else.
pub fn decode_handling(body: &[u8]) -> Result<Times, DecodeError> {
    let mut times = Times::default();
    for event in events(body)? {
        let slot = match event.event.step.as_deref() {
            Some("acknowledged") => &mut times.acknowledged,
            Some("owned") => &mut times.owned,
            Some("verified") => &mut times.verified,
            _ => continue,
        };
        *slot = slot.or(event.created_at);
    }
    Ok(times)
}

/// Whether a wrong safe code was given. No page tells how; this is what the simulator says.
pub fn decode_duress(body: &[u8]) -> bool {
    let says =
        |event: &Event| event.event.status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("duress"));
    events(body).is_ok_and(|events| events.iter().any(says))
}

/// The comment that a send made, where the reply shows it. Bare in the older edition.
pub fn decode_sent(body: &[u8]) -> Option<Comment> {
    let value = json(body).ok()?;
    let value = value.get("data").filter(|inner| inner.is_object()).unwrap_or(&value).clone();
    let event = if value.get("calloutEvent").is_some() {
        serde_json::from_value::<EventSent>(value).ok()?.callout_event
    } else {
        serde_json::from_value::<Event>(value).ok()?
    };
    event.id.is_some().then(|| comment(&event)).flatten()
}

/// Ids and names of a list such as the classifications.
pub fn decode_named(body: &[u8]) -> Result<Vec<(i64, String)>, DecodeError> {
    let rows = rows(json(body)?, &["calloutClassifications", "classifications"])?;
    let named = rows.into_iter().filter_map(|row| {
        let row: super::model::reply::Named = serde_json::from_value(row).ok()?;
        Some((row.id?, one_line(row.value.as_deref().unwrap_or_default(), 80)))
    });
    Ok(named.collect())
}

/// The callouts of a list that are not closed and are ours; one that cannot be read is left out.
pub(crate) fn callouts(
    body: &[u8],
    is_ours: impl Fn(&Object) -> bool,
    decode: fn(Object) -> Result<Callout, DecodeError>,
) -> Result<Vec<Callout>, DecodeError> {
    let rows = rows(json(body)?, &["callouts", "activeCallouts"])?;
    let objects = rows.into_iter().filter_map(|row| callout_object(row, Bare::IdAndStatus).ok());
    let ours = objects.filter(|object| is_ours(object));
    Ok(ours.filter_map(|object| decode(object).ok()).filter(|callout| !callout.status.is_closed()).collect())
}

/// The id of the customer whose callout it is.
pub(crate) fn owner(callout: &Object) -> Option<i64> {
    let id = callout.get("customerId").or_else(|| callout.get("customer")?.get("id"))?;
    serde_json::from_value::<Id>(id.clone()).ok()?.number()
}
