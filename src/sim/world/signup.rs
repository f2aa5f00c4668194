//! Pages that AURA hosts for an integrator: signing a customer up, and looking after a subscription.
//! A session is opened by the integrator's server; whoever holds its key is the person it is for.

use super::World;
use super::command::{NewSubscription, Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CustomerId, SourceId};
use super::record::CustomerFields;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// What a web signup subscribes to: `WEB_SIGNUP_SINGLE`, from now on.
const WEB_SIGNUP: NewSubscription =
    NewSubscription { subscription_type_id: 4, valid_from: None, valid_to: None };

/// How long a hosted page can be opened. AURA does not say; a link that lies in a mailbox should not open
/// for ever.
const LIVES: SignedDuration = SignedDuration::from_hours(24);

/// Opens the page of one session, so nobody can guess it and it prints as `***`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionKey(pub String);

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(***)")
    }
}

#[derive(Clone, Debug)]
pub enum SignupCommand {
    Open {
        source: SourceId,
        new: Box<NewSignup>,
    },
    /// What the person did on the page.
    End {
        key: SessionKey,
        how: SignupEnd,
    },
    OpenManagement {
        source: SourceId,
        customer: CustomerId,
        key: SessionKey,
        return_url: String,
    },
}

#[derive(Clone, Debug)]
pub struct NewSignup {
    pub key: SessionKey,
    pub return_url: String,
    pub email: Option<String>,
    pub customer_reference_id: Option<String>,
    pub site_details: Option<Map<String, Value>>,
}

#[derive(Clone, Debug)]
pub enum SignupEnd {
    Completed(Box<CustomerFields>),
    PaymentFailed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignupStatus {
    Pending,
    Completed(CustomerId),
    PaymentFailed,
    Cancelled,
}

impl SignupStatus {
    /// `pending_verification` is the older page's word, the others are those of the redirect.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending_verification",
            Self::Completed(_) => "completed",
            Self::PaymentFailed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignupRecord {
    pub key: SessionKey,
    pub source: SourceId,
    /// Where the person is sent back to: the integrator's own page.
    pub return_url: String,
    pub email: Option<String>,
    pub customer_reference_id: Option<String>,
    pub site: Option<Site>,
    pub status: SignupStatus,
    pub created_at: Timestamp,
}

/// The site that the customer signs up for, in the integrator's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    pub id: u64,
    pub details: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagementRecord {
    pub key: SessionKey,
    pub source: SourceId,
    pub customer: CustomerId,
    pub return_url: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SignupEvent {
    Opened(Box<SignupRecord>),
    Ended { key: SessionKey, status: SignupStatus },
    ManagementOpened(Box<ManagementRecord>),
}

impl SignupEvent {
    pub(super) fn last_id(&self) -> Option<u64> {
        match self {
            Self::Opened(record) => record.site.as_ref().map(|site| site.id),
            Self::Ended { .. } | Self::ManagementOpened(_) => None,
        }
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SignupTables {
    signups: BTreeMap<SessionKey, SignupRecord>,
    managements: BTreeMap<SessionKey, ManagementRecord>,
}

impl World {
    pub(super) fn decide_signup(
        &mut self,
        command: SignupCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        match command {
            SignupCommand::Open { source, new } => {
                let NewSignup { key, return_url, email, customer_reference_id, site_details } = *new;
                let site = site_details.map(|details| Site { id: self.ids().take(), details });
                let status = SignupStatus::Pending;
                let created_at = now;
                let record = SignupRecord {
                    key,
                    source,
                    return_url,
                    email,
                    customer_reference_id,
                    site,
                    status,
                    created_at,
                };
                self.emit(now, Happened::Signup(SignupEvent::Opened(Box::new(record))), out);
                Ok(Reply::Done)
            }
            SignupCommand::End { key, how } => self.end_signup(key, how, now, out),
            SignupCommand::OpenManagement { source, customer, key, return_url } => {
                self.customer(source, customer).ok_or(Refusal::NotFound { what: "Customer" })?;
                let record = ManagementRecord { key, source, customer, return_url, created_at: now };
                self.emit(now, Happened::Signup(SignupEvent::ManagementOpened(Box::new(record))), out);
                Ok(Reply::Done)
            }
        }
    }

    fn end_signup(
        &mut self,
        key: SessionKey,
        how: SignupEnd,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.signup(&key, now).ok_or(Refusal::NotFound { what: "Signup session" })?;
        if record.status != SignupStatus::Pending {
            return Err(Refusal::Invalid { field: "sessionId", why: "the signup has ended" });
        }
        let (source, reference) = (record.source, record.customer_reference_id.clone());
        let (status, reply) = match how {
            SignupEnd::Completed(fields) => {
                let fields = Box::new(CustomerFields { external_reference_id: reference, ..*fields });
                let reply = self.create_customer(source, fields, (Some(WEB_SIGNUP), None), now, out)?;
                let Reply::Customer { customer, .. } = reply else { return Ok(reply) };
                (SignupStatus::Completed(customer), reply)
            }
            SignupEnd::PaymentFailed => (SignupStatus::PaymentFailed, Reply::Done),
            SignupEnd::Cancelled => (SignupStatus::Cancelled, Reply::Done),
        };
        self.emit(now, Happened::Signup(SignupEvent::Ended { key, status }), out);
        Ok(reply)
    }

    pub(super) fn fold_signup(&mut self, what: &SignupEvent) {
        let tables = &mut self.tables.signup;
        match what {
            SignupEvent::Opened(record) => {
                tables.signups.insert(record.key.clone(), record.as_ref().clone());
            }
            SignupEvent::Ended { key, status } => {
                if let Some(record) = tables.signups.get_mut(key) {
                    record.status = *status;
                }
            }
            SignupEvent::ManagementOpened(record) => {
                tables.managements.insert(record.key.clone(), record.as_ref().clone());
            }
        }
    }

    /// For the page: whoever holds the key. An expired one is as unknown as one that never was.
    pub fn signup(&self, key: &SessionKey, now: Timestamp) -> Option<&SignupRecord> {
        self.tables.signup.signups.get(key).filter(|record| lives(record.created_at, now))
    }

    /// For the integrator, who may ask later how it ended.
    pub fn signup_of(&self, source: SourceId, key: &SessionKey, now: Timestamp) -> Option<&SignupRecord> {
        let record = self.tables.signup.signups.get(key).filter(|record| record.source == source);
        record.filter(|record| record.status != SignupStatus::Pending || lives(record.created_at, now))
    }

    /// For the page: whoever holds the key.
    pub fn management(&self, key: &SessionKey, now: Timestamp) -> Option<&ManagementRecord> {
        self.tables.signup.managements.get(key).filter(|record| lives(record.created_at, now))
    }
}

fn lives(opened: Timestamp, now: Timestamp) -> bool {
    now.duration_since(opened) < LIVES
}
