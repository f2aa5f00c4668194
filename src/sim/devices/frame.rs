//! Raw frames: bytes that a gateway passes on as hex, and the numbers that lie in them.

use super::{Fault, Pointer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest frame that a template may describe.
pub const LONGEST_FRAME: usize = 256;
/// The widest field: what an `f64` holds exactly, with room for a scale.
const WIDEST_BITS: usize = 32;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The field of the message that holds it.
    pub hex: Pointer,
    /// Bytes that a whole frame has; shorter ones are written up to it with zeros.
    pub bytes: usize,
    /// Bytes that a frame may have at most.
    pub most: usize,
    pub fields: Vec<Field>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endian {
    #[default]
    Big,
    Little,
}

/// A number in the frame: `bytes` whole bytes, or `bits` bits from `bit` on, counted from the most
/// significant one of its first byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    /// The first byte, counted from 0.
    pub byte: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<usize>,
    #[serde(default)]
    pub signed: bool,
    #[serde(default)]
    pub endian: Endian,
    /// What one step of the number is worth.
    #[serde(default = "one")]
    pub scale: f64,
    /// What a number of 0 is worth.
    #[serde(default)]
    pub offset: f64,
    /// For the reader of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

fn one() -> f64 {
    1.0
}

impl Field {
    /// Bits before it in its first byte, and how many it has.
    fn extent(&self) -> (usize, usize) {
        match self.bits {
            Some(bits) => (self.bit.unwrap_or(0), bits),
            None => (0, self.bytes.unwrap_or(1) * 8),
        }
    }

    /// How many bytes it touches.
    fn length(&self) -> usize {
        let (skip, bits) = self.extent();
        (skip + bits).div_ceil(8)
    }

    /// The byte behind its last one.
    pub fn end(&self) -> usize {
        self.byte.saturating_add(self.length())
    }

    /// What the file's shape cannot say wrong: the key, and why.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let refuse = |key, why: &str| Some((key, why.to_owned()));
        if self.bytes.is_some() && (self.bits.is_some() || self.bit.is_some()) {
            return refuse("bytes", "excludes bit and bits");
        }
        if self.bit.is_some() && self.bits.is_none() {
            return refuse("bits", "is missing beside bit");
        }
        if self.bit.is_some_and(|bit| bit > 7) {
            return refuse("bit", "is not from 0 to 7");
        }
        let whole = self.bytes.is_some_and(|bytes| !(1..=WIDEST_BITS / 8).contains(&bytes));
        if whole {
            return Some(("bytes", format!("is not from 1 to {}", WIDEST_BITS / 8)));
        }
        if self.bits.is_some_and(|bits| !(1..=WIDEST_BITS).contains(&bits)) {
            return Some(("bits", format!("is not from 1 to {WIDEST_BITS}")));
        }
        if self.bits.is_some() && self.endian == Endian::Little && self.length() > 1 {
            return refuse("endian", "little is for whole bytes, or bits within one byte");
        }
        if !self.scale.is_normal() {
            return refuse("scale", "is not a number other than 0");
        }
        if !self.offset.is_finite() {
            return refuse("offset", "is not a number");
        }
        None
    }

    /// The bytes it touches, as one number, the most significant byte first.
    fn word(&self, bytes: &[u8]) -> u64 {
        let shift = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
        match self.endian {
            Endian::Big => bytes.iter().fold(0, shift),
            Endian::Little => bytes.iter().rev().fold(0, shift),
        }
    }

    fn mask(&self) -> u64 {
        (1 << self.extent().1) - 1
    }

    /// How far it lies above the lowest bit of its bytes.
    fn shift(&self) -> usize {
        let (skip, bits) = self.extent();
        self.length() * 8 - skip - bits
    }

    /// The number without its scale. `None` when the frame ends before it does.
    pub fn raw(&self, frame: &[u8]) -> Option<i64> {
        let bytes = frame.get(self.byte..self.end())?;
        let bits = self.extent().1;
        let raw = i64::try_from(self.word(bytes) >> self.shift() & self.mask()).ok()?;
        let negative = self.signed && raw >> (bits - 1) == 1;
        Some(if negative { raw - (1 << bits) } else { raw })
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 32 bits")]
    pub fn value(&self, frame: &[u8]) -> Option<f64> {
        Some(self.scaled(self.raw(frame)? as f64))
    }

    /// Hundredths are divided by 100, not multiplied by 0.01: -26.1091 comes out as it went in.
    fn scaled(&self, raw: f64) -> f64 {
        let steps = self.scale.recip();
        let value = if (steps - steps.round()).abs() < 1e-6 && steps.abs() >= 1.0 {
            raw / steps.round()
        } else {
            raw * self.scale
        };
        value + self.offset
    }

    /// Writes a number without its scale. `false` when it does not go in.
    pub fn put_raw(&self, raw: i64, frame: &mut [u8]) -> bool {
        let bits = self.extent().1;
        let bound = 1_i64 << bits;
        let range = if self.signed { -bound / 2..bound / 2 } else { 0..bound };
        let (shift, mask, length) = (self.shift(), self.mask(), self.length());
        let Some(bytes) = frame.get_mut(self.byte..self.byte + length) else { return false };
        let Some(raw) = range.contains(&raw).then(|| raw.rem_euclid(bound).cast_unsigned()) else {
            return false;
        };
        let word = self.word(bytes) & !(mask << shift) | raw << shift;
        let big = word.to_be_bytes();
        let Some(new) = big.get(big.len() - length..) else { return false };
        bytes.copy_from_slice(new);
        if self.endian == Endian::Little {
            bytes.reverse();
        }
        true
    }

    #[expect(clippy::cast_possible_truncation, reason = "held within the range first")]
    pub fn put(&self, value: f64, frame: &mut [u8]) -> bool {
        let raw = ((value - self.offset) / self.scale).round();
        raw.is_finite() && raw.abs() < 9e15 && self.put_raw(raw as i64, frame)
    }
}

impl Frame {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The bytes of a message's frame.
    pub fn bytes_of(&self, message: &Value) -> Result<Vec<u8>, Fault> {
        let fault = |why: &str| self.hex.fault(why);
        let hex = self.hex.require(message)?.as_str().ok_or_else(|| fault("is not a text of hex digits"))?;
        if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(fault("holds something else than hex digits"));
        }
        if hex.len() % 2 == 1 {
            return Err(fault("has an odd number of hex digits"));
        }
        if hex.len() / 2 > self.most {
            return Err(fault(&format!("is longer than {} bytes", self.most)));
        }
        let digit = |byte: u8| (byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = hex.as_bytes().chunks_exact(2);
        let bytes =
            pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect::<Option<Vec<u8>>>();
        bytes.ok_or_else(|| fault("holds something else than hex digits"))
    }

    /// The frame as the message holds it.
    pub fn hex_of(bytes: &[u8]) -> String {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
        bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    pub fn too_short(&self, field: &Field) -> Fault {
        let bytes = if field.length() == 1 {
            format!("byte {}", field.byte)
        } else {
            format!("bytes {} to {}", field.byte, field.end() - 1)
        };
        self.hex.fault(format!("is too short: {} stands in {bytes}", field.name))
    }
}
