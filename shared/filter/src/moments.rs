//! Which time it is, and the times that options give.

use schema::json;

use crate::{Error, Filter};

/// How far the clock of another machine may be ahead.
const AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// Whether `moment` is of the future, further than clocks differ: nothing of then was measured or made yet, so that it is no
/// evidence of something new.
pub fn is_ahead(moment: jiff::Timestamp, now: jiff::Timestamp) -> bool {
    moment.duration_since(now) > AHEAD
}

impl Filter {
    /// The present: `--now`, else the system's clock. What is new is told by it, and SOURCE_DATE_EPOCH has no say: the environment of a
    /// build would make new what is not.
    pub fn now(&self) -> jiff::Timestamp {
        self.options.now.unwrap_or_else(jiff::Timestamp::now)
    }

    /// When the output says that it was made: `--now`, else SOURCE_DATE_EPOCH, else the system's clock.
    ///
    /// # Errors
    /// A SOURCE_DATE_EPOCH that is no time.
    pub fn made_at(&self) -> Result<jiff::Timestamp, Error> {
        match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) if self.options.now.is_none() && !text.is_empty() => {
                let wanted = || {
                    Error::usage(format!("SOURCE_DATE_EPOCH: {}: wanted epoch seconds", json::quote(text.as_bytes())))
                };
                let seconds = text.parse().map_err(|_| wanted())?;
                jiff::Timestamp::from_second(seconds).map_err(|_| wanted())
            }
            _ => Ok(self.now()),
        }
    }

    /// The moment that an option's text gives, by the present of this run.
    ///
    /// # Errors
    /// As of [`moment`].
    pub fn moment(&self, flag: &str, text: &str) -> Result<jiff::Timestamp, Error> {
        moment(flag, text, self.now())
    }
}

/// The moment that the text of an option `flag` gives: a time, so long before `now` (`15m`), or when a file was last changed.
///
/// # Errors
/// A text that is none of them, and a number of few digits: `20` is more likely 20 hours without their unit than a moment of 1970,
/// behind which everything is new.
pub fn moment(flag: &str, text: &str, now: jiff::Timestamp) -> Result<jiff::Timestamp, Error> {
    if text.len() < 9 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let instead = match text.len() {
            8 => "a day is written 2026-03-05".to_owned(),
            _ => format!("write {text}h, {text}m or {text}s for how long ago"),
        };
        return Err(Error::usage(format!("{flag}: {text} would be a moment of the 1970s: {instead}")));
    }
    if let Ok(time) = time(text) {
        return Ok(time);
    }
    if let Some(time) = ::time::ago(text, now) {
        return Ok(time);
    }
    let changed =
        std::fs::metadata(text).ok().filter(std::fs::Metadata::is_file).and_then(|status| status.modified().ok());
    let changed = changed.and_then(|time| jiff::Timestamp::try_from(time).ok());
    changed.ok_or_else(|| {
        let read = json::quote(text.as_bytes());
        Error::usage(format!(
            "{flag}: {read}: wanted a time like 2026-03-05T20:32:12Z, how long ago (15m), or a file that is there"
        ))
    })
}

/// A time as the command line gives it: RFC 3339, or epoch seconds.
///
/// # Errors
/// What was wanted.
pub fn time(text: &str) -> Result<jiff::Timestamp, String> {
    let epoch = text.parse::<i64>().ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    epoch
        .or_else(|| text.parse().ok())
        .or_else(|| ::time::instant(text))
        .ok_or_else(|| "wanted a time like 2026-03-05T20:32:12Z or epoch seconds".to_owned())
}
