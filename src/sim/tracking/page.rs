//! The whole page: the parts of the moment in their frame, with style and script inside. One request
//! brings everything, since whoever opens it may be where the network is bad.

use super::html::clock_seconds;
use super::{Parts, Seen};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../../assets/tracking/page.css");
const SCRIPT: &str = include_str!("../../../assets/tracking/page.js");

/// The Content-Security-Policy of every page: nothing but this style, this script, and this server.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE),
    )
});

/// The page of a callout as it was at `now`.
pub fn page(seen: &Seen, now: Timestamp) -> String {
    let parts = Parts::of(seen);
    let at = clock_seconds(now);
    let (refresh, script, link) = if seen.is_closed() {
        (String::new(), "", format!("As of {at}"))
    } else {
        (
            "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>".to_owned(),
            SCRIPT,
            format!(
                "<span id=\"link-words\">As of</span> <span id=\"seen\">{at}</span>\
                <noscript> · reloads by itself</noscript>"
            ),
        )
    };
    let main = format!(
        "<main id=\"main\" data-status=\"{}\"><div id=\"now\"><div id=\"notice\">{}</div>\
         <div id=\"headline\" role=\"status\">{}</div><div id=\"eta\">{}</div></div>\
         <div id=\"map\">{}</div><div id=\"helper\">{}</div><div id=\"flow\">{}</div></main>",
        parts.status,
        parts.part("notice"),
        parts.part("headline"),
        parts.part("eta"),
        parts.part("map"),
        parts.part("helper"),
        parts.part("flow"),
    );
    let header = format!("<p class=\"name\">Callout {}</p><p id=\"link\">{link}</p>", seen.id);
    let note = if seen.is_closed() {
        ""
    } else {
        "<p class=\"while-open\">Whoever has this link can see this page until the callout is closed.</p>"
    };
    frame(&parts.title, &refresh, &header, &main, note, script)
}

/// What a wrong, incomplete or long dead link shows: the same for all of them.
pub fn nothing() -> String {
    let main = "<main id=\"main\" data-status=\"closed\"><div id=\"now\"><div id=\"headline\">\
        <h1>This link opens no callout</h1><p class=\"lead\">It may be incomplete, or its callout was \
        closed some time ago. Open it once more from where you got it.</p></div></div></main>";
    frame("No callout", "", "<p class=\"name\">Callout</p>", main, "", "")
}

fn frame(title: &str, refresh: &str, header: &str, main: &str, note: &str, script: &str) -> String {
    let script = if script.is_empty() { String::new() } else { format!("<script>{script}</script>") };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"format-detection\" content=\"telephone=no\">\
         <meta name=\"robots\" content=\"noindex\">{refresh}<title>{title}</title>\
         <link rel=\"icon\" href=\"icon.svg\" type=\"image/svg+xml\">\
         <style>{STYLE}</style></head><body><header>{header}</header>{main}\
         <footer>{note}<p>This is a simulated response: nobody real is on the way.</p></footer>\
         {script}</body></html>\n"
    )
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A colour of the style sheet's palette: `:root` is the light one, `dark` the dark one.
    pub fn variable(palette: &str, name: &str) -> &'static str {
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap();
        let block = if palette == "dark" { dark } else { light };
        let (_, value) = block.split_once(&format!("{name}: ")).unwrap();
        value.split(';').next().unwrap()
    }

    /// Relative luminance after WCAG 2.
    fn luminance(colour: &str) -> f64 {
        let digits = colour.strip_prefix('#').unwrap();
        assert_eq!(digits.len(), 6, "{colour}");
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn black_on_white_is_21() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    }

    #[test]
    fn all_text_has_the_contrast_of_wcag_aa_in_both_palettes() {
        let pairs = [
            ("--text", "--card", 4.5),
            ("--text", "--page", 4.5),
            ("--muted", "--card", 4.5),
            ("--muted", "--page", 4.5),
            ("--way", "--card", 4.5),
            ("--ok", "--card", 4.5),
            ("--warn", "--card", 4.5),
            ("--warn", "--warn-page", 4.5),
            ("--text", "--warn-page", 4.5),
            ("--on-way", "--way", 4.5),
            ("--ink", "--land", 4.5),
            ("--ink", "--street", 4.5),
            ("--plate-text", "--plate", 4.5),
            // Not text: what the map is about must stand out from it.
            ("--way", "--land", 3.0),
            ("--way", "--street", 3.0),
            ("--pin", "--land", 3.0),
            ("--pin", "--street", 3.0),
            ("--muted", "--card", 3.0),
        ];
        for palette in [":root", "dark"] {
            for (front, back, least) in pairs {
                let ratio = contrast(variable(palette, front), variable(palette, back));
                assert!(ratio >= least, "{palette}: {front} on {back} is {ratio:.2}, not {least}");
            }
        }
    }

    #[test]
    fn every_colour_is_of_the_palette() {
        let rules = STYLE.split("/* rules */").nth(1).unwrap();
        assert!(!rules.contains("rgb(") && !rules.contains("hsl("), "a colour outside of the palette");
        let digits = |word: &str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        for after in rules.split('#').skip(1) {
            assert!(!digits(after.get(..6).unwrap_or_default()), "#{}", &after[..6]);
        }
    }

    #[test]
    fn style_and_script_end_nowhere_but_at_their_end() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"), "nothing is fetched");
    }
}
