use super::*;
use crate::question::{Answer, Point, TableRow};
use std::collections::BTreeSet;

#[test]
fn names_are_unique_and_reports_are_found() {
    let names: BTreeSet<_> = REPORTS.iter().map(|report| report.name).collect();
    assert_eq!(names.len(), REPORTS.len());
    for report in REPORTS {
        let panels: BTreeSet<_> = report.panels.iter().map(|panel| panel.name).collect();
        assert_eq!(panels.len(), report.panels.len(), "{}", report.name);
        assert_eq!(Report::parse(report.name).unwrap().name, report.name);
    }
    let error = Report::parse("owner").unwrap_err().to_string();
    assert!(error.contains("'owner'") && error.contains("overview, recording"), "{error}");
    let error = REPORTS[0].panel("heat").unwrap_err().to_string();
    assert!(error.contains("'overview'") && error.contains("highlights"), "{error}");
}

#[test]
fn the_page_is_fresh() {
    expect_test::expect_file!["../../../../docs/generated/reports.md"].assert_eq(&page());
}

fn rows(plays: &[(&str, f64)]) -> Answer {
    let row = |(key, plays): &(&str, f64)| TableRow {
        keys: vec![(*key).into()],
        labels: vec![if key.is_empty() { "Unknown".into() } else { key.to_uppercase().into() }],
        values: vec![Some(*plays)],
        proof: None,
        coverage: vec![],
        hidden: false,
    };
    Answer::Table { rows: plays.iter().map(row).collect(), total: plays.len() }
}

#[test]
fn tops_are_told_with_their_share() {
    let answer = rows(&[("", 50.0), ("de", 30.0), ("at", 15.0), ("ch", 4.0), ("fr", 1.0)]);
    let places = InsightKind::TopPlaces.tell(&answer).unwrap();
    assert_eq!(places.sentence, "Most plays come from DE (30), AT (15) and CH (4), of 100 plays.");
    let domain = InsightKind::TopDomain.tell(&answer).unwrap();
    assert_eq!(domain.sentence, "30 % of plays are on DE (30 of 100 plays).");
    assert_eq!(domain.numbers, [("plays", 30.0), ("of", 100.0), ("share", 0.3)]);
    assert_eq!(domain.about.len(), 1);
    assert_eq!(InsightKind::TopDevice.tell(&rows(&[("", 3.0)])), None);
    assert_eq!(InsightKind::TopDevice.tell(&rows(&[("tv", 0.0)])), None);
    let one = InsightKind::TopPlaces.tell(&rows(&[("de", 1.0)])).unwrap();
    assert_eq!(one.sentence, "100 % of plays come from DE (1 of 1 play).");
}

#[test]
fn the_first_of_equal_days_is_the_peak() {
    let point = |(key, plays): (&str, f64)| Point {
        key: key.into(),
        label: key.into(),
        start_ms: None,
        values: vec![Some(plays)],
        hidden: false,
    };
    let days = [("2026-11-01", 2.0), ("2026-11-02", 7.0), ("2026-11-03", 7.0), ("2026-11-04", 0.0)];
    let peak = InsightKind::PeakDay.tell(&Answer::Series(days.map(point).to_vec())).unwrap();
    assert_eq!(peak.sentence, "2026-11-02 was the busiest day: 7 plays, against 4.0 on a day on average.");
    assert_eq!(InsightKind::PeakDay.tell(&Answer::Series(vec![point(("2026-11-01", 0.0))])), None);
}

#[test]
fn losses_do_not_overlap_and_the_largest_comes_first() {
    // Ten watch a minute; six leave at 0:20, three at 0:40.
    let viewers: Vec<u64> = (0..60)
        .map(|s| {
            if s < 20 {
                10
            } else if s < 40 {
                4
            } else {
                1
            }
        })
        .collect();
    let found = losses(&viewers, 5);
    assert_eq!(found[0], Loss { from: 15, to: 20, before: 10, after: 4 });
    assert_eq!(found[1], Loss { from: 35, to: 40, before: 4, after: 1 });
    assert_eq!(found.len(), 2);
    assert_eq!(losses(&[3, 2, 1], 1), [], "shorter than one loss");
    let heat = Answer::Heat { seconds: 60, views: viewers.clone(), viewers, unknown: vec![0; 60] };
    let told = InsightKind::SteepestLoss.tell(&heat).unwrap().sentence;
    assert_eq!(told, "Between 0:15 and 0:20, 6 of 10 viewers left (60 %).");
    assert_eq!(InsightKind::MostRewatched.tell(&heat), None, "nobody saw anything again");
    let again = Answer::Heat { seconds: 2, views: vec![30, 9], viewers: vec![3, 4], unknown: vec![28, 0] };
    assert_eq!(
        InsightKind::MostRewatched.tell(&again).unwrap().sentence,
        "0:01 was seen again most: 9 views by 4 known viewers."
    );
}
