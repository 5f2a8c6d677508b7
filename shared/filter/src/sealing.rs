//! The seals of a run: those of what was read, and the one that ends the output.
//!
//! Owns when a seal is written: once, at the end, after everything was read. Its form is in the schema, what one is held to in
//! `seals`.

use schema::{Code, Seal, json};

use crate::seals::{self, Fault};
use crate::{Counts, Error, Filter, OutputKind, VERSION, segment};

impl Filter {
    /// Whether `--seal` or `EVIDENCE_SEAL=1` asks for seals, out and in.
    pub fn sealing(&self) -> bool {
        self.options.seal
    }

    /// Whether a seal will end the output.
    pub(crate) fn will_seal(&self) -> bool {
        match self.kind {
            OutputKind::Document => false,
            OutputKind::Checks => !self.people(),
            OutputKind::Records => self.sealing() && !self.people(),
        }
    }

    /// Has the seal say how many lines there were of a kind, if there were any.
    pub fn tell(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.told.push((name.to_owned(), count));
        }
    }

    /// Whether more lines were rejected so far than `--allow-rejected` grants; without it, any.
    pub fn rejects_too_much(&self) -> bool {
        let Counts { lines, rejected, .. } = self.counts;
        let allow_rejected = self.options.allow_rejected.clone();
        Seal { rejected, lines: Some(lines), allow_rejected, ..Seal::default() }.rejects_too_much()
    }

    /// The seals read so far, flat.
    pub fn upstream(&self) -> &[Seal] {
        &self.upstream
    }

    /// Takes in the seal of a segment that was read.
    ///
    /// # Errors
    /// `duplicate-source`, where the same segment was read before: it would count twice.
    pub fn take_seal(&mut self, seal: Seal) -> Result<(), Fault> {
        if !self.options.allow_equal && seal.tells_copies() {
            let mut text = Vec::new();
            let written = json::write_struct(&seal, &mut text);
            if written.is_ok() && !self.sealed.insert(segment::xxh3(&text)) {
                let names: Vec<&str> = seal.inputs.iter().map(|input| input.path.as_str()).take(3).collect();
                let of = if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) };
                let detail = format!(
                    "the same segment of {}{of} was read before: it would count twice; --source-id tells equal ones of two \
                     hosts apart, --allow-equal lets both count",
                    seal.tool
                );
                return Err(Fault { code: Code::DuplicateSource, detail });
            }
        }
        self.upstream.extend(seal.flattened());
        Ok(())
    }

    /// Begins a source that stands apart: a copy of what was read before, under another name, is counted once in each.
    pub fn begin_source(&mut self) {
        self.sealed.clear();
    }

    /// Puts seals that a tool made out for what it read in the place of those that were read (`all`: they vouch for all of
    /// it, whatever stream it came in), or beside them.
    pub fn replace_upstream(&mut self, all: bool, seals: impl IntoIterator<Item = Seal>) {
        if all {
            self.upstream.clear();
            self.plain = 0;
        }
        self.upstream.extend(seals);
    }

    /// Counts an input of evidence that nothing vouches for: no seal, and no file that could be read again.
    pub fn reads_plain(&mut self) {
        self.plain += 1;
    }

    /// Adds a regular file that a tool digested by itself.
    pub fn add_input(&mut self, input: schema::Input) {
        self.inputs.push(input);
    }

    /// The regular files read so far, digested where a seal will be written.
    pub fn inputs(&self) -> &[schema::Input] {
        &self.inputs
    }

    /// Has `action` done once the output is complete, its seal in: an action that notes so must not come before it.
    pub fn at_last(&mut self, action: impl FnOnce() -> Result<(), Error> + Send + 'static) {
        self.last = Some(Box::new(action));
    }

    /// Completes the output without its seal: what was written stands, but something is missing from it.
    pub fn finish_unsealed(&mut self) -> Result<(), Error> {
        self.output.finish()
    }

    /// The end of a run that went well: the seal, the rest of the output, what is done last, and whether too much was
    /// rejected.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.seal()?;
        self.output.finish()?;
        if let Some(last) = self.last.take() {
            last()?;
        }
        self.may_conclude()
    }

    /// Starts a new segment: seals what was written since the last seal. Where no seal is wanted, does nothing.
    pub(crate) fn seal(&mut self) -> Result<(), Error> {
        if !self.will_seal() {
            return Ok(());
        }
        let counts = self.counts;
        let Counts { lines, used, skipped, rejected, unfinished, doubtful, empty_windows, stopped, .. } = counts;
        let forward = |count: u64| (!counts.backward).then_some(count);
        self.tell("undecided", counts.undecided);
        let segment = self.output.segment();
        let seal = Seal {
            tool: self.tool.to_owned(),
            version: VERSION.to_owned(),
            schema: schema::SCHEMA_VERSION,
            lines: forward(lines),
            used: forward(used),
            skipped: forward(skipped),
            rejected,
            unfinished,
            doubtful,
            told: std::mem::take(&mut self.told),
            records: self.output.records,
            bytes: segment.bytes,
            digest: segment.digest.map(segment::hex),
            source: self.options.source_id.clone(),
            allow_rejected: self.options.allow_rejected.clone(),
            unsealed: self.options.unsealed,
            allow_equal: self.options.allow_equal,
            plain: std::mem::take(&mut self.plain),
            empty_windows,
            stopped,
            inputs: std::mem::take(&mut self.inputs),
            merged: None,
            upstream: Some(schema::seal::bounded(std::mem::take(&mut self.upstream))),
        };
        let mut line = Vec::from(&b"{\"@seal\":"[..]);
        json::write_struct(&seal, &mut line).map_err(|error| Error::io("stdout", &error))?;
        // The seal's own digest goes before the brace that closes it.
        line.pop();
        seals::close(&mut line);
        line.push(b'\n');
        self.output.raw(&line)
    }

    /// Whether what only the end of the input can say may be said: an error where more was rejected than is granted.
    ///
    /// # Errors
    /// How many lines were rejected.
    pub fn may_conclude(&self) -> Result<(), Error> {
        if self.kind != OutputKind::Records || !self.rejects_too_much() {
            return Ok(());
        }
        let rejected = self.counts.rejected;
        let lines_word = if rejected == 1 { "line was" } else { "lines were" };
        Err(Error::data("input", format!("{rejected} {lines_word} rejected; --allow-rejected accepts some")))
    }
}

/// Whether the environment asks for seals: `EVIDENCE_SEAL=1`.
pub(crate) fn seal_asked_for() -> Result<bool, Error> {
    match std::env::var_os("EVIDENCE_SEAL") {
        None => Ok(false),
        Some(text) if text.is_empty() || text == "0" => Ok(false),
        Some(text) if text == "1" => Ok(true),
        // A typing error here must not switch the safety off.
        Some(text) => {
            let read = json::quote(text.to_string_lossy().as_bytes());
            Err(Error::usage(format!("EVIDENCE_SEAL: {read}: wanted 1 or 0")))
        }
    }
}
