//! The abbreviations of zones: `CEST`, `PST`.
//!
//! Owns which words are some, and a zone that uses each, for the advice; what one means, the zone in use says.

/// Abbreviations and a zone that uses each, for the advice.
const SHORT: &[(&str, &str)] = &[
    ("ACDT", "Australia/Adelaide"),
    ("ACST", "Australia/Adelaide"),
    ("ADT", "America/Halifax"),
    ("AEDT", "Australia/Sydney"),
    ("AEST", "Australia/Sydney"),
    ("AFT", "Asia/Kabul"),
    ("AKDT", "America/Anchorage"),
    ("AKST", "America/Anchorage"),
    ("ALMT", "Asia/Almaty"),
    ("AMT", "America/Manaus"),
    ("ART", "America/Argentina/Buenos_Aires"),
    ("AST", "America/Halifax"),
    ("AWST", "Australia/Perth"),
    ("AZT", "Asia/Baku"),
    ("BDT", "Asia/Dhaka"),
    ("BOT", "America/La_Paz"),
    ("BRST", "America/Sao_Paulo"),
    ("BRT", "America/Sao_Paulo"),
    ("BST", "Europe/London"),
    ("CAT", "Africa/Maputo"),
    ("CDT", "America/Chicago"),
    ("CEST", "Europe/Berlin"),
    ("CET", "Europe/Berlin"),
    ("CLST", "America/Santiago"),
    ("CLT", "America/Santiago"),
    ("COT", "America/Bogota"),
    ("CST", "America/Chicago"),
    ("EAT", "Africa/Nairobi"),
    ("ECT", "America/Guayaquil"),
    ("EDT", "America/New_York"),
    ("EEST", "Europe/Athens"),
    ("EET", "Europe/Athens"),
    ("EST", "America/New_York"),
    ("GST", "Asia/Dubai"),
    ("HDT", "America/Adak"),
    ("HKT", "Asia/Hong_Kong"),
    ("HST", "Pacific/Honolulu"),
    ("ICT", "Asia/Bangkok"),
    ("IDT", "Asia/Jerusalem"),
    ("IRDT", "Asia/Tehran"),
    ("IRST", "Asia/Tehran"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("MDT", "America/Denver"),
    ("MEST", "Europe/Berlin"),
    ("MESZ", "Europe/Berlin"),
    ("MEZ", "Europe/Berlin"),
    ("MMT", "Asia/Yangon"),
    ("MSD", "Europe/Moscow"),
    ("MSK", "Europe/Moscow"),
    ("MST", "America/Denver"),
    ("MYT", "Asia/Kuala_Lumpur"),
    ("NDT", "America/St_Johns"),
    ("NPT", "Asia/Kathmandu"),
    ("NST", "America/St_Johns"),
    ("NZDT", "Pacific/Auckland"),
    ("NZST", "Pacific/Auckland"),
    ("PDT", "America/Los_Angeles"),
    ("PET", "America/Lima"),
    ("PHT", "Asia/Manila"),
    ("PKT", "Asia/Karachi"),
    ("PST", "America/Los_Angeles"),
    ("PYT", "America/Asuncion"),
    ("SAMT", "Europe/Samara"),
    ("SAST", "Africa/Johannesburg"),
    ("SGT", "Asia/Singapore"),
    ("SST", "Pacific/Pago_Pago"),
    ("TRT", "Europe/Istanbul"),
    ("UYT", "America/Montevideo"),
    ("UZT", "Asia/Tashkent"),
    ("VET", "America/Caracas"),
    ("WAST", "Africa/Windhoek"),
    ("WAT", "Africa/Lagos"),
    ("WEST", "Europe/Lisbon"),
    ("WET", "Europe/Lisbon"),
    ("WIB", "Asia/Jakarta"),
    ("WIT", "Asia/Jayapura"),
    ("WITA", "Asia/Makassar"),
    ("YEKT", "Asia/Yekaterinburg"),
    ("NOVT", "Asia/Novosibirsk"),
    ("KRAT", "Asia/Krasnoyarsk"),
    ("IRKT", "Asia/Irkutsk"),
    ("VLAT", "Asia/Vladivostok"),
    ("MAGT", "Asia/Magadan"),
    ("PETT", "Asia/Kamchatka"),
    ("OMST", "Asia/Omsk"),
    ("ChST", "Pacific/Guam"),
    ("CHST", "Pacific/Guam"),
    ("FJT", "Pacific/Fiji"),
    ("TOT", "Pacific/Tongatapu"),
    ("CVT", "Atlantic/Cape_Verde"),
    ("AZOT", "Atlantic/Azores"),
    ("EGST", "America/Nuuk"),
    ("WGT", "America/Nuuk"),
    ("PMST", "America/Miquelon"),
    ("ULAT", "Asia/Ulaanbaatar"),
    ("HOVT", "Asia/Hovd"),
    ("LHST", "Australia/Lord_Howe"),
    ("AMST", "America/Manaus"),
    ("CHOT", "Asia/Choibalsan"),
    ("EASST", "Pacific/Easter"),
    ("FKST", "Atlantic/Stanley"),
    ("FKT", "Atlantic/Stanley"),
    ("GALT", "Pacific/Galapagos"),
    ("GYT", "America/Guyana"),
    ("HADT", "America/Adak"),
    ("HAST", "America/Adak"),
    ("KGT", "Asia/Bishkek"),
    ("KUYT", "Europe/Samara"),
    ("MVT", "Indian/Maldives"),
    ("NCT", "Pacific/Noumea"),
    ("PGT", "Pacific/Port_Moresby"),
    ("PKST", "Asia/Karachi"),
    ("PYST", "America/Asuncion"),
    ("QYZT", "Asia/Qyzylorda"),
    ("SAKT", "Asia/Sakhalin"),
    ("TAHT", "Pacific/Tahiti"),
    ("TJT", "Asia/Dushanbe"),
    ("TMT", "Asia/Ashgabat"),
    ("UYST", "America/Montevideo"),
    ("UZST", "Asia/Tashkent"),
    ("WGST", "America/Nuuk"),
    ("YAKT", "Asia/Yakutsk"),
];

/// Local mean time: each place has its own, so that no zone can be said for it.
pub(crate) const MEAN: &str = "LMT";

/// A zone whose clocks use this abbreviation.
pub(crate) fn example(short: &str) -> Option<&'static str> {
    SHORT.iter().find(|(name, _)| *name == short).map(|(_, zone)| *zone)
}

/// Abbreviations that are seldom anything else, for where a word may be one.
pub(crate) const COMMON: [&str; 36] = [
    "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "CET", "CEST", "MEZ", "MESZ",
    "EET", "EEST", "WET", "WEST", "BST", "IST", "JST", "KST", "MSK", "AEST", "AEDT", "ACST", "ACDT", "AWST", "NZST",
    "NZDT", "HKT", "SGT", "SAST", "PKT",
];

/// An abbreviation that is seldom anything else, whatever letters are capitals: as it is written, and its offsets where it
/// is a word, too, of which the line may be speaking.
pub(crate) fn any_case(word: &str) -> Option<(String, &'static [i32])> {
    COMMON.iter().any(|common| common.eq_ignore_ascii_case(word)).then_some(())?;
    let upper = word.to_ascii_uppercase();
    (upper != word).then_some(())?;
    let minutes: &[i32] = match upper.as_str() {
        "IST" => &[330, 120, 60],
        "WEST" => &[60],
        "WET" => &[0],
        _ => &[],
    };
    Some((upper, minutes))
}

/// Words of which some are zones, and how many minutes ahead of UTC those may be.
pub(crate) const WORDS: [(&str, [i32; 2]); 5] =
    [("ET", [-300, -240]), ("CT", [-360, -300]), ("MT", [-420, -360]), ("PT", [-480, -420]), ("MET", [60, 120])];

/// Whether a text names a zone for sure, with whatever letters as capitals.
pub fn is_abbreviation(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| COMMON.contains(&text.to_ascii_uppercase().as_str()))
}

/// Ends of the names that Windows and Java write out.
const LONG: [&[u8]; 6] =
    [b"Standard Time", b"Daylight Time", b"Summer Time", b"Universal Time", b"Mean Time", b"European Time"];
/// How far such a name may go.
pub(crate) const LONGEST: usize = 48;

/// The name of a zone that a text begins with, written out in more than one word.
pub(crate) fn written_out(text: &[u8]) -> Option<&[u8]> {
    let near = text.get(..LONGEST.min(text.len()))?;
    let ends = |name: &&[u8]| memmem(near, name).map(|at| at + name.len());
    let length = LONG.iter().filter_map(ends).min()?;
    let name = near.get(..length)?;
    let is_name = name.split(|&byte| byte == b' ').all(|word| {
        let letters = word.strip_suffix(b".").unwrap_or(word);
        word.first().is_some_and(u8::is_ascii_uppercase) && letters.iter().all(u8::is_ascii_alphabetic)
    });
    // `Mean Time 5 ms` is no zone.
    (is_name && !LONG.contains(&name)).then_some(name)
}

fn memmem(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Whether the name of a zone may go on here that is written out.
pub fn may_be_long(text: &[u8]) -> bool {
    let near = text.get(..LONGEST.min(text.len())).unwrap_or_default();
    text.first().is_some_and(u8::is_ascii_uppercase) && near.windows(5).any(|window| window == b" Time")
}
