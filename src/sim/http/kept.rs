//! Replies that are kept: a callout that did not change is not written again. A client polls each of its
//! callouts every few seconds, and most of the time nothing has happened.

use super::Included;
use crate::sim::world::{CalloutId, Stamp};
use hyper::body::Bytes;
use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

/// Which reply: of which callout, in whose shape, with what beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub callout: CalloutId,
    pub dialect: Dialect,
    pub included: Included,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    V1,
    V2,
}

/// What a look at the world came to.
#[derive(Debug)]
pub enum Seen<V> {
    Unchanged(Bytes),
    New(Stamp, V),
}

/// Bytes that they may take unless somebody says otherwise: the replies of about 120,000 callouts, for half
/// of the memory that those callouts take themselves.
pub const ROOM: usize = 128 * 1024 * 1024;

/// What an entry takes beside its bytes, about.
const OVERHEAD: usize = 160;

/// In two generations of half the room each: what has not been asked for during a whole generation is
/// forgotten with it.
#[derive(Debug)]
pub struct Kept(Mutex<Generations>);

#[derive(Debug)]
struct Generations {
    /// Bytes of one of them.
    most: usize,
    current: HashMap<Key, (Stamp, Bytes)>,
    previous: HashMap<Key, (Stamp, Bytes)>,
    size: usize,
}

impl Kept {
    pub fn new(room: usize) -> Self {
        let (current, previous) = (HashMap::new(), HashMap::new());
        Self(Mutex::new(Generations { most: room / 2, current, previous, size: 0 }))
    }

    /// The reply, if what it tells of is still as it was then.
    pub fn get(&self, key: &Key, stamp: Stamp) -> Option<Bytes> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, body)) = kept.current.get(key) {
            return (*then == stamp).then(|| body.clone());
        }
        let (then, body) = kept.previous.remove(key)?;
        if then != stamp {
            return None;
        }
        kept.put(*key, stamp, body.clone());
        Some(body)
    }

    /// To be told only of what is on disk: what is undone must not be shown again.
    pub fn put(&self, key: Key, stamp: Stamp, body: Bytes) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, stamp, body);
    }
}

impl Generations {
    fn put(&mut self, key: Key, stamp: Stamp, body: Bytes) {
        if self.size + body.len() + OVERHEAD > self.most {
            self.previous = mem::take(&mut self.current);
            self.size = 0;
        }
        self.size += body.len() + OVERHEAD;
        if let Some((_, before)) = self.current.insert(key, (stamp, body)) {
            self.size -= before.len() + OVERHEAD;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Position;
    use crate::sim::world::{Applied, Command, CustomerFields, Raise, Reply, Step, Who, World};
    use jiff::{SignedDuration, Timestamp};

    fn key(callout: u64) -> Key {
        Key { callout: CalloutId(callout), dialect: Dialect::V2, included: Included::default() }
    }

    fn now() -> Timestamp {
        "2026-01-01T08:00:00Z".parse().unwrap()
    }

    fn done(applied: Applied) -> Reply {
        applied.result.unwrap()
    }

    /// A world with one callout.
    fn world() -> (World, CalloutId) {
        let mut world = World::new(1);
        let source = done(world.apply(Command::OpenSource { client_id: "acme".to_owned() }, now()));
        let Reply::Source(source) = source else { panic!("{source:?}") };
        let fields = CustomerFields {
            name: "Jane".to_owned(),
            surname: "Doe".to_owned(),
            mobile: "+27821234567".to_owned(),
            ..CustomerFields::default()
        };
        let raise = Raise {
            source,
            who: Who::ByBlock { fields: Box::new(fields), user: None },
            position: Position::new(-26.1, 28.1).unwrap(),
            accuracy: None,
            response_type_id: 1,
            classification_id: 1,
            internal_test: false,
            check_subscription: false,
        };
        let raised = done(world.apply(Command::Raise(raise), now()));
        let Reply::Raised { callout, .. } = raised else { panic!("{raised:?}") };
        (world, callout)
    }

    fn stamp(world: &World, callout: CalloutId, milliseconds: i64) -> Stamp {
        let then = now() + SignedDuration::from_millis(milliseconds);
        world.stamp(world.callout_by_id(callout).unwrap(), then)
    }

    #[test]
    fn a_reply_is_kept_until_its_callout_changes() {
        let (mut world, callout) = world();
        let kept = Kept::new(ROOM);
        let before = stamp(&world, callout, 0);
        kept.put(key(callout.0), before, Bytes::from_static(b"{}"));
        assert_eq!(kept.get(&key(callout.0), before).unwrap(), "{}");
        done(world.apply(Command::Comment { callout, message: "Stay inside.".into(), from: None }, now()));
        let after = stamp(&world, callout, 0);
        assert_ne!(after, before);
        assert!(kept.get(&key(callout.0), after).is_none());
    }

    #[test]
    fn what_a_reply_names_beside_the_callout_changes_it_too() {
        let (mut world, callout) = world();
        let before = stamp(&world, callout, 0);
        let responder = world.responders().next().unwrap().id;
        done(world.apply(Command::DeleteResponder(responder), now()));
        assert_ne!(stamp(&world, callout, 0), before);
    }

    #[test]
    fn a_responder_on_the_way_changes_it_every_few_seconds() {
        let (mut world, callout) = world();
        done(world.apply(Command::Step { callout, step: Step::Dispatch { responder_id: None } }, now()));
        assert_eq!(stamp(&world, callout, 0), stamp(&world, callout, 4_999));
        assert_ne!(stamp(&world, callout, 0), stamp(&world, callout, 5_000));
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten_and_no_more_is_held_than_two_generations() {
        let (world, callout) = world();
        let stamp = stamp(&world, callout, 0);
        let kept = Kept::new(ROOM);
        let body = Bytes::from(vec![b'x'; 512 * 1024]);
        kept.put(key(0), stamp, body.clone());
        for number in 1..1_000 {
            kept.put(key(number), stamp, body.clone());
            assert!(number % 50 != 0 || kept.get(&key(0), stamp).is_some(), "asked for all the time");
        }
        let held = kept.0.lock().unwrap();
        let bytes: usize = held.current.values().chain(held.previous.values()).map(|(_, b)| b.len()).sum();
        assert!(bytes <= ROOM, "{bytes}");
        assert!(!held.current.contains_key(&key(1)) && !held.previous.contains_key(&key(1)));
    }
}
