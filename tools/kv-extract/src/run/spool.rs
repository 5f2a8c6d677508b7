//! Output that may still be taken back: `--after-last` knows only at the end which part of the input was meant.
//!
//! Owns a bounded buffer and, past it, a temporary file without a name.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};

use filter::{Error, Filter};

/// How much is held in memory.
const HELD: usize = 16 << 20;

/// Lines that are not written yet.
#[derive(Default)]
pub struct Held {
    buffer: Vec<u8>,
    file: Option<File>,
    lines: u64,
}

impl Held {
    /// Holds one line.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        if self.buffer.len() + line.len() >= HELD {
            let file = match &mut self.file {
                Some(file) => file,
                None => self.file.insert(unnamed().map_err(failed)?),
            };
            file.write_all(&self.buffer).map_err(failed)?;
            self.buffer.clear();
        }
        self.buffer.extend_from_slice(line);
        self.buffer.push(b'\n');
        self.lines += 1;
        Ok(())
    }

    /// Holds whole lines, so many.
    pub fn lines(&mut self, text: &[u8], lines: u64) -> Result<(), Error> {
        if let Some(last) = text.strip_suffix(b"\n") {
            self.line(last)?;
            self.lines += lines.saturating_sub(1);
        }
        Ok(())
    }

    /// Takes back all of it.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.buffer.clear();
        self.lines = 0;
        if let Some(file) = &mut self.file {
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes all of it out.
    pub fn write(mut self, filter: &mut Filter) -> Result<(), Error> {
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(0)).map_err(failed)?;
            let mut block = vec![0; 256 << 10];
            loop {
                let read = file.read(&mut block).map_err(failed)?;
                if read == 0 {
                    break;
                }
                filter.lines(&block[..read], 0)?;
            }
        }
        filter.lines(&self.buffer, self.lines)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::io("temporary file", &error)
}

fn unnamed() -> std::io::Result<File> {
    let path = std::env::temp_dir().join(format!(".kv-extract.{}.held", std::process::id()));
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}
