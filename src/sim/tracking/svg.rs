//! The drawing as SVG. Colours and widths are the style sheet's, so that the map goes dark with the
//! page.

use super::drawing::{BAR, Drawing, Form, HEIGHT, NORTH, Point, Shape, WIDTH};
use super::html::escape;
use std::fmt::Write;

/// `label` says in words what is drawn.
pub fn svg(drawing: &Drawing, label: &str) -> String {
    let mut out = format!(
        "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"land\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>",
        escape(label),
    );
    for shape in &drawing.shapes {
        write(&mut out, shape);
    }
    text(
        &mut out,
        "start",
        Point { x: BAR.x + drawing.bar.length + 7.0, y: BAR.y },
        &metres(drawing.bar.metres),
    );
    text(&mut out, "middle", Point { x: NORTH.x, y: NORTH.y + 17.0 }, "N");
    out.push_str("</svg>");
    out
}

fn metres(metres: u32) -> String {
    if metres < 1_000 { format!("{metres} m") } else { format!("{} km", metres / 1_000) }
}

// Writing into a string cannot fail.

fn write(out: &mut String, Shape { role, form }: &Shape) {
    let class = role.class();
    let _written = match form {
        Form::Disc { centre: Point { x, y }, radius } => {
            write!(out, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>")
        }
        Form::Lines(lines) => {
            let path: String = lines.iter().map(|line| path(line)).collect();
            write!(out, "<path class=\"{class}\" d=\"{path}\"/>")
        }
        Form::Area(outline) => write!(out, "<path class=\"{class}\" d=\"{}z\"/>", path(outline)),
    };
}

fn path(points: &[Point]) -> String {
    let mut path = String::new();
    for (index, Point { x, y }) in points.iter().enumerate() {
        let _written = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    path
}

fn text(out: &mut String, anchor: &str, Point { x, y }: Point, words: &str) {
    let _written = write!(
        out,
        "<text class=\"mark {anchor}\" x=\"{x:.1}\" y=\"{y:.1}\" aria-hidden=\"true\">{words}</text>"
    );
}
