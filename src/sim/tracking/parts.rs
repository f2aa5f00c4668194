//! The pieces of the page that change, each by itself: a live page is sent those that did, and a
//! reader with a screen reader hears only what is new.

use super::drawing::Drawing;
use super::html::{clock, clock_seconds, dialled, escape, text};
use super::svg::svg;
use super::{Eta, Helper, Leg, Map, Place, Seen};
use crate::geo;
use crate::sim::world::Status;
use jiff::Timestamp;
use std::fmt::Write;

/// The ids of the page's elements with what is in them; an empty one is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub title: String,
    pub status: &'static str,
    pub all: Vec<(&'static str, String)>,
}

impl Parts {
    pub fn of(seen: &Seen) -> Self {
        let (title, words) = headline(seen);
        let head = format!(
            "<p class=\"status\">{}</p><h1>{title}</h1><p class=\"lead\">{words}</p>",
            escape(seen.status.as_str()),
        );
        Self {
            title: format!("Callout {}: {title}", seen.id),
            status: seen.status.as_str(),
            all: vec![
                ("notice", notice(seen)),
                ("headline", head),
                ("eta", seen.eta.as_ref().map(eta).unwrap_or_default()),
                ("map", seen.map.as_ref().map(|map| figure(map, seen.eta)).unwrap_or_default()),
                ("helper", seen.helper.as_ref().map(|it| helper(it, seen.status)).unwrap_or_default()),
                ("flow", flow(seen)),
            ],
        }
    }

    pub fn part(&self, id: &str) -> &str {
        self.all.iter().find(|(known, _)| *known == id).map_or("", |(_, html)| html)
    }
}

fn notice(seen: &Seen) -> String {
    if !seen.cancel_asked || seen.stood_down {
        return String::new();
    }
    "<section class=\"notice\" aria-labelledby=\"notice-title\"><h2 id=\"notice-title\">A cancel was asked for</h2>\
     <p>The response goes on until the control room has spoken to the customer and confirmed it.</p></section>"
        .to_owned()
}

/// How it stands in a few words, and what that means for whoever waits.
fn headline(seen: &Seen) -> (&'static str, String) {
    let supplier = seen.helper.as_ref().and_then(|helper| helper.supplier.as_ref());
    let supplier = supplier.map_or_else(|| "A supplier".to_owned(), |supplier| text(&supplier.name));
    let responder = seen.helper.as_ref().and_then(|helper| helper.responder.as_ref());
    let who = responder.map(|responder| text(&responder.name));
    match seen.status {
        Status::Created if seen.acknowledged_at.is_some() => {
            ("Finding a responder", "The control room has seen the alarm and is arranging help.".to_owned())
        }
        Status::Created => {
            ("Alarm received", "It is with the control room, which has not acknowledged it yet.".to_owned())
        }
        Status::Dispatched => match who {
            Some(who) => ("Responder on the way", format!("{who} of {supplier} is coming.")),
            None => (
                "Help was sent",
                format!(
                    "{supplier} was sent by phone. Where its vehicle is cannot be shown here; call for news."
                ),
            ),
        },
        Status::ResponderCancelled if seen.stood_down => {
            ("Response called off", "The callout was cancelled and the responder turned back.".to_owned())
        }
        Status::ResponderCancelled => (
            "Finding another responder",
            "The responder had to turn back. The control room is arranging another.".to_owned(),
        ),
        Status::Arrived => match who {
            Some(who) => ("Responder is here", format!("{who} of {supplier} has arrived.")),
            None => ("Help is here", format!("{supplier} has arrived.")),
        },
        Status::Completed => (
            "Responder has finished",
            "The work on scene is done. The control room closes the callout next.".to_owned(),
        ),
        Status::Closed => (
            "This callout is closed",
            "Positions and names are no longer shown. If help is needed again, raise a new alarm.".to_owned(),
        ),
    }
}

fn eta(eta: &Eta) -> String {
    // Rounded up: better a minute early than a minute late.
    let minutes = eta.duration_s.div_ceil(60).max(1);
    let (class, title) = if eta.fresh { ("eta", "Arrives in about") } else { ("eta old", "Was expected in") };
    let reported = clock_seconds(eta.at);
    let as_of = if eta.fresh {
        format!("As reported at {reported}")
    } else {
        format!("<strong>Not live.</strong> Last heard of at {reported}")
    };
    format!(
        "<section class=\"{class}\" aria-labelledby=\"eta-title\"><h2 id=\"eta-title\">{title}</h2>\
         <p class=\"figures\"><span class=\"minutes\"><strong>{minutes}</strong> min</span> \
         <span class=\"distance\">{} to go</span></p><p class=\"as-of\">{as_of}</p>\
         <p class=\"lost\">The connection is lost: this may have changed.</p></section>",
        distance(eta.distance_m),
    )
}

fn distance(metres: u32) -> String {
    if metres < 1_000 {
        format!("{} m", metres.max(1))
    } else {
        format!("{:.1} km", f64::from(metres) / 1_000.0)
    }
}

fn figure(map: &Map, eta: Option<Eta>) -> String {
    let picture = svg(&Drawing::of(map), &in_words(map, eta));
    let mut legend = "<li><span class=\"key key-pin\"></span>Customer</li>".to_owned();
    match map.responder {
        Some(Place { fresh: true, .. }) => {
            legend.push_str("<li><span class=\"key key-responder\"></span>Responder</li>");
        }
        Some(_) => legend.push_str("<li><span class=\"key key-old\"></span>Responder, last known place</li>"),
        None => {}
    }
    if !map.way.is_empty() {
        legend.push_str("<li><span class=\"key key-way\"></span>Way to go</li>");
    }
    let how_exact = map.customer.accuracy.filter(|metres| *metres >= 1.0);
    if let Some(metres) = how_exact {
        let _written = write!(legend, "<li><span class=\"key key-around\"></span>Within {metres:.0} m</li>");
    }
    format!(
        "<section aria-labelledby=\"map-title\"><h2 id=\"map-title\" class=\"unseen\">Map</h2>\
         <figure>{picture}<figcaption><ul class=\"legend\">{legend}</ul></figcaption></figure></section>"
    )
}

/// The map for those who do not see it.
fn in_words(map: &Map, eta: Option<Eta>) -> String {
    let Some(responder) = map.responder else {
        return "Map with the customer's place. No responder's place is known.".to_owned();
    };
    let (from, to) = (map.customer.position, responder.position);
    if map.way.is_empty() {
        return "Map: the responder is with the customer.".to_owned();
    }
    let towards = match geo::compass(from.bearing_to(to)) {
        "N" => "north",
        "NE" => "north-east",
        "E" => "east",
        "SE" => "south-east",
        "S" => "south",
        "SW" => "south-west",
        "W" => "west",
        _ => "north-west",
    };
    let left = eta.map(|eta| format!(" and has {} to go", distance(eta.distance_m))).unwrap_or_default();
    format!("Map: the responder is {towards} of the customer{left}.")
}

fn helper(helper: &Helper, status: Status) -> String {
    let title = match status {
        Status::Dispatched => "Who is coming",
        Status::Arrived => "Who is here",
        _ => "Who was here",
    };
    let mut rows = String::new();
    let mut row = |name: &str, html: String| {
        let _written = write!(rows, "<div><dt>{name}</dt><dd>{html}</dd></div>");
    };
    if let Some(responder) = &helper.responder {
        row("Responder", format!("<strong>{}</strong>", text(&responder.name)));
        if !responder.callsign.trim().is_empty() {
            row("Callsign", text(&responder.callsign));
        }
        if !responder.vehicle.is_empty() {
            row("Vehicle", text(&responder.vehicle));
        }
        if !responder.plate.trim().is_empty() {
            row("Number plate", format!("<span class=\"plate\">{}</span>", text(&responder.plate)));
        }
    }
    let mut call = String::new();
    if let Some(supplier) = &helper.supplier {
        row("Supplier", text(&supplier.name));
        if let Some(number) = dialled(&supplier.number) {
            call =
                format!("<p><a class=\"call\" href=\"tel:{number}\">Call {}</a></p>", text(&supplier.name));
        }
    }
    format!(
        "<section aria-labelledby=\"helper-title\"><h2 id=\"helper-title\">{title}</h2><dl>{rows}</dl>{call}</section>"
    )
}

/// One line of the status flow; without a time it is still to come.
struct Step {
    title: &'static str,
    at: Option<Timestamp>,
    turned_back: bool,
}

fn step(title: &'static str, at: Option<Timestamp>) -> Step {
    Step { title, at, turned_back: false }
}

fn flow(seen: &Seen) -> String {
    let mut steps = steps(seen);
    if seen.is_closed() {
        steps.retain(|step| step.at.is_some());
    }
    let current = steps.iter().rposition(|step| step.at.is_some());
    let mut rows = String::new();
    for (index, Step { title, at, turned_back }) in steps.iter().enumerate() {
        let (class, said, current) = match (at, current == Some(index)) {
            (None, _) => ("ahead", "To come: ", ""),
            (Some(_), true) => ("now", "Now: ", " aria-current=\"step\""),
            (Some(_), false) => ("done", "Done: ", ""),
        };
        let class = if *turned_back { format!("{class} back") } else { class.to_owned() };
        let at = at.map(|at| format!(" {}", clock(at))).unwrap_or_default();
        let _written = write!(
            rows,
            "<li class=\"{class}\"{current}><span class=\"unseen\">{said}</span><span class=\"what\">{title}</span>{at}</li>"
        );
    }
    format!(
        "<section aria-labelledby=\"flow-title\"><h2 id=\"flow-title\">Status</h2><ol class=\"flow\">{rows}</ol></section>"
    )
}

fn steps(seen: &Seen) -> Vec<Step> {
    let mut steps = vec![step("Callout created", Some(seen.created_at))];
    if seen.acknowledged_at.is_some() || seen.legs.is_empty() {
        steps.push(step("Control room acknowledged", seen.acknowledged_at));
    }
    for (index, leg) in seen.legs.iter().enumerate() {
        steps.push(step(sent(*leg, index), Some(leg.dispatched_at)));
        for (title, at) in arrived_and_completed(leg.manual, *leg) {
            if at.is_some() || leg.retracted_at.is_none() {
                steps.push(step(title, at));
            }
        }
        if let Some(at) = leg.retracted_at {
            let title = if leg.manual { "Supplier cancelled" } else { "Responder cancelled" };
            steps.push(Step { title, at: Some(at), turned_back: true });
        }
    }
    let somebody = seen.legs.last().is_some_and(|leg| leg.retracted_at.is_none());
    if !somebody && !seen.stood_down {
        let next = if seen.legs.is_empty() { "Responder dispatched" } else { "Another responder dispatched" };
        steps.extend([step(next, None), step("Responder arrived", None), step("Responder completed", None)]);
    }
    steps.push(step("Callout closed", seen.resolved_at));
    steps
}

fn sent(leg: Leg, index: usize) -> &'static str {
    match (leg.manual, index) {
        (true, _) => "Supplier dispatched by phone",
        (false, 0) => "Responder dispatched",
        (false, _) => "Another responder dispatched",
    }
}

fn arrived_and_completed(manual: bool, leg: Leg) -> [(&'static str, Option<Timestamp>); 2] {
    let (arrived, completed) = if manual {
        ("Supplier arrived", "Supplier completed")
    } else {
        ("Responder arrived", "Responder completed")
    };
    [(arrived, leg.arrived_at), (completed, leg.completed_at)]
}
