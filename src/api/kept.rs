//! Small secrets on disk: the token and the customer's id. Readable by their owner only from the first
//! byte on, replaced as a whole or not at all, and no cache at all when they cannot be read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Whose a kept thing is. What belongs to another server, client or person is never used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Owner {
    /// The base URL, or a name that stands for it.
    pub realm: String,
    pub client_id: String,
    /// E-mail of the user token, or the customer's number: two people may share a client id.
    pub person: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Saved<T> {
    owner: Owner,
    kept: T,
}

#[derive(Debug)]
pub(crate) struct KeptFile {
    path: PathBuf,
    owner: Owner,
}

impl KeptFile {
    pub(crate) fn new(path: PathBuf, owner: Owner) -> Self {
        Self { path, owner }
    }

    /// What is kept for this owner. `None` too for a file that others may read: it may be known.
    pub(crate) fn load<T: DeserializeOwned>(&self) -> Option<T> {
        if !is_private(&self.path) {
            return None;
        }
        let saved: Saved<T> = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        (saved.owner == self.owner).then_some(saved.kept)
    }

    /// Keeps it. A failure is logged: what cannot be kept is fetched again at the next start.
    pub(crate) fn save<T: Serialize>(&self, kept: T) {
        let saved = Saved { owner: self.owner.clone(), kept };
        let result =
            serde_json::to_vec(&saved).map_err(io::Error::from).and_then(|bytes| self.replace(&bytes));
        if let Err(error) = result {
            tracing::warn!(error = %error.kind(), "a private file cannot be kept");
        }
    }

    pub(crate) fn forget(&self) {
        let _ = fs::remove_file(&self.path);
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder)?;
        }
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = self.path.with_file_name(name);
        let _ = fs::remove_file(&temporary);
        let written = private_file(&temporary)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&temporary, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }
}

/// A new file that nobody else could ever open: the mode is set as it is made, not after.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & OTHERS == 0)
}

#[cfg(not(unix))]
fn is_private(path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(realm: &str, client_id: &str) -> Owner {
        Owner { realm: realm.to_owned(), client_id: client_id.to_owned(), person: None }
    }

    fn file(folder: &Path, owner: Owner) -> KeptFile {
        KeptFile::new(folder.join("new/folder/kept.json"), owner)
    }

    #[test]
    fn what_was_kept_is_found_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let ours = file(folder.path(), owner("http://a", "one"));
        ours.save(7);
        ours.save(8);
        assert_eq!(ours.load::<i64>(), Some(8));
        assert_eq!(file(folder.path(), owner("http://b", "one")).load::<i64>(), None);
        assert_eq!(file(folder.path(), owner("http://a", "two")).load::<i64>(), None);
        assert_eq!(ours.load::<String>(), None);
        ours.forget();
        assert_eq!(ours.load::<i64>(), None);
    }

    #[test]
    fn a_damaged_file_is_no_cache_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let kept = file(folder.path(), owner("http://a", "one"));
        kept.save(7);
        fs::write(&kept.path, b"{\"owner\":").unwrap();
        assert_eq!(kept.load::<i64>(), None);
        kept.save(9);
        assert_eq!(kept.load::<i64>(), Some(9));
        let names = fs::read_dir(kept.path.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1, "no temporary file is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let kept = file(folder.path(), owner("http://a", "one"));
        kept.save(7);
        assert_eq!(fs::metadata(&kept.path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&kept.path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(kept.load::<i64>(), None);
        kept.save(8);
        assert_eq!(fs::metadata(&kept.path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
