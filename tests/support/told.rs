//! What the built program said, and how it ended.

use serde_json::Value;
use std::process::Output;

#[derive(Debug)]
pub struct Told {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Told {
    /// Done, and the data is all that was said.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// As [`Told::done`], of data in JSON.
    #[track_caller]
    pub fn done_json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// Whatever the status.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect(&self.stdout)
    }

    #[track_caller]
    pub fn refused(self, status: i32, words: &str) {
        assert_eq!((self.status, self.stdout.as_str()), (Some(status), ""), "{}", self.stderr);
        assert!(self.stderr.contains(words), "{words} is not in: {}", self.stderr);
    }
}
