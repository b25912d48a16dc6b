use super::*;
use crate::segment::Filter;

fn segment(id: u64) -> SegmentMeta {
    SegmentMeta {
        id,
        bytes: 1000 + id,
        extent: Extent { rows: 7, first: (1, "a".into()), last: (2, "z".into()), quarters: (-3, 9) },
        groups: vec![
            Extent { rows: 4, first: (1, "a".into()), last: (1, "\"m".into()), quarters: (-3, 2) },
            Extent { rows: 3, first: (1, "n".into()), last: (2, "z".into()), quarters: (0, 9) },
        ],
        checksums: vec![1, u32::MAX],
        filter: Filter::new(&[id, id + 1]),
        suspects: vec!["".into(), "flood".into()],
        superseded: vec![],
    }
}

/// Both kinds do the same with the same commits.
fn check(manifest: &mut dyn Manifest) {
    assert_eq!(manifest.load().unwrap(), ManifestState::default());
    let progress = Progress { reach: 12, live: vec![1, 2, 3], as_of_ms: -5 };
    let add = vec![segment(1), segment(2)];
    manifest.commit(ManifestChange { add, progress: Some(progress.clone()), ..ManifestChange::default() }).unwrap();
    manifest.commit(ManifestChange { superseded: vec![(2, vec![0, 6])], ..ManifestChange::default() }).unwrap();
    let change = ManifestChange { add: vec![segment(3)], remove: vec![1], ..ManifestChange::default() };
    manifest.commit(change).unwrap();
    let second = SegmentMeta { superseded: vec![0, 6], ..segment(2) };
    assert_eq!(manifest.load().unwrap(), ManifestState { segments: vec![second, segment(3)], progress });
}

#[test]
fn the_memory_twin_keeps_what_is_committed() {
    check(&mut MemoryManifest::new());
}

#[test]
fn the_database_keeps_what_is_committed_beside_the_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playhead.db");
    let catalog = rusqlite::Connection::open(&path).unwrap();
    catalog.pragma_update(None, "user_version", 42).unwrap();
    let mut manifest = SqliteManifest::open(&path).unwrap();
    check(&mut manifest);
    let before = manifest.load().unwrap();
    let change = ManifestChange { remove: vec![2], add: vec![segment(3)], ..ManifestChange::default() };
    assert!(manifest.commit(change).is_err(), "id 3 is taken");
    drop(manifest);
    assert_eq!(SqliteManifest::open(&path).unwrap().load().unwrap(), before);
    assert_eq!(catalog.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), 42);
}

#[test]
fn tables_of_a_newer_program_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playhead.db");
    drop(SqliteManifest::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute("UPDATE store_version SET version = 99", []).unwrap();
    assert!(matches!(SqliteManifest::open(&path), Err(ManifestError::Newer { found: 99, .. })));
}
