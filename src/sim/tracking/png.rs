//! The drawing as a PNG, in the colours of the light page. No text: a font would be larger than the
//! rest of the program's page.

use super::Map;
use super::drawing::{Drawing, Form, HEIGHT, Point, Role, Shape, WIDTH};
use tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

/// Pixels to the drawn unit.
const SHARPNESS: f32 = 2.0;

/// The picture was not made: out of memory, at this size.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the map picture could not be made")]
pub struct PictureFailed;

/// Takes some milliseconds of computing.
pub fn picture(map: &Map) -> Result<Vec<u8>, PictureFailed> {
    let drawing = Drawing::of(map);
    let (width, height) = (whole(WIDTH), whole(HEIGHT));
    let mut pixels = Pixmap::new(width, height).ok_or(PictureFailed)?;
    let [red, green, blue] = LAND;
    pixels.fill(Color::from_rgba8(red, green, blue, 255));
    for shape in &drawing.shapes {
        paint(&mut pixels, shape);
    }
    pixels.encode_png().map_err(|_| PictureFailed)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a constant of some hundreds")]
fn whole(length: f64) -> u32 {
    (length as f32 * SHARPNESS) as u32
}

type Rgb = [u8; 3];

/// How a role is painted, each with its opacity; widths in drawn units.
struct Look {
    fill: Option<(Rgb, f32)>,
    stroke: Option<(Rgb, f32, f32)>,
}

// The palette of `assets/tracking/page.css`; a test holds them equal.
const LAND: Rgb = [0xe6, 0xeb, 0xef];
const STREET: Rgb = [0xff, 0xff, 0xff];
const WAY: Rgb = [0x14, 0x55, 0xa8];
const DRIVEN: Rgb = [0x93, 0xa9, 0xc4];
const PIN: Rgb = [0xb3, 0x26, 0x1e];
const INK: Rgb = [0x3d, 0x4b, 0x58];

fn look(role: Role) -> Look {
    let fill = |colour| Look { fill: Some((colour, 1.0)), stroke: None };
    let line = |colour, width| Look { fill: None, stroke: Some((colour, 1.0, width)) };
    let both = |inside, edge, width| Look { fill: Some((inside, 1.0)), stroke: Some((edge, 1.0, width)) };
    match role {
        Role::Street => line(STREET, 5.0),
        Role::Driven => line(DRIVEN, 4.0),
        Role::Way => line(WAY, 4.5),
        Role::Around => Look { fill: Some((PIN, 0.10)), stroke: Some((PIN, 0.45, 1.2)) },
        Role::AroundResponder => Look { fill: Some((WAY, 0.16)), stroke: None },
        Role::Pin => both(PIN, STREET, 1.8),
        Role::PinEye | Role::Heading => fill(STREET),
        Role::Responder => both(WAY, STREET, 2.4),
        Role::ResponderOld => both(STREET, WAY, 2.4),
        Role::Scale => line(INK, 1.8),
        Role::North => fill(INK),
    }
}

fn paint(pixels: &mut Pixmap, shape: &Shape) {
    let Some(path) = path(&shape.form) else { return };
    let look = look(shape.role);
    let size = Transform::from_scale(SHARPNESS, SHARPNESS);
    if let Some((colour, opacity)) = look.fill {
        pixels.fill_path(&path, &paint_of(colour, opacity), FillRule::Winding, size, None);
    }
    if let Some((colour, opacity, width)) = look.stroke {
        let round =
            Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        pixels.stroke_path(&path, &paint_of(colour, opacity), &round, size, None);
    }
}

fn paint_of([red, green, blue]: Rgb, opacity: f32) -> Paint<'static> {
    let mut colour = Color::from_rgba8(red, green, blue, 255);
    colour.set_alpha(opacity);
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(colour);
    paint
}

fn path(form: &Form) -> Option<Path> {
    let mut path = PathBuilder::new();
    match form {
        Form::Disc { centre, radius } => {
            path.push_circle(single(centre.x), single(centre.y), single(*radius));
        }
        Form::Lines(lines) => lines.iter().for_each(|line| trace(&mut path, line)),
        Form::Area(outline) => {
            trace(&mut path, outline);
            path.close();
        }
    }
    path.finish()
}

fn trace(path: &mut PathBuilder, points: &[Point]) {
    for (index, point) in points.iter().enumerate() {
        let (x, y) = (single(point.x), single(point.y));
        if index == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "hundredths of a pixel do not show")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::tracking::page::tests::variable;

    #[test]
    fn the_picture_has_the_colours_of_the_light_page() {
        let named = [
            ("--land", LAND),
            ("--street", STREET),
            ("--way", WAY),
            ("--driven", DRIVEN),
            ("--pin", PIN),
            ("--ink", INK),
        ];
        for (name, [red, green, blue]) in named {
            let written = format!("#{red:02x}{green:02x}{blue:02x}");
            assert_eq!(variable(":root", name), written, "{name}");
        }
    }
}
