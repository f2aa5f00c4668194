//! CSV files that were accepted and are not read in to the end. They are kept with the rest: what was
//! answered with 200 is taken up again after a kill. Reading and reporting is somebody else's.

use super::World;
use super::command::Reply;
use super::event::{Event, Happened};
use super::id::SourceId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Of a number sequence of its own: the others are for what the API shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadId(pub u64);

/// The bytes of a file. They may be of any kind, and are about people's homes: `Debug` shows how many.
#[derive(Clone, PartialEq, Eq)]
pub struct File(pub Arc<[u8]>);

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} bytes)", self.0.len())
    }
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(|bytes| Self(bytes.into())).map_err(serde::de::Error::custom)
    }
}

/// A file with what came beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub source: SourceId,
    pub file: File,
    pub delimiter: u8,
    /// Where the report goes.
    pub callback: Callback,
    pub user_email: Option<String>,
    /// The integrator's word for it.
    pub origin: Option<String>,
}

/// An address whose query may hold a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Callback(pub String);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.split(['?', '#']).next().unwrap_or_default())
    }
}

/// One that was accepted, and is not reported yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    pub upload: Upload,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub enum UploadCommand {
    Accept(Box<Upload>),
    /// Its report was taken, or given up.
    End(UploadId),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum UploadEvent {
    Accepted { id: UploadId, upload: Box<Upload> },
    Ended { id: UploadId },
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct UploadTables {
    last: u64,
    open: BTreeMap<UploadId, Accepted>,
}

impl UploadTables {
    /// A number is never given twice: an import that still runs must not end another one.
    pub(super) fn after_reset(&self) -> Self {
        Self { last: self.last, ..Self::default() }
    }
}

impl World {
    pub(super) fn decide_upload(
        &mut self,
        command: UploadCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Reply {
        match command {
            UploadCommand::Accept(upload) => {
                let id = UploadId(self.tables.uploads.last + 1);
                self.happen(now, Happened::Upload(UploadEvent::Accepted { id, upload }), out);
                Reply::Upload(id)
            }
            UploadCommand::End(id) => {
                if self.tables.uploads.open.contains_key(&id) {
                    self.happen(now, Happened::Upload(UploadEvent::Ended { id }), out);
                }
                Reply::Done
            }
        }
    }

    pub(super) fn fold_upload(&mut self, what: &UploadEvent, at: Timestamp) {
        let tables = &mut self.tables.uploads;
        match what {
            UploadEvent::Accepted { id, upload } => {
                tables.last = tables.last.max(id.0);
                tables.open.insert(*id, Accepted { upload: upload.as_ref().clone(), at });
            }
            UploadEvent::Ended { id } => {
                tables.open.remove(id);
            }
        }
    }

    /// Those that are not reported yet, oldest first.
    pub fn open_uploads(&self) -> impl Iterator<Item = (UploadId, &Accepted)> {
        self.tables.uploads.open.iter().map(|(id, accepted)| (*id, accepted))
    }

    pub fn open_upload(&self, id: UploadId) -> Option<&Accepted> {
        self.tables.uploads.open.get(&id)
    }
}
