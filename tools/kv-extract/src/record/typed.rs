//! `--as` in a record: the value of a typed key, with the unit that belongs to it, becomes JSON under the key of its type.

use super::{Doubt, Kind, Misfit, Record, Span, Why, convert};
use crate::grammar::prose::Pair;
use crate::record::convert::Conversion;
use crate::record::options::Shape;

impl Record {
    /// Adds a value as its type makes it, which is the one at this place.
    pub(super) fn convert(
        &mut self,
        shape: &Shape,
        line: &[u8],
        key: Span,
        value: Span,
        at: usize,
    ) -> Result<(), Misfit> {
        let Some(&(_, conversion)) = shape.types.get(at) else { return Ok(()) };
        if conversion == Conversion::Text {
            return self.add(shape, line, key, value, Kind::Text);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        converted(shape, self.bytes(key, line), self.bytes(value, line), conversion, &mut scratch)?;
        let form = conversion.form(self.bytes(key, line), self.bytes(value, line));
        let converted = self.keep(&scratch);
        let mut renamed = key;
        if !self.bytes(key, line).ends_with(conversion.suffix().as_bytes()) {
            scratch.clear();
            scratch.extend_from_slice(self.bytes(key, line));
            scratch.extend_from_slice(conversion.suffix().as_bytes());
            renamed = self.keep(&scratch);
        }
        self.scratch = scratch;
        if let Some(reason) = form.and_then(|is_bare| self.note_form(at, is_bare)) {
            self.doubted.push(Doubt { key: renamed, why: Why::Unit(reason.to_owned()) });
        }
        self.add(shape, line, renamed, converted, Kind::Json)
    }
}

/// Where the unit that belongs to the value of `key` begins, and how long it is with its blank: right behind the value, or
/// behind the quote or the bracket that closes it.
pub(super) fn behind(shape: &Shape, key: &[u8], line: &[u8], pair: &Pair) -> Option<(usize, usize)> {
    let (_, conversion) = shape.types.iter().find(|(typed, _)| typed == key)?;
    let value = line.get(pair.value.clone())?;
    let opens = |byte: &u8| matches!(byte, b'[' | b'(' | b'{' | b'"' | b'\'');
    let is_enclosed = line.get(pair.key.end..pair.value.start).is_some_and(|before| before.iter().any(opens));
    let closes = is_enclosed && line.get(pair.value.end).is_some_and(|byte| b"])}\"'".contains(byte));
    let from = pair.value.end + usize::from(closes);
    // What a quote or a bracket closes is whole: what stands behind it is no more of it, but for its unit.
    let unit =
        if closes { conversion.own_behind(line, value, from) } else { conversion.unit_behind(line, value, from) };
    (unit > 0).then_some((from, unit))
}

/// Appends the JSON of the value of `key` by its type, which is not [`Conversion::Text`]. A number alone has the unit that its
/// key's name says.
pub(super) fn converted(
    shape: &Shape,
    key: &[u8],
    value: &[u8],
    conversion: Conversion,
    json: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let with_unit;
    let mut text = value;
    if let Some(own) = conversion.own_unit(key) {
        let number = value.trim_ascii();
        if convert::is_number_alone(number) {
            if own.is_empty() {
                let (name, number) = (String::from_utf8_lossy(key), String::from_utf8_lossy(number));
                return Err(format!("--as {name}: {number} is not a percentage: the unit in the name says what it is"));
            }
            with_unit = [number, own.as_bytes()].concat();
            text = &with_unit;
        }
    }
    let fits = match shape.decimal_comma {
        true => convert::european(text).is_some_and(|text| conversion.convert(&text, json)),
        false => conversion.convert(text, json),
    };
    if fits {
        return Ok(());
    }
    let name = String::from_utf8_lossy(key);
    let read = schema::json::quote(text);
    let is_percentage = matches!(conversion, Conversion::Num | Conversion::Int) && text.ends_with(b"%");
    let percent = if is_percentage { format!(" (--as {name}=pct reads a percentage)") } else { String::new() };
    Err(format!("--as {name}: {read} is not {}{percent}", conversion.wanted()))
}
