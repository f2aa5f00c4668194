//! What is counted of requests and connections, for `/metrics`. A handful of atomics: a request costs
//! one look into a map and some additions, and nothing of a person is in it.
//!
//! The labels are templates of paths, methods and statuses, so their number is bounded whatever is asked
//! for: a path that is none of ours is `unknown`, a method that nobody has heard of `OTHER`, and a route
//! that gives more kinds of status than [`STATUSES`] counts the rest as `other`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::atomic::{AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// Upper bounds in microseconds, with the words for them in seconds.
const BUCKETS: [(u64, &str); 12] = [
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (10_000_000, "10"),
];

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"];

/// Kinds of status that one route and method may give.
const STATUSES: usize = 16;

/// In place of a status where there was none.
const BROKEN: u16 = 999;

const UNKNOWN: &str = "unknown";

/// Counts of the whole server.
#[derive(Debug, Default)]
pub struct Metrics {
    routes: RwLock<HashMap<Box<str>, Arc<Route>>>,
    pub connections: AtomicUsize,
    pub accepted: AtomicU64,
    pub not_accepted: AtomicU64,
    pub ended_early: AtomicU64,
}

#[derive(Debug, Default)]
struct Route {
    methods: [OnceLock<Box<Series>>; METHODS.len()],
}

/// Counts of one route and method.
#[derive(Debug, Default)]
struct Series {
    in_flight: AtomicUsize,
    statuses: [(AtomicU16, AtomicU64); STATUSES],
    other: AtomicU64,
    /// The last one is for what takes longer than all bounds.
    times: [AtomicU64; BUCKETS.len() + 1],
    microseconds: AtomicU64,
}

/// A request on its way. It is no longer in flight when this goes, answered or not.
#[derive(Debug)]
pub struct Counting {
    route: Arc<Route>,
    method: usize,
}

impl Metrics {
    /// A request for the template `route`; `None` for a path that is none of ours.
    pub fn begin(&self, route: Option<&str>, method: &str) -> Counting {
        let method = METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len() - 1);
        let counting = Counting { route: self.route(route.unwrap_or(UNKNOWN)), method };
        counting.series().in_flight.fetch_add(1, Ordering::Relaxed);
        counting
    }

    fn route(&self, template: &str) -> Arc<Route> {
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(template).cloned();
        known.unwrap_or_else(|| {
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(routes.entry(template.into()).or_default())
        })
    }

    /// Appends everything that was counted, in Prometheus' text format.
    pub fn write(&self, out: &mut Exposition) {
        let routes: BTreeMap<_, _> = {
            let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
            routes.iter().map(|(template, route)| (template.clone(), Arc::clone(route))).collect()
        };
        let series = || {
            routes.iter().flat_map(|(template, route)| {
                let methods = METHODS.iter().zip(&route.methods);
                methods.filter_map(move |(method, series)| Some((labels(template, method), series.get()?)))
            })
        };
        out.family("panic_http_requests_total", "counter", "Requests that were answered.");
        for (labels, series) in series() {
            for (status, count) in series.statuses() {
                out.sample("panic_http_requests_total", &format!("{labels},status=\"{status}\""), count);
            }
        }
        out.family("panic_http_errors_total", "counter", "Requests that were answered with a 5xx.");
        for (labels, series) in series() {
            let failed =
                series.statuses().filter(|(status, _)| status.starts_with('5')).map(|(_, count)| count);
            out.sample("panic_http_errors_total", &labels, failed.sum::<u64>());
        }
        let name = "panic_http_request_duration_seconds";
        out.family(name, "histogram", "From the headers of a request to those of its reply.");
        for (labels, series) in series() {
            series.write_times(out, name, &labels);
        }
        out.family("panic_http_requests_in_flight", "gauge", "Requests that are being answered.");
        for (labels, series) in series() {
            out.sample("panic_http_requests_in_flight", &labels, series.in_flight.load(Ordering::Relaxed));
        }
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        out.one("panic_connections_accepted_total", "counter", "Connections so far.", load(&self.accepted));
        let failed = load(&self.not_accepted);
        out.one("panic_connections_not_accepted_total", "counter", "Failures to accept one.", failed);
        let early = load(&self.ended_early);
        let why = "Connections that ended in the middle of something.";
        out.one("panic_connections_ended_early_total", "counter", why, early);
        let open = self.connections.load(Ordering::Relaxed);
        out.one("panic_connections_open", "gauge", "Connections now.", open);
    }
}

fn labels(template: &str, method: &str) -> String {
    format!("method=\"{method}\",route=\"{}\"", escaped(template))
}

/// As the text format wants the value of a label.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

impl Counting {
    fn series(&self) -> &Series {
        self.route.methods[self.method].get_or_init(Box::default)
    }

    /// The connection was broken off instead of a reply.
    pub fn broken(&self, took: Duration) {
        self.answered(BROKEN, took);
    }

    pub fn answered(&self, status: u16, took: Duration) {
        let series = self.series();
        series.count(status);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|(bound, _)| took <= *bound).unwrap_or(BUCKETS.len());
        series.times[bucket].fetch_add(1, Ordering::Relaxed);
        series.microseconds.fetch_add(took, Ordering::Relaxed);
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.series().in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Series {
    /// A status takes the first free place, and keeps it.
    fn count(&self, status: u16) {
        for (taken, count) in &self.statuses {
            let mut known = taken.load(Ordering::Relaxed);
            if known == 0 {
                let first = taken.compare_exchange(0, status, Ordering::Relaxed, Ordering::Relaxed);
                known = first.map_or_else(|taken| taken, |_| status);
            }
            if known == status {
                count.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        self.other.fetch_add(1, Ordering::Relaxed);
    }

    fn statuses(&self) -> impl Iterator<Item = (String, u64)> {
        let load = |(status, count): &(AtomicU16, AtomicU64)| {
            let word = match status.load(Ordering::Relaxed) {
                BROKEN => "broken".to_owned(),
                status => status.to_string(),
            };
            (word, count.load(Ordering::Relaxed))
        };
        let other = self.other.load(Ordering::Relaxed);
        let known = self.statuses.iter().map(load);
        known.chain([("other".to_owned(), other)]).filter(|(_, count)| *count > 0)
    }

    fn write_times(&self, out: &mut Exposition, name: &str, labels: &str) {
        let mut sum = 0;
        let bounds = BUCKETS.iter().map(|(_, seconds)| *seconds).chain(["+Inf"]);
        for (bound, count) in bounds.zip(&self.times) {
            sum += count.load(Ordering::Relaxed);
            out.sample(&format!("{name}_bucket"), &format!("{labels},le=\"{bound}\""), sum);
        }
        let total = Duration::from_micros(self.microseconds.load(Ordering::Relaxed)).as_secs_f64();
        out.sample(&format!("{name}_sum"), labels, total);
        out.sample(&format!("{name}_count"), labels, sum);
    }
}

/// Prometheus' text format. Writing into a string cannot fail, so its results are dropped.
#[derive(Debug, Default)]
pub struct Exposition(pub String);

impl Exposition {
    pub fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _written = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _written = if labels.is_empty() {
            writeln!(self.0, "{name} {value}")
        } else {
            writeln!(self.0, "{name}{{{labels}}} {value}")
        };
    }

    /// A family of one sample without labels.
    pub fn one(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, kind, help);
        self.sample(name, "", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(metrics: &Metrics) -> String {
        let mut out = Exposition::default();
        metrics.write(&mut out);
        out.0
    }

    #[test]
    fn a_request_is_counted_by_route_method_and_status() {
        let metrics = Metrics::default();
        for (status, took) in [(200, 90), (200, 300), (503, 20_000_000)] {
            metrics.begin(Some("/callouts/{callout}"), "GET").answered(status, Duration::from_micros(took));
        }
        let on_its_way = metrics.begin(Some("/callouts/{callout}"), "GET");
        let text = written(&metrics);
        let labels = "method=\"GET\",route=\"/callouts/{callout}\"";
        for line in [
            format!("panic_http_requests_total{{{labels},status=\"200\"}} 2"),
            format!("panic_http_requests_total{{{labels},status=\"503\"}} 1"),
            format!("panic_http_errors_total{{{labels}}} 1"),
            format!("panic_http_request_duration_seconds_bucket{{{labels},le=\"0.0001\"}} 1"),
            format!("panic_http_request_duration_seconds_bucket{{{labels},le=\"0.0005\"}} 2"),
            format!("panic_http_request_duration_seconds_bucket{{{labels},le=\"10\"}} 2"),
            format!("panic_http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 3"),
            format!("panic_http_request_duration_seconds_sum{{{labels}}} 20.00039"),
            format!("panic_http_request_duration_seconds_count{{{labels}}} 3"),
            format!("panic_http_requests_in_flight{{{labels}}} 1"),
        ] {
            assert!(text.lines().any(|have| have == line), "{line} is not in:\n{text}");
        }
        drop(on_its_way);
        assert!(written(&metrics).contains(&format!("panic_http_requests_in_flight{{{labels}}} 0")));
    }

    #[test]
    fn the_number_of_labels_is_bounded() {
        let metrics = Metrics::default();
        for number in 0..10_000_u16 {
            metrics.begin(None, &format!("M{number}")).answered(200 + number % 400, Duration::ZERO);
        }
        let text = written(&metrics);
        assert!(text.lines().filter(|line| line.starts_with("panic_http_requests_total")).count() <= 17);
        assert!(text.contains("method=\"OTHER\",route=\"unknown\",status=\"other\""), "{text}");
    }
}
