//! The file of an import: its columns, and what each row says of a fixed location.

use crate::sim::world::{CustomerId, PlaceChange};
use csv::{ByteRecord, ReaderBuilder, Trim};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

/// What programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The columns, by the names of the API; the first four may not be missing.
const COLUMNS: [&str; 11] = [
    "externalReferenceId",
    "locationIdentifier",
    "latitude",
    "longitude",
    "calloutLocationTypeId",
    "customerId",
    "locationDescription",
    "locationAdditionalInformation",
    "formattedAddress",
    "w3w",
    "duressCode",
];
const REQUIRED: usize = 4;

/// The older edition's words for two of them.
const OLDER: [(&str, &str); 2] = [("name", "locationIdentifier"), ("address", "formattedAddress")];

/// A file whose columns are known.
#[derive(Debug)]
pub struct Table {
    rows: csv::Reader<Cursor<Arc<[u8]>>>,
    lines: Lines,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
    width: usize,
    /// Columns that mean nothing here, as the file calls them.
    pub ignored: Vec<String>,
    /// References that were read, with their lines.
    seen: BTreeMap<String, u64>,
}

/// A row that can be tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub line: u64,
    pub reference: String,
    pub change: PlaceChange,
}

/// A row that cannot. The reason holds nothing of the row itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    pub line: u64,
    /// As far as it could be read.
    pub reference: Option<String>,
    pub field: Option<&'static str>,
    pub reason: String,
}

impl Table {
    /// Reads the line of names. A refusal says what is wrong with the file as a whole.
    pub fn open(bytes: &[u8], delimiter: u8) -> Result<Self, String> {
        let bytes: Arc<[u8]> = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).into();
        let lines = Lines { bytes: Arc::clone(&bytes), at: 0, line: 1 };
        let mut rows = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(Cursor::new(bytes));
        let names = rows.byte_headers().map_err(|_| "cannot be read as CSV".to_owned())?.clone();
        if names.iter().all(<[u8]>::is_empty) {
            return Err("is empty: its first line must name the columns".to_owned());
        }
        let mut places = [None; COLUMNS.len()];
        let mut ignored = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let name = std::str::from_utf8(name).map_err(|_| "is not UTF-8".to_owned())?;
            match column(name) {
                None => ignored.push(name.to_owned()),
                Some(column) => {
                    let before = places[column].replace(index);
                    if before.is_some() {
                        return Err(format!("has the column {} twice", COLUMNS[column]));
                    }
                }
            }
        }
        let missing = (0..REQUIRED).filter(|column| places[*column].is_none());
        let missing: Vec<_> = missing.map(|column| COLUMNS[column]).collect();
        if !missing.is_empty() {
            let delimiter = char::from(delimiter).escape_default();
            let missing = missing.join(", ");
            return Err(format!("lacks the columns {missing} (with {delimiter} between the columns)"));
        }
        Ok(Self { rows, lines, places, width: names.len(), ignored, seen: BTreeMap::new() })
    }

    fn row(&mut self, record: &ByteRecord) -> Result<Row, BadRow> {
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        let line = self.lines.of(start);
        let reference = self.cell(record, 0).and_then(|cell| String::from_utf8(cell.to_vec()).ok());
        let bad = |field, reason: String| BadRow { line, reference: reference.clone(), field, reason };
        if record.len() != self.width {
            let reason = format!("has {} columns where the first line has {}", record.len(), self.width);
            return Err(bad(None, reason));
        }
        let text = |column: usize| -> Result<Option<String>, BadRow> {
            let Some(cell) = self.cell(record, column) else { return Ok(None) };
            let text = std::str::from_utf8(cell);
            text.map(|text| Some(text.to_owned()))
                .map_err(|_| bad(Some(COLUMNS[column]), "is not UTF-8".to_owned()))
        };
        let optional =
            |column| text(column).map(|cell| cell.map(|cell| Some(cell).filter(|c| !c.is_empty())));
        let number = |column: usize| -> Result<Option<Option<i64>>, BadRow> {
            let Some(cell) = optional(column)? else { return Ok(None) };
            let number = cell.map(|cell| cell.parse::<i64>()).transpose();
            number.map(Some).map_err(|_| bad(Some(COLUMNS[column]), "is not a whole number".to_owned()))
        };
        let customer = |id: i64| CustomerId(u64::try_from(id).unwrap_or(0));
        let change = PlaceChange {
            external_reference_id: text(0)?,
            location_identifier: text(1)?,
            latitude: text(2)?,
            longitude: text(3)?,
            location_type: number(4)?,
            customer: number(5)?.map(|id| id.map(customer)),
            description: optional(6)?,
            additional_information: optional(7)?,
            formatted_address: optional(8)?,
            w3w: optional(9)?,
            duress_code: optional(10)?,
        };
        let reference = reference.clone().unwrap_or_default();
        if let Some(first) = self.seen.get(&reference).filter(|_| !reference.is_empty()) {
            return Err(bad(Some(COLUMNS[0]), format!("stands in line {first} already")));
        }
        self.seen.insert(reference.clone(), line);
        Ok(Row { line, reference, change })
    }

    fn cell<'r>(&self, record: &'r ByteRecord, column: usize) -> Option<&'r [u8]> {
        record.get(self.places[column]?)
    }
}

/// Counts lines, those within quotes too. The reader's own count is of where it stopped before a row:
/// at the end of the row before, or ahead of empty lines.
#[derive(Debug)]
struct Lines {
    bytes: Arc<[u8]>,
    at: usize,
    line: u64,
}

impl Lines {
    /// The line of the first row that begins at `start` or, after line ends, behind it.
    fn of(&mut self, start: usize) -> u64 {
        while let Some(byte) = self.bytes.get(self.at) {
            let ends = matches!(byte, b'\n' | b'\r');
            if self.at >= start && !ends {
                break;
            }
            let first_of_two = *byte == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(ends && !first_of_two);
            self.at += 1;
        }
        self.line
    }
}

/// Rows in the order of the file; empty lines are none.
impl Iterator for Table {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = ByteRecord::new();
        // Bytes in memory can always be read, and rows may be of any width.
        let read = self.rows.read_byte_record(&mut record).unwrap_or(false);
        read.then(|| self.row(&record))
    }
}

fn column(name: &str) -> Option<usize> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    let older = OLDER.iter().find(|(older, _)| same(older)).map(|(_, name)| *name);
    COLUMNS.iter().position(|known| older.map_or_else(|| same(known), |older| older == *known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = "externalReferenceId,locationIdentifier,latitude,longitude";

    fn open(text: &str) -> Result<Table, String> {
        Table::open(text.as_bytes(), b',')
    }

    fn rows(text: impl AsRef<[u8]>) -> Vec<Result<Row, BadRow>> {
        Table::open(text.as_ref(), b',').unwrap().collect()
    }

    fn bad(row: &Result<Row, BadRow>) -> (u64, Option<&'static str>, &str) {
        let bad = row.as_ref().unwrap_err();
        (bad.line, bad.field, &bad.reason)
    }

    #[test]
    fn columns_stand_in_any_order_and_case() {
        let text = "Address,longitude,NAME,colour,latitude,externalreferenceid\r\n\
                    \"1 \"\"Main\"\" Street, Town\",28.1,Shop,red,-26.1, a \r\n\r\nx,1,y,,2,b";
        let mut table = open(&format!("\u{feff}{text}")).unwrap();
        assert_eq!(table.ignored, ["colour"]);
        let first = table.next().unwrap().unwrap();
        assert_eq!((first.line, first.reference.as_str()), (2, "a"));
        assert_eq!(first.change.formatted_address, Some(Some("1 \"Main\" Street, Town".to_owned())));
        assert_eq!(first.change.location_identifier.as_deref(), Some("Shop"));
        assert_eq!((first.change.latitude.as_deref(), first.change.w3w), (Some("-26.1"), None));
        assert_eq!(table.next().unwrap().unwrap().line, 4, "an empty line is no row");
        assert!(table.next().is_none());
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        for end in ["\n", "\r\n", "\r"] {
            let text = [NAMES, "a,A,1,2", "", "", "b,\"B{}B\",1,2", "c,C,1,2"].join(end).replace("{}", end);
            let lines: Vec<_> = rows(text).into_iter().map(|row| row.unwrap().line).collect();
            assert_eq!(lines, [2, 5, 7], "{end:?}");
        }
    }

    #[test]
    fn a_cell_without_anything_empties_its_field() {
        let row = rows(format!("{NAMES},w3w,customerId\na,A,1,2,,\n")).remove(0).unwrap();
        assert_eq!((row.change.w3w, row.change.customer), (Some(None), Some(None)));
        assert_eq!(row.change.duress_code, None, "no column, no word of it");
    }

    #[test]
    fn a_file_that_is_none_is_refused_as_a_whole() {
        for (text, words) in [
            ("", "is empty"),
            ("\r\n\r\n", "is empty"),
            ("externalReferenceId,latitude\n", "lacks the columns locationIdentifier, longitude"),
            ("externalReferenceId;locationIdentifier;latitude;longitude\na;b;1;2\n", "lacks the columns"),
            (&format!("{NAMES},name"), "has the column locationIdentifier twice"),
        ] {
            let refused = open(text).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
        let utf16 = Table::open(&[0xFF, 0xFE, b'e', 0], b',').unwrap_err();
        assert!(utf16.contains("UTF-8"), "{utf16}");
        assert!(Table::open(NAMES.replace(',', "\t").as_bytes(), b'\t').is_ok());
    }

    #[test]
    fn a_bad_row_is_told_by_line_and_field_and_costs_no_other() {
        let mut text = format!("{NAMES},customerId,formattedAddress\na,A,1,2,x,\n").into_bytes();
        text.extend_from_slice(b"b,B,1,2,,\"two\nlines\"\nc,C,1\nd,\xE9,1,2,,\nb,B,1,2,,\ne,E,1,2,7,");
        let all = rows(text);
        assert_eq!(bad(&all[0]), (2, Some("customerId"), "is not a whole number"));
        assert!(all[1].is_ok());
        assert_eq!(bad(&all[2]), (5, None, "has 3 columns where the first line has 6"));
        assert_eq!(bad(&all[3]), (6, Some("locationIdentifier"), "is not UTF-8"));
        assert_eq!(bad(&all[4]), (7, Some("externalReferenceId"), "stands in line 3 already"));
        assert_eq!(all[5].as_ref().unwrap().change.customer, Some(Some(CustomerId(7))));
        assert_eq!(all.len(), 6);
    }
}
