//! The signature beside a document: `FILE.minisig`, in the form of [minisign](https://jedisct1.github.io/minisign/).
//!
//! Owns how one is made and what a good one is; refuses keys that ask for a password, since nobody may be there to type it.
//! A seal says that a stream is whole; a signature says who made the document, and that not one byte of it changed since.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest};
use data_encoding::BASE64;
use filter::{Document, Error, Filter};
use schema::{Check, Code, Status};

use crate::verify::finding;

/// The group of what is said about the signature.
pub const SIGNATURE: &str = "@signature";

/// The most bytes that are read of a key or a signature: they have about 400.
const MOST: u64 = 64 << 10;
/// What a key begins with: Ed25519.
const OF_KEY: &[u8] = b"Ed";
/// What a signature begins with: Ed25519 of the document's BLAKE2b.
const OF_SIGNATURE: &[u8] = b"ED";
/// Of a secret key: that no password protects it, and that its checksum is BLAKE2b.
const UNPROTECTED: &[u8] = b"\0\0B2";
/// Before the two comments of a signature.
const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

/// The number by which a signature names its key.
type KeyNumber = [u8; 8];

/// A secret key, ready to sign what goes to a file.
pub struct Signer {
    number: KeyNumber,
    key: ed25519_compact::SecretKey,
    document: PathBuf,
}

impl Signer {
    /// The key in the file `key`, for the document that will be written to `output`.
    ///
    /// # Errors
    /// No file to write to, and a key that cannot be read, is none, or asks for a password.
    pub fn new(key: &Path, output: Option<&Path>) -> Result<Signer, Error> {
        let document = output.filter(|path| *path != Path::new("-"));
        let document =
            document.ok_or_else(|| Error::usage("--sign writes FILE.minisig next to FILE: wanted -o FILE"))?;
        let name = key.display().to_string();
        let text = read(key).map_err(|error| Error::io(&*name, &error))?;
        let (number, key) = secret(&text).ok_or_else(|| {
            Error::data(name, "is not a minisign secret key without a password; minisign -G -W makes one")
        })?;
        Ok(Signer { number, key, document: document.to_owned() })
    }

    /// Writes the signature of `bytes`, which will be the document. It is written first: a run that ends between the two
    /// leaves a document that does not verify, never one that looks signed and is not.
    ///
    /// # Errors
    /// What could not be written.
    pub fn sign(&self, bytes: &[u8], filter: &Filter) -> Result<(), Error> {
        let file = self.document.file_name().unwrap_or_default().to_string_lossy();
        let file: String = file.chars().filter(|letter| !letter.is_control()).collect();
        let comment = format!("timestamp:{}\tfile:{file}\thashed", filter.made_at()?.as_second());
        let signature = self.key.sign(Blake2b512::digest(bytes), None);
        let whole = self.key.sign([&signature[..], comment.as_bytes()].concat(), None);
        let line = BASE64.encode(&[OF_SIGNATURE, &self.number, &signature[..]].concat());
        let about = format!("signature by the key {}", shown(self.number));
        let text = format!("{UNTRUSTED}{about}\n{line}\n{TRUSTED}{comment}\n{}\n", BASE64.encode(&whole[..]));
        filter::write_whole(&beside(&self.document), text.as_bytes())
    }
}

/// A public key.
pub struct PublicKey {
    number: KeyNumber,
    key: ed25519_compact::PublicKey,
}

impl PublicKey {
    /// The key in `path`: minisign's `.pub` file, or its second line alone.
    ///
    /// # Errors
    /// A file that cannot be read or holds no such key.
    pub fn read(path: &Path) -> Result<PublicKey, Error> {
        let name = path.display().to_string();
        let text = read(path).map_err(|error| Error::io(&*name, &error))?;
        PublicKey::parse(&text).ok_or_else(|| Error::data(name, "is not a minisign public key"))
    }

    fn parse(text: &str) -> Option<PublicKey> {
        let bytes = decoded(text.lines().rfind(|line| !line.trim().is_empty())?)?;
        let (number, key) = bytes.strip_prefix(OF_KEY)?.split_first_chunk()?;
        Some(PublicKey { number: *number, key: ed25519_compact::PublicKey::from_slice(key).ok()? })
    }
}

/// The number and the key in the text of a secret key that no password protects.
fn secret(text: &str) -> Option<(KeyNumber, ed25519_compact::SecretKey)> {
    let bytes = decoded(text.lines().rfind(|line| !line.trim().is_empty())?)?;
    let rest = bytes.strip_prefix(OF_KEY)?.strip_prefix(UNPROTECTED)?;
    // The salt and the two limits of the password that it has not.
    let rest = rest.get(32 + 8 + 8..)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (key, checksum) = rest.split_first_chunk::<64>()?;
    // minisign 0.11 leaves the checksum of such a key empty, others fill it in; its two halves belong together in both.
    let made = Blake2b::<U32>::digest([OF_KEY, number, key].concat());
    let whole = made[..] == *checksum || *checksum == [0; 32];
    let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::from_slice(key.first_chunk::<32>()?).ok()?);
    (whole && pair.sk[..] == *key).then_some((*number, pair.sk))
}

/// A signature as it is written.
struct Signature {
    number: KeyNumber,
    /// Of the document's BLAKE2b.
    document: ed25519_compact::Signature,
    comment: String,
    /// Of the first signature and the comment.
    whole: ed25519_compact::Signature,
}

impl Signature {
    fn parse(text: &str) -> Option<Signature> {
        let mut lines = text.lines();
        lines.next()?.strip_prefix(UNTRUSTED)?;
        let document = decoded(lines.next()?)?;
        let comment = lines.next()?.strip_prefix(TRUSTED)?.trim_end().to_owned();
        let whole = decoded(lines.next()?)?;
        let (number, document) = document.strip_prefix(OF_SIGNATURE)?.split_first_chunk()?;
        let read = |bytes: &[u8]| ed25519_compact::Signature::from_slice(bytes).ok();
        let rest: String = lines.collect();
        rest.trim().is_empty().then_some(())?;
        Some(Signature { number: *number, document: read(document)?, comment, whole: read(&whole)? })
    }
}

/// Holds the signature beside the file `path`, of which `document` was read, against `key`.
pub fn judge(path: &Path, document: &Document, key: &PublicKey) -> Check<'static> {
    let place = beside(path);
    let id = place.display().to_string();
    let doubt = |code: Code, words: &str| {
        finding::of(&id, SIGNATURE, Status::Inconclusive, Some(code), &format!("{code}: {words}"))
    };
    let text = match read(&place) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return doubt(Code::NotSigned, "there is no signature next to the document");
        }
        Err(error) => return doubt(Code::NotSigned, &format!("the signature could not be read: {error}")),
    };
    let Some(signature) = Signature::parse(&text) else { return doubt(Code::Malformed, "is not a minisign signature") };
    let wrong = |words: &str| finding::of(&id, SIGNATURE, Status::Fail, None, words);
    if signature.number != key.number {
        let (theirs, ours) = (shown(signature.number), shown(key.number));
        return wrong(&format!("signed by the key {theirs}, and --key is {ours}"));
    }
    let whole = [&signature.document[..], signature.comment.as_bytes()].concat();
    let comment_holds = key.key.verify(whole, &signature.whole).is_ok();
    // A mark at its head that was passed over is a change, too.
    let entire = document.size == document.bytes.len() as u64;
    if comment_holds && entire && key.key.verify(Blake2b512::digest(&document.bytes), &signature.document).is_ok() {
        return finding::holds(&id, SIGNATURE);
    }
    wrong("is not of this document by this key: one of the two was changed")
}

/// Where the signature of `document` lies.
fn beside(document: &Path) -> PathBuf {
    let mut name = document.as_os_str().to_owned();
    name.push(".minisig");
    PathBuf::from(name)
}

/// A key's number as minisign writes it.
fn shown(number: KeyNumber) -> String {
    format!("{:016X}", u64::from_le_bytes(number))
}

fn decoded(line: &str) -> Option<Vec<u8>> {
    BASE64.decode(line.trim().as_bytes()).ok()
}

/// A small text file.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MOST).read_to_string(&mut text)?;
    Ok(text)
}
