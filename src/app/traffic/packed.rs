//! The messages of the newest exchanges, packed. Polls of one resource hardly differ, so the first of them
//! is its base and those after it are what differs from that; and resources of one kind resemble each
//! other, so a base is what differs from another one. They lie side by side in large pieces, each of which
//! stands for itself and goes as one: thousands of small allocations would leave holes.

use crate::traffic::Message;
use lz4_flex::block;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

/// Bytes of a piece; a larger exchange has one of its own.
const PIECE: usize = 128 * 1024;

/// What a piece costs for each exchange beside its bytes.
pub(super) const OVERHEAD: usize = size_of::<Block>();

/// A difference that is larger than this part of the exchange packed alone is no gain.
const WORTHWHILE: usize = 2;

/// How many times smaller an exchange alone becomes.
const USUAL: usize = 3;

/// Request and reply.
pub(super) type Messages = (Message, Message);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Packed {
    /// Oldest first, none of them empty.
    pieces: VecDeque<Piece>,
    count: usize,
    bytes: usize,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Piece {
    blocks: Vec<Block>,
    bytes: Vec<u8>,
}

/// Packed, names and places still stand in it in part: shows how much there is only.
impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Piece({} exchanges, {} bytes)", self.blocks.len(), self.bytes.len())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Block {
    /// Where its bytes end; they begin where those before it end.
    end: u32,
    /// Bytes that they are unpacked.
    length: u32,
    /// The block of the same piece that it differs from; itself if it is whole.
    from: u32,
    /// The block that others of its resource differ from.
    base: u32,
}

/// What an exchange may be told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Like {
    /// One with the same resource, by its place.
    Same(usize),
    /// One with a resource of the same kind.
    Kind(usize),
}

impl Piece {
    fn takes(&self) -> usize {
        self.bytes.len() + self.blocks.len() * OVERHEAD
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| Some(self.blocks.get(before)?.end))?;
        self.bytes.get(start as usize..self.blocks.get(at)?.end as usize)
    }

    /// At most two others are unpacked for it: its base, and the whole that the base differs from.
    fn unpack(&self, at: usize) -> Option<Vec<u8>> {
        let Block { length, from, .. } = *self.blocks.get(at)?;
        let from = from as usize;
        let dictionary = if from == at { Vec::new() } else { self.unpack(from)? };
        block::decompress_with_dict(self.bytes(at)?, length as usize, &dictionary).ok()
    }

    fn pack(&mut self, raw: &[u8], like: Option<Like>) {
        let place = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        let (from, base, packed) = like
            .and_then(|like| self.difference(raw, like, place))
            .unwrap_or_else(|| (place, place, block::compress(raw)));
        self.bytes.extend_from_slice(&packed);
        let [end, length] =
            [self.bytes.len(), raw.len()].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        self.blocks.push(Block { end, length, from, base });
    }

    fn difference(&self, raw: &[u8], like: Like, place: u32) -> Option<(u32, u32, Vec<u8>)> {
        let base_of = |at: usize| Some(self.blocks.get(at)?.base);
        let (from, base) = match like {
            Like::Same(at) => (base_of(at)?, base_of(at)?),
            Like::Kind(at) => (self.blocks.get(base_of(at)? as usize)?.from, place),
        };
        let packed = block::compress_with_dict(raw, &self.unpack(from as usize)?);
        let alone = self.bytes(from as usize)?.len().max(raw.len() / USUAL);
        (packed.len() <= alone / WORTHWHILE).then_some((from, base, packed))
    }
}

impl Packed {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// What all of it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// By its place, 0 for the oldest.
    pub(super) fn get(&self, mut place: usize) -> Option<Messages> {
        for piece in &self.pieces {
            if let Some(later) = place.checked_sub(piece.blocks.len()) {
                place = later;
                continue;
            }
            return postcard::from_bytes(&piece.unpack(place)?).ok();
        }
        None
    }

    /// The places to be likened to: those of the piece that is not full.
    pub(super) fn open(&self) -> Range<usize> {
        let open = self.pieces.back().filter(|piece| piece.takes() < PIECE);
        self.count - open.map_or(0, |piece| piece.blocks.len())..self.count
    }

    pub(super) fn push(&mut self, messages: &Messages, like: Option<Like>) {
        let open = self.open();
        let inside = |place: usize| open.contains(&place).then(|| place - open.start);
        let like = match like {
            Some(Like::Same(place)) => inside(place).map(Like::Same),
            Some(Like::Kind(place)) => inside(place).map(Like::Kind),
            None => None,
        };
        // Nothing in a message refuses to be written; if it did, it would not be found again.
        let raw = postcard::to_allocvec(messages).unwrap_or_default();
        if open.is_empty() {
            self.pieces.push_back(Piece::default());
        }
        let Some(piece) = self.pieces.back_mut() else { return };
        let before = piece.takes();
        piece.pack(&raw, like);
        self.bytes += piece.takes() - before;
        self.count += 1;
        if piece.takes() >= PIECE {
            piece.bytes.shrink_to_fit();
            piece.blocks.shrink_to_fit();
        }
    }

    /// Makes room for newer ones; false: only the newest are left, and they stay.
    pub(super) fn drop_oldest(&mut self) -> bool {
        if self.pieces.len() < 2 {
            return false;
        }
        let Some(piece) = self.pieces.pop_front() else { return false };
        self.count -= piece.blocks.len();
        self.bytes -= piece.takes();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Body, Header};
    use proptest::prelude::*;

    fn messages(body: &str) -> Messages {
        let headers = vec![Header { name: "content-type".into(), value: "application/json".into() }];
        let reply = Message { headers, size: body.len() as u64, body: Some(Body::new(body)) };
        (Message::default(), reply)
    }

    fn points(count: usize) -> String {
        let points: Vec<String> =
            (0..count).map(|n| format!("{{\"point\":{}}}", n * 7919 % 10_007)).collect();
        points.join(",")
    }

    #[test]
    fn a_poll_costs_what_differs_from_the_one_before() {
        let mut packed = Packed::default();
        let body = points(500);
        packed.push(&messages(&body), None);
        let one = packed.bytes();
        for eta in 0..100 {
            packed.push(&messages(&format!("{body}{eta}")), packed.len().checked_sub(1).map(Like::Same));
        }
        assert!(packed.bytes() < one * 100 / 15, "{} for {one}", packed.bytes());
        assert!(packed.pieces[0].blocks.iter().all(|block| (block.from, block.base) == (0, 0)));
        assert_eq!(packed.get(100), Some(messages(&format!("{body}99"))));
    }

    #[test]
    fn a_piece_shows_nothing_of_itself_in_a_log() {
        let mut packed = Packed::default();
        packed.push(&messages("{}"), None);
        assert_eq!(
            format!("{:?}", packed.pieces[0]),
            format!("Piece(1 exchanges, {} bytes)", packed.pieces[0].bytes.len())
        );
    }

    #[test]
    fn what_resembles_nothing_begins_anew() {
        let mut packed = Packed::default();
        packed.push(&messages("{}"), None);
        packed.push(&messages(&points(500)), Some(Like::Same(0)));
        assert_eq!(packed.pieces[0].blocks[1].from, 1);
        assert_eq!(packed.get(1), Some(messages(&points(500))));
    }

    #[test]
    fn resources_of_a_kind_are_told_from_each_other_and_their_polls_from_their_own() {
        let mut packed = Packed::default();
        let body = |id: usize, eta: usize| format!("{}\"id\":{},\"eta\":{eta}", points(500), id * 7_919);
        for poll in 0..5 {
            for id in 0..10 {
                let like = match (poll, id) {
                    (0, 0) => None,
                    (0, id) => Some(Like::Kind(id - 1)),
                    (poll, id) => Some(Like::Same((poll - 1) * 10 + id)),
                };
                packed.push(&messages(&body(id, poll)), like);
            }
        }
        let blocks = &packed.pieces[0].blocks;
        assert_eq!((blocks[9].from, blocks[9].base), (0, 9));
        assert_eq!((blocks[49].from, blocks[49].base), (9, 9));
        assert_eq!(packed.get(49), Some(messages(&body(9, 4))));
    }

    #[test]
    fn a_piece_goes_as_one_and_the_rest_needs_nothing_of_it() {
        let mut packed = Packed::default();
        let body = |n: usize| points(500 + n % 3);
        for n in 0..10_000 {
            packed.push(&messages(&body(n)), n.checked_sub(1).map(Like::Same));
        }
        let (count, bytes, pieces) = (packed.len(), packed.bytes(), packed.pieces.len());
        assert!(pieces > 5, "{pieces}");
        packed.drop_oldest();
        assert!(packed.len() < count && packed.bytes() < bytes);
        let gone = count - packed.len();
        for place in [0, 1, 500, packed.len() - 1] {
            assert_eq!(packed.get(place), Some(messages(&body(gone + place))));
        }
        while packed.drop_oldest() {}
        assert_eq!(packed.pieces.len(), 1, "the newest stay");
        assert_eq!(packed.get(packed.len()), None);
    }

    proptest! {
        #[test]
        fn whatever_goes_in_comes_out(
            bodies in prop::collection::vec(
                ("[a-c]{0,40}|\\PC{0,80}", any::<prop::sample::Index>(), any::<bool>()),
                1..40,
            ),
        ) {
            let mut packed = Packed::default();
            for (body, like, same) in &bodies {
                let like = (packed.len() > 0).then(|| like.index(packed.len()));
                packed.push(&messages(body), like.map(if *same { Like::Same } else { Like::Kind }));
            }
            for (place, (body, ..)) in bodies.iter().enumerate() {
                prop_assert_eq!(packed.get(place), Some(messages(body)));
            }
        }
    }
}
