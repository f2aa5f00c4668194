//! The rules as they are written: in the control API's JSON and in a TOML file of the same shape.

use crate::geo::streets::{mix, share};
use crate::sim::world::Trouble;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;
use utoipa::ToSchema;

use super::Asked;

/// More rules than this are a mistake; each is looked at with every request.
const MOST_RULES: usize = 64;

/// Longest delay, in milliseconds: ten minutes are more than any client waits.
const LONGEST_MS: u64 = 600_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default, try_from = "RawRules")]
pub struct Rules {
    /// The same requests in the same order meet the same faults with the same seed.
    pub seed: u64,
    pub rules: Vec<Rule>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawRules {
    seed: u64,
    rules: Vec<Rule>,
}

impl TryFrom<RawRules> for Rules {
    type Error = String;

    fn try_from(RawRules { seed, rules }: RawRules) -> Result<Self, String> {
        if rules.len() > MOST_RULES {
            return Err(format!("rules: at most {MOST_RULES} can hold at a time"));
        }
        Ok(Self { seed, rules })
    }
}

/// Where a fault is met, and what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, try_from = "RawRule")]
pub struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The template of a path below its prefix, such as `/callouts/{callout}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callout: Option<u64>,
    /// Of what the rule is about, from 0 to 1.
    pub share: Share,
    /// At most so often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// So many of what the rule is about pass unharmed first.
    pub after: u64,
    /// The request is carried out, and only its reply is lost.
    pub carried_out: bool,
    pub fault: Fault,
    /// How often it was looked at; not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<u64>,
    /// How often it was met; not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawRule {
    method: Option<String>,
    route: Option<String>,
    dialect: Option<Dialect>,
    callout: Option<u64>,
    #[serde(default)]
    share: Share,
    times: Option<u64>,
    #[serde(default)]
    after: u64,
    #[serde(default)]
    carried_out: bool,
    fault: Fault,
    #[serde(default, rename = "seen")]
    _seen: IgnoredAny,
    #[serde(default, rename = "met")]
    _met: IgnoredAny,
}

impl TryFrom<RawRule> for Rule {
    type Error = String;

    fn try_from(raw: RawRule) -> Result<Self, String> {
        let RawRule { method, route, dialect, callout, share, times, after, carried_out, fault, .. } = raw;
        if !fault.is_of_requests() {
            let of_subscriptions = fault.trouble().is_some_and(Trouble::is_of_subscriptions);
            let what = match fault.trouble() {
                Some(_) if of_subscriptions => "subscriptions",
                Some(_) => "callouts",
                None => "webhooks",
            };
            let given = [
                ("method", method.is_some()),
                ("route", route.is_some()),
                ("dialect", dialect.is_some()),
                ("callout", of_subscriptions && callout.is_some()),
            ];
            if let Some((field, _)) = given.iter().find(|(_, given)| *given) {
                return Err(format!("{field}: this fault is about {what}, not about requests"));
            }
        }
        if carried_out && !fault.is_instead() {
            return Err("carriedOut: this fault lets the request be carried out anyway".to_owned());
        }
        if let Some(method) = &method
            && !method.bytes().all(|byte| byte.is_ascii_uppercase())
        {
            return Err("method: must be in capitals, such as GET".to_owned());
        }
        if let Some(route) = &route
            && !route.starts_with('/')
        {
            return Err("route: must begin with /, such as /callouts/{callout}".to_owned());
        }
        Ok(Self {
            method,
            route,
            dialect,
            callout,
            share,
            times,
            after,
            carried_out,
            fault,
            seen: None,
            met: None,
        })
    }
}

impl Rule {
    pub(super) fn is_about(&self, asked: Asked<'_>) -> bool {
        self.method.as_deref().is_none_or(|method| method == asked.method)
            && self.route.as_deref().is_none_or(|route| route == asked.route)
            && self.dialect.is_none_or(|dialect| Some(dialect) == asked.dialect)
            && self.callout.is_none_or(|callout| Some(callout) == asked.callout)
    }

    /// A token expires once unless the rule says otherwise; everything else as often as it likes.
    pub(super) fn most(&self) -> Option<u64> {
        self.times.or((self.fault == Fault::TokenExpired).then_some(1))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    V1,
    V2,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "f64")]
pub struct Share(pub f64);

impl Default for Share {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for Share {
    type Error = &'static str;

    fn try_from(share: f64) -> Result<Self, Self::Error> {
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err("share: must be from 0 to 1") }
    }
}

/// The names of faults of the transport are those that `WireMock` made usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    Delay(Delay),
    ChunkedDribble(Dribble),
    #[serde(rename = "EMPTY_RESPONSE")]
    EmptyResponse,
    #[serde(rename = "MALFORMED_RESPONSE_CHUNK")]
    MalformedResponseChunk,
    #[serde(rename = "RANDOM_DATA_THEN_CLOSE")]
    RandomDataThenClose,
    #[serde(rename = "CONNECTION_RESET_BY_PEER")]
    ConnectionResetByPeer,
    Status(StatusFault),
    TokenExpired,
    StaleReads,
    ClosedEarly,
    ClosedLate,
    NobodyAvailable,
    DeclinedThenDispatched,
    EtaGrows,
    GpsFrozen,
    GpsJumping,
    ChatLate,
    ChatDoubled,
    SubscriptionCancelFails,
    WebhookLost,
    WebhookDoubled,
    WebhookOutOfOrder,
}

impl Fault {
    pub fn is_of_requests(&self) -> bool {
        self.trouble().is_none() && self.of_webhooks().is_none()
    }

    /// Whether the request is not answered as it would have been.
    fn is_instead(&self) -> bool {
        use Fault::{
            ConnectionResetByPeer, EmptyResponse, MalformedResponseChunk, RandomDataThenClose, Status,
        };
        matches!(
            self,
            Status(_) | EmptyResponse | MalformedResponseChunk | RandomDataThenClose | ConnectionResetByPeer
        )
    }

    pub fn trouble(&self) -> Option<Trouble> {
        Some(match self {
            Self::NobodyAvailable => Trouble::NobodyAvailable,
            Self::DeclinedThenDispatched => Trouble::DeclinedThenDispatched,
            Self::EtaGrows => Trouble::EtaGrows,
            Self::GpsFrozen => Trouble::GpsFrozen,
            Self::GpsJumping => Trouble::GpsJumping,
            Self::ChatLate => Trouble::ChatLate,
            Self::ChatDoubled => Trouble::ChatDoubled,
            Self::SubscriptionCancelFails => Trouble::SubscriptionCancelFails,
            _ => return None,
        })
    }

    pub(super) fn of_webhooks(&self) -> Option<WebhookFault> {
        Some(match self {
            Self::WebhookLost => WebhookFault::Lost,
            Self::WebhookDoubled => WebhookFault::Doubled,
            Self::WebhookOutOfOrder => WebhookFault::OutOfOrder,
            _ => return None,
        })
    }
}

/// What becomes of one webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookFault {
    Lost,
    Doubled,
    /// The one behind it goes first.
    OutOfOrder,
}

/// How a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    Empty,
    MalformedChunk,
    RandomData,
    Reset,
}

/// Milliseconds of real time, whatever the speed of the simulator's clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "RawDelay")]
pub enum Delay {
    Fixed(u64),
    Uniform {
        lower: u64,
        upper: u64,
    },
    /// `sigma` is that of the logarithm: at 0.4 one in twenty takes more than twice the median.
    Lognormal {
        median: f64,
        sigma: f64,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum RawDelay {
    Fixed(u64),
    Uniform { lower: u64, upper: u64 },
    Lognormal { median: f64, sigma: f64 },
}

impl TryFrom<RawDelay> for Delay {
    type Error = String;

    #[expect(clippy::cast_precision_loss, reason = "a bound of six digits")]
    fn try_from(raw: RawDelay) -> Result<Self, String> {
        let long = |what: &str| format!("{what}: must be from 0 to {LONGEST_MS} ms");
        match raw {
            RawDelay::Fixed(fixed) if fixed > LONGEST_MS => Err(long("fixed")),
            RawDelay::Fixed(fixed) => Ok(Self::Fixed(fixed)),
            RawDelay::Uniform { upper, .. } if upper > LONGEST_MS => Err(long("upper")),
            RawDelay::Uniform { lower, upper } if lower > upper => {
                Err("lower: must not be above upper".to_owned())
            }
            RawDelay::Uniform { lower, upper } => Ok(Self::Uniform { lower, upper }),
            RawDelay::Lognormal { median, .. } if !(0.0..=LONGEST_MS as f64).contains(&median) => {
                Err(long("median"))
            }
            RawDelay::Lognormal { sigma, .. } if !(0.0..=5.0).contains(&sigma) => {
                Err("sigma: must be from 0 to 5".to_owned())
            }
            RawDelay::Lognormal { median, sigma } => Ok(Self::Lognormal { median, sigma }),
        }
    }
}

impl Delay {
    /// The delay that this number stands for.
    pub(super) fn drawn(&self, hash: u64) -> Duration {
        let longest = Duration::from_millis(LONGEST_MS);
        match *self {
            Self::Fixed(fixed) => Duration::from_millis(fixed),
            Self::Uniform { lower, upper } => Duration::from_millis(lower + hash % (upper - lower + 1)),
            Self::Lognormal { median, sigma } => {
                // Box and Muller: two even numbers make one of the bell curve.
                let (a, b) = (1.0 - share(hash), share(mix(hash)));
                let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
                let seconds = median * (sigma * normal).exp() / 1_000.0;
                Duration::try_from_secs_f64(seconds).unwrap_or(longest).min(longest)
            }
        }
    }
}

/// The reply comes in pieces, evenly over a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", try_from = "RawDribble")]
pub struct Dribble {
    pub chunks: u32,
    pub total_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawDribble {
    chunks: u32,
    total_ms: u64,
}

impl TryFrom<RawDribble> for Dribble {
    type Error = String;

    fn try_from(RawDribble { chunks, total_ms }: RawDribble) -> Result<Self, String> {
        if !(1..=1_000).contains(&chunks) {
            return Err("chunks: must be from 1 to 1000".to_owned());
        }
        if total_ms > LONGEST_MS {
            return Err(format!("totalMs: must be from 0 to {LONGEST_MS}"));
        }
        Ok(Self { chunks, total_ms })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", try_from = "RawStatus")]
pub struct StatusFault {
    pub code: u16,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawStatus {
    code: u16,
    retry_after: Option<u16>,
    message: Option<String>,
}

impl TryFrom<RawStatus> for StatusFault {
    type Error = &'static str;

    fn try_from(RawStatus { code, retry_after, message }: RawStatus) -> Result<Self, Self::Error> {
        if (200..600).contains(&code) {
            return Ok(Self { code, retry_after, message });
        }
        Err("code: must be from 200 to 599")
    }
}

/// Why a file of rules is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotRules(pub String);

impl Rules {
    /// Reads a TOML file. An error names the file, the line and the field.
    pub fn from_file(path: &Path) -> Result<Self, NotRules> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| NotRules(format!("{name}: {error}")))?;
        toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            NotRules(format!("{name}:{line}: {}", error.message()))
        })
    }
}
