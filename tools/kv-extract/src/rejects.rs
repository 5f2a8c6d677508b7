//! `--rejects FILE`: what was refused or did not fit, one record a line, so that it can be looked at and run again.
//!
//! Owns the file, which is there under its name only once the run is over, whatever became of it.

use std::path::{Path, PathBuf};

use filter::{Error, Written};

use crate::record::escape;

/// The file of what was refused.
#[derive(Debug)]
pub struct Rejects {
    path: PathBuf,
    out: Option<Written>,
    failed: Option<Error>,
    line: Vec<u8>,
    /// How many records it holds.
    pub count: u64,
}

impl Rejects {
    /// Makes the file; a device or a pipe is written in place.
    ///
    /// # Errors
    /// One that cannot be written.
    pub fn open(path: &Path) -> Result<Rejects, Error> {
        if path == Path::new("-") {
            return Err(Error::usage("--rejects: wanted a file, beside the output"));
        }
        let out = Some(Written::open(path)?);
        Ok(Rejects { path: path.to_owned(), out, failed: None, line: Vec::new(), count: 0 })
    }

    /// Keeps the text that stands at `line` of `file`, why it was refused, and the code of that.
    pub fn keep(&mut self, file: &str, line: u64, code: &str, reason: &str, text: &[u8]) {
        self.count += 1;
        let out = &mut self.line;
        out.clear();
        out.extend_from_slice(b"{\"file\":");
        escape::write(file.as_bytes(), out);
        out.extend_from_slice(b",\"line\":");
        escape::write_count(line, out);
        for (key, value) in
            [(&b",\"code\":"[..], code.as_bytes()), (b",\"reason\":", reason.as_bytes()), (b",\"text\":", text)]
        {
            out.extend_from_slice(key);
            escape::write(value, out);
        }
        out.extend_from_slice(b"}\n");
        if let Some(writer) = &mut self.out
            && let Err(error) = writer.write(&self.line)
        {
            self.failed.get_or_insert(error);
        }
    }

    /// The file's name.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Puts the file under its name.
    ///
    /// # Errors
    /// A failed write.
    pub fn finish(&mut self) -> Result<(), Error> {
        let out = self.out.take();
        match (self.failed.take(), out) {
            (Some(error), _) => Err(error),
            (None, Some(out)) => out.finish(),
            (None, None) => Ok(()),
        }
    }
}

impl Drop for Rejects {
    fn drop(&mut self) {
        // A run that failed leaves what it refused, too; that it failed is told already.
        if self.out.is_some() {
            let _ = self.finish();
        }
    }
}
