//! Faults on purpose: what a network, a server and a control room do to an app on a bad day. A list of
//! rules says where each is met and what it is; `docs/guides/faults.md` shows them all.
//!
//! Three kinds of them are kept apart by who carries them out:
//! - a fault of a *request* changes how it is answered, and is met at the edge of the HTTP side;
//! - a `Trouble` of a *callout* happens in the world: it is an event there, so that every view tells
//!   the same and a replay gives the same world;
//! - a fault of a *webhook* is met where webhooks are sent.
//!
//! All of it is seeded: the same requests in the same order meet the same faults.

mod rules;

pub use rules::{Break, Delay, Dialect, Dribble, Fault, NotRules, Rule, Rules, StatusFault, WebhookFault};

use crate::geo::streets::{mix, share};
use crate::sim::world::TroubleRule;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The rules that hold, with how often each was met.
#[derive(Debug, Default)]
pub struct Faults {
    /// Looked at before anything else: while it is off, faults cost nothing.
    on: AtomicBool,
    set: RwLock<Arc<Set>>,
}

#[derive(Debug, Default)]
struct Set {
    rules: Rules,
    counts: Vec<Count>,
}

#[derive(Debug, Default)]
struct Count {
    /// What the rule could have been met by.
    seen: AtomicU64,
    met: AtomicU64,
}

/// How often a rule was looked at, and met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub seen: u64,
    pub met: u64,
}

/// A request, as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub method: &'a str,
    /// Below the prefix of its dialect.
    pub route: &'a str,
    pub dialect: Option<Dialect>,
    pub callout: Option<u64>,
}

/// What a request has met, all its rules together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Met {
    pub delay: Duration,
    pub dribble: Option<Dribble>,
    /// In place of the reply; the first rule that has one wins.
    pub instead: Option<Instead>,
    /// Whether the request is carried out all the same before that.
    pub carried_out: bool,
    pub token_expired: bool,
    pub stale: bool,
    pub closing: Closing,
}

/// How a location update of a request is to be answered, whatever the callout is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    #[default]
    AsItIs,
    /// 285 though it is not closed.
    Early,
    /// Taken though it is closed.
    Late,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Instead {
    Status(StatusFault),
    /// With the number that its random bytes come from.
    Break(Break, u64),
}

impl Faults {
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Takes these rules in place of those that held; all counting begins anew.
    pub fn put(&self, rules: Rules) {
        let counts = rules.rules.iter().map(|_| Count::default()).collect();
        let on = !rules.rules.is_empty();
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Set { rules, counts });
        self.on.store(on, Ordering::Relaxed);
    }

    fn set(&self) -> Arc<Set> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn rules(&self) -> Rules {
        self.set().rules.clone()
    }

    /// In the order of the rules. Those of the world are counted there.
    pub fn counted(&self) -> Vec<Counted> {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.set().counts;
        counts.iter().map(|count| Counted { seen: load(&count.seen), met: load(&count.met) }).collect()
    }

    /// What this request meets; `None` for nothing, as nearly always.
    pub fn meet(&self, asked: Asked<'_>) -> Option<Met> {
        if !self.is_on() {
            return None;
        }
        let set = self.set();
        let mut met = None;
        for (index, rule) in set.rules.rules.iter().enumerate() {
            if rule.fault.is_of_requests() && rule.is_about(asked) {
                let Some(hash) = set.draw(index) else { continue };
                met.get_or_insert_with(Met::default).add(rule, hash);
            }
        }
        met
    }

    /// What becomes of a webhook about this callout.
    pub fn meet_webhook(&self, callout: Option<u64>) -> Option<WebhookFault> {
        if !self.is_on() {
            return None;
        }
        let set = self.set();
        let rules = set.rules.rules.iter().enumerate();
        let mut met = rules.filter_map(|(index, rule)| {
            let fault = rule.fault.of_webhooks()?;
            let about = rule.callout.is_none() || rule.callout == callout;
            (about && set.draw(index).is_some()).then_some(fault)
        });
        met.next()
    }
}

impl Set {
    /// Whether a rule that fits is met this time, with a number for what is left to chance in it.
    fn draw(&self, index: usize) -> Option<u64> {
        let (rule, count) = (&self.rules.rules[index], &self.counts[index]);
        let turn = count.seen.fetch_add(1, Ordering::Relaxed);
        let hash = mix(self.rules.seed ^ mix(index as u64 ^ mix(turn)));
        if turn < rule.after || share(hash) >= rule.share.0 {
            return None;
        }
        let most = rule.most();
        let below = |met: u64| most.is_none_or(|most| met < most).then_some(met + 1);
        count.met.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below).ok()?;
        Some(mix(hash))
    }
}

impl Met {
    fn add(&mut self, rule: &Rule, hash: u64) {
        let new = match &rule.fault {
            Fault::Delay(delay) => {
                self.delay = self.delay.saturating_add(delay.drawn(hash));
                None
            }
            Fault::ChunkedDribble(dribble) => {
                self.dribble.get_or_insert(*dribble);
                None
            }
            Fault::Status(status) => Some(Instead::Status(status.clone())),
            Fault::EmptyResponse => Some(Instead::Break(Break::Empty, hash)),
            Fault::MalformedResponseChunk => Some(Instead::Break(Break::MalformedChunk, hash)),
            Fault::RandomDataThenClose => Some(Instead::Break(Break::RandomData, hash)),
            Fault::ConnectionResetByPeer => Some(Instead::Break(Break::Reset, hash)),
            Fault::TokenExpired => return self.token_expired = true,
            Fault::StaleReads => return self.stale = true,
            Fault::ClosedEarly => return self.closing = Closing::Early,
            Fault::ClosedLate => return self.closing = Closing::Late,
            _ => None,
        };
        if self.instead.is_none() && new.is_some() {
            (self.instead, self.carried_out) = (new, rule.carried_out);
        }
    }
}

impl Rules {
    /// The rules that are the world's, as it keeps them.
    pub fn troubles(&self) -> Vec<TroubleRule> {
        let numbered = self.rules.iter().enumerate();
        numbered
            .filter_map(|(number, rule)| {
                Some(TroubleRule {
                    number: number as u64,
                    trouble: rule.fault.trouble()?,
                    callout: rule.callout.map(crate::sim::world::CalloutId),
                    share: rule.share.0,
                    after: rule.after,
                    times: rule.times,
                    seed: self.seed,
                    seen: 0,
                    met: 0,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
