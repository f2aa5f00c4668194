//! The map as shapes. The page writes them as SVG and the picture as pixels, so that both show the
//! same.

use super::{Map, Place};
use crate::geo::Position;

pub const WIDTH: f64 = 400.0;
pub const HEIGHT: f64 = 300.0;

/// Left free around what must be seen; the pin and the scale bar lie in it.
const MARGIN: f64 = 42.0;
/// Half the height of the smallest map, in metres: nearer, and a fix of 10 m looks like a fault.
const NEAREST_M: f64 = 90.0;
/// From one size of the map to the next. It keeps its size while a responder drives on, and the
/// streets stand still under the dot.
const STEP: f64 = 1.5;
/// Streets side by side, at most.
const MOST_STREETS: i32 = 26;
/// Markers nearer to each other are drawn side by side.
const TOUCHING: f64 = 26.0;

/// What a shape stands for: the page's style sheet and the picture's colours go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Street,
    Driven,
    Way,
    /// How exactly the customer's place is known.
    Around,
    Pin,
    PinEye,
    /// How exactly the responder's place is known.
    AroundResponder,
    Responder,
    /// Its place is old: it was there, and need not be any more.
    ResponderOld,
    Heading,
    Scale,
    North,
}

impl Role {
    pub fn class(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Driven => "driven",
            Self::Way => "way",
            Self::Around => "around",
            Self::Pin => "pin",
            Self::PinEye => "pin-eye",
            Self::AroundResponder => "around-responder",
            Self::Responder => "responder",
            Self::ResponderOld => "responder old",
            Self::Heading => "heading",
            Self::Scale => "scale",
            Self::North => "north",
        }
    }
}

/// A place in the drawing: right and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    Disc { centre: Point, radius: f64 },
    Lines(Vec<Vec<Point>>),
    Area(Vec<Point>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub role: Role,
    pub form: Form,
}

/// The scale bar: its length in metres and in the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    pub metres: u32,
    pub length: f64,
}

/// Shapes from the back to the front.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    pub shapes: Vec<Shape>,
    pub bar: Bar,
}

/// Where the bar begins, at its left end.
pub const BAR: Point = Point { x: 14.0, y: HEIGHT - 14.0 };
pub const NORTH: Point = Point { x: WIDTH - 22.0, y: 30.0 };

impl Drawing {
    pub fn of(map: &Map) -> Self {
        let frame = Frame::around(map);
        let bar = bar(frame.scale);
        let mut shapes = Vec::new();
        shapes.push(Shape { role: Role::Street, form: Form::Lines(streets(map, frame)) });
        shapes.push(around(Role::Around, map.customer, frame));
        for (role, line) in [(Role::Driven, &map.driven), (Role::Way, &map.way)] {
            if line.len() > 1 {
                shapes.push(Shape { role, form: Form::Lines(vec![frame.line(line)]) });
            }
        }
        let pin = frame.point(map.customer.position);
        shapes.extend(marker(pin));
        if let Some(responder) = map.responder {
            shapes.extend(vehicle(responder, map, pin, frame));
        }
        shapes.extend([scale_bar(bar), north()]);
        Self { shapes, bar }
    }
}

/// Which piece of the earth is shown, how large.
#[derive(Clone, Copy, Debug)]
struct Frame {
    centre: Position,
    /// Drawn units to the metre.
    scale: f64,
}

const METRES_PER_DEGREE: f64 = 111_195.0;

impl Frame {
    fn around(map: &Map) -> Self {
        let home = map.customer.position;
        let flat = Self { centre: home, scale: 1.0 };
        let ends = map.way.iter().copied().chain(map.responder.map(|place| place.position));
        let driven = map.driven.iter().copied().filter(|_| map.whole);
        let points: Vec<Point> = ends.chain(driven).chain([home]).map(|place| flat.point(place)).collect();
        let range = |of: fn(&Point) -> f64| {
            let low = points.iter().map(of).fold(f64::INFINITY, f64::min);
            (low, points.iter().map(of).fold(f64::NEG_INFINITY, f64::max))
        };
        let ((left, right), (top, bottom)) = (range(|point| point.x), range(|point| point.y));
        // Of the circle around a bad fix the middle is enough.
        let around = map.customer.accuracy.unwrap_or(0.0).clamp(0.0, 400.0);
        let (half_width, half_height) = (WIDTH / 2.0 - MARGIN, HEIGHT / 2.0 - MARGIN);
        let needed = (((right - left) / 2.0).max(around) / half_width)
            .max(((bottom - top) / 2.0).max(around) / half_height)
            .max(NEAREST_M / half_height);
        let steps = (needed * half_height / NEAREST_M).log(STEP).ceil().max(0.0);
        let per_unit = NEAREST_M / half_height * STEP.powf(steps);
        // The middle goes in steps too, of a part of the room that is left.
        let grid = per_unit * MARGIN / 4.0;
        let even = |value: f64| (value / grid).round() * grid;
        let centre = flat.place(Point { x: even(left.midpoint(right)), y: even(top.midpoint(bottom)) });
        Self { centre, scale: 1.0 / per_unit }
    }

    fn metres_per_degree_east(self) -> f64 {
        METRES_PER_DEGREE * self.centre.latitude().to_radians().cos().max(1e-6)
    }

    fn point(self, place: Position) -> Point {
        let east = (place.longitude() - self.centre.longitude() + 540.0).rem_euclid(360.0) - 180.0;
        let north = place.latitude() - self.centre.latitude();
        Point {
            x: WIDTH / 2.0 + east * self.metres_per_degree_east() * self.scale,
            y: HEIGHT / 2.0 - north * METRES_PER_DEGREE * self.scale,
        }
    }

    fn place(self, point: Point) -> Position {
        let north = (HEIGHT / 2.0 - point.y) / self.scale / METRES_PER_DEGREE;
        let east = (point.x - WIDTH / 2.0) / self.scale / self.metres_per_degree_east();
        let latitude = (self.centre.latitude() + north).clamp(-90.0, 90.0);
        let longitude = (self.centre.longitude() + east + 540.0).rem_euclid(360.0) - 180.0;
        Position::new(latitude, longitude).unwrap_or(self.centre)
    }

    fn line(self, places: &[Position]) -> Vec<Point> {
        places.iter().map(|place| self.point(*place)).collect()
    }
}

fn streets(map: &Map, frame: Frame) -> Vec<Vec<Point>> {
    let south_west = frame.place(Point { x: 0.0, y: HEIGHT });
    let north_east = frame.place(Point { x: WIDTH, y: 0.0 });
    let lines = map.streets.between(south_west, north_east, MOST_STREETS);
    lines.iter().filter_map(|line| clipped(line.map(|end| frame.point(end)))).collect()
}

/// Streets run along the axes, so a piece of one is cut by holding its ends inside; `None` outside.
fn clipped([a, b]: [Point; 2]) -> Option<Vec<Point>> {
    const OVER: f64 = 8.0;
    let outside = a.x.max(b.x) < -OVER
        || a.y.max(b.y) < -OVER
        || a.x.min(b.x) > WIDTH + OVER
        || a.y.min(b.y) > HEIGHT + OVER;
    let held = |point: Point| Point {
        x: point.x.clamp(-OVER, WIDTH + OVER),
        y: point.y.clamp(-OVER, HEIGHT + OVER),
    };
    (!outside).then(|| vec![held(a), held(b)])
}

fn around(role: Role, place: Place, frame: Frame) -> Shape {
    let radius = place.accuracy.unwrap_or(0.0).max(0.0) * frame.scale;
    // Larger than the drawing it would be a colour over all of it, which is what it says.
    let radius = radius.min(WIDTH * 2.0);
    Shape { role, form: Form::Disc { centre: frame.point(place.position), radius } }
}

/// A pin whose tip is at the place.
fn marker(tip: Point) -> [Shape; 2] {
    const RADIUS: f64 = 11.0;
    let centre = Point { x: tip.x, y: tip.y - 20.0 };
    let mut outline = vec![tip];
    for step in 0..=24_u8 {
        // From the lower left over the top to the lower right.
        let angle = (150.0 + f64::from(step) * 10.0).to_radians();
        outline.push(Point { x: centre.x + RADIUS * angle.cos(), y: centre.y + RADIUS * angle.sin() });
    }
    [
        Shape { role: Role::Pin, form: Form::Area(outline) },
        Shape { role: Role::PinEye, form: Form::Disc { centre, radius: 4.2 } },
    ]
}

/// A dot with an arrow in the direction of the way.
fn vehicle(place: Place, map: &Map, pin: Point, frame: Frame) -> Vec<Shape> {
    const RADIUS: f64 = 10.0;
    let way = &map.way;
    let mut centre = frame.point(place.position);
    let mut shapes = vec![around(Role::AroundResponder, place, frame)];
    if (centre.x - pin.x).hypot(centre.y - pin.y) < TOUCHING && way.is_empty() {
        centre = Point { x: pin.x + TOUCHING, y: pin.y };
        // The dot stands beside its place now. While somebody looks for the other, a circle there too
        // would be a third thing.
        if !map.whole {
            shapes.clear();
        }
    }
    let role = if place.fresh { Role::Responder } else { Role::ResponderOld };
    shapes.push(Shape { role, form: Form::Disc { centre, radius: RADIUS } });
    let ahead = way
        .iter()
        .map(|place| frame.point(*place))
        .find(|point| (point.x - centre.x).hypot(point.y - centre.y) > 2.0);
    if let Some(ahead) = ahead.filter(|_| place.fresh) {
        let angle = (ahead.y - centre.y).atan2(ahead.x - centre.x);
        let turned = |forward: f64, side: f64| Point {
            x: centre.x + forward * angle.cos() - side * angle.sin(),
            y: centre.y + forward * angle.sin() + side * angle.cos(),
        };
        let arrow = vec![turned(6.2, 0.0), turned(-4.2, 4.4), turned(-1.8, 0.0), turned(-4.2, -4.4)];
        shapes.push(Shape { role: Role::Heading, form: Form::Area(arrow) });
    }
    shapes
}

/// The longest of 1, 2, 5, 10, … metres that is no longer than a quarter of the drawing.
fn bar(scale: f64) -> Bar {
    let sizes = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];
    let fitting = sizes.into_iter().rev().find(|metres| f64::from(*metres) * scale <= WIDTH / 4.0);
    let metres = fitting.unwrap_or(10);
    Bar { metres, length: f64::from(metres) * scale }
}

fn scale_bar(bar: Bar) -> Shape {
    let at = |x: f64, y: f64| Point { x: BAR.x + x, y: BAR.y + y };
    let line = vec![at(0.0, -4.0), at(0.0, 0.0), at(bar.length, 0.0), at(bar.length, -4.0)];
    Shape { role: Role::Scale, form: Form::Lines(vec![line]) }
}

fn north() -> Shape {
    let at = |x: f64, y: f64| Point { x: NORTH.x + x, y: NORTH.y + y };
    let arrow = vec![at(0.0, -14.0), at(6.0, 3.0), at(0.0, -0.5), at(-6.0, 3.0)];
    Shape { role: Role::North, form: Form::Area(arrow) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::streets::Streets;
    use proptest::prelude::*;

    fn map(customer: Position, responder: Option<Position>, accuracy: f64) -> Map {
        let streets = Streets::around(customer, 7);
        let place = |position| Place { position, accuracy: Some(accuracy), fresh: true };
        let way = responder.map(|from| vec![from, customer]).unwrap_or_default();
        let (customer, responder) = (place(customer), responder.map(place));
        Map { streets, customer, responder, way, driven: Vec::new(), whole: false }
    }

    fn disc(drawing: &Drawing, role: Role) -> (Point, f64) {
        let form = drawing.shapes.iter().find(|shape| shape.role == role).map(|shape| &shape.form);
        match form {
            Some(Form::Disc { centre, radius }) => (*centre, *radius),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_bar_and_the_circle_have_the_same_scale() {
        let home = Position::new(-26.1091, 28.0830).unwrap();
        let drawing = Drawing::of(&map(home, None, 50.0));
        let (_, radius) = disc(&drawing, Role::Around);
        let per_metre = drawing.bar.length / f64::from(drawing.bar.metres);
        assert!((radius / per_metre - 50.0).abs() < 0.1, "{radius} {:?}", drawing.bar);
    }

    #[test]
    fn the_map_stands_still_while_the_responder_drives_a_little() {
        let home = Position::new(-26.1091, 28.0830).unwrap();
        let frames: Vec<Frame> = (0..8)
            .map(|step| home.towards(45.0, 900.0 - f64::from(step)))
            .map(|from| Frame::around(&map(home, Some(from), 10.0)))
            .collect();
        let moved = frames.windows(2).filter(|two| two[0].centre != two[1].centre);
        assert!(moved.count() <= 1, "{frames:?}");
    }

    #[test]
    fn an_old_place_is_hollow_and_has_no_direction() {
        let home = Position::new(-26.1091, 28.0830).unwrap();
        let mut map = map(home, Some(home.towards(0.0, 700.0)), 10.0);
        map.responder = map.responder.map(|place| Place { fresh: false, ..place });
        let drawing = Drawing::of(&map);
        disc(&drawing, Role::ResponderOld);
        assert!(!drawing.shapes.iter().any(|shape| shape.role == Role::Heading));
    }

    #[test]
    fn the_picture_of_what_is_over_shows_the_whole_drive_and_how_exact_the_places_are() {
        let home = Position::new(-26.1091, 28.0830).unwrap();
        let start = home.towards(45.0, 1_500.0);
        let driven = vec![start, start.towards(180.0, 1_000.0), home];
        let there = Map { way: Vec::new(), driven, ..map(home, Some(home), 40.0) };
        let drawn = |map: &Map| {
            let drawing = Drawing::of(map);
            let line = drawing.shapes.iter().find(|shape| shape.role == Role::Driven).unwrap();
            let Form::Lines(lines) = &line.form else { panic!("{line:?}") };
            let inside = |point: &Point| (0.0..WIDTH).contains(&point.x) && (0.0..HEIGHT).contains(&point.y);
            let circle = drawing.shapes.iter().any(|shape| shape.role == Role::AroundResponder);
            (lines[0].iter().all(inside), circle)
        };
        assert_eq!(drawn(&there), (false, false), "while it lasts the scene is what counts");
        let over = Map { whole: true, ..there };
        assert_eq!(drawn(&over), (true, true));
        let (pin, radius) = disc(&Drawing::of(&over), Role::Around);
        let (vehicle, same) = disc(&Drawing::of(&over), Role::AroundResponder);
        assert!(radius > 1.0 && (radius - same).abs() < 0.01 && pin == vehicle);
    }

    proptest! {
        #[test]
        fn both_markers_are_always_in_the_picture(
            latitude in -85.0f64..85.0, longitude in -180.0f64..180.0,
            bearing in 0.0f64..360.0, metres in 0.0f64..40_000.0, accuracy in 0.0f64..5_000.0,
        ) {
            let home = Position::new(latitude, longitude).unwrap();
            let from = home.towards(bearing, metres);
            let drawing = Drawing::of(&map(home, Some(from), accuracy));
            for role in [Role::Around, Role::Responder] {
                let (at, _) = disc(&drawing, role);
                prop_assert!((20.0..WIDTH - 20.0).contains(&at.x), "{:?} {:?}", role, at);
                prop_assert!((20.0..HEIGHT - 20.0).contains(&at.y), "{:?} {:?}", role, at);
            }
            prop_assert!((8.0..=WIDTH / 4.0).contains(&drawing.bar.length), "{:?}", drawing.bar);
        }
    }
}
