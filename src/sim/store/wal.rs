//! Whether `SQLite` reads its whole write-ahead log. It reads up to the first frame that does not add
//! up and takes that for the end, since a crash may cut off what was being written. A bit that flipped
//! further up looks the same to it, and costs every change behind it without a word.
//!
//! Here the two are told apart: the sum of a frame goes on from the sum that *stands* before it, so
//! frames behind a bad one can still be checked. Only the last transaction can have been cut off, for
//! each is synced before the next is begun. Sound transactions behind a bad one mean damage.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// What a write-ahead log is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Whole,
    /// The last transaction does not add up. It was cut off before anybody was told of it, or damaged
    /// after that; nothing can tell which.
    CutOff,
    /// This frame, counted from 1, is damaged, and others behind it are sound; 0 is the header.
    Damaged(usize),
}

/// The file in which `SQLite` keeps the log of a database.
pub fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Looks through the log of a database that nobody writes to.
pub fn check(database: &Path) -> io::Result<Verdict> {
    let mut bytes = Vec::new();
    match fs::File::open(beside(database)) {
        Ok(mut file) => file.read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Verdict::Whole),
        Err(error) => return Err(error),
    };
    Ok(verdict(&bytes))
}

fn verdict(log: &[u8]) -> Verdict {
    let Some((header, rest)) = log.split_at_checked(HEADER) else { return Verdict::Whole };
    let big_endian = word(header, 0) & 1 == 1;
    let page = usize::try_from(word(header, 8)).unwrap_or(0);
    let sound = (word(header, 24), word(header, 28)) == sum((0, 0), &header[..24], big_endian);
    if !sound || !(512..=65_536).contains(&page) {
        // Its salts and the size of its frames are unknown, so nothing more can be said of them.
        return if rest.is_empty() { Verdict::CutOff } else { Verdict::Damaged(0) };
    }
    let start = (word(header, 24), word(header, 28));
    // The sum as it stands before a frame, and as it should: either may be what is damaged.
    let mut before = [start; 2];
    let mut bad = None;
    let mut commits_behind = 0;
    for (number, frame) in rest.chunks_exact(FRAME_HEADER + page).enumerate() {
        // Frames of an earlier turn of the log lie behind those of this one, with other salts.
        let current = frame[8..16] == header[16..24];
        let stands = (word(frame, 16), word(frame, 20));
        let sums = before
            .map(|before| sum(sum(before, &frame[..8], big_endian), &frame[FRAME_HEADER..], big_endian));
        let (sound, commits) = (current && sums.contains(&stands), word(frame, 4) != 0);
        before = [stands, sums[1]];
        match bad {
            Some(_) => commits_behind += usize::from(sound && commits),
            None if !sound => bad = Some((number + 1, current, usize::from(commits))),
            None => {}
        }
    }
    match bad {
        Some((frame, _, own)) if commits_behind > 0 && own + commits_behind > 1 => Verdict::Damaged(frame),
        Some((_, current, own)) if commits_behind > 0 || (current && own > 0) => Verdict::CutOff,
        _ => Verdict::Whole,
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// `SQLite`'s own sum, over pairs of words in the byte order of the machine that made the log.
fn sum(start: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let word = |four: &[u8]| {
        let four = four.try_into().unwrap_or_default();
        if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    bytes.chunks_exact(8).fold(start, |(mut a, mut b), eight| {
        a = a.wrapping_add(word(&eight[..4])).wrapping_add(b);
        b = b.wrapping_add(word(&eight[4..])).wrapping_add(a);
        (a, b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use tempfile::TempDir;

    /// The log of a database after some transactions of several pages each.
    fn log() -> Vec<u8> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
        for _ in 0..5 {
            connection.execute("INSERT INTO t VALUES (randomblob(9000))", []).unwrap();
        }
        fs::read(beside(&path)).unwrap()
    }

    const FRAME: usize = FRAME_HEADER + 4096;

    fn commits(log: &[u8]) -> Vec<usize> {
        let frames = log[HEADER..].chunks_exact(FRAME).enumerate();
        frames.filter(|(_, frame)| word(frame, 4) != 0).map(|(number, _)| number).collect()
    }

    #[test]
    fn a_log_that_is_whole_or_not_there_is_no_damage() {
        let log = log();
        assert!(commits(&log).len() >= 6);
        assert_eq!(verdict(&log), Verdict::Whole);
        assert_eq!(verdict(&[]), Verdict::Whole);
        assert_eq!(verdict(&log[..HEADER]), Verdict::Whole);
        // Killed while it wrote.
        let last = *commits(&log).last().unwrap();
        for cut in [1, FRAME / 2, FRAME + 7] {
            assert_eq!(verdict(&log[..HEADER + (last + 1) * FRAME - cut]), Verdict::Whole, "{cut}");
        }
    }

    #[test]
    fn a_flipped_bit_before_the_last_transaction_is_damage() {
        let log = log();
        let commits = commits(&log);
        let last_but_one = commits[commits.len() - 2];
        for frame in 0..=last_but_one {
            for at in [3, 9, 17, 100, FRAME - 1] {
                let mut bent = log.clone();
                bent[HEADER + frame * FRAME + at] ^= 0x10;
                assert_eq!(verdict(&bent), Verdict::Damaged(frame + 1), "frame {frame} byte {at}");
            }
        }
        let mut bent = log.clone();
        bent[17] ^= 1;
        assert_eq!(verdict(&bent), Verdict::Damaged(0));
    }

    #[test]
    fn in_the_last_transaction_it_may_have_been_cut_off() {
        let mut log = log();
        let end = log.len();
        log[end - 1] ^= 1;
        assert_eq!(verdict(&log), Verdict::CutOff);
    }

    #[test]
    fn frames_of_an_earlier_turn_are_not_looked_at() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
        for _ in 0..20 {
            connection.execute("INSERT INTO t VALUES (randomblob(9000))", []).unwrap();
        }
        let mut busy = connection.prepare("PRAGMA wal_checkpoint(RESTART)").unwrap();
        busy.query_row([], |_| Ok(())).unwrap();
        connection.execute("INSERT INTO t VALUES (1)", []).unwrap();
        let log = fs::read(beside(&path)).unwrap();
        assert!(log.len() > HEADER + 20 * FRAME, "the old frames are gone");
        assert_eq!(verdict(&log), Verdict::Whole);
    }
}
