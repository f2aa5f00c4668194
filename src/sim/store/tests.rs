//! The store on real files, with a state small enough to see through.

use super::file::LogFile;
use super::*;
use crate::sim::clock::SimClock;
use serde::Deserialize;
use std::fs;
use std::sync::atomic::AtomicUsize;
use tempfile::TempDir;

/// Keeps the numbers that it was given, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Numbers {
    kept: Vec<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept(u64);

impl Logged for Numbers {
    type Event = Kept;

    fn replay(&mut self, event: &Kept) {
        self.kept.push(event.0);
    }

    fn to_snapshot(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

fn noon() -> Timestamp {
    "2026-06-10T12:00:00Z".parse().unwrap()
}

fn open(path: &Path) -> Result<Opened<Numbers>, StoreError> {
    Store::open(path, Numbers::default)
}

async fn keep(store: &Store<Numbers>, number: u64) -> Result<u64, NotStored> {
    let change = |state: &mut Numbers, _| {
        state.replay(&Kept(number));
        (number, vec![Kept(number)])
    };
    store.write(noon, change).await
}

async fn kept(store: &Store<Numbers>) -> Vec<u64> {
    store.read(|state| state.kept.clone()).await
}

/// A file with `numbers` in it, closed properly.
async fn file_with(folder: &TempDir, numbers: std::ops::Range<u64>) -> PathBuf {
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap().store;
    for number in numbers {
        keep(&store, number).await.unwrap();
    }
    store.close().await;
    path
}

#[tokio::test]
async fn what_was_acknowledged_is_there_again() {
    let folder = TempDir::new().unwrap();
    let path = file_with(&folder, 0..20).await;
    let opened = open(&path).unwrap();
    assert_eq!(kept(&opened.store).await, (0..20).collect::<Vec<_>>());
    assert_eq!(opened.replayed, 20);
    assert_eq!(opened.newest, Some(noon()));
}

#[tokio::test]
async fn without_a_file_it_is_kept_in_memory() {
    let store = Store::in_memory(Numbers::default());
    keep(&store, 7).await.unwrap();
    assert_eq!(kept(&store).await, [7]);
}

#[tokio::test]
async fn what_changes_nothing_is_not_logged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap().store;
    assert_eq!(store.write(noon, |_, _| ("no", Vec::new())).await, Ok("no"));
    store.close().await;
    assert_eq!(open(&path).unwrap().replayed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_share_commits_and_their_order_is_the_log_s() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let store = Arc::new(open(&path).unwrap().store);
    let tasks: Vec<_> = (0..64)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for turn in 0..20 {
                    keep(&store, writer * 100 + turn).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let in_memory = kept(&store).await;
    assert_eq!(in_memory.len(), 64 * 20);
    store.close().await;
    let store = open(&path).unwrap().store;
    assert_eq!(kept(&store).await, in_memory);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_shows_nothing_that_is_not_on_disk() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let store = Arc::new(open(&path).unwrap().store);
    let writing = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for number in 1..=200 {
                keep(&store, number).await.unwrap();
            }
        }
    });
    while !writing.is_finished() {
        let (shown, ticket) = store.read(|state| (state.kept.len(), state.kept.len() as u64)).await;
        assert!(store.settled.load(Ordering::Acquire) >= ticket, "{shown} shown before they were stored");
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn times_are_taken_in_the_order_of_the_log() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let clock = SimClock::starting_at(noon(), 600.0).unwrap();
    let store = open(&path).unwrap().store;
    for number in 0..5 {
        let change = |state: &mut Numbers, _| {
            state.replay(&Kept(number));
            ((), vec![Kept(number)])
        };
        store.write(|| clock.now(), change).await.unwrap();
    }
    store.close().await;
    let (file, recovered) = LogFile::open(&path, &Numbers::default).unwrap();
    let mut query = file.connection().prepare("SELECT at FROM events ORDER BY seq").unwrap();
    let times: Vec<i64> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(times.is_sorted());
    assert_eq!(recovered.newest.unwrap().as_millisecond(), times[4]);
}

#[tokio::test]
async fn a_snapshot_spares_the_replay_and_the_log_stays_whole() {
    let folder = TempDir::new().unwrap();
    let path = file_with(&folder, 0..1_200).await;
    let opened = open(&path).unwrap();
    assert_eq!(opened.replayed, 0);
    keep(&opened.store, 1_200).await.unwrap();
    drop(opened);
    let opened = reopen(&path).await;
    assert_eq!(opened.replayed, 1);
    assert_eq!(kept(&opened.store).await, (0..1_201).collect::<Vec<_>>());
}

/// The store's thread closes the file a moment after the store is dropped.
async fn reopen(path: &Path) -> Opened<Numbers> {
    tokio::task::spawn_blocking({
        let path = path.to_owned();
        move || open(&path).unwrap()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_snapshot_of_another_make_is_passed_over() {
    let folder = TempDir::new().unwrap();
    let path = file_with(&folder, 0..3).await;
    let (mut file, _) = LogFile::open(&path, &Numbers::default).unwrap();
    file.put_snapshot(b"{\"other\":true}").unwrap();
    drop(file);
    let opened = open(&path).unwrap();
    assert_eq!(opened.replayed, 3);
}

#[tokio::test]
async fn meta_is_made_once() {
    let folder = TempDir::new().unwrap();
    let path = file_with(&folder, 0..0).await;
    let calls = AtomicUsize::new(0);
    let make = || vec![u8::try_from(calls.fetch_add(1, Ordering::Relaxed)).unwrap()];
    let store = open(&path).unwrap().store;
    assert_eq!(store.meta("key", make).await.unwrap(), [0]);
    store.close().await;
    let store = open(&path).unwrap().store;
    assert_eq!(store.meta("key", make).await.unwrap(), [0]);
}

#[tokio::test]
async fn two_processes_do_not_share_a_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let _first = open(&path).unwrap();
    let message = open(&path).unwrap_err().to_string();
    assert!(message.ends_with("state.db: in use by another process"), "{message}");
}

mod refused {
    use super::*;

    fn listing(folder: &TempDir) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// Opens, wants the refusal to say `what`, and every file beside and under it to be as before.
    fn assert_refused(folder: &TempDir, path: &Path, what: &str) {
        let before = listing(folder);
        let message = open(path).unwrap_err().to_string();
        assert!(message.contains(what) && message.contains("left as it is"), "{message}");
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert_eq!(listing(folder), before, "touched");
    }

    fn overwrite(path: &Path, at: usize, bytes: &[u8]) {
        let mut all = fs::read(path).unwrap();
        all[at..at + bytes.len()].copy_from_slice(bytes);
        fs::write(path, all).unwrap();
    }

    #[tokio::test]
    async fn a_newer_version() {
        let folder = TempDir::new().unwrap();
        let path = file_with(&folder, 0..3).await;
        overwrite(&path, 60, &99_i32.to_be_bytes());
        assert_refused(&folder, &path, "written by a newer version (format 99;");
    }

    #[tokio::test]
    async fn a_newer_version_that_only_the_write_ahead_log_knows() {
        let folder = TempDir::new().unwrap();
        let path = file_with(&folder, 0..3).await;
        let (file, _) = LogFile::open(&path, &Numbers::default).unwrap();
        let connection = file.connection();
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        connection.pragma_update(None, "user_version", 7).unwrap();
        drop(file);
        assert_refused(&folder, &path, "written by a newer version (format 7;");
    }

    #[tokio::test]
    async fn no_state_file_at_all() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("notes.txt");
        fs::write(&path, "Dear diary, nobody must lose this.").unwrap();
        assert_refused(&folder, &path, "not a state file");
    }

    #[tokio::test]
    async fn another_program_s_database() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("other.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        assert_refused(&folder, &path, "not a state file");
    }

    #[tokio::test]
    async fn half_a_file() {
        let folder = TempDir::new().unwrap();
        let path = file_with(&folder, 0..500).await;
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert_refused(&folder, &path, "damaged");
    }

    #[tokio::test]
    async fn pages_overwritten() {
        let folder = TempDir::new().unwrap();
        let path = file_with(&folder, 0..500).await;
        let middle = fs::metadata(&path).unwrap().len() / 2;
        overwrite(&path, usize::try_from(middle).unwrap(), &[0xa5; 512]);
        assert_refused(&folder, &path, "damaged");
    }

    #[tokio::test]
    async fn one_event_changed_or_gone() {
        for statement in [
            "UPDATE events SET body = x'39' WHERE seq = 2",
            "UPDATE events SET at = at + 1 WHERE seq = 2",
            "DELETE FROM events WHERE seq = 2",
        ] {
            let folder = TempDir::new().unwrap();
            let path = file_with(&folder, 0..5).await;
            rusqlite::Connection::open(&path).unwrap().execute_batch(statement).unwrap();
            assert_refused(&folder, &path, "damaged (event 2)");
        }
    }

    /// `SQLite` alone would take the damage for the end of the log.
    #[tokio::test]
    async fn a_write_ahead_log_with_changes_behind_the_damage() {
        let folder = TempDir::new().unwrap();
        let path = file_with(&folder, 0..5).await;
        let (mut file, _) = LogFile::open(&path, &Numbers::default).unwrap();
        let connection = file.connection();
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        for number in 5..8 {
            file.append(&[super::super::file::Row { at: noon(), body: number.to_string().into_bytes() }])
                .unwrap();
        }
        drop(file);
        let log = super::super::wal::beside(&path);
        let sound = fs::read(&log).unwrap();
        overwrite(&log, 32 + 24 + 4_000, &[0xa5; 8]);
        assert_refused(&folder, &path, "damaged (write-ahead log, frame 1)");
        fs::write(&log, sound).unwrap();
        assert_eq!(kept(&open(&path).unwrap().store).await, (0..8).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_damaged_event_in_the_write_ahead_log() {
        let folder = TempDir::new().unwrap();
        let path = file_with(&folder, 0..5).await;
        let (file, _) = LogFile::open(&path, &Numbers::default).unwrap();
        let connection = file.connection();
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        connection.execute_batch("UPDATE events SET body = x'31' WHERE seq = 4").unwrap();
        drop(file);
        assert_refused(&folder, &path, "damaged (event 4)");
    }
}

/// Files of before the sum held the time, too.
#[tokio::test]
async fn the_first_sums_of_this_format_are_still_good() {
    let folder = TempDir::new().unwrap();
    let path = file_with(&folder, 0..0).await;
    // FNV-1a over the number 1, as eight bytes, and the body "7".
    let bytes = [1, 0, 0, 0, 0, 0, 0, 0, b'7'];
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let connection = rusqlite::Connection::open(&path).unwrap();
    let row = rusqlite::params![1, noon().as_millisecond(), b"7", sum.cast_signed()];
    connection.execute("INSERT INTO events VALUES (?1, ?2, ?3, ?4)", row).unwrap();
    drop(connection);
    assert_eq!(kept(&open(&path).unwrap().store).await, [7]);
}

mod failing {
    use super::*;

    /// A store whose disk refuses events that hold 13.
    fn picky(folder: &TempDir) -> Store<Numbers> {
        let path = folder.path().join("state.db");
        let (file, recovered) = LogFile::open(&path, &Numbers::default).unwrap();
        file.connection()
            .execute_batch(
                "CREATE TEMP TRIGGER picky BEFORE INSERT ON events WHEN CAST(new.body AS TEXT) = '13'
                 BEGIN SELECT RAISE(ABORT, 'no'); END;",
            )
            .unwrap();
        Store::on_file(file, recovered.state, Numbers::default)
    }

    #[tokio::test]
    async fn what_was_not_stored_has_not_happened() {
        let folder = TempDir::new().unwrap();
        let store = picky(&folder);
        keep(&store, 1).await.unwrap();
        assert_eq!(keep(&store, 13).await, Err(NotStored));
        assert_eq!(kept(&store).await, [1]);
        keep(&store, 2).await.unwrap();
        assert_eq!(kept(&store).await, [1, 2]);
        store.close().await;
        assert_eq!(kept(&open(&folder.path().join("state.db")).unwrap().store).await, [1, 2]);
    }

    #[tokio::test]
    async fn while_the_disk_is_full_changes_are_refused_and_reads_go_on() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state.db");
        let (file, recovered) = LogFile::open(&path, &Numbers::default).unwrap();
        let full: i64 = file.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        file.connection().pragma_update(None, "max_page_count", full).unwrap();
        let store = Store::on_file(file, recovered.state, Numbers::default);
        let mut stored = Vec::new();
        for number in 0..1_000 {
            match keep(&store, number).await {
                Ok(number) => stored.push(number),
                Err(NotStored) => break,
            }
        }
        assert!(stored.len() < 1_000, "the disk never got full");
        assert_eq!(kept(&store).await, stored);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn among_many_writers_memory_and_file_agree() {
        let folder = TempDir::new().unwrap();
        let store = Arc::new(picky(&folder));
        let tasks: Vec<_> = (0..64)
            .map(|number| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { keep(&store, number).await.ok() })
            })
            .collect();
        let mut acknowledged = Vec::new();
        for task in tasks {
            acknowledged.extend(task.await.unwrap());
        }
        let mut shown = kept(&store).await;
        store.close().await;
        assert_eq!(kept(&open(&folder.path().join("state.db")).unwrap().store).await, shown);
        shown.sort_unstable();
        acknowledged.sort_unstable();
        assert_eq!(shown, acknowledged);
        assert!(!shown.contains(&13));
    }

    #[tokio::test]
    async fn a_change_that_panics_is_undone() {
        let folder = TempDir::new().unwrap();
        let store = Arc::new(picky(&folder));
        keep(&store, 1).await.unwrap();
        let task = tokio::spawn({
            let store = Arc::clone(&store);
            async move {
                let half = |state: &mut Numbers, _| -> Change<(), Kept> {
                    state.replay(&Kept(99));
                    panic!("half way")
                };
                let _panicked = store.write(noon, half).await;
            }
        });
        assert!(task.await.is_err());
        keep(&store, 2).await.unwrap();
        assert_eq!(kept(&store).await, [1, 2]);
    }
}
