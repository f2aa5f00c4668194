//! Which exchanges are listed. The hits are kept as an index: a character more looks through the hits
//! of before only, a new exchange is looked at alone, and a frame asks for nothing but its window.

use super::log::{Compared, Log, Summary};
use super::resources::Resource;
use crate::app::draft::Draft;
use crate::traffic::document::find_in;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Characters of a filter.
const LONGEST: usize = 80;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    pub draft: Draft,
    /// What `hits` were found by.
    applied: String,
    words: Vec<Word>,
    /// Numbers, ascending. `None`: everything is listed.
    hits: Option<VecDeque<u64>>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Word {
    text: String,
    /// `-404`: what does not have it.
    not: bool,
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Word({} bytes)", self.text.len())
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self { draft: Draft::with_limit(LONGEST), applied: String::new(), words: Vec::new(), hits: None }
    }
}

impl Filter {
    pub fn is_on(&self) -> bool {
        self.hits.is_some()
    }

    /// Exchanges that are listed.
    pub fn count(&self, log: &Log) -> usize {
        self.hits.as_ref().map_or(log.len(), VecDeque::len)
    }

    /// The number in the list's `position`.
    pub fn number(&self, log: &Log, position: usize) -> Option<u64> {
        match &self.hits {
            Some(hits) => hits.get(position).copied(),
            None => (position < log.len()).then(|| log.first() + position as u64),
        }
    }

    /// Where `number` is in the list, or would be.
    pub fn position(&self, log: &Log, number: u64) -> usize {
        match &self.hits {
            Some(hits) => hits.partition_point(|hit| *hit < number),
            None => usize::try_from(number.saturating_sub(log.first())).unwrap_or(0).min(log.len()),
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The line was edited: what it says holds from here on.
    pub(super) fn edited(&mut self, log: &Log) {
        let text = self.draft.value().to_owned();
        if text == self.applied {
            return;
        }
        let words = words(&text);
        let narrows = text.starts_with(&self.applied) && !words.iter().any(|word| word.not);
        self.words = words;
        self.hits = if self.words.is_empty() {
            None
        } else if let (true, Some(hits)) = (narrows, self.hits.take()) {
            let seen = self.by_resource(log);
            Some(
                hits.into_iter()
                    .filter(|hit| log.summary(*hit).is_some_and(|s| fits(&self.words, &seen, s)))
                    .collect(),
            )
        } else {
            let seen = self.by_resource(log);
            let hits = log.iter().filter(|(_, summary)| fits(&self.words, &seen, summary));
            Some(hits.map(|(number, _)| number).collect())
        };
        self.applied = text;
    }

    /// What each word finds in each resource: thousands of polls have few.
    fn by_resource(&self, log: &Log) -> Vec<Vec<bool>> {
        let all = log.resources().all();
        self.words
            .iter()
            .map(|word| all.iter().map(|resource| names(resource, &word.text)).collect())
            .collect()
    }

    /// An exchange was entered, and perhaps the oldest left.
    pub(super) fn arrived(&mut self, log: &Log, number: u64, gone: Option<u64>) {
        let Some(hits) = &mut self.hits else { return };
        if gone.is_some() && hits.front().copied() == gone {
            hits.pop_front();
        }
        let Some(summary) = log.summary(number) else { return };
        let resource = log.resource(summary.resource);
        let has = |word: &Word| (names(resource, &word.text) || says(summary, &word.text)) != word.not;
        if self.words.iter().all(has) {
            hits.push_back(number);
        }
    }
}

fn words(text: &str) -> Vec<Word> {
    let word = |word: &str| match word.strip_prefix('-') {
        Some(rest) => Word { text: rest.to_ascii_lowercase(), not: true },
        None => Word { text: word.to_ascii_lowercase(), not: false },
    };
    text.split_whitespace().map(word).filter(|word| !word.text.is_empty()).collect()
}

fn fits(words: &[Word], by_resource: &[Vec<bool>], summary: &Summary) -> bool {
    words.iter().zip(by_resource).all(|(word, seen)| {
        let named = seen.get(summary.resource.index()).copied().unwrap_or(false);
        (named || says(summary, &word.text)) != word.not
    })
}

/// In the path, in what it is for, or the method from its first letter on.
fn names(resource: &Resource, word: &str) -> bool {
    find_in(resource.path.as_str(), word).is_some()
        || find_in(resource.what.as_str(), word).is_some()
        || begins(resource.method.as_str(), word)
}

/// The status from its first digit on, its class (`4xx`), or what became of it.
fn says(summary: &Summary, word: &str) -> bool {
    let status = summary.status().is_some_and(|status| {
        begins(&status.to_string(), word) || begins(&format!("{}xx", status / 100), word)
    });
    status
        || summary.trouble.is_some_and(|trouble| begins(trouble.short(), word))
        || (summary.failed() && begins("failed", word))
        || match summary.compared {
            Compared::Same => begins("same", word),
            Compared::Changed { .. } | Compared::Differs => begins("changed", word),
            Compared::Alone => false,
        }
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}
