//! The fields of a wire struct, written in the order they are put.
//!
//! Why not `derive`: procedural macros cannot be built where the C library is linked statically by default, and a
//! static binary starts in half the time.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// An object that is being written.
pub(crate) struct Fields<S: Serializer>(S::SerializeMap);

impl<S: Serializer> Fields<S> {
    /// Begins the object.
    pub(crate) fn new(serializer: S) -> Result<Self, S::Error> {
        serializer.serialize_map(None).map(Fields)
    }

    /// A field that is always there.
    pub(crate) fn put(&mut self, key: &str, value: impl Serialize) -> Result<(), S::Error> {
        self.0.serialize_entry(key, &value)
    }

    /// A field that is left out unless `there`.
    pub(crate) fn put_if(&mut self, there: bool, key: &str, value: impl Serialize) -> Result<(), S::Error> {
        if there { self.put(key, value) } else { Ok(()) }
    }

    /// Ends the object.
    pub(crate) fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}
