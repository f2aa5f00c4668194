//! The state file: one `SQLite` database with the log of events, its snapshots and a few facts.
//!
//! A file is looked at before it is touched. One that is not ours, that a newer version wrote or that
//! is damaged in any row is refused, and is byte for byte what it was: the version is read from the
//! raw header, and while the rows are checked `SQLite` may not move its write-ahead log into the file.

use super::{Logged, StoreError, wal};
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Version of the tables below. Raised with a migration when they change.
pub const SCHEMA: i32 = 1;

/// Marks the database as ours: "PANC".
const APPLICATION_ID: i32 = 0x5041_4e43;

/// How long to wait for a predecessor that is about to end.
const WAIT_FOR_LOCK: Duration = Duration::from_millis(1_500);

/// Pages that `SQLite` holds: the log is written at its end and read once, from the front.
const CACHE_KIB: u32 = 256;

/// Older snapshots are of no use once the newest one was checked.
const SNAPSHOTS_KEPT: u32 = 2;

const TABLES: &str = "
    CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL);
    CREATE TABLE snapshots (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL);
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

/// An event as it stands in the log.
#[derive(Debug)]
pub struct Row {
    pub at: Timestamp,
    pub body: Vec<u8>,
}

/// What a file gave back.
#[derive(Debug)]
pub struct Recovered<S> {
    pub state: S,
    /// The time of the newest event; the clock must not start before it.
    pub newest: Option<Timestamp>,
    /// Events that no snapshot covers.
    pub replayed: u64,
}

#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    connection: Connection,
    /// Number of the last event on disk.
    last: u64,
    /// Number of the last event in the newest snapshot.
    snapshot: u64,
}

impl LogFile {
    /// Opens the file, or makes it, and checks every row. `initial` is the state before any event.
    pub fn open<S: Logged>(path: &Path, initial: &dyn Fn() -> S) -> Result<(Self, Recovered<S>), StoreError> {
        let len = match fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(StoreError::io(path, error)),
        };
        if len == 0 {
            let file = Self::create(path)?;
            return Ok((file, Recovered { state: initial(), newest: None, replayed: 0 }));
        }
        check_header(path)?;
        let side_files = SideFiles::before(path);
        let opened = Self::open_existing(path, initial);
        if opened.is_err() {
            side_files.remove_new();
        }
        opened
    }

    fn create(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| StoreError::io(path, error))?;
        }
        create_private(path).map_err(|error| StoreError::io(path, error))?;
        let sql = |error| StoreError::sqlite(path, error);
        let connection = connect(path)?;
        let tables = format!(
            "PRAGMA locking_mode = EXCLUSIVE;
             BEGIN EXCLUSIVE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}; {TABLES} COMMIT;"
        );
        connection.execute_batch(&tables).map_err(sql)?;
        let file = Self { path: path.to_owned(), connection, last: 0, snapshot: 0 };
        file.make_durable()?;
        Ok(file)
    }

    fn open_existing<S: Logged>(
        path: &Path,
        initial: &dyn Fn() -> S,
    ) -> Result<(Self, Recovered<S>), StoreError> {
        let sql = |error| StoreError::sqlite(path, error);
        let connection = connect(path)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(sql)?;
        connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE;").map_err(sql)?;
        // Once more through SQLite: the header of the file itself may lag behind its log.
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql)?;
        check_version(path, version)?;
        // Ours alone from the query on.
        check_log(path)?;
        let verdict: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
        if verdict != "ok" {
            return Err(StoreError::damaged(path, verdict));
        }
        let mut file = Self { path: path.to_owned(), connection, last: 0, snapshot: 0 };
        let recovered = file.recover(initial)?;
        let sql = |error| StoreError::sqlite(path, error);
        file.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(sql)?;
        file.make_durable()?;
        Ok((file, recovered))
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{CACHE_KIB};"
            ))
            .map_err(|error| self.sql(error))
    }

    /// The state that the newest snapshot and the events after it make. All rows are checked, also
    /// those that the snapshot covers.
    pub fn recover<S: Logged>(&mut self, initial: &dyn Fn() -> S) -> Result<Recovered<S>, StoreError> {
        let (covered, mut state) = self.newest_snapshot()?.unwrap_or_else(|| (0, initial()));
        let (mut last, mut newest, mut replayed) = (0, None, 0);
        {
            let sql = |error| StoreError::sqlite(&self.path, error);
            let mut rows =
                self.connection.prepare("SELECT seq, at, body, sum FROM events ORDER BY seq").map_err(sql)?;
            let mut rows = rows.query([]).map_err(sql)?;
            while let Some(row) = rows.next().map_err(sql)? {
                let seq = row.get::<_, i64>(0).map_err(sql)?.unsigned_abs();
                let body = row.get_ref(2).map_err(sql)?.as_blob().map_err(|_| self.bad_event(seq))?;
                let (at, sum) = (row.get(1).map_err(sql)?, row.get(3).map_err(sql)?);
                let sums = [checksum(seq, Some(at), body), checksum(seq, None, body)];
                if seq != last + 1 || !sums.contains(&sum) {
                    return Err(self.bad_event(last + 1));
                }
                last = seq;
                newest = newest.max(Timestamp::from_millisecond(at).ok());
                if seq > covered {
                    state.replay(&serde_json::from_slice(body).map_err(|_| self.bad_event(seq))?);
                    replayed += 1;
                }
            }
        }
        if covered > last {
            // The events under a snapshot cannot have gone by themselves.
            return Err(self.bad_event(last + 1));
        }
        self.last = last;
        self.snapshot = covered;
        Ok(Recovered { state, newest, replayed })
    }

    /// `None` also for a snapshot of another make of the state: the log holds everything anyway.
    fn newest_snapshot<S: Logged>(&self) -> Result<Option<(u64, S)>, StoreError> {
        let row = self
            .connection
            .query_row("SELECT seq, body, sum FROM snapshots ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?))
            })
            .optional()
            .map_err(|error| self.sql(error))?;
        let Some((seq, body, sum)) = row else { return Ok(None) };
        if sum != checksum(seq, None, &body) {
            return Err(StoreError::damaged(&self.path, format!("snapshot {seq}")));
        }
        let state = S::from_snapshot(&body);
        if state.is_none() {
            tracing::warn!(seq, "the snapshot is of another version; replaying the whole log");
        }
        Ok(state.map(|state| (seq, state)))
    }

    /// Appends in one transaction: all of them are on disk afterwards, or none.
    pub fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let path = &self.path;
        let sql = |error| StoreError::sqlite(path, error);
        let transaction = self.connection.transaction().map_err(sql)?;
        let mut last = self.last;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO events (seq, at, body, sum) VALUES (?1, ?2, ?3, ?4)")
                .map_err(sql)?;
            for Row { at, body } in rows {
                last += 1;
                let at = at.as_millisecond();
                let sum = checksum(last, Some(at), body);
                insert.execute(params![last.cast_signed(), at, body, sum]).map_err(sql)?;
            }
        }
        transaction.commit().map_err(sql)?;
        self.last = last;
        Ok(())
    }

    /// Stores the state as it is after the last event on disk.
    pub fn put_snapshot(&mut self, body: &[u8]) -> Result<(), StoreError> {
        let path = &self.path;
        let sql = |error| StoreError::sqlite(path, error);
        let transaction = self.connection.transaction().map_err(sql)?;
        transaction
            .execute(
                "INSERT OR REPLACE INTO snapshots (seq, body, sum) VALUES (?1, ?2, ?3)",
                params![self.last.cast_signed(), body, checksum(self.last, None, body)],
            )
            .map_err(sql)?;
        transaction
            .execute(
                "DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?1)",
                [SNAPSHOTS_KEPT],
            )
            .map_err(sql)?;
        transaction.commit().map_err(sql)?;
        self.snapshot = self.last;
        Ok(())
    }

    /// Whether a write gets through, without adding to the log.
    pub fn probe(&mut self) -> Result<(), StoreError> {
        self.put_meta("probe", &self.last.to_le_bytes())
    }

    pub fn put_meta(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.connection
            .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", params![key, value])
            .map(drop)
            .map_err(|error| self.sql(error))
    }

    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.connection
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .map_err(|error| self.sql(error))
    }

    /// Events on disk that the newest snapshot does not cover.
    pub fn since_snapshot(&self) -> u64 {
        self.last - self.snapshot
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn sql(&self, error: rusqlite::Error) -> StoreError {
        StoreError::sqlite(&self.path, error)
    }

    fn bad_event(&self, seq: u64) -> StoreError {
        StoreError::damaged(&self.path, format!("event {seq}"))
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| StoreError::sqlite(path, error))?;
    connection.busy_timeout(WAIT_FOR_LOCK).map_err(|error| StoreError::sqlite(path, error))?;
    Ok(connection)
}

/// Names and positions of people are in it, and the key that signs the tokens.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Reads whose file it is without `SQLite`, which would already write beside it.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let mut header = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(100).read_to_end(&mut header))
        .map_err(|error| StoreError::io(path, error))?;
    let integer = |at: usize| header.get(at..at + 4).and_then(|b| b.try_into().ok()).map(i32::from_be_bytes);
    if !header.starts_with(b"SQLite format 3\0") || integer(68) != Some(APPLICATION_ID) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    check_version(path, integer(60).unwrap_or_default())
}

fn check_version(path: &Path, found: i32) -> Result<(), StoreError> {
    match found {
        SCHEMA => Ok(()),
        newer if newer > SCHEMA => Err(StoreError::Newer { path: path.to_owned(), found }),
        _ => Err(StoreError::damaged(path, format!("version {found}"))),
    }
}

/// The files that `SQLite` lays beside a database, so that a refusal can take away what it made.
struct SideFiles {
    absent: Vec<PathBuf>,
}

impl SideFiles {
    fn before(path: &Path) -> Self {
        let beside = ["-wal", "-shm"].map(|end| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        });
        Self { absent: beside.into_iter().filter(|file| !file.exists()).collect() }
    }

    fn remove_new(self) {
        for file in self.absent {
            let empty = fs::metadata(&file).is_ok_and(|metadata| metadata.len() == 0);
            if empty && let Err(error) = fs::remove_file(&file) {
                tracing::debug!(%error, "an empty file of SQLite stays beside the state file");
            }
        }
    }
}

/// FNV-1a over number, time and body: finds flipped bits and rows that changed place. It is no seal.
/// Snapshots have no time, nor had events the first sums of this format.
fn checksum(seq: u64, at: Option<i64>, body: &[u8]) -> i64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let (seq, at) = (seq.to_le_bytes(), at.map(i64::to_le_bytes));
    let bytes = seq.iter().chain(at.iter().flatten()).chain(body);
    bytes.fold(start, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)).cast_signed()
}

/// A log that cannot be read whole has lost changes that were acknowledged.
fn check_log(path: &Path) -> Result<(), StoreError> {
    match wal::check(path).map_err(|error| StoreError::io(path, error))? {
        wal::Verdict::Whole => {}
        wal::Verdict::CutOff => tracing::warn!(
            "the last change in the state file's write-ahead log does not add up and is left out: \
             it was cut off before it was acknowledged, or damaged since"
        ),
        wal::Verdict::Damaged(frame) => {
            return Err(StoreError::damaged(path, format!("write-ahead log, frame {frame}")));
        }
    }
    Ok(())
}

/// Whether the database says that another process holds the file.
pub fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
