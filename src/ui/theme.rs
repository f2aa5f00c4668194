//! Roles, not colours: a pane says what a thing means, the theme says how that looks.

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    #[default]
    Dark,
    Light,
    /// No colours at all: bold, dim, reverse and underline only.
    Mono,
}

impl ThemeName {
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::Mono];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }
}

impl fmt::Display for ThemeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ThemeName {
    type Err = String;

    fn from_str(raw: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|name| name.as_str() == raw);
        known.ok_or_else(|| format!("unknown \"{raw}\": dark, light or mono"))
    }
}

/// A style for each role. Body text is the terminal's own foreground in every theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub text: Style,
    /// What matters most among body text.
    pub strong: Style,
    /// Labels, times, what can be skipped.
    pub muted: Style,
    pub border: Style,
    /// What lies under something else: the streets of a map.
    pub faint: Style,
    /// The border and title of the pane that has the keys.
    pub focus: Style,
    pub ok: Style,
    pub warn: Style,
    pub danger: Style,
    /// What moves or is under way.
    pub info: Style,
    /// Cannot be overlooked: production, a REAL callout.
    pub alarm: Style,
    /// A key in the footer or in a sentence.
    pub key: Style,
}

impl Theme {
    pub fn of(name: ThemeName) -> Self {
        match name {
            ThemeName::Dark => Self::coloured([246, 240, 237, 75, 114, 221, 210, 117]),
            ThemeName::Light => Self::coloured([241, 248, 252, 25, 28, 94, 160, 25]),
            ThemeName::Mono => Self::mono(),
        }
    }

    /// From the terminal's 256 colours: they look the same everywhere, the first 16 do not.
    fn coloured([muted, border, faint, focus, ok, warn, danger, info]: [u8; 8]) -> Self {
        let of = |index| Style::new().fg(Color::Indexed(index));
        Self {
            text: Style::new(),
            strong: Style::new().add_modifier(Modifier::BOLD),
            muted: of(muted),
            border: of(border),
            faint: of(faint),
            focus: of(focus).add_modifier(Modifier::BOLD),
            ok: of(ok),
            warn: of(warn),
            danger: of(danger).add_modifier(Modifier::BOLD),
            info: of(info),
            alarm: Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(160)).add_modifier(Modifier::BOLD),
            key: of(focus).add_modifier(Modifier::BOLD),
        }
    }

    fn mono() -> Self {
        let of = |modifier| Style::new().add_modifier(modifier);
        Self {
            text: Style::new(),
            strong: of(Modifier::BOLD),
            muted: of(Modifier::DIM),
            border: of(Modifier::DIM),
            faint: of(Modifier::DIM),
            focus: of(Modifier::BOLD),
            ok: Style::new(),
            warn: of(Modifier::BOLD),
            danger: of(Modifier::BOLD | Modifier::UNDERLINED),
            info: Style::new(),
            alarm: of(Modifier::BOLD | Modifier::REVERSED),
            key: of(Modifier::BOLD),
        }
    }
}
