//! Rows in memory, and the parts a snapshot is made of: some thousands of rows each, whose columns are had one by one.

use crate::column::{Column, Dictionaries, Field, Ints, Lists, Runs, Words};
use crate::event::{AccountId, PersonKey, Playback, Proof, Text};
use crate::row::{SumColumn, TextColumn, ViewRow};
use crate::time::Quarter;
use hashbrown::HashMap;
use std::sync::{Arc, OnceLock};

/// View rows as columns, sorted by account, entry, quarter, session, playback, version.
#[derive(Clone, Debug)]
pub struct Block {
    /// How many rows.
    pub rows: usize,
    /// By [`Field::index`].
    columns: Vec<Arc<Column>>,
    viewer: OnceLock<Arc<Column>>,
}

impl Default for Block {
    fn default() -> Block {
        Block::from_rows(Vec::new())
    }
}

impl Block {
    /// Rows whose columns, in the order of [`Field::stored`], are these.
    pub fn new(rows: usize, columns: Vec<Arc<Column>>) -> Block {
        assert_eq!(columns.len(), Field::STORED, "a block has every column");
        Block { rows, columns, viewer: OnceLock::new() }
    }

    /// Rows as columns. The order of the rows given does not matter.
    pub fn from_rows(mut rows: Vec<ViewRow>) -> Block {
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        let columns = Field::stored().map(|field| Arc::new(column_of(field, &rows))).collect();
        Block::new(rows.len(), columns)
    }

    /// The same rows with another column.
    pub(crate) fn with(&self, field: Field, column: Column) -> Block {
        let mut columns = self.columns.clone();
        columns[field.index()] = Arc::new(column);
        Block::new(self.rows, columns)
    }

    /// A column.
    pub fn column(&self, field: Field) -> &Arc<Column> {
        &self.columns[field.index()]
    }
    fn ints(&self, field: Field) -> &Ints {
        self.column(field).ints()
    }
    /// Accounts and entries.
    pub fn runs(&self) -> &Runs {
        self.column(Field::Runs).runs()
    }
    /// The quarter of a row.
    pub fn quarter(&self, row: usize) -> i32 {
        let (base, offsets) = self.column(Field::Quarter).quarters();
        base + offsets.get(row) as i32
    }
    /// The session hash of a row.
    pub fn session(&self, row: usize) -> u64 {
        self.ints(Field::Session).get(row)
    }
    /// The value of a number column in a row.
    pub fn get(&self, column: SumColumn, row: usize) -> u64 {
        self.ints(Field::Sum(column)).get(row)
    }
    /// The value of a text column in a row.
    pub fn text(&self, column: TextColumn, row: usize) -> &str {
        match column {
            TextColumn::Entry => &self.runs().entries[self.runs().of(row)],
            other => self.column(Field::Text(other)).words().get(row),
        }
    }

    /// What the rows span.
    pub fn extent(&self) -> Extent {
        let runs = self.runs();
        let Some(last) = runs.len().checked_sub(1) else { return Extent::default() };
        let key = |run: usize| (runs.accounts[run], runs.entries[run].clone());
        let (base, offsets) = self.column(Field::Quarter).quarters();
        let quarters = (0..self.rows).map(|row| offsets.get(row) as i32);
        let (low, high) = quarters.fold((i32::MAX, 0), |(low, high), offset| (low.min(offset), high.max(offset)));
        Extent { rows: self.rows, first: key(0), last: key(last), quarters: (base + low, base + high) }
    }

    /// A row as it was before it became columns.
    pub fn row(&self, row: usize) -> ViewRow {
        let run = self.runs().of(row);
        let quarter = Quarter(self.quarter(row));
        let instant = |field: Field| quarter.start_ms().wrapping_add(self.ints(field).get(row) as i64);
        let ints = |field: Field| self.ints(field).get(row);
        ViewRow {
            account: AccountId(self.runs().accounts[run]),
            quarter,
            session: ints(Field::Session),
            playback: Playback::ALL[ints(Field::Playback) as usize],
            version: ints(Field::Version) as u32,
            person: PersonKey(ints(Field::Person)),
            proof: Proof::ALL[ints(Field::Proof) as usize],
            staff: ints(Field::Staff) == 1,
            bot: ints(Field::Bot) == 1,
            first_ms: instant(Field::First),
            last_ms: instant(Field::Last),
            text: std::array::from_fn(|column| self.text(TextColumn::ALL[column], row).into()),
            sum: std::array::from_fn(|column| self.get(SumColumn::ALL[column], row)),
            coverage: self.column(Field::Coverage).spans().row(row).to_vec(),
            fresh: self.column(Field::Fresh).spans().row(row).to_vec(),
            attention: self.column(Field::Attention).attention().row(row).to_vec(),
            marks: self.column(Field::Marks).marks().row(row).to_vec(),
        }
    }

    /// The order of rows in a block; no two live rows share it. `run` is the row's run.
    pub fn place_in(&self, run: usize, row: usize) -> RowPlace<'_> {
        let runs = self.runs();
        let ints = |field: Field| self.ints(field).get(row);
        (
            runs.accounts[run],
            &runs.entries[run],
            self.quarter(row),
            ints(Field::Session),
            ints(Field::Playback) as u8,
            ints(Field::Version) as u32,
        )
    }
    /// The order of rows in a block.
    pub fn place(&self, row: usize) -> RowPlace<'_> {
        self.place_in(self.runs().of(row), row)
    }

    /// The rows of a session, ascending.
    pub fn session_rows(&self, account: u32, entry: &str, session: u64) -> Vec<u32> {
        rows_of_session(self.runs(), self.ints(Field::Session), account, entry, session)
    }
}

/// The rows of a session among runs and session hashes, ascending.
pub fn rows_of_session(runs: &Runs, sessions: &Ints, account: u32, entry: &str, session: u64) -> Vec<u32> {
    let Some(run) = runs.find(account, entry) else { return Vec::new() };
    runs.rows(run).filter(|row| sessions.get(*row) == session).map(|row| row as u32).collect()
}

impl PartialEq for Block {
    fn eq(&self, other: &Block) -> bool {
        self.rows == other.rows && (0..self.rows).all(|row| self.row(row) == other.row(row))
    }
}

/// Account, entry, quarter, session, playback, version: what rows are sorted by.
pub type RowPlace<'a> = (u32, &'a str, i32, u64, u8, u32);

impl ViewRow {
    /// What the row is sorted by.
    pub fn place(&self) -> RowPlace<'_> {
        let entry = self.text(TextColumn::Entry);
        (self.account.0, entry, self.quarter.0, self.session, self.playback as u8, self.version)
    }
}

fn column_of(field: Field, rows: &[ViewRow]) -> Column {
    let ints = |value: &dyn Fn(&ViewRow) -> u64| Column::Ints(Ints::new(&rows.iter().map(value).collect::<Vec<_>>()));
    let since = |row: &ViewRow, ms: i64| ms.wrapping_sub(row.quarter.start_ms()) as u64;
    match field {
        Field::Runs => {
            Column::Runs(runs_of(rows.iter().map(|row| (row.account.0, &row.text[TextColumn::Entry as usize]))))
        }
        Field::Quarter => quarters(&rows.iter().map(|row| row.quarter.0).collect::<Vec<_>>()),
        Field::Session => ints(&|row| row.session),
        Field::Playback => ints(&|row| row.playback as u64),
        Field::Version => ints(&|row| u64::from(row.version)),
        Field::Person => ints(&|row| row.person.0),
        Field::Proof => ints(&|row| row.proof as u64),
        Field::Staff => ints(&|row| u64::from(row.staff)),
        Field::Bot => ints(&|row| u64::from(row.bot)),
        Field::First => ints(&|row| since(row, row.first_ms)),
        Field::Last => ints(&|row| since(row, row.last_ms)),
        Field::Text(column) => Column::Words(words(rows.iter().map(|row| &row.text[column as usize]))),
        Field::Sum(column) => ints(&|row| row.sum[column as usize]),
        Field::Coverage => Column::Spans(Lists::of(rows.iter().map(|row| &*row.coverage))),
        Field::Fresh => Column::Spans(Lists::of(rows.iter().map(|row| &*row.fresh))),
        Field::Attention => Column::Attention(Lists::of(rows.iter().map(|row| &*row.attention))),
        Field::Marks => Column::Marks(Lists::of(rows.iter().map(|row| &*row.marks))),
        Field::Viewer => unreachable!("not stored"),
    }
}

/// Runs of equal account and entry.
pub fn runs_of<'a>(keys: impl Iterator<Item = (u32, &'a Text)>) -> Runs {
    let (mut starts, mut accounts, mut entries) = (Vec::new(), Vec::new(), Vec::<Text>::new());
    let mut rows = 0;
    for (account, entry) in keys {
        if accounts.last() != Some(&account) || entries.last() != Some(entry) {
            starts.push(rows);
            accounts.push(account);
            entries.push(entry.clone());
        }
        rows += 1;
    }
    starts.push(rows);
    Runs::new(starts.into(), accounts.into(), entries.into())
}

/// Quarters as distances from the lowest.
pub fn quarters(quarters: &[i32]) -> Column {
    let base = quarters.iter().copied().min().unwrap_or(0);
    let offsets: Vec<u64> = quarters.iter().map(|quarter| i64::from(*quarter).abs_diff(i64::from(base))).collect();
    Column::Quarters(base, Ints::new(&offsets))
}

fn words<'a>(texts: impl Iterator<Item = &'a Text>) -> Words {
    let (mut known, mut words, mut codes) = (HashMap::new(), Vec::new(), Vec::new());
    for text in texts {
        let next = words.len() as u64;
        let code = *known.entry(text).or_insert_with(|| {
            words.push(text.clone());
            next
        });
        codes.push(code);
    }
    Words::new(Ints::new(&codes), words.into())
}

/// What rows span: enough to pass them over without looking at them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many rows.
    pub rows: usize,
    /// Account and entry of the first row.
    pub first: (u32, Text),
    /// Account and entry of the last row.
    pub last: (u32, Text),
    /// The lowest and the highest quarter.
    pub quarters: (i32, i32),
}

impl Extent {
    /// Whether rows of this account and entry may be inside.
    pub fn may_hold(&self, account: u32, entry: &str) -> bool {
        let key = (account, entry);
        self.rows > 0 && (self.first.0, &*self.first.1) <= key && key <= (self.last.0, &*self.last.1)
    }
    /// Whether rows of this account may be inside.
    pub fn may_hold_account(&self, account: u32) -> bool {
        self.rows > 0 && self.first.0 <= account && account <= self.last.0
    }
}

/// A part's rows cannot be had: the segment is damaged or gone.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub Arc<str>);

/// Where a part's columns come from.
pub trait Rows: Send + Sync {
    /// Columns, in the order asked for.
    ///
    /// # Errors
    /// When the bytes are not what was written.
    fn columns(&self, fields: &[Field], dictionaries: &Dictionaries) -> Result<Vec<Arc<Column>>, Unreadable>;
}

impl Rows for Block {
    fn columns(&self, fields: &[Field], dictionaries: &Dictionaries) -> Result<Vec<Arc<Column>>, Unreadable> {
        let viewer = || {
            let codes = || Arc::new(Column::Ints(dictionaries.people.column(self.ints(Field::Person))));
            Arc::clone(self.viewer.get_or_init(codes))
        };
        let column = |field: &Field| match field {
            Field::Viewer => viewer(),
            stored => Arc::clone(self.column(*stored)),
        };
        Ok(fields.iter().map(column).collect())
    }
}

/// Some rows, and which of them are superseded.
#[derive(Clone)]
pub struct Part {
    rows: Arc<dyn Rows>,
    /// What the rows span; a question that does not touch it need not ask for columns.
    pub extent: Arc<Extent>,
    /// Row numbers, ascending, that a later version has replaced: a scan skips them.
    pub superseded: Arc<Vec<u32>>,
}

impl Part {
    /// A part that is in memory.
    pub fn new(block: Arc<Block>, superseded: Arc<Vec<u32>>) -> Part {
        Part { extent: Arc::new(block.extent()), rows: block, superseded }
    }
    /// A part whose columns are decoded when asked for.
    pub fn lazy(rows: Arc<dyn Rows>, extent: Arc<Extent>, superseded: Arc<Vec<u32>>) -> Part {
        Part { rows, extent, superseded }
    }
    /// Columns, in the order asked for; keep them while scanning, the part may forget them.
    ///
    /// # Errors
    /// When the segment's bytes are not what was written.
    pub fn columns(&self, fields: &[Field], dictionaries: &Dictionaries) -> Result<Vec<Arc<Column>>, Unreadable> {
        self.rows.columns(fields, dictionaries)
    }
    /// All rows.
    ///
    /// # Errors
    /// As [`Part::columns`].
    pub fn block(&self) -> Result<Block, Unreadable> {
        let fields: Vec<Field> = Field::stored().collect();
        Ok(Block::new(self.extent.rows, self.columns(&fields, &Dictionaries::default())?))
    }
    /// The numbers of the rows in a range that are not superseded, ascending.
    pub fn live(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut next = self.superseded.partition_point(|row| (*row as usize) < rows.start);
        rows.filter(move |row| {
            let gone = self.superseded.get(next).is_some_and(|gone| *gone as usize == *row);
            next += usize::from(gone);
            !gone
        })
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("extent", &self.extent).field("superseded", &self.superseded).finish()
    }
}

/// What a question is asked of: one instant of the store. Cheap to clone; never changes.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Sealed segments' row groups, then the unsealed tail.
    pub parts: Arc<Vec<Part>>,
    /// The latest instant folded on the live stream, ms since 1970; 0 when nothing was.
    pub as_of_ms: i64,
    /// The codes of words and people.
    pub dictionaries: Arc<Dictionaries>,
}

impl Snapshot {
    /// A snapshot of some parts, with dictionaries of its own.
    pub fn of(parts: Vec<Part>) -> Snapshot {
        Snapshot { parts: Arc::new(parts), ..Snapshot::default() }
    }

    /// The first quarter in which anything happened to an entry.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn first_quarter(&self, account: AccountId, entry: &str) -> Result<Option<Quarter>, Unreadable> {
        let mut first = None;
        for part in self.parts.iter().filter(|part| part.extent.may_hold(account.0, entry)) {
            let columns = part.columns(&[Field::Runs, Field::Quarter], &self.dictionaries)?;
            let (base, offsets) = columns[1].quarters();
            // An entry's rows lie in the order of time.
            let run = columns[0].runs().find(account.0, entry);
            let row = run.and_then(|run| part.live(columns[0].runs().rows(run)).next());
            first = row.map(|row| Quarter(base + offsets.get(row) as i32)).into_iter().chain(first).min();
        }
        Ok(first)
    }
}
