//! Ids that are texts, made from chance: the world is told them, since it may not roll dice.

use std::fmt::Write;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

pub fn lead() -> String {
    format!("lead_{}", hex(&rand::random::<[u8; 10]>()))
}

/// 192 bits: it is the key to a page.
pub fn session(prefix: &str) -> String {
    format!("{prefix}_{}", hex(&rand::random::<[u8; 24]>()))
}

/// A random UUID, version 4.
pub fn uuid() -> String {
    let mut bytes = rand::random::<[u8; 16]>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_have_the_shapes_of_the_samples() {
        assert_eq!(lead().len(), "lead_9f8b7c6d5a4e3f2b1c0d".len());
        let uuid = uuid();
        assert_eq!(uuid.len(), 36);
        assert!(uuid[14..].starts_with('4') && "89ab".contains(&uuid[19..20]), "{uuid}");
        let [one, other] = [session("css"), session("css")];
        assert!(one.starts_with("css_") && one.len() == 52 && one != other);
    }
}
