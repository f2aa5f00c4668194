//! A terminal's screen as an SVG picture. Frames, blocks and braille are drawn as shapes and every run of text
//! is held to its columns, so that the picture is the same with whatever font it is looked at.

use std::collections::BTreeMap;
use std::fmt::Write;
use vt100::{Cell, Color, Screen};

/// A cell, in pixels: a column of a usual 14-pixel font, and a line that lets it breathe.
const WIDE: f64 = 8.4;
const HIGH: f64 = 18.0;
/// Room around the cells.
const MARGIN: f64 = 14.0;
const FONTS: &str = "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// What the terminal itself is coloured with.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    pub ground: &'static str,
    pub ink: &'static str,
    pub edge: &'static str,
}

pub const DARK: Paper = Paper { ground: "#14171c", ink: "#d9dde3", edge: "#2b3038" };
pub const LIGHT: Paper = Paper { ground: "#ffffff", ink: "#1f2328", edge: "#d0d7de" };

/// What is drawn in one colour: collected, so that the colour is written once.
#[derive(Default)]
struct Ink {
    text: String,
    light: String,
    heavy: String,
    filled: String,
}

/// How text of one colour may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Manner {
    bold: bool,
    dim: bool,
    underlined: bool,
}

pub fn svg(screen: &Screen, paper: Paper, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let mut inks: BTreeMap<(String, Manner), Ink> = BTreeMap::new();
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let Some(cell) = screen.cell(row, column) else { break };
            let manner = Manner { bold: cell.bold(), dim: cell.dim(), underlined: cell.underline() };
            let ink = inks.entry((colours(cell, paper).0, manner)).or_default();
            column += ink.put(screen, row, column);
        }
    }
    let (width, height) = (f64::from(columns) * WIDE + 2.0 * MARGIN, f64::from(rows) * HIGH + 2.0 * MARGIN);
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"{FONTS}\" font-size=\"14\"><title>{}</title>\n\
         <rect x=\".5\" y=\".5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"9\" fill=\"{}\" stroke=\"{}\"/>\n{}\n",
        escaped(title),
        width - 1.0,
        height - 1.0,
        paper.ground,
        paper.edge,
        grounds(screen, paper),
    );
    for ((colour, manner), ink) in &inks {
        ink.write(&mut picture, colour, *manner);
    }
    picture.push_str("</svg>\n");
    picture
}

/// What lies behind the text where that is not the paper.
fn grounds(screen: &Screen, paper: Paper) -> String {
    let mut grounds = String::new();
    let (rows, columns) = screen.size();
    for row in 0..rows.get() {
        let of = |column| screen.cell(row, column).map(|cell| colours(cell, paper).1);
        let mut column = 0;
        while column < columns.get() {
            let ground = of(column);
            let from = column;
            while column < columns.get() && of(column) == ground {
                column += 1;
            }
            if let Some(ground) = ground.filter(|ground| ground != paper.ground) {
                let ((x, y), width) = (corner(from, row), f64::from(column - from) * WIDE);
                write!(
                    grounds,
                    "<path fill=\"{ground}\" d=\"M{x:.1} {y:.1}h{width:.1}v{HIGH}h-{width:.1}z\"/>"
                )
                .unwrap();
            }
        }
    }
    grounds
}

impl Ink {
    /// Draws what begins in this cell; gives the columns that it took.
    fn put(&mut self, screen: &Screen, row: u16, column: u16) -> u16 {
        let Some(cell) = screen.cell(row, column) else { return 1 };
        let (x, y) = corner(column, row);
        let symbol = cell.contents();
        let Some(first) = symbol.chars().next().filter(|first| *first != ' ') else { return 1 };
        if let Some(arms) = arms(first) {
            self.line(x, y, arms, "╭╮╰╯".contains(first));
        } else if ('\u{2800}'..='\u{28ff}').contains(&first) {
            self.dots(x, y, u32::from(first) - 0x2800);
        } else if ('▁'..='█').contains(&first) {
            let eighths = f64::from(u32::from(first) - 0x2580);
            let high = HIGH * eighths / 8.0;
            write!(self.filled, "M{x:.1} {:.1}h{WIDE}v{high:.1}h-{WIDE}z", y + HIGH - high).unwrap();
        } else if first.is_ascii() {
            return self.run(screen, row, column);
        } else {
            let wide = if cell.is_wide() { 2 } else { 1 };
            let middle = x + WIDE * f64::from(wide) / 2.0;
            let text = escaped(symbol);
            write!(
                self.text,
                "<text text-anchor=\"middle\" x=\"{middle:.1}\" y=\"{:.1}\">{text}</text>",
                line(y)
            )
            .unwrap();
            return wide;
        }
        1
    }

    /// Plain characters of the same look; a single space belongs to them, a gap ends them.
    fn run(&mut self, screen: &Screen, row: u16, column: u16) -> u16 {
        let first = screen.cell(row, column);
        let mut text = String::new();
        let mut taken = 0;
        while let (Some(cell), Some(first)) = (screen.cell(row, column + taken), first) {
            let symbol = if cell.has_contents() { cell.contents() } else { " " };
            let gap = symbol == " " && text.ends_with(' ');
            if !looks_alike(cell, first) || !symbol.is_ascii() || gap {
                break;
            }
            text.push_str(symbol);
            taken += 1;
        }
        let shown = text.trim_end();
        let (x, y) = corner(column, row);
        let length = f64::from(u16::try_from(shown.len()).unwrap_or(u16::MAX)) * WIDE;
        let shown = escaped(shown);
        write!(
            self.text,
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\">{shown}</text>",
            line(y)
        )
        .unwrap();
        taken.max(1)
    }

    /// From the cell's middle to its sides; of a rounded corner, the curve between them.
    fn line(&mut self, x: f64, y: f64, arms: [u8; 4], rounded: bool) {
        let (middle_x, middle_y) = (x + WIDE / 2.0, y + HIGH / 2.0);
        let ends = [(middle_x, y), (x + WIDE, middle_y), (middle_x, y + HIGH), (x, middle_y)];
        let path = if arms.contains(&2) { &mut self.heavy } else { &mut self.light };
        let mut ends = ends.iter().zip(arms).filter(|(_, arm)| *arm > 0).map(|(end, _)| *end);
        if rounded {
            if let (Some(from), Some(to)) = (ends.next(), ends.next()) {
                write!(
                    path,
                    "M{:.1} {:.1}Q{middle_x:.1} {middle_y:.1} {:.1} {:.1}",
                    from.0, from.1, to.0, to.1
                )
                .unwrap();
            }
        } else {
            for (to_x, to_y) in ends {
                write!(path, "M{middle_x:.1} {middle_y:.1}L{to_x:.1} {to_y:.1}").unwrap();
            }
        }
    }

    fn dots(&mut self, x: f64, y: f64, bits: u32) {
        const SIZE: f64 = 2.2;
        for bit in (0..8).filter(|bit| bits & (1 << bit) != 0) {
            let (right, down) = match bit {
                6 => (0, 3),
                7 => (1, 3),
                of_six => (of_six / 3, of_six % 3),
            };
            let left = x + WIDE * (f64::from(right) + 0.5) / 2.0 - SIZE / 2.0;
            let top = y + HIGH * (f64::from(down) + 0.5) / 4.0 - SIZE / 2.0;
            write!(self.filled, "M{left:.1} {top:.1}h{SIZE}v{SIZE}h-{SIZE}z").unwrap();
        }
    }

    fn write(&self, picture: &mut String, colour: &str, manner: Manner) {
        let mut look = String::new();
        if manner.bold {
            look.push_str(" font-weight=\"700\"");
        }
        if manner.dim {
            look.push_str(" opacity=\".6\"");
        }
        if manner.underlined {
            look.push_str(" text-decoration=\"underline\"");
        }
        for (path, width) in [(&self.light, "1.2"), (&self.heavy, "2.4")] {
            if !path.is_empty() {
                writeln!(
                    picture,
                    "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" d=\"{path}\"/>"
                )
                .unwrap();
            }
        }
        if !self.filled.is_empty() {
            writeln!(picture, "<path fill=\"{colour}\" d=\"{}\"/>", self.filled).unwrap();
        }
        if !self.text.is_empty() {
            writeln!(picture, "<g fill=\"{colour}\"{look}>{}</g>", self.text).unwrap();
        }
    }
}

fn corner(column: u16, row: u16) -> (f64, f64) {
    (MARGIN + f64::from(column) * WIDE, MARGIN + f64::from(row) * HIGH)
}

/// The line that letters of a cell stand on.
fn line(y: f64) -> f64 {
    y + 13.5
}

fn looks_alike(one: &Cell, other: &Cell) -> bool {
    let look = |cell: &Cell| {
        (cell.fgcolor(), cell.bgcolor(), cell.bold(), cell.dim(), cell.underline(), cell.inverse())
    };
    look(one) == look(other)
}

/// Ink and ground of a cell.
fn colours(cell: &Cell, paper: Paper) -> (String, String) {
    let fore = colour(cell.fgcolor()).unwrap_or_else(|| paper.ink.to_owned());
    let back = colour(cell.bgcolor()).unwrap_or_else(|| paper.ground.to_owned());
    if cell.inverse() { (back, fore) } else { (fore, back) }
}

/// The usual values of the terminal's 256 colours; `None` is the terminal's own.
fn colour(colour: Color) -> Option<String> {
    let (red, green, blue) = match colour {
        Color::Default => return None,
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Idx(index @ 232..) => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
        Color::Idx(index @ 16..) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let index = index - 16;
            (level(index / 36), level(index / 6 % 6), level(index % 6))
        }
        Color::Idx(index) => {
            let full = if index >= 8 { 255 } else { 170 };
            let has = |bit: u8| if index & bit == 0 { 0 } else { full };
            (has(1), has(2), has(4))
        }
    };
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}

/// How far a frame's character reaches up, right, down and left: 1 is light, 2 heavy.
fn arms(symbol: char) -> Option<[u8; 4]> {
    Some(match symbol {
        '─' => [0, 1, 0, 1],
        '│' => [1, 0, 1, 0],
        '╭' | '┌' => [0, 1, 1, 0],
        '╮' | '┐' => [0, 0, 1, 1],
        '╰' | '└' => [1, 1, 0, 0],
        '╯' | '┘' => [1, 0, 0, 1],
        '├' => [1, 1, 1, 0],
        '┤' => [1, 0, 1, 1],
        '┬' => [0, 1, 1, 1],
        '┴' => [1, 1, 0, 1],
        '┼' => [1, 1, 1, 1],
        '━' | '═' => [0, 2, 0, 2],
        '┃' | '║' => [2, 0, 2, 0],
        '┏' | '╔' => [0, 2, 2, 0],
        '┓' | '╗' => [0, 0, 2, 2],
        '┗' | '╚' => [2, 2, 0, 0],
        '┛' | '╝' => [2, 0, 0, 2],
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZero;

    fn painted(output: &str) -> String {
        let size = |count| NonZero::new(count).unwrap();
        let mut parser = vt100::Parser::new(size(2), size(20), 0);
        parser.process(output.as_bytes());
        svg(parser.screen(), DARK, "a < b")
    }

    #[test]
    fn text_keeps_to_its_columns_and_is_escaped() {
        let picture = painted("ab <c>   d");
        assert!(picture.contains("<title>a &lt; b</title>"), "{picture}");
        assert!(picture.contains("textLength=\"50.4\">ab &lt;c&gt;</text>"), "{picture}");
        assert!(picture.contains("<text x=\"89.6\" y=\"27.5\" textLength=\"8.4\">d</text>"), "{picture}");
    }

    #[test]
    fn colours_and_manners_are_kept_apart() {
        let picture = painted("\x1b[38;5;114mgreen\x1b[0m \x1b[1;38;5;231;48;5;160m REAL \x1b[0m");
        assert!(picture.contains("<g fill=\"#87d787\">"), "{picture}");
        assert!(picture.contains("<g fill=\"#ffffff\" font-weight=\"700\">"), "{picture}");
        let ground = "<path fill=\"#d70000\" d=\"M64.4 14.0h50.4v18h-50.4z\"/>";
        assert!(picture.contains(ground), "behind all of what must be seen: {picture}");
    }

    #[test]
    fn frames_and_dots_are_shapes() {
        let picture = painted("╭─⠁┃█");
        assert!(!picture.contains("<text"), "{picture}");
        assert!(picture.contains("stroke-width=\"1.2\" d=\"M22.4 23.0Q18.2 23.0 18.2 32.0M"), "{picture}");
        assert!(picture.contains("stroke-width=\"2.4\""), "{picture}");
        assert_eq!(picture.matches("h2.2v2.2").count(), 1, "one dot of braille: {picture}");
    }
}
