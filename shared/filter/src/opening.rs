//! What a tool reads: files opened, each once, and never the one that the output replaces.

use std::path::{Path, PathBuf};

use crate::{Error, Filter, Input, OutputKind, input};

impl Filter {
    /// The files without those that were named before, by whatever name: what stands in a file counts once, and that is
    /// told. Standard input, a pipe and what is not there are told where they are opened.
    pub fn each_once(&mut self, files: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut seen = std::collections::HashSet::new();
        let once = |file: &PathBuf| {
            let real = file.canonicalize().ok().filter(|real| real.is_file());
            let is_new = real.is_none_or(|real| seen.insert(real));
            if !is_new {
                self.note("file", file.display(), "named twice: it counts once");
            }
            is_new
        };
        files.into_iter().filter(once).collect()
    }

    /// Opens `path` to read; `-` is standard input.
    ///
    /// # Errors
    /// An absent or unreadable file, a directory, a terminal or a closed descriptor on standard input.
    pub fn open(&mut self, path: &Path) -> Result<Input, Error> {
        // A document says which files it was made from, as a seal does.
        let opened = Input::open(path, self.will_seal() || self.kind == OutputKind::Document);
        let mut input = opened.map_err(|error| self.meant_as_a_field(path, error))?;
        // Only there a command's output is the same as a file's.
        input.reads_commands = self.tool == "kv-extract";
        self.refuse_own_output(&input)?;
        if let Some(progress) = &mut self.progress {
            progress.begin();
        }
        Ok(input)
    }

    /// Of a word that is no file: which option names a field, since that may have been meant.
    pub(crate) fn meant_as_a_field(&self, path: &Path, error: Error) -> Error {
        let option = match self.tool {
            "percentile" => "-f",
            "kv-extract" => "-k",
            _ => return error,
        };
        let is_word = |word: &str| word != "-" && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match path.to_str().filter(|word| is_word(word) && error.reason() == input::ABSENT) {
            Some(word) => Error::data(word, format!("{}; a field is named by {option} {word}", input::ABSENT)),
            None => error,
        }
    }

    /// An input of a file that the tool opened itself (the output of a command, a file from some place on), read on
    /// from where it is.
    ///
    /// # Errors
    /// A directory.
    pub fn adopt(&mut self, file: std::fs::File, path: &Path, name: &str) -> Result<Input, Error> {
        let digest = self.will_seal() || self.kind == OutputKind::Document;
        let input = Input::adopt(file, path, name.to_owned(), digest, false)?;
        self.refuse_own_output(&input)?;
        Ok(input)
    }

    /// `TOOL x -o x` would replace what it reads.
    pub(crate) fn refuse_own_output(&self, input: &Input) -> Result<(), Error> {
        match input.is_regular() && self.output.replaces(input.file()) {
            true => Err(Error::usage(format!("-o: {} is read: wanted another file to write", input.name()))),
            false => Ok(()),
        }
    }
}
