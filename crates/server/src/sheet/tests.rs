#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use bytes::Bytes;
use calamine::{Data, Reader, Xlsx as XlsxReader};
use serde_json::{Value, json};
use std::io::Cursor;

const NOTE: &str = "This is not proof of attendance, and absence from it proves nothing.";
/// 2026-11-23T12:00:00.5Z.
const AT_MS: i64 = 1_795_435_200_500;

fn head() -> Head {
    Head {
        title: "Viewers of Week 4".to_owned(),
        lines: vec![("Period".to_owned(), "2026-10-01 to 2026-10-31".to_owned())],
        columns: vec![
            Column::new("label", "Viewer", Kind::Text),
            Column::new("plays", "Plays", Kind::Whole).unit("count").definition("How often playback began."),
            Column::new("share", "Share watched", Kind::Number).unit("ratio"),
            Column::new("first_at", "First seen", Kind::Instant),
            Column::new("staff", "Staff", Kind::Flag),
        ],
        note: Some(NOTE.to_owned()),
    }
}

fn rows() -> Vec<Vec<Cell<'static>>> {
    vec![
        vec![Cell::text("Ada"), Cell::Whole(3), Cell::Number(0.25), Cell::Instant(AT_MS), Cell::Flag(true)],
        vec![Cell::text("Grüße, \"x\"\ny"), Cell::Whole(-1), Cell::Number(-1.5), Cell::Instant(0), Cell::Flag(false)],
        vec![Cell::Empty, Cell::Empty, Cell::Number(f64::NAN), Cell::Empty, Cell::Empty],
        vec![Cell::text(""), Cell::Whole(i64::MAX), Cell::Whole(7), Cell::Instant(-1), Cell::Empty],
    ]
}

fn write(form: Form, head: &Head, options: &Options, rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut sheet = open(form, Vec::new(), head, options).unwrap();
    for row in rows {
        sheet.row(row).unwrap();
    }
    assert_eq!(sheet.rows(), rows.len() as u64);
    sheet.finish().unwrap()
}

fn plain() -> Options {
    Options { definitions: false, ..Options::default() }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn csv_comes_back_as_it_was() {
    let bytes = write(Form::Csv, &head(), &Options::default(), &rows());
    let all = text(bytes.clone());
    let block: Vec<&str> = all.lines().take_while(|line| line.starts_with("# ")).collect();
    assert_eq!(block[0], "# Viewers of Week 4");
    assert_eq!(block[1], "# Period: 2026-10-01 to 2026-10-31");
    assert!(block.contains(&"# plays = Plays (count): How often playback began."), "{all}");
    assert!(block.contains(&"# first_at = First seen (instant (UTC))"), "{all}");
    assert_eq!(*block.last().unwrap(), format!("# {NOTE}"));

    let mut reader = ::csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(&*bytes);
    assert_eq!(reader.headers().unwrap(), vec!["label", "plays", "share", "first_at", "staff"]);
    let read: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    assert_eq!(
        read,
        [
            ["Ada", "3", "0.25", "2026-11-23T12:00:00.5Z", "true"],
            ["Grüße, \"x\"\ny", "-1", "-1.5", "1970-01-01T00:00:00Z", "false"],
            ["", "", "", "", ""],
            ["", "9223372036854775807", "7", "1969-12-31T23:59:59.999Z", ""],
        ]
    );
}

#[test]
fn without_its_block_csv_still_ends_in_the_note() {
    let options = Options { bom: true, names: Names::Labels, ..plain() };
    let all = text(write(Form::Csv, &head(), &options, &rows()[..1]));
    assert_eq!(
        all,
        format!(
            "\u{feff}Viewer,Plays,Share watched,First seen,Staff\r\n\
             Ada,3,0.25,2026-11-23T12:00:00.5Z,true\r\n\"# {NOTE}\",,,,\r\n"
        )
    );
    let silent = Head { note: None, ..head() };
    assert_eq!(text(write(Form::Csv, &silent, &plain(), &[])), "label,plays,share,first_at,staff\r\n");
}

#[test]
fn csv_text_is_never_a_formula() {
    let one = Head { columns: vec![Column::new("text", "Text", Kind::Text)], ..Head::default() };
    for (text_in, text_out) in [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u{a0}\u{feff}=1", "'\u{a0}\u{feff}=1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("a; \"=1", "a;' \"=1"),
        ("a\n=1", "a\n'=1"),
        ("a;b-c", "a;b-c"),
        ("2026-11-23", "2026-11-23"),
        ("x = y", "x = y"),
        ("a,b", "a,b"),
    ] {
        let bytes = write(Form::Csv, &one, &plain(), &[vec![Cell::text(text_in)]]);
        let mut reader = ::csv::Reader::from_reader(&*bytes);
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(&row[0], text_out, "{text_in:?}");
    }
    let hostile = Head {
        title: "=cmd\r\n=second".to_owned(),
        lines: vec![("Filter".to_owned(), "name is a,\"=cmd\";@x".to_owned())],
        columns: vec![Column::new("text", "=HYPERLINK(1)", Kind::Text).definition("a, b-c")],
        note: None,
    };
    let options = Options { names: Names::Labels, ..Options::default() };
    assert_eq!(
        text(write(Form::Csv, &hostile, &options, &[])),
        "# =cmd  =second\r\n# Filter: name is a,'=cmd';'@x\r\n# text = =HYPERLINK(1) (text): a, b-c\r\n'=HYPERLINK(1)\r\n"
    );
}

#[test]
fn ndjson_comes_back_as_it_was() {
    let all = text(write(Form::NdJson, &head(), &Options::default(), &rows()));
    assert!(all.starts_with(r#"{"label":"Ada","plays":3,"share":0.25,"#), "in the order of the columns: {all}");
    let read: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        read[0],
        json!({ "label": "Ada", "plays": 3, "share": 0.25, "first_at": "2026-11-23T12:00:00.5Z", "staff": true })
    );
    assert_eq!(read[1]["label"], "Grüße, \"x\"\ny");
    assert_eq!(read[2], json!({ "label": null, "plays": null, "share": null, "first_at": null, "staff": null }));
    assert_eq!(read[3]["plays"], json!(i64::MAX));
    assert_eq!(read[4], json!({ "note": NOTE }));
    assert_eq!(text(write(Form::NdJson, &Head { note: None, ..head() }, &plain(), &[])), "");
}

fn workbook(bytes: Vec<u8>) -> XlsxReader<Cursor<Vec<u8>>> {
    XlsxReader::new(Cursor::new(bytes)).unwrap()
}

#[test]
fn xlsx_comes_back_as_it_was() {
    let mut book = workbook(write(Form::Xlsx, &head(), &Options::default(), &rows()));
    assert_eq!(book.sheet_names(), ["Data", "About"]);
    let sheet = book.worksheet_range("Data").unwrap();
    let row = |at: usize| sheet.rows().nth(at).unwrap().to_vec();
    let words = |words: &[&str]| words.iter().map(|word| Data::String((*word).to_owned())).collect::<Vec<_>>();
    assert_eq!(row(0), words(&["label", "plays", "share", "first_at", "staff"]));
    assert_eq!(row(1)[..3], [Data::String("Ada".to_owned()), Data::Float(3.0), Data::Float(0.25)]);
    let Data::DateTime(at) = row(1)[3] else { panic!("not a date: {:?}", row(1)[3]) };
    assert!(at.is_datetime());
    let (year, month, day, hour, minute, second, ms) = at.to_ymd_hms_milli();
    assert_eq!((year, month, day, hour, minute, second, ms), (2026, 11, 23, 12, 0, 0, 500));
    assert_eq!(row(1)[4], Data::Bool(true));
    assert_eq!(row(2)[0], Data::String("Grüße, \"x\"\ny".to_owned()));
    assert_eq!(row(3), vec![Data::Empty; 5]);
    assert_eq!(row(4)[1], Data::String(i64::MAX.to_string()), "not a digit is lost");
    assert_eq!(row(4)[2], Data::Float(7.0));
    assert_eq!(row(5), vec![Data::Empty; 5], "a filter over the table does not take the note along");
    assert_eq!(row(6)[0], Data::String(NOTE.to_owned()));
    let about = book.worksheet_range("About").unwrap();
    let told: Vec<String> = about.rows().map(|row| row.iter().map(ToString::to_string).collect::<String>()).collect();
    for line in ["TitleViewers of Week 4", "Period2026-10-01 to 2026-10-31", "playsPlayscountHow often playback began."]
    {
        assert!(told.iter().any(|told| told == line), "{line}: {told:?}");
    }
    assert!(told.contains(&format!("Note{NOTE}")));
}

#[test]
fn without_its_block_xlsx_still_ends_in_the_note() {
    let mut book = workbook(write(Form::Xlsx, &head(), &plain(), &[]));
    assert_eq!(book.sheet_names(), ["Data"]);
    let sheet = book.worksheet_range("Data").unwrap();
    assert_eq!(sheet.rows().next_back().unwrap()[0], Data::String(NOTE.to_owned()));
}

#[test]
fn xlsx_holds_any_text_and_no_formula() {
    let one = Head { columns: vec![Column::new("text", "Text", Kind::Text)], ..Head::default() };
    let long = "é".repeat(40_000);
    let exact = "x".repeat(32_767);
    let control = "a\u{1}b\u{b}c_x0041_<&>\u{ffff}\r\t";
    let texts = ["=1+1", "{=1}", "https://example.edu/?a=1", "  =1", control, &long, &exact];
    let rows: Vec<Vec<Cell<'_>>> = texts.iter().map(|text| vec![Cell::text(text)]).collect();
    let mut book = workbook(write(Form::Xlsx, &one, &Options::default(), &rows));
    assert!(book.worksheet_formula("Data").unwrap().is_empty());
    let sheet = book.worksheet_range("Data").unwrap();
    let read: Vec<String> = sheet.rows().skip(1).map(|row| row[0].to_string()).collect();
    assert_eq!(&read[..4], &texts[..4]);
    assert!(read[4].starts_with("a") && read[4].contains("<&>"), "{:?}", read[4]);
    assert_eq!(read[5].chars().count(), 32_767);
    assert!(read[5].ends_with("é…"));
    assert_eq!(read[6], exact);
}

#[test]
fn a_table_longer_than_a_sheet_goes_on_in_the_next() {
    let options = Options::default();
    let mut xlsx = xlsx::Xlsx::with_rows(Vec::new(), &head(), &options, 6).unwrap();
    for row in 0..7 {
        let cells = [Cell::Empty, Cell::Whole(row), Cell::Empty, Cell::Instant(AT_MS), Cell::Empty];
        xlsx.row(cells.into_iter()).unwrap();
    }
    let mut book = workbook(xlsx.finish().unwrap());
    assert_eq!(book.sheet_names(), ["Data", "About", "Data 2", "Data 3"]);
    let plays = |book: &mut XlsxReader<_>, name: &str| -> Vec<Data> {
        let sheet = book.worksheet_range(name).unwrap();
        assert!(sheet.height() <= 6);
        sheet.rows().map(|row| row[1].clone()).collect()
    };
    let head = || Data::String("plays".to_owned());
    assert_eq!(plays(&mut book, "Data"), [head(), Data::Float(0.0), Data::Float(1.0), Data::Float(2.0)]);
    assert_eq!(plays(&mut book, "Data 2"), [head(), Data::Float(3.0), Data::Float(4.0), Data::Float(5.0)]);
    assert_eq!(plays(&mut book, "Data 3"), [head(), Data::Float(6.0), Data::Empty, Data::Empty]);
}

#[test]
fn parquet_comes_back_as_it_was() {
    let bytes = Bytes::from(write(Form::Parquet, &head(), &Options::default(), &rows()));
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let pairs = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let value = |key: &str| pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).unwrap();
    assert_eq!(value("title"), "Viewers of Week 4");
    assert_eq!(value("note"), NOTE);
    let columns: Value = serde_json::from_str(&value("columns")).unwrap();
    assert_eq!(columns[1]["definition"], "How often playback began.");
    assert_eq!(value("about"), r#"[["Period","2026-10-01 to 2026-10-31"]]"#);
    assert_eq!(builder.schema().field(1).metadata()["unit"], "count");
    let batch = builder.build().unwrap().next().unwrap().unwrap();
    let label = batch.column(0).as_string::<i32>();
    assert_eq!(label.iter().collect::<Vec<_>>(), [Some("Ada"), Some("Grüße, \"x\"\ny"), None, Some("")]);
    let plays = batch.column(1).as_primitive::<Int64Type>();
    assert_eq!(plays.iter().collect::<Vec<_>>(), [Some(3), Some(-1), None, Some(i64::MAX)]);
    let share = batch.column(2).as_primitive::<Float64Type>();
    assert_eq!(share.iter().collect::<Vec<_>>(), [Some(0.25), Some(-1.5), None, Some(7.0)]);
    let first = batch.column(3).as_primitive::<TimestampMillisecondType>();
    assert_eq!(first.iter().collect::<Vec<_>>(), [Some(AT_MS), Some(0), None, Some(-1)]);
    assert_eq!(batch.column(4).as_boolean().iter().collect::<Vec<_>>(), [Some(true), Some(false), None, None]);
}

#[test]
fn parquet_without_its_block_keeps_the_note_and_an_empty_one_opens() {
    let bytes = Bytes::from(write(Form::Parquet, &head(), &plain(), &[]));
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let pairs = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    assert!(pairs.iter().any(|pair| pair.key == "note" && pair.value.as_deref() == Some(NOTE)));
    assert!(!pairs.iter().any(|pair| pair.key == "columns"));
    assert_eq!(builder.metadata().file_metadata().num_rows(), 0);
    assert_eq!(builder.schema().fields().len(), 5);
    assert!(builder.build().unwrap().next().is_none());
}

#[test]
fn parquet_comes_in_row_groups() {
    let one = Head { columns: vec![Column::new("n", "N", Kind::Whole)], ..Head::default() };
    let rows: Vec<Vec<Cell<'_>>> = (0..70_000).map(|n| vec![Cell::Whole(n)]).collect();
    let bytes = Bytes::from(write(Form::Parquet, &one, &plain(), &rows));
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [32_768, 32_768, 4_464]);
}

#[test]
fn what_does_not_fit_the_head_is_refused_in_every_form() {
    for form in Form::ALL {
        let mut sheet = open(form, Vec::new(), &head(), &plain()).unwrap();
        let short = sheet.row(&rows()[0][..4]).unwrap_err();
        assert!(matches!(short, SheetError::Width { cells: 4, columns: 5 }), "{form:?}: {short}");
        let mut wrong = rows().swap_remove(0);
        wrong[1] = Cell::text("three");
        let refusal = sheet.row(&wrong).unwrap_err();
        assert!(refusal.to_string().contains("column plays holds Whole"), "{form:?}: {refusal}");
        let twice = Head { columns: vec![head().columns[0].clone(), head().columns[0].clone()], ..head() };
        assert!(matches!(open(form, Vec::new(), &twice, &plain()), Err(SheetError::Twice { .. })));
    }
}

/// A disk with room for so many bytes.
#[derive(Clone, Copy)]
struct Small(usize);

impl Write for Small {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_called_one_in_every_form() {
    for form in Form::ALL {
        let write = || -> Result<(), SheetError> {
            let mut sheet = open(form, Small(300), &head(), &plain())?;
            for row in rows().iter().cycle().take(10_000) {
                sheet.row(row)?;
            }
            sheet.finish().map(drop)
        };
        match write() {
            Err(SheetError::Write(error)) => assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{form:?}"),
            other => panic!("{form:?}: {other:?}"),
        }
    }
}

#[test]
fn a_full_disk_under_the_waiting_rows_is_called_one_too() {
    // As the library does it.
    let write = || Err::<(), _>(std::io::Error::from_raw_os_error(28));
    let SheetError::Write(error) = xlsx::guarded(|| {
        write().expect("Couldn't write to xml file");
        Ok(())
    })
    .unwrap_err() else {
        panic!("another error")
    };
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let nowhere = Options { scratch: "/nowhere".into(), ..Options::default() };
    assert!(matches!(open(Form::Xlsx, Vec::new(), &head(), &nowhere), Err(SheetError::Write(_))));
}

#[test]
fn forms_are_chosen_by_word_and_by_accept() {
    for form in Form::ALL {
        assert_eq!(Form::of(form.word()), Some(form));
        assert_eq!(Form::accepted(form.content_type()), Some(form));
    }
    assert_eq!(Form::of("json"), None);
    for (accept, form) in [
        ("", None),
        ("*/*", None),
        ("application/json", None),
        ("text/html,application/xhtml+xml,*/*;q=0.8", None),
        ("text/csv", Some(Form::Csv)),
        ("TEXT/CSV; charset=utf-8", Some(Form::Csv)),
        ("text/csv, application/json", Some(Form::Csv)),
        ("application/json, text/csv", None),
        ("application/json;q=0.5, text/csv", Some(Form::Csv)),
        ("text/csv;q=0.5, application/x-ndjson;q=0.9", Some(Form::NdJson)),
        ("text/csv;q=0, */*", None),
        ("text/csv;q=0", None),
        ("application/jsonl", Some(Form::NdJson)),
        ("application/vnd.apache.parquet, */*;q=0.1", Some(Form::Parquet)),
        ("text/csv;q=abc", Some(Form::Csv)),
        ("text/csvx", None),
    ] {
        assert_eq!(Form::accepted(accept), form, "{accept}");
    }
}

/// A table as reports make them: eight columns, `rows` rows.
fn long(form: Form, out: impl Write + Send, rows: u64) {
    let columns = vec![
        Column::new("person", "Person", Kind::Text),
        Column::new("label", "Name", Kind::Text),
        Column::new("proof", "Proof", Kind::Text),
        Column::new("first_at", "First seen", Kind::Instant),
        Column::new("last_at", "Last seen", Kind::Instant),
        Column::new("plays", "Plays", Kind::Whole),
        Column::new("minutes", "Minutes", Kind::Number),
        Column::new("completion", "Completion", Kind::Number),
    ];
    let head = Head { title: "Long".to_owned(), columns, note: Some(NOTE.to_owned()), ..Head::default() };
    let mut sheet = open(form, out, &head, &Options::default()).unwrap();
    for n in 0..rows {
        let key = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        sheet
            .row(&[
                Cell::Text(format!("{key:016x}").into()),
                Cell::Text(format!("Student {n}").into()),
                Cell::text(["none", "claimed", "verified"][(key % 3) as usize]),
                Cell::Instant(AT_MS + (key % 10_000_000_000) as i64),
                Cell::Instant(AT_MS + (key % 20_000_000_000) as i64),
                Cell::Whole((key % 100) as i64),
                Cell::Number((key % 100_000) as f64 / 1000.0),
                Cell::Number((key % 10_000) as f64 / 10_000.0),
            ])
            .unwrap();
    }
    sheet.finish().unwrap();
}

/// Counts what it throws away.
#[derive(Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
#[ignore = "long: writes 1.2 million rows and reads them with a reader that holds them all"]
fn an_xlsx_of_more_rows_than_a_sheet_holds() {
    let mut bytes = Vec::new();
    long(Form::Xlsx, &mut bytes, 1_200_000);
    let mut book = workbook(bytes);
    assert_eq!(book.sheet_names(), ["Data", "About", "Data 2"]);
    let first = book.worksheet_range("Data").unwrap().height();
    let second = book.worksheet_range("Data 2").unwrap().height();
    // Two heads, an empty row and the note.
    assert_eq!(first + second, 1_200_000 + 4);
    assert_eq!(first, (1 << 20) - 2);
}

/// The most memory the process has had, KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// `cargo nextest run --release -p server --run-ignored only --no-capture two_million`: one process for each form.
fn two_million(form: Form) {
    let before = peak_kib();
    long(form, Count::default(), 100_000);
    let small = peak_kib();
    let began = std::time::Instant::now();
    let mut count = Count::default();
    long(form, &mut count, 2_000_000);
    let (seconds, peak) = (began.elapsed().as_secs_f64(), peak_kib());
    println!(
        "{}: {:.0} rows/s, {} MB; peak before {before} KiB, after 100,000 rows {small} KiB, after 2,000,000 {peak} KiB",
        form.word(),
        2_000_000.0 / seconds,
        count.0 / 1_000_000,
    );
    assert!(peak < small + (16 << 10), "memory grows with the table: {small} to {peak} KiB");
}

#[test]
#[ignore = "measures"]
fn two_million_rows_of_csv() {
    two_million(Form::Csv);
}
#[test]
#[ignore = "measures"]
fn two_million_rows_of_ndjson() {
    two_million(Form::NdJson);
}
#[test]
#[ignore = "measures"]
fn two_million_rows_of_xlsx() {
    two_million(Form::Xlsx);
}
#[test]
#[ignore = "measures"]
fn two_million_rows_of_parquet() {
    two_million(Form::Parquet);
}
