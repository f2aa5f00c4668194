//! What requests are about: method and path, each kept once for all exchanges with it.

use crate::text::DisplayText;
use crate::traffic::{Exchange, Method, Side};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Names a resource while an exchange with it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(u32);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub method: Method,
    pub side: Side,
    pub base: DisplayText,
    /// With its query, as it was asked first.
    pub path: DisplayText,
    pub what: DisplayText,
    /// Exchanges that are listed.
    uses: u32,
    /// Number of the newest one.
    last: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Resources {
    all: Vec<Resource>,
    /// Whose exchanges are all gone.
    free: Vec<u32>,
    known: HashMap<String, u32>,
}

impl Resources {
    pub(super) fn get(&self, slot: Slot) -> &Resource {
        &self.all[slot.0 as usize]
    }

    pub(super) fn all(&self) -> &[Resource] {
        &self.all
    }

    /// The resource of an exchange, and the number of the exchange with it before, or 0.
    pub(super) fn enter(&mut self, exchange: &Exchange, number: u64) -> (Slot, u64) {
        let key = key(exchange.method, exchange.base.as_str(), exchange.path.as_str());
        if let Some(at) = self.known.get(&key) {
            let resource = &mut self.all[*at as usize];
            resource.uses += 1;
            return (Slot(*at), std::mem::replace(&mut resource.last, number));
        }
        let Exchange { method, side, base, path, what, .. } = exchange;
        let resource = Resource {
            method: *method,
            side: *side,
            base: base.clone(),
            path: path.clone(),
            what: what.clone(),
            uses: 1,
            last: number,
        };
        let at = if let Some(at) = self.free.pop() {
            self.all[at as usize] = resource;
            at
        } else {
            self.all.push(resource);
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        };
        self.known.insert(key, at);
        (Slot(at), 0)
    }

    /// One of its exchanges is no longer listed.
    pub(super) fn leave(&mut self, slot: Slot) {
        let resource = &mut self.all[slot.0 as usize];
        resource.uses -= 1;
        if resource.uses == 0 {
            self.known.remove(&key(resource.method, resource.base.as_str(), resource.path.as_str()));
            self.free.push(slot.0);
        }
    }
}

impl Slot {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The order of a query's parts makes no other resource.
fn key(method: Method, base: &str, path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut parts: Vec<&str> = query.split('&').collect();
    parts.sort_unstable();
    format!("{} {base}{path}?{}", method.as_str(), parts.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_query_does_not_matter() {
        let key = |path| key(Method::Get, "http://h", path);
        assert_eq!(key("/callouts/7?a=1&b=2"), key("/callouts/7?b=2&a=1"));
        assert_ne!(key("/callouts/7?a=1"), key("/callouts/7?a=2"));
        assert_ne!(key("/callouts/7"), key("/callouts/8"));
    }
}
