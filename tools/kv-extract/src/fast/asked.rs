//! What is asked of the fields of a line: types, conditions, and units that nobody asked for.
//!
//! Owns no field; what it cannot tell, the plain way tells.

use expr::Raw;
use schema::Truth;

use crate::fast::fields::{Road, key_at};
use crate::fast::kinds::{Field, Kind};
use crate::record::convert::{self, Conversion};
use crate::record::units::unit_words;
use crate::record::{escape, is_bare_json};

impl Road {
    /// Notes a unit one blank behind the field at `at`, if that is a number of prose which ends at `end`.
    #[cold]
    #[inline(never)]
    pub(super) fn note_unit(&mut self, bytes: &[u8], end: usize, at: usize) {
        let Some(field) = self.fields.get(at) else { return };
        let about = self.key(field.slot).about;
        let is_number = || bytes.get(end.wrapping_sub(field.length as usize)..end).is_some_and(is_bare_json);
        if field.kind == Kind::Json
            && about.is_kept
            && self.is_number_type(about.typed)
            && unit_words::unit_word(bytes, end).is_some()
            && is_number()
        {
            self.units.push(at as u8);
        }
    }

    /// Whether a key has no type, or that of a number, which has no unit.
    fn is_number_type(&self, typed: u8) -> bool {
        let conversion = usize::from(typed).checked_sub(1).and_then(|at| self.wishes.types.get(at));
        conversion.is_none_or(|conversion| matches!(conversion, Conversion::Num | Conversion::Int))
    }

    /// Counts the units of the line.
    #[cold]
    #[inline(never)]
    pub(super) fn count_units(&mut self, bytes: &[u8]) {
        let Road { keys, columns, fields, units, units_of, tally, .. } = self;
        for &at in &*units {
            let Some(field) = fields.get(usize::from(at)) else { continue };
            let Some(unit) = unit_words::unit_word(bytes, (field.start + field.length) as usize) else { continue };
            let key = key_at(keys, columns, field.slot);
            units_of.add(key.written.get(2..2 + key.length as usize).unwrap_or_default(), unit);
            tally.passed += 1;
        }
    }

    /// Converts the values of the keys that have a type; false where one does not fit, or the plain way must tell.
    pub(super) fn convert(&mut self, bytes: &[u8]) -> bool {
        for number in 0..self.typed.len() {
            let Some(at) = self.typed.get(number).map(|&at| usize::from(at)) else { return false };
            let Some(&field) = self.fields.get(at) else { return false };
            let Some(made) = self.converted(bytes, field) else { return false };
            if let Some(place) = self.fields.get_mut(at) {
                *place = made;
            }
        }
        true
    }

    /// A field as the type of its key makes it, where that has one; `None` where it does not fit, or the plain way must
    /// tell.
    #[inline(always)]
    pub(super) fn converted(&mut self, bytes: &[u8], field: Field) -> Option<Field> {
        let about = self.key(field.slot).about;
        let Some(conversion) = usize::from(about.typed).checked_sub(1).and_then(|at| self.wishes.types.get(at)) else {
            return Some(field);
        };
        // What is left out is converted only for conditions, which the plain way looks after.
        if !about.is_kept && self.wishes.probes.is_empty() {
            return Some(field);
        }
        let value = bytes.get(field.start as usize..(field.start + field.length) as usize).unwrap_or_default();
        match field.kind {
            Kind::Null => Some(field),
            Kind::Made => None,
            Kind::Text | Kind::Json if *conversion == Conversion::Text => {
                escape::is_copied(value).then_some(Field { kind: Kind::Text, ..field })
            }
            // A plain number is itself, as most are.
            Kind::Json if conversion.keeps(value) => Some(field),
            _ => {
                // A unit may stand a blank away, also behind a quote or a bracket.
                let behind = bytes.get((field.start + field.length) as usize..).unwrap_or_default();
                let end = (field.start + field.length) as usize;
                let is_number = matches!(conversion, Conversion::Num | Conversion::Int);
                // `12, 15 ms` are two, and both may have the unit.
                let goes_on = |behind: &[u8]| matches!(behind, [b',', b' ', b'0'..=b'9' | b'-', ..]);
                if is_number && unit_words::begins_unit(bytes, end)
                    || conversion.has_unit() && bytes.get(end..).is_some_and(goes_on)
                {
                    return None;
                }
                if conversion.has_unit()
                    && matches!(behind, [b' ' | b'\t', ..] | [b'"' | b'\'' | b']' | b')' | b'}', b' ' | b'\t', ..])
                {
                    return None;
                }
                let start = self.scratch.len();
                if !conversion.convert(value, &mut self.scratch) {
                    return None;
                }
                let at = usize::from(about.typed).wrapping_sub(1);
                if self.wishes.doubts_bare.get(at) == Some(&true)
                    && let Some(is_bare) = convert::is_bare(value)
                {
                    self.units_of.add_typed(at, is_bare);
                }
                let length = (self.scratch.len() - start) as u32;
                Some(Field { start: start as u32, length, kind: Kind::Made, ..field })
            }
        }
    }

    /// The field of the value that is wanted there.
    #[inline(always)]
    pub(super) fn field(&self, wanted: u8) -> Option<Field> {
        let at = self.wanted.get(usize::from(wanted) + 1).copied().unwrap_or(0);
        usize::from(at).checked_sub(1).and_then(|at| self.fields.get(at)).copied()
    }

    /// Whether the line has nothing at all of what conditions ask for.
    pub(super) fn lacks_all(&self) -> bool {
        let places = self.wishes.probes.iter().flat_map(|(_, places)| places);
        places.into_iter().all(|&place| self.field(place).is_none_or(|field| field.kind == Kind::Null))
    }

    /// What all conditions say together; `None` where only the plain way knows.
    #[inline(always)]
    pub(super) fn truth(&self, bytes: &[u8]) -> Option<Truth> {
        let mut all = Truth::Yes;
        for (probe, places) in &self.wishes.probes {
            let value = |at: usize| {
                let Some(field) = places.get(at).and_then(|&place| self.field(place)) else { return Raw::Missing };
                let text =
                    || bytes.get(field.start as usize..(field.start + field.length) as usize).unwrap_or_default();
                match field.kind {
                    Kind::Null => Raw::Null,
                    Kind::Text => Raw::Text(text()),
                    Kind::Made => Raw::Other,
                    Kind::Json => match text() {
                        text @ [b'-' | b'0'..=b'9', ..] => Raw::Number(text),
                        b"true" => Raw::Bool(true),
                        b"false" => Raw::Bool(false),
                        b"null" => Raw::Null,
                        _ => Raw::Other,
                    },
                }
            };
            all = all.and(probe.test(&value)?);
        }
        Some(all)
    }
}
