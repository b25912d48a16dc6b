//! Figures that another system tells of past days: a baseline to hold ours against. They never enter an answer about
//! what was collected here.

use super::{Catalog, CatalogError, begin};
use crate::event::AccountId;
use rusqlite::{Row, params};

/// Figures of one recording, over one or several days.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedFigure {
    /// The recording.
    pub entry: String,
    /// Impressions.
    pub impressions: i64,
    /// Plays.
    pub plays: i64,
    /// Minutes viewed.
    pub minutes: f64,
}

/// A day whose figures were imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedDay {
    /// `2026-10-01`.
    pub day: String,
    /// IANA name of the zone in which it is counted.
    pub zone: String,
    /// The other system listed only the first recordings.
    pub cut: bool,
}

impl Catalog {
    /// Puts a day's figures in place of those it had, whole or not at all. Of a recording that is named twice the last
    /// figures hold.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_imported(
        &self,
        account: AccountId,
        day: &ImportedDay,
        figures: &[ImportedFigure],
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let mut writer = self.writer();
        let change = begin(&mut writer)?;
        change.execute("DELETE FROM imported_figure WHERE account = ?1 AND day = ?2", params![account.0, day.day])?;
        {
            let mut insert =
                change.prepare("INSERT OR REPLACE INTO imported_figure VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            for figure in figures {
                let ImportedFigure { entry, impressions, plays, minutes } = figure;
                insert.execute(params![account.0, day.day, entry, impressions, plays, minutes])?;
            }
        }
        change.execute(
            "INSERT OR REPLACE INTO imported_day VALUES (?1, ?2, ?3, ?4, ?5)",
            params![account.0, day.day, day.zone, day.cut, now_ms],
        )?;
        change.commit()?;
        Ok(())
    }

    /// The days of `[from, to]` whose figures were imported, in order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn imported_days(&self, account: AccountId, from: &str, to: &str) -> Result<Vec<ImportedDay>, CatalogError> {
        let reader = self.reader();
        let mut query = reader.prepare(
            "SELECT day, zone, cut FROM imported_day WHERE account = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day",
        )?;
        let day = |row: &Row<'_>| Ok(ImportedDay { day: row.get(0)?, zone: row.get(1)?, cut: row.get(2)? });
        Ok(query.query_map(params![account.0, from, to], day)?.collect::<Result<_, _>>()?)
    }

    /// The imported figures of each recording, added over the days of `[from, to]`, by its id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn imported(&self, account: AccountId, from: &str, to: &str) -> Result<Vec<ImportedFigure>, CatalogError> {
        let reader = self.reader();
        let mut query = reader.prepare(
            "SELECT entry, sum(impressions), sum(plays), sum(minutes) FROM imported_figure
             WHERE account = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY entry ORDER BY entry",
        )?;
        let figure = |row: &Row<'_>| {
            Ok(ImportedFigure {
                entry: row.get(0)?,
                impressions: row.get(1)?,
                plays: row.get(2)?,
                minutes: row.get(3)?,
            })
        };
        Ok(query.query_map(params![account.0, from, to], figure)?.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_replaced_whole_and_days_add_up() {
        let catalog = Catalog::open_in_memory(0).unwrap();
        let (account, other) = (AccountId(7), AccountId(8));
        catalog.add_account(account, "Campus", 0).unwrap();
        catalog.add_account(other, "Other", 0).unwrap();
        let day = |day: &str| ImportedDay { day: day.to_owned(), zone: "UTC".to_owned(), cut: false };
        let figure = |entry: &str, plays| ImportedFigure {
            entry: entry.to_owned(),
            impressions: 2 * plays,
            plays,
            minutes: 0.5,
        };
        catalog.put_imported(account, &day("2026-10-01"), &[figure("1_a", 9), figure("1_gone", 1)], 0).unwrap();
        catalog.put_imported(account, &day("2026-10-01"), &[figure("1_a", 3)], 0).unwrap();
        catalog.put_imported(account, &day("2026-10-02"), &[figure("1_a", 4), figure("1_b", 1)], 0).unwrap();
        catalog.put_imported(other, &day("2026-10-02"), &[figure("1_a", 100)], 0).unwrap();
        assert_eq!(
            catalog.imported_days(account, "2026-10-01", "2026-10-31").unwrap(),
            [day("2026-10-01"), day("2026-10-02")]
        );
        let expected = [ImportedFigure { minutes: 1.0, ..figure("1_a", 7) }, figure("1_b", 1)];
        assert_eq!(catalog.imported(account, "2026-10-01", "2026-10-31").unwrap(), expected);
        assert_eq!(catalog.imported(account, "2026-10-01", "2026-10-01").unwrap(), [figure("1_a", 3)]);
        assert_eq!(catalog.imported(account, "2026-11-01", "2026-11-30").unwrap(), []);
    }
}
