//! Kaltura's real sequences, and each ruling.

use super::*;

#[test]
fn ten_second_clip_to_its_end_counts_ten_seconds_where_heartbeats_say_none() {
    check(
        "show@0:0 request@0.1:0 play@0.2:0x1 view@0.25:0x1+0 q25@2.8:2.5x1 q50@5.3:5.05x1 q75@7.8:7.55x1 q90@9.3:9.05x1 q100@10.25:10.05x1 pause@10.3:10.07x1",
        "watched_ms=10070, heartbeat_ms=0, unproved_ms=0, clock_ms=10070, plays=1, coverage=0-11, fresh=0-11, fresh_ms=10070, missing=0, learned_duration_ms=10070, learned_from_percent=100, heartbeats_expected=2, heartbeats=1",
    );
}

#[test]
fn last_second_counts_when_half_of_what_exists_of_it_was_played() {
    check("play@0:0x1^10.4 pause@10.3:10.3x1", "coverage=0-11, fresh_ms=10300");
    check("play@0:0x1^10.8 pause@10.3:10.3x1", "coverage=0-10");
    check("play@0:0x1 pause@10.3:10.3x1", "coverage=0-10");
    check("play@0:0x1 pause@10.6:10.6x1", "coverage=0-11");
}

#[test]
fn quarter_speed_as_both_plugins_send_it() {
    for speed in ["", "x0.25"] {
        let text = "show@0:0 request@0:0 play@0:0 view@0:0+0 q25@10:2.5 view@11:2.86+2.86 q50@20:5 view@21:5.36+5.36 q75@30:7.5 view@31:7.85+7.85 q90@36:9.05 q100@40:10.05 pause@40.2:10.07";
        let text = text.split(' ').map(|event| format!("{event}{speed} ")).collect::<String>();
        check(&text, "watched_ms=10070, heartbeat_ms=7850, unproved_ms=0, coverage=0-11");
    }
    check("play@0:0x0.25 view@0:0+0x0.25 q25@10:2.5x0.25", "watched_ms=2500, clock_ms=10000");
}

#[test]
fn double_speed() {
    check(
        "play@0:0x2 view@0:0+0x2 view@11:22+22x2 pause@16:32x2",
        "watched_ms=32000, clock_ms=16000, unproved_ms=0, coverage=0-32",
    );
    check("play@0:0 view@0:0+0 view@11:22+22 pause@16:32", "watched_ms=32000, clock_ms=16000, unproved_ms=0");
}

#[test]
fn positions_beyond_what_the_clock_allows_are_unproved() {
    check("play@0:0x1 pause@10:30x1", "watched_ms=12500, unproved_ms=17500, coverage=0-12");
}

#[test]
fn jitter_is_forgiven_over_the_run_not_per_pair() {
    check("play@0:0x1 q25@7:10x1 q50@20:20x1 q75@28:30x1", "watched_ms=29350, unproved_ms=650");
    check("play@0:0x1 q25@9:10x1 q50@19:20x1 q75@29:30x1", "watched_ms=30000, unproved_ms=0");
}

#[test]
fn play_time_proves_what_the_clock_does_not() {
    check("play@0:0x1 view@0:0+0x1 q25@3:10x1 view@4:20+20x1", "watched_ms=20000, unproved_ms=0, coverage=0-20");
    check(
        "play@0:0x1 view@0:0+0x1 q25@3:10x1 view@4:60+20x1",
        "heartbeat_ms=20000, coverage=0-5 10-11, unproved_ms=53800, watched_ms=6200",
    );
}

#[test]
fn a_gap_is_bridged_by_an_equal_rise_only() {
    check("play@0:0x1 view@0:0+0x1 view@21:21+21x1#5", "watched_ms=21000, missing=2, unproved_ms=0");
    check("play@0:0x1 view@0:0+0x1 view@21:21+5x1#5", "watched_ms=0, missing=2, unproved_ms=21000, heartbeat_ms=5000");
    check("play@0:0x1 view@0:0+0x1 pause@8:8x1#5", "watched_ms=0, unproved_ms=8000");
    check("play@0:0x1 view@0:0+0x1 pause@8:8x1#5 resume@12:8x1 view@22:18+18x1", "watched_ms=18000, unproved_ms=0");
}

#[test]
fn lost_resume_is_proved_by_the_heartbeat() {
    check("play@0:0x1 view@0:0+0x1 pause@5:5x1 view@20:15+15x1#5", "watched_ms=15000, coverage=0-15");
}

#[test]
fn paused_players_watch_nothing() {
    check(
        "play@0:0x1 pause@5:5x1 100@10:9x1 resume@20:9x1 pause@21:10x1",
        "watched_ms=6000, unproved_ms=0, coverage=0-5 9-10",
    );
}

#[test]
fn a_seek_covers_nothing_though_milestones_fire() {
    check(
        "play@0:0x1 view@0:0+0x1 seek@4:80>80x1 q25@4.1:80.1x1 q50@4.1:80.1x1 q75@4.1:80.1x1 view@14:90+14x1",
        "watched_ms=14000, coverage=0-4 80-90, reached_75=1, learned_from_percent=0, seeks=1, unproved_ms=0",
    );
}

#[test]
fn a_seek_that_tells_where_it_began_needs_no_heartbeat() {
    check("play@0:0x1 seek@4:4>80x1 pause@6:82x1", "watched_ms=6000, coverage=0-4 80-82");
    check("play@0:0x1 seek@4:80>80x1 pause@6:82x1", "watched_ms=2000, coverage=80-82");
}

#[test]
fn scrubbing_between_heartbeats() {
    check(
        "play@0:0x1 view@0:0+0x1 seek@3:40>40x1 seek@4:41>41x1 seek@5:60>60x1 view@11:66+11x1",
        "watched_ms=11000, coverage=0-3 40-42 60-66",
    );
}

#[test]
fn replay_is_a_second_viewing_and_no_play() {
    check(
        "play@0:0x1 view@0:0+0x1 q100@10:9.98x1 pause@10.05:10x1 seek@15:0>0x1 stall@15:0x1 flow@15.1:0x1 replay@15.1:0x1 resume@15.2:0x1 pause@25.2:10x1",
        "plays=1, resumes=1, replays=1, watched_ms=20000, coverage=0-10x2, fresh=0-10, fresh_ms=10000, heartbeat_ms=0",
    );
}

#[test]
fn pause_of_31_seconds_restarts_the_counters_and_nothing_else() {
    check(
        "show@0:0 request@0:0 play@0:0x1 view@0:0+0x1 view@11:11+11x1 pause@15:15x1 resume@46:15x1#1 view@57:26+11x1 pause@60:29x1",
        "watched_ms=29000, heartbeat_ms=22000, plays=1, resumes=1, missing=0, reordered=0, duplicates=0, coverage=0-29, clock_ms=29000, unproved_ms=0",
    );
}

#[test]
fn an_error_restarts_the_counters_at_once() {
    check(
        "play@0:0x1 view@0:0+0x1 view@11:11+11x1 error@12 play@13:11x1#1 view@13:11+0x1 view@23:21+10x1",
        "heartbeat_ms=21000, reordered=0, missing=0, coverage=0-21",
    );
}

#[test]
fn a_fall_without_a_pause_is_reordering() {
    let ordered = "play@0:0x1 view@0:0+0x1 view@11:11+11x1 view@21:21+21x1 pause@25:25x1";
    let swapped = "play@0:0x1 view@0:0+0x1 view@21:21+21x1#4 view@11:11+11x1#3 pause@25:25x1#5";
    check(ordered, "watched_ms=25000, heartbeat_ms=21000, reordered=0, missing=0");
    check(swapped, "watched_ms=25000, heartbeat_ms=21000, reordered=1, missing=0");
}

#[test]
fn duplicates_by_index_and_by_client_id() {
    check(
        "play@0:0x1 view@0:0+0x1 view@11:11+11x1 view@11.5:11+11x1#3 pause@12:12x1",
        "duplicates=1, heartbeats=2, watched_ms=12000, events=4",
    );
    check("play@0:0x1!a play@1:0x1!a#9 pause@5:5x1!b#2", "duplicates=1, plays=1, watched_ms=5000, missing=0");
    check("button@0#- button@0#- 30001@1#-$score=85", "duplicates=0, buttons=2, quizzes=1, marks=30001.score=85x1");
    check("play@0:0x1 pause@0:1x1#1", "duplicates=0, reordered=1, events=2");
}

#[test]
fn missing_indexes_are_counted() {
    check("view@0:50+50#6 view@10:60+60#7 view@40:90+90#10", "missing=7, heartbeat_ms=90000");
    check("show@0:0 play@1:0#4294967295", "missing=100000");
}

#[test]
fn stretches_split_at_quarters() {
    check(
        "play@890:0x1 view@890:0+0x1 view@910:20+20x1",
        "rows=2, watched_ms=10000|10000, heartbeat_ms=0|20000, coverage=0-10|10-20, fresh_ms=10000|10000, covered_before_ms=0|10000, plays=1|0, reach_ms=0|20000",
    );
    check("play@890:0x1 pause@900:10x1", "rows=2, watched_ms=10000|0, pauses=0|1");
    check(
        "play@890:0x2 pause@2710:3640x2",
        "rows=4, watched_ms=20000|1800000|1800000|20000, clock_ms=10000|900000|900000|10000",
    );
}

#[test]
fn midnight_is_an_edge_like_any_other() {
    // 14 hours after ten.
    check("play@50395:0x1 pause@50405:10x1", "rows=2, watched_ms=5000|5000, coverage=0-5|5-10");
}

#[test]
fn a_stall_does_not_stretch_watching() {
    check("play@0:0x1 view@10000:10+10x1", "watched_ms=10000, clock_ms=10000, rows=2, watched_ms=10000|0");
}

#[test]
fn live_counts_heartbeats_and_covers_nothing() {
    check(
        "play@0:0%live view@10:0+10%live view@20:-3+18%live view@30:-200+28%dvr",
        "rows=2, heartbeat_ms=18000|10000, watched_ms=18000|10000, coverage=|, unproved_ms=0, heartbeats_expected=1|1",
    );
    check("play@895:0%live view@905:0+10%live", "watched_ms=5000|5000, heartbeat_ms=0|10000, clock_ms=10000");
}

#[test]
fn identity_goes_to_the_first_verified_person_of_the_session() {
    check("show@0 play@1:0~7v pause@2:1", "person=7/2, identity_other=0");
    check("show@0~5c play@1:0~7v pause@2:1~8v", "person=7/2, identity_other=1");
    check("show@0~5c play@1:0~6c", "person=5/1, identity_other=1");
    check("show@0~u play@1:0~u", "person=0/0, identity_unsigned=2");
    check("play@0:0 pause@901:1~7v", "person=7/2|7/2");
}

#[test]
fn staff_and_bot_hold_for_the_session() {
    let mut events = script("show@0 play@901:0~7v");
    events[1].1.who.staff = true;
    events[1].1.bot = true;
    let rows = fold_session(&events);
    assert!(rows.len() == 2 && rows.iter().all(|row| row.staff && row.bot));
    let mut other = script("show@0~7v play@1:0~8v");
    other[1].1.who.staff = true;
    assert!(!fold_session(&other)[0].staff, "who is refused lends nothing");
}

#[test]
fn facts_are_the_first_known_field_by_field() {
    let mut events = script("show@0 play@901:0");
    events[0].1.facts.country = "CH".into();
    events[1].1.facts.country = "DE".into();
    events[1].1.facts.persistent_session = "visit".into();
    for row in fold_session(&events) {
        use crate::row::TextColumn::*;
        assert_eq!((row.text(Entry), row.text(Country), row.text(PersistentSession)), ("0_entry", "CH", "visit"));
    }
}

#[test]
fn late_events_are_folded_and_counted() {
    check("show@0&7776001 play@0:0&7775999", "late=1, events=2");
    let mut import = script("show@0&7776001");
    import[0].1.stream = 3;
    assert_eq!(total(&fold_session(&import), SumColumn::Late), 0);
}

#[test]
fn attention_is_that_of_the_heartbeat_that_ends_the_stretch() {
    check(
        "play@0:0x1 view@0:0+0x1*2211 q25@5:5x1 view@11:11+11x1*2221 view@21:21+21x1*1111 pause@25:25x1",
        "attention=0:4000 40:10000 53:11000",
    );
}

#[test]
fn recordings_end_where_the_catalog_says() {
    check("play@0:0x1^10 pause@12:12x1", "coverage=0-10, fresh_ms=10000, watched_ms=12000, reach_ms=10000");
    check("play@0:172799x1 pause@12:172811x1", "watched_ms=0");
}

#[test]
fn milestones_teach_the_length_when_played_into() {
    check("play@0:0x1 q25@882.2:882.2x1", "learned_from_percent=25, learned_duration_ms=3600816");
    check("play@0:1800x1 q25@0.2:1800.2x1 q50@0.2:1800.2x1", "learned_from_percent=0");
}

#[test]
fn buffering_is_the_rise_of_its_sum() {
    let mut events = script("play@0:0 view@0:0+0 view@11:10+10 view@21:20+20");
    for ((_, event), (ms, sum)) in events.iter_mut().zip([(500, 500), (500, 500), (300, 800), (0, 800)]) {
        (event.measured.buffer_ms, event.measured.buffer_sum_ms) = (Some(ms), Some(sum));
    }
    assert_eq!(total(&fold_session(&events), SumColumn::BufferMs), 800);
    events.iter_mut().for_each(|(_, event)| event.measured.buffer_sum_ms = None);
    assert_eq!(total(&fold_session(&events), SumColumn::BufferMs), 800);
}

#[test]
fn quality_is_sampled_by_heartbeats() {
    let mut events = script("play@0:0 view@0:0+0 view@11:10+10");
    events[0].1.measured.join_ms = Some(59);
    events.iter_mut().for_each(|(_, event)| event.measured.bitrate_bps = Some(300_000));
    let rows = fold_session(&events);
    assert_eq!(total(&rows, SumColumn::JoinMs), 59);
    assert_eq!((total(&rows, SumColumn::BitrateBps), total(&rows, SumColumn::Bitrates)), (600_000, 2));
}

#[test]
fn what_has_no_column_is_a_mark() {
    check(
        "speed@0:0x1.5 speed@1:1x0.25 speed@2:1x0.25",
        "marks=41.playbackSpeed=0.25x2 41.playbackSpeed=1.5x1, speeds=3",
    );
    check("error@0$errorCode=4002 error@1#-$errorDetails={}", "marks=98.errorCode=4002x1, errors=2");
    check("777@0$odd=1", "others=1, marks=777.=x1 777.odd=1x1");
    check(
        "view@0:0+0$caption=en view@0:0+1$averageBitrate=12.5 pause@1:1$caption=en captions@2:1$caption=de",
        "marks=38.caption=dex1 99.caption=enx1",
    );
}

#[test]
fn marks_are_bounded() {
    let text = (0..400).map(|i| format!("30001@{i}#-$score={i} ")).collect::<String>();
    let rows = fold(&text);
    assert_eq!(rows[0].marks.len(), marks::MARKS_MAX + 1);
    assert_eq!(rows[0].marks.iter().map(|mark| mark.count).sum::<u32>(), 400);
}

#[test]
fn a_quiz_of_a_hundred_questions_loses_none() {
    let text = (0..100).map(|i| format!("30003@{i}#-$answered=q{i} 30003@{i}#-$correct=q{i} ")).collect::<String>();
    let rows = fold(&text);
    let of = |name: &str| rows[0].marks.iter().filter(|mark| mark.kind == 30_003 && *mark.name == *name).count();
    assert_eq!((of("answered"), of("correct")), (100, 100));
}

#[test]
fn events_beyond_the_limit_are_counted_and_not_folded() {
    let mut events = script("button@0#-");
    let button = events[0].1.clone();
    events.extend((2..=crate::limits::SESSION_EVENTS_MAX as u64 + 3).map(|seq| (seq, button.clone())));
    let rows = fold_session(&events);
    assert_eq!(total(&rows, SumColumn::Buttons), crate::limits::SESSION_EVENTS_MAX as u64);
    assert_eq!(total(&rows, SumColumn::Overflow), 3);
}

#[test]
fn wild_numbers_do_no_harm() {
    let mut events = script("play@0:0x1 view@1:1+1x1 seek@2:2>3x1 view@3:4+2x1 play@4:0+1%live view@5:0+9%live");
    for at in 0..events.len() {
        for value in [i64::MIN, -1, 0, i64::MAX] {
            let mut wild = events.clone();
            let event = &mut wild[at].1;
            (event.at_ms, event.position_ms, event.target_ms) = (value, Some(value), Some(value));
            (event.play_time_ms, event.speed_milli, event.duration_ms) =
                (Some(value as u64), Some(value as u32), Some(value as u64));
            event.measured.buffer_sum_ms = Some(value as u64);
            fold_session(&wild);
        }
    }
    events.iter_mut().for_each(|(_, event)| event.received_ms = i64::MIN);
    fold_session(&events);
}
