//! Something large that is read elsewhere while it goes on here: handing it out costs nothing, and only a
//! change made while somebody still reads the old one costs a copy.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Deref;
use std::sync::Arc;

/// An [`Arc`] that is written down as what is in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    pub fn new(inner: T) -> Self {
        Self(Arc::new(inner))
    }
}

impl<T: Clone> Shared<T> {
    /// To be changed here; who reads it elsewhere keeps what was there.
    pub fn change(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_keeps_what_was_there_and_nobody_else_pays() {
        let mut here = Shared::new(vec![1]);
        let before = here.as_ptr();
        here.change()[0] = 2;
        assert_eq!(here.as_ptr(), before, "nobody reads it: nothing is copied");
        let reader = here.clone();
        assert_eq!(reader.as_ptr(), here.as_ptr(), "handed out, not copied");
        here.change().push(3);
        assert_eq!((reader.as_slice(), here.as_slice()), (&[2][..], &[2, 3][..]));
    }

    #[test]
    fn it_is_written_down_as_what_is_in_it() {
        assert_eq!(serde_json::to_string(&Shared::new([1, 2])).unwrap(), "[1,2]");
        assert_eq!(serde_json::from_str::<Shared<[u8; 2]>>("[1,2]").unwrap(), Shared::new([1, 2]));
    }
}
