//! Rows of the event stream, as each dialect shows them.

use super::view_words::number;
use crate::api::model::event::{COMMENT, Event, EventBody, EventTag, EventType, STATUS_CHANGE};
use crate::sim::world::{CalloutRecord, Entry, EntryKind, Status, Tag, World};
use jiff::Timestamp;
use serde_json::Value;

/// Who changes a status.
const SYSTEM: &str = "System";

/// v1: the seven keys of the sample.
pub fn v1(record: &CalloutRecord, entry: &Entry) -> Event {
    let (kind, event, author) = match &entry.kind {
        EntryKind::Comment { role, author, body, .. } => {
            let body = Some(body.to_string());
            let role = Some(role.as_str().to_owned());
            (COMMENT, EventBody { body, role, ..EventBody::default() }, &**author)
        }
        EntryKind::Status(status) => (STATUS_CHANGE, said(status.as_str()), SYSTEM),
        EntryKind::Handled(handling) => {
            let step = Some(handling.as_str().to_owned());
            (STATUS_CHANGE, EventBody { step, ..said(Status::Created.as_str()) }, SYSTEM)
        }
        EntryKind::Duress => (STATUS_CHANGE, said("Duress"), SYSTEM),
    };
    Event {
        id: number(entry.id.0),
        callout_id: number(record.id.0),
        callout_event_type_id: Some(kind),
        event,
        created_by: Some(author.to_owned()),
        created_at: Some(entry.at),
        updated_at: Some(entry.at),
        ..Event::default()
    }
}

fn said(status: &str) -> EventBody {
    EventBody { status: Some(status.to_owned()), ..EventBody::default() }
}

/// v2's reply to a send.
pub fn sent(record: &CalloutRecord, entry: &Entry) -> Event {
    Event { integration_user_id: Some(Value::Null), ..v1(record, entry) }
}

/// A row of v2's list.
pub fn listed(record: &CalloutRecord, entry: &Entry) -> Event {
    let event = sent(record, entry);
    let value = if event.callout_event_type_id == Some(COMMENT) { "COMMENT" } else { "STATUS" };
    Event {
        callout_event_type: Some(EventType {
            id: event.callout_event_type_id,
            value: Some(value.to_owned()),
        }),
        callout_event_tags: Some(tags(entry)),
        integration_user: Some(Value::Null),
        ..event
    }
}

/// Whom a comment mentions. Tags of anything else there are none.
pub fn tags(entry: &Entry) -> Vec<EventTag> {
    let EntryKind::Comment { tags, .. } = &entry.kind else { return Vec::new() };
    let tag = |tag: &Tag| EventTag {
        id: number(tag.id),
        callout_event_id: number(entry.id.0),
        tag: Some(tag.name.to_string()),
    };
    tags.iter().map(tag).collect()
}

/// v1 shows the chat and nothing else of the stream.
pub fn chat(world: &World, record: &CalloutRecord, now: Timestamp) -> Vec<Event> {
    let comments = world.entries(record, now).filter(|entry| matches!(entry.kind, EntryKind::Comment { .. }));
    comments.map(|entry| v1(record, entry)).collect()
}
