//! Which files a run reads and which it writes: none is both, and none is written twice.
//!
//! Owns the comparison, made before anything is written; refuses to open a file.

use std::path::{Path, PathBuf};

use crate::Error;

/// Refuses a file that one of these options would write, where it is read (`-` is standard input), or written by another one. A
/// device or a pipe may be named as often as one likes.
///
/// # Errors
/// Such a file, with its option.
pub fn refuse_same<'a>(
    written: &[(&str, Option<&'a Path>)],
    read: impl Iterator<Item = &'a Path> + Clone,
) -> Result<(), Error> {
    let mut before: Vec<(&str, PathBuf)> = Vec::new();
    for (option, path) in written.iter().filter_map(|(option, path)| Some((*option, (*path)?))) {
        let Some(place) = place(path) else { continue };
        let is_it = |read: &Path| self::place(read).as_ref() == Some(&place);
        if read.clone().any(|read| is_it(if read == Path::new("-") { Path::new("/dev/stdin") } else { read })) {
            return Err(Error::usage(format!("{option}: {} is read: wanted another file to write", path.display())));
        }
        if let Some((other, _)) = before.iter().find(|(_, written)| *written == place) {
            let path = path.display();
            return Err(Error::usage(format!("{option}: {path} is what {other} writes: wanted another file")));
        }
        before.push((option, place));
    }
    Ok(())
}

/// Where a file is, or will be; `None` for standard output, a device, a pipe.
fn place(path: &Path) -> Option<PathBuf> {
    match path.canonicalize() {
        Ok(real) => real.is_file().then_some(real),
        Err(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().filter(|_| path != Path::new("-"))?;
            Some(folder.canonicalize().ok()?.join(name))
        }
    }
}
