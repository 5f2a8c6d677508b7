//! A record as JSON text: its fields in the order of the line, what is set, and what the record says of itself.

use super::{Field, Kind, Record, escape, is_bare_json};
use crate::record::options::Shape;

impl Record {
    /// Appends the record as JSON, less its closing brace and newline; `line` is the line its pairs stand in.
    pub fn write(&mut self, shape: &Shape, line: &[u8], out: &mut Vec<u8>) {
        out.push(b'{');
        let start = out.len();
        self.write_members(shape, line, start, out);
        self.write_end(shape, line, start, out);
    }

    /// Appends the fields so far, the first of the record at `start`.
    pub fn write_members(&mut self, shape: &Shape, line: &[u8], start: usize, out: &mut Vec<u8>) {
        let mut replaced = 0;
        for (at, field) in self.fields.iter().enumerate() {
            let Some(tail) = field.tail else { continue };
            let name = self.bytes(field.key, line);
            if shape.set.iter().any(|(key, _)| key == name) {
                continue;
            }
            if out.len() > start {
                out.push(b',');
            }
            escape::write(name, out);
            out.push(b':');
            if tail == at {
                replaced += u64::from(self.write_value(field, line, out));
                continue;
            }
            out.push(b'[');
            let mut next = at;
            loop {
                let field = &self.fields[next];
                replaced += u64::from(self.write_value(field, line, out));
                next = field.next;
                if next == 0 {
                    break;
                }
                out.push(b',');
            }
            out.push(b']');
        }
        self.tally.replaced += replaced;
    }

    /// Forgets the fields, which were written; what was noted of them stays.
    pub fn forget_fields(&mut self) {
        self.fields.clear();
        self.own.clear();
        self.table.clear();
    }

    /// Appends what is set, and what the record says of itself.
    pub fn write_end(&mut self, shape: &Shape, line: &[u8], start: usize, out: &mut Vec<u8>) {
        for (key, json) in &shape.set {
            if out.len() > start {
                out.push(b',');
            }
            escape::write(key, out);
            out.push(b':');
            out.extend_from_slice(json);
        }
        if !self.doubted.is_empty() {
            self.doubt(line);
        }
        if !self.evidence.is_empty() {
            out.extend_from_slice(b",\"@evidence\":");
            out.extend_from_slice(&self.evidence);
        }
    }

    pub(super) fn write_value(&self, field: &Field, line: &[u8], out: &mut Vec<u8>) -> bool {
        let value = self.bytes(field.value, line);
        if field.kind == Kind::Json || (field.kind == Kind::Bare && is_bare_json(value)) {
            out.extend_from_slice(value);
            return false;
        }
        escape::write(value, out)
    }
}
