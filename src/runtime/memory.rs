//! What the console keeps for its next start.

use crate::app::action::Resume;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The file with the active callout of one profile. It holds a tracking link and unsent messages, so
/// only its owner may read it.
#[derive(Debug)]
pub struct Memory {
    file: PathBuf,
    /// Held as long as the console runs: two consoles on one profile would overwrite each other.
    _lock: File,
}

impl Memory {
    /// `None` when another console has this profile already.
    pub fn open(file: PathBuf) -> io::Result<Option<Self>> {
        let lock = private(&file.with_extension("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { file, _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// What the last run left. A file that cannot be read is an error and stays as it is.
    pub fn recall(&self) -> io::Result<Option<Resume>> {
        match fs::read(&self.file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| io::Error::new(ErrorKind::InvalidData, error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file in one step, so that a kill in between leaves the old one or the new one.
    /// Done on the spot and not in a task: what follows an order to remember may rely on it.
    pub fn keep(&self, resume: Option<&Resume>) -> io::Result<()> {
        let Some(resume) = resume else {
            return match fs::remove_file(&self.file) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        };
        replace(&self.file, &serde_json::to_vec(resume)?)
    }
}

/// Puts a new file, its owner's alone, in the place of the old one in one step.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("json.new");
    let mut file = private(&fresh)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(&fresh, path)
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Unsent;
    use crate::app::callout::CalloutId;

    fn open(folder: &tempfile::TempDir, profile: &str) -> io::Result<Option<Memory>> {
        Memory::open(folder.path().join(format!("{profile}.json")))
    }

    fn resume() -> Resume {
        let unsent = vec![Unsent { text: "hello".into(), tried: true, known_before: 2 }];
        Resume { callout: CalloutId::new("7").unwrap(), tracking: None, unsent }
    }

    #[test]
    fn what_is_kept_is_recalled_and_what_is_cleared_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let memory = open(&folder, "demo").unwrap().unwrap();
        assert_eq!(memory.recall().unwrap(), None);
        memory.keep(Some(&resume())).unwrap();
        assert_eq!(memory.recall().unwrap(), Some(resume()));
        memory.keep(None).unwrap();
        memory.keep(None).unwrap();
        assert_eq!(memory.recall().unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let memory = open(&folder, "demo").unwrap().unwrap();
        memory.keep(Some(&resume())).unwrap();
        for file in [memory.file.clone(), memory.file.with_extension("lock")] {
            assert_eq!(
                fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                file.display()
            );
        }
    }

    #[test]
    fn a_profile_has_one_console_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(&folder, "demo").unwrap().unwrap();
        assert!(open(&folder, "demo").unwrap().is_none());
        assert!(open(&folder, "staging").unwrap().is_some());
        drop(first);
        assert!(open(&folder, "demo").unwrap().is_some());
    }

    #[test]
    fn a_damaged_file_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let memory = open(&folder, "demo").unwrap().unwrap();
        fs::write(&memory.file, b"{half").unwrap();
        assert_eq!(memory.recall().unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(fs::read(&memory.file).unwrap(), b"{half");
    }
}
