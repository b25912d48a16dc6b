//! Erasing a person: from answers at once, from every file in the end (ruling 31).
//!
//! 1. *keys*: from now on nothing with the old key, and no free text that names them ([`engine::scrub`]), is written, and
//!    every answer has the fresh key and the texts without them.
//! 2. *catalog*: record, memberships, ownership, authorship; sign-in's sessions and roles; exports of the account; bad rows.
//! 3. *files*: segments, logs and archives that hold the old key or such a text are rewritten.
//! 4. *check*: every event and every row is read again, as written; none may hold the old key or such a text.
//! 5. *scour*: the ledger forgets whom it was about, the database is rewritten without what was deleted, and every file of
//!    the folder is searched for id, name, mail and key.
//! 6. *certificate*: what was done, checked and counted, signed.
//!
//! Each step may be repeated: a crash makes it begin again, and it ends the same. There is no list of who was erased: a
//! list of old keys, or of what old keys became, would be the link that is to go. What stays is a mark by which a backup
//! from before, when it is restored, is told whom to erase again ([`super::marks`]); the institution's id, should it be
//! sent again, is a new person.

use super::certificate::Signer;
use super::ledger::{Erasure, State, Subject};
use super::{Parts, PrivacyError, add, search};
use crate::collect::bad_rows::BadRow;
use engine::event::{AccountId, Event, PersonKey};
use engine::journal::{self, JournalError};
use engine::rekey::{ALWAYS, Rekey, Rule};
use engine::row::TextColumn;
use engine::scrub::{Kind, Scrubs, unescaped};
use engine::storage::StorageError;
use engine::store::{self, Exchanged, StoreError};
use serde_json::{Value, json};
use std::time::Duration;

/// Between two looks at how far the files are.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Looks at a store that moves meanwhile; a merge takes a second, so two are rare.
const LOOKS: usize = 8;
/// Attempts at emptying the database's log while others read: some seconds in all.
const SCOURS: usize = 50;

/// Works an erasure off. `stopped` says whether the server stops.
///
/// # Errors
/// When it does not get on; doing it again goes on.
pub(super) fn run(parts: &Parts, erasure: &Erasure, stopped: &dyn Fn() -> bool) -> Result<(), PrivacyError> {
    let (ledger, id) = (&parts.ledger, erasure.id.as_str());
    let mut counts = erasure.counts.clone();
    let words = match (&erasure.subject, erasure.state) {
        (Some(subject), State::Running) => {
            gone(parts, erasure, subject, &mut counts, stopped)?;
            ledger.seal(id)?;
            let mut words = search::searchable(&subject.words);
            let of_words = words.len();
            words.extend(search::forms(subject.old));
            Some((words, of_words, subject.words.len()))
        }
        // A restart came in between: whom it was about is known no more.
        _ => None,
    };
    parts.keep_list()?;
    ledger.progress(id, "scour", 0, 1)?;
    scour(parts)?;
    match words {
        None => {
            counts["searched"] = Value::from("not repeated: the server was restarted after the last word was erased")
        }
        Some((words, of_words, all_words)) => {
            // The key first: that it is found is a fault. A title may well hold a name.
            let key = search::search(&parts.folder, &words[of_words..])?;
            if let Some(path) = key.hits.keys().next() {
                return Err(PrivacyError::Left(path.clone()));
            }
            let found = search::search(&parts.folder, &words[..of_words])?;
            counts["files_searched"] = Value::from(key.files);
            counts["bytes_searched"] = Value::from(key.bytes);
            counts["words_searched"] = Value::from(of_words);
            counts["words_too_short_to_search"] = Value::from(all_words - of_words);
            counts["words_left_in_free_text"] = json!(found.hits);
        }
    }
    let signer = Signer::open(ledger)?;
    let statement = json!({
        "iss": "playhead",
        "statement": "The person of this erasure was removed from every file of this installation's data folder. Totals \
                      are as before: a fresh random key, which leads to nobody, stands in the place of theirs.",
        "erasure": id,
        "account": erasure.account.0,
        "asked_at": crate::api::answer::instant(erasure.asked_ms),
        "finished_at": crate::api::answer::instant(parts.now_ms()),
        "iat": parts.now_ms() / 1000,
        "counts": counts,
        "mark": ledger.marked()?.erasures.get(id).map(|marked| marked.mark.clone()),
        "not_covered": "Copies made before. A backup of this program is erased again when it is restored with a list of \
                        erasures that has this mark; of other copies, repeat the erasure. What others wrote into the \
                        catalog (a title, a note).",
    });
    let certificate = signer.sign(&statement)?;
    ledger.count(id, &counts)?;
    ledger.end(id, &certificate, parts.now_ms())?;
    parts.keep_list()?;
    tracing::info!(erasure = id, account = erasure.account.0, "a person was erased");
    Ok(())
}

/// Takes a person away everywhere but in the ledger.
fn gone(
    parts: &Parts,
    erasure: &Erasure,
    subject: &Subject,
    counts: &mut Value,
    stopped: &dyn Fn() -> bool,
) -> Result<(), PrivacyError> {
    let Parts { ledger, catalog, vault, jobs, .. } = parts;
    let (id, account) = (erasure.id.as_str(), erasure.account);
    ledger.progress(id, "keys", 0, 1)?;
    let rule = Rule { account, old: subject.old, fresh: subject.fresh, quarters: ALWAYS };
    let rekey = Rekey::new([rule]).scrubbing(&subject.scrub(account));
    parts.exchanger.rekey(&rekey, i64::MIN)?;

    ledger.progress(id, "catalog", 0, 1)?;
    let erased = catalog.erase(account, subject.old, subject.fresh, parts.now_ms())?;
    add(counts, "catalog_people", erased.people);
    add(counts, "catalog_memberships", erased.memberships);
    add(counts, "catalog_recordings", erased.entries);
    add(counts, "catalog_playlists", erased.playlists);
    add(counts, "catalog_notes", erased.notes);
    add(counts, "sessions_and_roles", vault.forget(account, &subject.person)?);
    add(counts, "views_and_marks", vault.desk().forget(account, &subject.person, subject.old)?);
    let log = vault.access_log();
    add(counts, "access_log_records", log.forget(account, &subject.person, subject.old, parts.now_ms())?);
    add(counts, "exports", jobs.forget(account)?);
    let blanked = parts.collect.bad_rows().blank(wanted(account, subject, rekey.scrubs()), parts.now_ms())?;
    add(counts, "bad_rows", blanked.rows);
    ledger.count(id, counts)?;

    let did = wait(parts, stopped, &mut |did| ledger.progress(id, "files", did.files, did.files_total))?;
    add(counts, "segments_rewritten", did.segments);
    add(counts, "journal_files_rewritten", did.journal_files);
    add(counts, "events_with_texts_replaced", did.texts);
    add(counts, "damaged_leftovers_removed", did.damaged);
    ledger.progress(id, "check", 0, 1)?;
    check(parts, account, subject, rekey.scrubs(), counts)?;
    ledger.count(id, counts)?;
    Ok(())
}

/// Waits until no file holds a key that is exchanged.
pub(super) fn wait(
    parts: &Parts,
    stopped: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(&Exchanged) -> Result<(), rusqlite::Error>,
) -> Result<Exchanged, PrivacyError> {
    let mut told = 0;
    loop {
        let did = parts.exchanger.progress().unwrap_or_default();
        if !did.unreadable.is_empty() {
            return Err(PrivacyError::Unreadable(did.unreadable));
        }
        if did.done {
            return Ok(did);
        }
        if stopped() {
            return Err(PrivacyError::Stopped);
        }
        if did.files != told {
            tell(&did)?;
            told = did.files;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Bad rows that are the person's, or name them.
fn wanted(account: AccountId, subject: &Subject, scrubs: &Scrubs) -> Box<dyn Fn(&BadRow) -> bool + Send> {
    let (old, words, scrubs) = (subject.old, subject.words.clone(), scrubs.clone());
    Box::new(move |row| {
        let theirs = row.who.is_some_and(|who| who.person == old);
        let named = |text: &str| {
            let plain = text.replace('+', " ");
            let plain = unescaped(&plain);
            scrubs.may_name(Kind::Other, text)
                || words.iter().any(|word| text.contains(word.as_str()) || plain.contains(word.as_str()))
        };
        // A row of an account that does not exist may be a misspelt one of this.
        let here = row.account == account.0 || !row.known_account;
        theirs || here && [&row.query, &row.body, &row.path, &row.detail].into_iter().any(|text| named(text))
    })
}

/// Reads every event and every row as written.
fn check(
    parts: &Parts,
    account: AccountId,
    subject: &Subject,
    scrubs: &Scrubs,
    counts: &mut Value,
) -> Result<(), PrivacyError> {
    let (mut events, mut of_fresh, mut left, mut named, mut ids) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    journal::replay(&*parts.storage, 0, &mut |_, mut event: Event| -> Result<(), JournalError> {
        events += 1;
        if event.account == account {
            left += u64::from(event.who.person == subject.old);
            of_fresh += u64::from(event.who.person == subject.fresh);
            let texts = [Some(&event.session), Some(&event.entry), event.event_id.as_ref()];
            ids += u64::from(texts.into_iter().flatten().any(|text| scrubs.may_name(Kind::Other, text)));
            named += u64::from(scrubs.clean_event(&mut event));
        }
        Ok(())
    })?;
    if left > 0 {
        return Err(PrivacyError::Left(format!("{left} events of the journal")));
    }
    if named > 0 {
        return Err(PrivacyError::Named(format!("{named} events of the journal")));
    }
    let rows = rows(parts, account, subject, scrubs)?;
    let free = TextColumn::FREE.map(TextColumn::column);
    counts["events_checked"] = Value::from(events);
    counts["events_of_the_person"] = Value::from(of_fresh);
    counts["events_whose_ids_name_the_person"] = Value::from(ids);
    counts["rows_checked"] = Value::from(rows.rows);
    counts["rows_of_the_person"] = Value::from(rows.of_fresh);
    counts["texts_of_rows_checked"] = Value::from(rows.texts);
    counts["free_text_checked"] = free.into_iter().chain(["parameters of players"]).collect();
    Ok(())
}

/// What was read of the rows on disk.
struct Rows {
    rows: u64,
    of_fresh: u64,
    texts: u64,
}

/// Reads all rows on disk.
fn rows(parts: &Parts, account: AccountId, subject: &Subject, scrubs: &Scrubs) -> Result<Rows, PrivacyError> {
    let manifest = parts.manifest()?;
    let mut look = 0;
    loop {
        look += 1;
        let (mut rows, mut of_fresh, mut left, mut named) = (0_u64, 0_u64, 0_u64, 0_u64);
        let people = store::check::people(&parts.storage, &*manifest, &mut |of, person: PersonKey| {
            rows += 1;
            of_fresh += u64::from(of == account && person == subject.fresh);
            left += u64::from(of == account && person == subject.old);
        });
        let looked = people.and_then(|_| {
            store::check::texts(&parts.storage, &*manifest, &mut |of, person, kind, text| {
                named += u64::from(scrubs.clean(of, person, kind, text).is_some());
            })
        });
        match looked {
            Ok(_) if left > 0 => return Err(PrivacyError::Left(format!("{left} rows"))),
            Ok(_) if named > 0 => return Err(PrivacyError::Named(format!("{named} texts of rows"))),
            Ok(texts) => return Ok(Rows { rows, of_fresh, texts }),
            // Merged away between two lines of ours.
            Err(StoreError::Segment(engine::segment::SegmentError::Storage(StorageError::Missing { .. })))
                if look < LOOKS => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Rewrites the database without what was deleted.
pub(super) fn scour(parts: &Parts) -> Result<(), PrivacyError> {
    for _ in 0..SCOURS {
        if parts.ledger.scour()? {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Err(PrivacyError::Busy)
}
