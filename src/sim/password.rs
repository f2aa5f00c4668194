//! Passwords of v1 users. Somebody will try the simulator with a real one, so the state file holds
//! nothing that it could be read from.

use crate::sim::world::PasswordHash;
use aws_lc_rs::pbkdf2;
use std::num::NonZeroU32;

/// Rounds for new hashes. Fewer than a public service would take: a test suite registers hundreds of
/// users. Each hash names its own number, so this may be raised at any time.
const ROUNDS: u32 = 60_000;

const SCHEME: &str = "pbkdf2-sha256";

/// Longer ones are refused where they come in: hashing a megabyte would be work for nothing.
pub const LONGEST: usize = 1_024;

/// A salted hash. Takes some milliseconds on purpose: call it off the runtime's threads.
pub fn hash(password: &str) -> PasswordHash {
    let salt: [u8; 16] = rand::random();
    let mut key = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds(ROUNDS), &salt, password.as_bytes(), &mut key);
    PasswordHash(format!("{SCHEME}${ROUNDS}${}${}", hex(&salt), hex(&key)))
}

/// Whether `password` is the one that `hash` was made of; compared in constant time. Without a hash
/// it is never right, and takes as long, so that nobody learns which users there are.
pub fn matches(password: &str, hash: Option<&PasswordHash>) -> bool {
    let known = hash.and_then(|hash| read(&hash.0));
    let found = known.is_some();
    let (rounds_of, salt, key) = known.unwrap_or_else(|| (ROUNDS, vec![0; 16], vec![0; 32]));
    let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
    let right = pbkdf2::verify(algorithm, rounds(rounds_of), &salt, password.as_bytes(), &key).is_ok();
    found && right
}

fn read(hash: &str) -> Option<(u32, Vec<u8>, Vec<u8>)> {
    let mut parts = hash.split('$');
    if parts.next()? != SCHEME {
        return None;
    }
    Some((parts.next()?.parse().ok()?, bytes(parts.next()?)?, bytes(parts.next()?)?))
}

fn rounds(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_matches() {
        let kept = hash("correct horse");
        assert!(matches("correct horse", Some(&kept)));
        assert!(!matches("correct horse ", Some(&kept)));
        assert!(!matches("", None));
        assert!(!matches("x", Some(&PasswordHash("pbkdf2-sha256$1$zz$00".to_owned()))));
    }

    #[test]
    fn equal_passwords_do_not_look_equal() {
        assert_ne!(hash("same"), hash("same"));
        assert!(!hash("visible").0.contains("visible"));
    }
}
