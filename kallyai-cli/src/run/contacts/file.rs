//! A file of contacts: CSV with a header, in UTF-8.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, Trim};
use kallyai_sdk::phone::E164;

/// What a file looks like.
pub(super) const EXAMPLE: &str = "a file begins with the line: name,phone,vip,notes";

/// No address book is larger, in bytes.
const LARGEST: u64 = 64 << 20;

/// A contact that can be created.
pub(super) struct Row {
    /// Where it begins.
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) number: E164,
    pub(super) vip: Option<bool>,
    pub(super) notes: Option<String>,
}

/// Why nothing is imported.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There are no rows to speak of.
    File(String),
    Lines(Vec<WrongLine>),
}

/// What is wrong with a row. It repeats nothing of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongLine {
    line: usize,
    why: String,
}

impl fmt::Display for WrongLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// Reads and checks all of it.
pub(super) fn read(path: &Path) -> Result<Vec<Row>, Wrong> {
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    file.map_err(|error| Wrong::File(format!("the file cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Wrong::File("the file is larger than 64 MiB".to_owned()));
    }
    parse(&bytes)
}

/// What a column can be.
const KNOWN: [&str; 4] = ["name", "phone", "vip", "notes"];

/// The columns; of each the place where it stands.
struct Columns {
    name: usize,
    phone: usize,
    vip: Option<usize>,
    notes: Option<usize>,
    count: usize,
}

fn parse(bytes: &[u8]) -> Result<Vec<Row>, Wrong> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(bytes);
    let unread = |error: csv::Error| Wrong::File(format!("the file is no CSV: {error}"));
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(unread)? {
        return Err(Wrong::File("the file is empty".to_owned()));
    }
    let columns = Columns::of(&record)?;
    let mut lines = Lines::of(bytes);
    let mut rows: Vec<Row> = Vec::new();
    let mut wrong = Vec::new();
    let mut seen: HashMap<E164, usize> = HashMap::new();
    while reader.read_byte_record(&mut record).map_err(unread)? {
        let start = record.position().map_or(0, csv::Position::byte);
        let line = lines.line_at(start);
        let row = columns
            .row(&record, line)
            .and_then(|row| match seen.insert(row.number, line) {
                Some(first) => Err(format!("the number is in line {first} already")),
                None => Ok(row),
            });
        match row {
            Ok(row) => rows.push(row),
            Err(why) => wrong.push(WrongLine { line, why }),
        }
    }
    if !wrong.is_empty() {
        return Err(Wrong::Lines(wrong));
    }
    if rows.is_empty() {
        return Err(Wrong::File(
            "the file has a header and no contacts".to_owned(),
        ));
    }
    Ok(rows)
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, Wrong> {
        let names: Result<Vec<&str>, String> = header.iter().map(text).collect();
        let names = names.map_err(|why| Wrong::File(format!("line 1: {why}")))?;
        let places = KNOWN.map(|known| {
            let same = |name: &&str| name.eq_ignore_ascii_case(known);
            names.iter().position(same)
        });
        let unknown: Vec<String> = (names.iter().enumerate())
            .filter(|(at, _)| !places.contains(&Some(*at)))
            .map(|(_, name)| format!("{name:?}"))
            .collect();
        let (name, phone, vip, notes) = match places {
            // It would be a contact that is repeated.
            [None, None, _, _] => {
                return Err(Wrong::File("line 1 names no columns".to_owned()));
            }
            _ if !unknown.is_empty() => {
                let unknown = unknown.join(", ");
                let why = format!("columns that are unknown, or there twice: {unknown}");
                return Err(Wrong::File(why));
            }
            [Some(name), Some(phone), vip, notes] => (name, phone, vip, notes),
            [None, ..] => return Err(Wrong::File("there is no column name".to_owned())),
            [_, None, ..] => return Err(Wrong::File("there is no column phone".to_owned())),
        };
        Ok(Self {
            name,
            phone,
            vip,
            notes,
            count: header.len(),
        })
    }

    fn row(&self, record: &ByteRecord, line: usize) -> Result<Row, String> {
        if record.len() != self.count {
            let (has, count) = (record.len(), self.count);
            return Err(format!("it has {has} fields, and the header {count}"));
        }
        let field = |at: usize| text(record.get(at).unwrap_or_default());
        let optional = |at: Option<usize>| {
            let value = at.map(field).transpose()?;
            Ok::<_, String>(value.filter(|value| !value.is_empty()))
        };
        let name = field(self.name)?;
        if name.is_empty() {
            return Err("the name is empty".to_owned());
        }
        let number: E164 = match field(self.phone)? {
            "" => return Err("the number is empty".to_owned()),
            number => number
                .parse()
                .map_err(|error| format!("the number: {error}"))?,
        };
        Ok(Row {
            line,
            name: name.to_owned(),
            number,
            vip: optional(self.vip)?.map(vip).transpose()?,
            notes: optional(self.notes)?.map(str::to_owned),
        })
    }
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "it is not in UTF-8".to_owned())
}

fn vip(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err("vip is none of true, yes, 1, false, no and 0".to_owned()),
    }
}

/// Counts lines. The reader's own count begins a row before the blank lines above it.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
        }
    }

    /// The line of the row that begins at this byte or behind the ends of lines there. They are asked in order.
    fn line_at(&mut self, start: u64) -> usize {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            // An end of a line is \n, \r\n, or \r alone.
            let next = self.bytes.get(self.at + 1);
            if *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n')) {
                self.line += 1;
            }
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(csv: &[u8]) -> Vec<Row> {
        parse(csv).unwrap_or_else(|wrong| panic!("{wrong:?}"))
    }

    fn wrong(csv: impl AsRef<[u8]>) -> Vec<String> {
        match parse(csv.as_ref()) {
            Ok(_) => panic!("nothing is wrong"),
            Err(Wrong::File(why)) => vec![why],
            Err(Wrong::Lines(lines)) => lines.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn columns_in_any_order_and_case() {
        let csv = b"\xef\xbb\xbfNotes, PHONE ,Name,vip\r\n\"my \"\"big\"\" sister,\r\nolder\",+12025550142,Ada,YES\r\n\r\n,+12025550143, Grace ,\r\n";
        let sister = "my \"big\" sister,\r\nolder".to_owned();
        let Ok([ada, grace]) = <[Row; 2]>::try_from(rows(csv)) else {
            panic!("there are two");
        };
        assert_eq!((ada.line, ada.name.as_str()), (2, "Ada"));
        assert_eq!(ada.number.as_str(), "+12025550142");
        assert_eq!((ada.vip, ada.notes), (Some(true), Some(sister)));
        assert_eq!((grace.line, grace.name.as_str()), (5, "Grace"));
        assert_eq!(grace.number.as_str(), "+12025550143");
        assert_eq!((grace.vip, grace.notes), (None, None));
        assert_eq!(rows(b"phone,name\n+12025550142,Ada").len(), 1);
        assert_eq!(
            rows("name,phone\n日本,+12025550142\n".as_bytes())[0].name,
            "日本"
        );
    }

    #[test]
    fn all_that_is_wrong_by_line() {
        let csv = "name,phone,vip\n\
            Ada,+12025550142,maybe\n\
            \n\
            ,+12025550143,\n\
            Grace,2025550144,\n\
            Grace,,\n\
            Grace\n\
            Alan,+12025550145,yes\n\
            \"Alan\nagain\",+12025550145,yes\n\
            Ring,911,\n";
        let wrong = wrong(csv);
        let expected = [
            "line 2: vip is none of true, yes, 1, false, no and 0",
            "line 4: the name is empty",
            "line 5: the number: ",
            "line 6: the number is empty",
            "line 7: it has 1 fields, and the header 3",
            "line 9: the number is in line 8 already",
            "line 11: the number: ",
        ];
        assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
        for (wrong, expected) in wrong.iter().zip(expected) {
            assert!(wrong.starts_with(expected), "{wrong}");
            assert!(!wrong.contains("2025550144"), "{wrong}");
        }
    }

    #[test]
    fn lines_end_in_three_ways() {
        for end in ["\n", "\r\n", "\r"] {
            let csv = ["name,phone", "", "Ada,+12025550142", "Grace,no"].join(end);
            assert_eq!(wrong(&csv).len(), 1);
            assert!(wrong(&csv)[0].starts_with("line 4: "), "{end:?}");
        }
    }

    #[test]
    fn headers_that_are_none() {
        for (csv, why) in [
            ("", "the file is empty"),
            ("\u{feff}", "the file is empty"),
            ("\n\n", "the file is empty"),
            ("name,phone", "the file has a header and no contacts"),
            (
                "name,phone,vip\r\n\r\n",
                "the file has a header and no contacts",
            ),
            ("phone\n+12025550142", "there is no column name"),
            ("name\nAda", "there is no column phone"),
            (
                "name,phone,e-mail,Phone\n",
                "columns that are unknown, or there twice: \"e-mail\", \"Phone\"",
            ),
            ("Ada,+12025550142\n", "line 1 names no columns"),
        ] {
            assert_eq!(wrong(csv), [why], "{csv:?}");
        }
        assert_eq!(wrong(b"na\xefme,phone\n"), ["line 1: it is not in UTF-8"]);
        // As a spreadsheet writes it that was not told otherwise.
        let latin = b"name,phone\nAda,+12025550142\nRen\xe9,+12025550143\n";
        assert_eq!(wrong(latin), ["line 3: it is not in UTF-8"]);
        let wide: Vec<u8> = "name,phone\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(wrong(wide).len(), 1);
    }
}
