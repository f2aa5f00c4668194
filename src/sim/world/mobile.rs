//! Phone numbers: the identifier of a customer, so one person's number must be one key however it is
//! written.

/// Digits of a number in international form, at least and at most (E.164; the shortest real ones with
/// their country code have seven).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// What people write between the digits.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')')
}

/// Whether this can be rung at all: digits, perhaps with separators and a plus before them.
pub(super) fn is_number(mobile: &str) -> bool {
    let mobile = mobile.trim();
    let rest = mobile.strip_prefix('+').unwrap_or(mobile);
    let written_well = rest.chars().all(|c| c.is_ascii_digit() || is_separator(c));
    written_well && DIGITS.contains(&rest.bytes().filter(u8::is_ascii_digit).count())
}

/// One number is one person: `082 123 4567`, `+27 82 123 4567`, `+27 (0)82 123 4567`, `0027821234567`
/// and `27821234567` are the same. A number without its country is South African, as the API is.
///
/// Total, since state files of older versions hold numbers that would be refused today.
pub(super) fn mobile_key(mobile: &str) -> String {
    let bare: String = mobile.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '+').collect();
    if let Some(national) = bare.strip_prefix("+270").or_else(|| bare.strip_prefix("00270")) {
        return format!("+27{national}");
    }
    if let Some(international) = bare.strip_prefix("00") {
        return format!("+{international}");
    }
    match bare.strip_prefix('0') {
        Some(national) => format!("+27{national}"),
        None if bare.starts_with("27") && bare.len() == 11 => format!("+{bare}"),
        None => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_written_it_is_one_number() {
        for written in [
            "+27821234567",
            "+27 82 123 4567",
            "+27 (0)82 123-4567",
            "0821234567",
            "082 123 4567",
            "0027821234567",
            "27821234567",
            " 082.123.4567 ",
        ] {
            assert!(is_number(written), "{written}");
            assert_eq!(mobile_key(written), "+27821234567", "{written}");
        }
        assert_eq!(mobile_key("+14155552671"), "+14155552671");
        assert_eq!(mobile_key("0014155552671"), "+14155552671");
        assert_ne!(mobile_key("4155552671"), mobile_key("+14155552671"), "no country: not guessed");
    }

    #[test]
    fn what_cannot_be_rung_is_no_number() {
        for written in [
            "",
            " ",
            "+",
            "--",
            "123456",
            "+1234567890123456",
            "082 12x 4567",
            "++27821234567",
            "082+1234567",
        ] {
            assert!(!is_number(written), "{written}");
        }
        assert!(!is_number("٠٨٢١٢٣٤٥٦٧"), "other digits");
        assert!(is_number("+27000000010"), "invented numbers of samples");
    }
}
