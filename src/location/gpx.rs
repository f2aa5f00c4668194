//! Tracks out of GPX. What is wrong is told with its line.

use super::track::{MOST_POINTS, Track};
use crate::geo::Position;
use crate::geo::geojson::{Fault, off_the_earth};
use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};

/// The points of all tracks of a file in their order, or of its routes where it has no track.
pub fn track(text: &str, with_times: bool) -> Result<Track, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::whole("is empty"));
    }
    // Each point has a handful of elements and the texts between them.
    let limit = u32::try_from(MOST_POINTS).unwrap_or(u32::MAX).saturating_mul(24);
    let options = ParsingOptions { nodes_limit: limit, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| Fault::at(line(error.pos().row), plain(&error.to_string())))?;
    let root = document.root_element();
    if root.tag_name().name() != "gpx" {
        return Err(Fault::at(1, format!("begins with <{}>, not with <gpx>", root.tag_name().name())));
    }
    let named = |name: &'static str| root.descendants().filter(move |node| node.tag_name().name() == name);
    let mut points: Vec<Node<'_, '_>> = named("trkpt").collect();
    if points.is_empty() {
        points = named("rtept").collect();
    }
    match points.len() {
        0 => return Err(Fault::whole("has no track and no route with points")),
        1..=MOST_POINTS => {}
        many => return Err(Fault::whole(format!("has {many} points, more than {MOST_POINTS}: simplify it"))),
    }
    let line_of = |node: &Node<'_, '_>| line(document.text_pos_at(node.range().start).row);
    let fault = |node: &Node<'_, '_>, text: String| Fault::at(line_of(node), text);
    let places = points.iter().map(|node| place(*node).map_err(|text| fault(node, text)));
    let places: Vec<Position> = places.collect::<Result<_, _>>()?;
    let times = if with_times { times(&points, fault)? } else { None };
    Track::new(places, times).map_err(Fault::whole)
}

fn line(row: u32) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX)
}

/// The parser's message without the place, which is told in front.
fn plain(message: &str) -> String {
    message.rsplit_once(" at ").map_or(message, |(text, _)| text).to_owned()
}

fn place(point: Node<'_, '_>) -> Result<Position, String> {
    let number = |name: &str| {
        let raw = point.attribute(name).ok_or_else(|| format!("a point has no {name}"))?;
        raw.trim().parse::<f64>().map_err(|_| format!("{name} \"{}\" is not a number", cut(raw)))
    };
    let (latitude, longitude) = (number("lat")?, number("lon")?);
    Position::new(latitude, longitude).ok_or_else(|| off_the_earth(latitude, longitude))
}

/// The time of each point, of all or of none.
fn times(
    points: &[Node<'_, '_>],
    fault: impl Fn(&Node<'_, '_>, String) -> Fault,
) -> Result<Option<Vec<Timestamp>>, Fault> {
    let mut times: Vec<Timestamp> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let raw = point.children().find(|node| node.tag_name().name() == "time").and_then(|node| node.text());
        let Some(raw) = raw else {
            if times.is_empty() {
                continue;
            }
            return Err(fault(
                point,
                "a point has no time, though others have: speed_kmh plays it all the same".into(),
            ));
        };
        if times.len() < index {
            return Err(fault(
                point,
                "a point has a time, though others have none: speed_kmh plays it all the same".into(),
            ));
        }
        let time: Timestamp = raw.trim().parse().map_err(|_| {
            fault(point, format!("time \"{}\" is not of the form 2026-03-01T12:00:00Z", cut(raw)))
        })?;
        if times.last().is_some_and(|last| time < *last) {
            return Err(fault(
                point,
                "the time goes back at this point: speed_kmh plays it all the same".into(),
            ));
        }
        times.push(time);
    }
    Ok((!times.is_empty()).then_some(times))
}

/// Enough of a value to find it again.
fn cut(raw: &str) -> String {
    crate::text::one_line(raw.trim(), 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        track(text, true).unwrap_err().of_file("walk.gpx")
    }

    fn gpx(points: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n<trk><trkseg>\n{points}\n</trkseg></trk></gpx>"
        )
    }

    #[test]
    fn tracks_come_before_routes_and_segments_are_one_way() {
        let text = "<gpx><rte><rtept lat=\"1\" lon=\"1\"/></rte><trk><trkseg><trkpt lat=\"2\" lon=\"2\"/>\
            </trkseg><trkseg><trkpt lat=\"3\" lon=\"2\"/></trkseg></trk></gpx>";
        let track = track(text, true).unwrap();
        assert_eq!(track.points(), [Position::new(2.0, 2.0).unwrap(), Position::new(3.0, 2.0).unwrap()]);
        let route = "<gpx><rte><rtept lat=\"1\" lon=\"1\"/></rte></gpx>";
        assert_eq!(super::track(route, true).unwrap().points().len(), 1);
    }

    #[test]
    fn times_are_taken_only_where_they_are_wanted() {
        let text = gpx(
            "<trkpt lat=\"1\" lon=\"1\"><time>2026-03-01T12:00:00Z</time></trkpt>\n<trkpt lat=\"1\" lon=\"2\"/>",
        );
        assert_eq!(
            told(&text),
            "walk.gpx:5: a point has no time, though others have: speed_kmh plays it all the same"
        );
        assert!(!track(&text, false).unwrap().is_timed());
        let text = gpx(
            "<trkpt lat=\"1\" lon=\"1\"/>\n<trkpt lat=\"1\" lon=\"2\"><time>2026-03-01T12:00:00Z</time></trkpt>",
        );
        assert!(told(&text).starts_with("walk.gpx:5: a point has a time"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, expected) in [
            (String::new(), "walk.gpx: is empty"),
            ("<kml/>".into(), "walk.gpx:1: begins with <kml>, not with <gpx>"),
            ("<gpx/>".into(), "walk.gpx: has no track and no route with points"),
            (gpx("<trkpt lat=\"1\"/>"), "walk.gpx:4: a point has no lon"),
            (gpx("<trkpt lat=\"x\" lon=\"1\"/>"), "walk.gpx:4: lat \"x\" is not a number"),
            (gpx("\n<trkpt lat=\"91\" lon=\"1\"/>"), "walk.gpx:5: latitude 91 is out of range: -90 to 90"),
            (
                gpx("<trkpt lat=\"1\" lon=\"1\"><time>noon</time></trkpt>"),
                "walk.gpx:4: time \"noon\" is not of the form 2026-03-01T12:00:00Z",
            ),
            (
                gpx(
                    "<trkpt lat=\"1\" lon=\"1\"><time>2026-03-01T12:00:05Z</time></trkpt>\n<trkpt lat=\"1\" lon=\"2\"><time>2026-03-01T12:00:00Z</time></trkpt>",
                ),
                "walk.gpx:5: the time goes back at this point: speed_kmh plays it all the same",
            ),
        ] {
            assert_eq!(told(&text), expected, "{text}");
        }
        assert!(told("<gpx>\n<trk>").starts_with("walk.gpx:"), "{}", told("<gpx>\n<trk>"));
        let bomb = "<!DOCTYPE gpx [<!ENTITY a \"aaaa\">]><gpx>&a;</gpx>";
        assert!(track(bomb, true).is_err(), "entities of its own are not followed");
    }
}
