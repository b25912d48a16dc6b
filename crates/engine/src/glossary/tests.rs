use super::*;
use std::collections::BTreeSet;
use std::fmt::Write;

#[test]
fn ids_and_names_never_change() {
    let mut list = String::new();
    for m in Measure::ALL {
        writeln!(list, "measure {} {}", m.id(), m.name()).unwrap();
    }
    for d in Dimension::ALL {
        writeln!(list, "dimension {} {}", d.id(), d.name()).unwrap();
    }
    expect_test::expect_file!["ids.txt"].assert_eq(&list);
}

#[test]
fn ids_names_and_labels_are_used_once() {
    let once = |words: Vec<String>| assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{words:?}");
    once(Measure::ALL.iter().map(|m| m.id().to_string()).collect());
    once(Measure::ALL.iter().map(|m| m.name().to_string()).collect());
    once(Measure::ALL.iter().map(|m| m.label().to_string()).collect());
    once(Measure::ALL.iter().map(|m| m.kaltura().to_string()).filter(|k| !k.is_empty()).collect());
    once(Dimension::ALL.iter().map(|d| d.id().to_string()).collect());
    once(Dimension::ALL.iter().map(|d| d.name().to_string()).collect());
}

#[test]
fn the_page_is_fresh() {
    expect_test::expect_file!["../../../../docs/generated/glossary.md"].assert_eq(&markdown());
}

#[test]
fn names_are_read_back_and_unknown_words_are_named() {
    for m in Measure::ALL {
        assert_eq!(Measure::parse(m.name()), Ok(*m));
    }
    for d in Dimension::ALL {
        assert_eq!(Dimension::parse(d.name()), Ok(*d));
    }
    let error = Measure::parse("clicks").unwrap_err().to_string();
    assert!(error.starts_with("there is no measure 'clicks'; there are: impressions, play_requests, plays"), "{error}");
    let error = Dimension::parse("planet").unwrap_err().to_string();
    assert!(error.starts_with("there is no dimension 'planet'; there are: entry, media_type"), "{error}");
}

#[test]
fn only_sums_add_up() {
    let not: Vec<_> =
        [Measure::Viewers, Measure::PlayRate, Measure::Completion, Measure::EngagementScore, Measure::TotalCompletion]
            .into_iter()
            .filter(|m| m.additive())
            .collect();
    assert_eq!(not, []);
    assert!(Measure::Plays.additive() && Measure::MinutesViewed.additive() && Measure::Covered100.additive());
}
