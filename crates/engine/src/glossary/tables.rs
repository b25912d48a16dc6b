//! The two tables.

use super::{Added, Attended, Better, Distinct, Fact, Played, Quantity, Recipe, Source, Unit, Words};
use crate::event::EventKind;
use crate::period::TimePart;
use crate::row::{SumColumn, TextColumn};
use Better::{Down, Neither, Up};
use Unit::{BitsPerSecond, Count, Instant, Milliseconds, Minutes, Percent, Ratio, Score};

macro_rules! measures {
    ($($id:literal $variant:ident $name:literal $label:literal $unit:ident $better:ident $kaltura:literal
       $recipe:expr; $definition:literal; $example:literal;)+) => {
        /// A number that can be asked for. Its variants are the rows of `glossary/tables.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure { $(#[doc = $definition] $variant),+ }
        impl Measure {
            /// Every measure, in the order of the table.
            pub const ALL: &'static [Measure] = &[$(Measure::$variant),+];
            /// Its number: forever.
            pub const fn id(self) -> u16 { match self { $(Measure::$variant => $id),+ } }
            /// Its wire name: forever.
            pub const fn name(self) -> &'static str { match self { $(Measure::$variant => $name),+ } }
            /// What people read.
            pub const fn label(self) -> &'static str { match self { $(Measure::$variant => $label),+ } }
            /// What it counts in.
            pub const fn unit(self) -> Unit { match self { $(Measure::$variant => $unit),+ } }
            /// Which way is good news.
            pub const fn better(self) -> Better { match self { $(Measure::$variant => $better),+ } }
            /// Kaltura's name for the same definition (units may differ); empty when there is none.
            pub const fn kaltura(self) -> &'static str { match self { $(Measure::$variant => $kaltura),+ } }
            /// How it is reckoned.
            pub const fn recipe(self) -> Recipe { match self { $(Measure::$variant => $recipe),+ } }
            /// One sentence or two.
            pub const fn definition(self) -> &'static str { match self { $(Measure::$variant => $definition),+ } }
            /// One example.
            pub const fn example(self) -> &'static str { match self { $(Measure::$variant => $example),+ } }
        }
    };
}

macro_rules! dimensions {
    ($($id:literal $variant:ident $name:literal $label:literal $absent:literal $source:expr; $definition:literal;)+) => {
        /// What numbers can be broken down and filtered by. Its variants are the rows of `glossary/tables.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dimension { $(#[doc = $definition] $variant),+ }
        impl Dimension {
            /// Every dimension, in the order of the table.
            pub const ALL: &'static [Dimension] = &[$(Dimension::$variant),+];
            /// Its number: forever.
            pub const fn id(self) -> u16 { match self { $(Dimension::$variant => $id),+ } }
            /// Its wire name: forever.
            pub const fn name(self) -> &'static str { match self { $(Dimension::$variant => $name),+ } }
            /// What people read.
            pub const fn label(self) -> &'static str { match self { $(Dimension::$variant => $label),+ } }
            /// What people read where the value is empty.
            pub const fn absent(self) -> &'static str { match self { $(Dimension::$variant => $absent),+ } }
            /// Where its values come from.
            pub const fn source(self) -> Source { match self { $(Dimension::$variant => $source),+ } }
            /// One sentence.
            pub const fn definition(self) -> &'static str { match self { $(Dimension::$variant => $definition),+ } }
        }
    };
}

const fn sum(column: SumColumn) -> Recipe {
    Recipe::Plain { of: Quantity::Sum(column, Played::Any), per: 1 }
}
const fn minutes(column: SumColumn, played: Played) -> Recipe {
    Recipe::Plain { of: Quantity::Sum(column, played), per: 60_000 }
}
const fn distinct(set: Distinct) -> Recipe {
    Recipe::Plain { of: Quantity::Distinct(set), per: 1 }
}
const fn added(what: Added, per: u32) -> Recipe {
    Recipe::Plain { of: Quantity::Added(what), per }
}
const fn covered(permille: u16) -> Recipe {
    Recipe::Plain { of: Quantity::Covered(permille), per: 1 }
}
const fn over(top: &'static [Quantity], bottom: &'static [Quantity]) -> Recipe {
    Recipe::Over { top, bottom, times: 1, per: 1, cap: None, floor: false }
}
const fn per(top: &'static [Quantity], bottom: &'static [Quantity], per: u32) -> Recipe {
    Recipe::Over { top, bottom, times: 1, per, cap: None, floor: false }
}
const fn share(top: &'static [Quantity], bottom: &'static [Quantity]) -> Recipe {
    Recipe::Over { top, bottom, times: 1, per: 1, cap: Some(1), floor: false }
}
// A macro, because a function's value cannot be borrowed forever.
macro_rules! any {
    ($column:ident) => {
        Quantity::Sum(SumColumn::$column, Played::Any)
    };
}

const PLAYS: &[Quantity] = &[any!(Plays)];
const IMPRESSIONS: &[Quantity] = &[any!(Impressions)];
const REQUESTS: &[Quantity] = &[any!(PlayRequests)];
const WATCHED: &[Quantity] = &[any!(WatchedMs)];
const HEARTBEAT: &[Quantity] = &[any!(HeartbeatMs)];
const SAID: &[Quantity] = &[Quantity::Attended(Attended::Said)];
const QUIZ: u32 = EventKind::QUIZ_SUBMITTED.0;
const QUIZ_ANSWER: u32 = EventKind::QUIZ_ANSWERED.0;

macro_rules! attended {
    ($top:ident / $bottom:ident) => {
        over(&[Quantity::Attended(Attended::$top)], &[Quantity::Attended(Attended::$bottom)])
    };
}
macro_rules! mean {
    ($top:ident / $bottom:ident) => {
        over(&[any!($top)], &[any!($bottom)])
    };
}

measures! {
    1 Impressions "impressions" "Impressions" Count Up "count_loads"
      sum(SumColumn::Impressions);
      "Times the player was shown: once per player and page load.";
      "A page with one player that is opened twice counts 2.";
    2 PlayRequests "play_requests" "Play requests" Count Up "count_play_requested"
      sum(SumColumn::PlayRequests);
      "Times somebody asked the player to play for the first time on a page load.";
      "A click that ends in an error counts here but is no play.";
    3 Plays "plays" "Plays" Count Up "count_plays"
      sum(SumColumn::Plays);
      "Times the first frame was shown (or the first sound heard) on a page load. Continuing after a pause is none.";
      "Play, pause, play again on one page counts 1; a reload and a play make it 2.";
    4 PlayedEntries "played_entries" "Media played" Count Up "unique_played_videos"
      distinct(Distinct::PlayedEntries);
      "Distinct entries with at least one play. Does not add up over days.";
      "Ten plays of one recording count 1.";
    5 Viewers "viewers" "Unique viewers" Count Up "unique_viewers"
      distinct(Distinct::Viewers);
      "Distinct people with at least one play (for images: one impression). All viewers who are not known count as one. Does not add up over days or recordings.";
      "Anna plays twice and three anonymous plays happen: 2.";
    6 KnownViewers "known_viewers" "Known viewers" Count Up ""
      distinct(Distinct::KnownViewers);
      "Distinct known people with at least one play (for images: one impression).";
      "Anna plays twice and three anonymous plays happen: 1.";
    7 KnownPeople "known_people" "Known people" Count Up "unique_known_users"
      distinct(Distinct::KnownPeople);
      "Distinct known people with any event, also those who only saw the player.";
      "Anna plays and Ben opens the page without playing: 2.";
    8 Entries "entries" "Media" Count Up "unique_videos"
      distinct(Distinct::Entries);
      "Distinct entries with any event.";
      "One recording is played and another one only shown: 2.";
    9 Sessions "sessions" "Sessions" Count Up ""
      distinct(Distinct::Sessions);
      "Distinct sessions: one medium on one page load.";
      "A page with two players that is opened once counts 2.";
    10 Domains "domains" "Domains" Count Up "unique_domains"
      distinct(Distinct::Domains);
      "Distinct domains on which something was played.";
      "Plays in the LMS and on a blog count 2.";
    11 PlayedPages "played_pages" "Pages" Count Up ""
      distinct(Distinct::Pages);
      "Distinct pages on which something was played. Pages whose address the browser withheld count as none.";
      "Two plays on one course page count 1.";
    12 Occurrences "occurrences" "Times" Count Neither ""
      Recipe::Plain { of: Quantity::Occurrences, per: 1 };
      "Times the variable that the table is grouped by had the row's value.";
      "By error code: two media errors count 2 in their row.";
    13 FirstSeen "first_seen" "First seen" Instant Neither ""
      Recipe::Extreme { of: Quantity::First, times: -1 };
      "The first instant of anything in the range.";
      "Shown at 9:00, played at 9:05: 9:00.";
    14 LastSeen "last_seen" "Last seen" Instant Neither ""
      Recipe::Extreme { of: Quantity::Last, times: 1 };
      "The last instant of anything in the range, watching included.";
      "Played from 9:05 to 9:20: 9:20.";
    15 Owners "owners" "Owners" Count Up "unique_owners"
      distinct(Distinct::Owners);
      "Distinct owners, as the catalog says now, of recordings with any event.";
      "Three recordings of two people are played: 2.";
    16 TimesCorrect "times_correct" "Times right" Count Up ""
      Recipe::Plain { of: Quantity::Confirmed, per: 1 };
      "Times the question that the table is grouped by was answered right.";
      "Three answers to a question, two of them right: 2.";
    17 CorrectShare "correct_share" "Share right" Ratio Up ""
      over(&[Quantity::Confirmed], &[Quantity::Occurrences]);
      "Right answers per answer to the question that the table is grouped by.";
      "Three answers to a question, two of them right: 0.667.";

    20 MinutesViewed "minutes_viewed" "Minutes viewed" Minutes Up ""
      minutes(SumColumn::WatchedMs, Played::Any);
      "Minutes of the recording that were really played, repeats included, proved by the player's events.";
      "Ten minutes of a lecture at double speed count 10, though they took 5.";
    21 ClockMinutes "clock_minutes" "Minutes spent" Minutes Up ""
      minutes(SumColumn::ClockMs, Played::Any);
      "Minutes on the clock that were spent watching.";
      "Ten minutes of a lecture at double speed count 5.";
    22 HeartbeatMinutes "heartbeat_minutes" "Minutes viewed (heartbeats)" Minutes Up "sum_view_period"
      minutes(SumColumn::HeartbeatMs, Played::Any);
      "Kaltura's minutes viewed: play time as the player's heartbeats report it, every ten seconds.";
      "A clip of 9 seconds counts 0, because no heartbeat falls into it.";
    23 QuartileMinutes "quartile_minutes" "Minutes viewed (quartiles)" Minutes Up "sum_time_viewed"
      Recipe::Plain { of: Quantity::MilestoneMs, per: 240_000 };
      "Kaltura's older minutes viewed: a quarter of the length for each of the milestones 25, 50, 75 and 100 % reported.";
      "Four of ten minutes watched count 2.5; a jump to the end counts 10.";
    24 VodMinutes "vod_minutes" "Minutes viewed on demand" Minutes Up ""
      minutes(SumColumn::WatchedMs, Played::Recorded);
      "Minutes viewed of recordings, online and offline.";
      "The recording of a live lecture counts here, the lecture itself does not.";
    25 LiveMinutes "live_minutes" "Minutes viewed live" Minutes Up ""
      minutes(SumColumn::WatchedMs, Played::Live);
      "Minutes viewed of live streams, at the edge and behind it.";
      "A live lecture followed for an hour counts 60.";
    26 VodHeartbeatMinutes "vod_heartbeat_minutes" "Minutes viewed on demand (heartbeats)" Minutes Up "sum_vod_view_period"
      minutes(SumColumn::HeartbeatMs, Played::Vod);
      "Kaltura's minutes viewed, on demand only.";
      "Offline copies and live streams count 0.";
    27 LiveHeartbeatMinutes "live_heartbeat_minutes" "Minutes viewed live (heartbeats)" Minutes Up "sum_live_view_period"
      minutes(SumColumn::HeartbeatMs, Played::Live);
      "Kaltura's minutes viewed, live and behind live only.";
      "A live lecture followed for an hour counts 60.";
    28 AverageMinutes "average_minutes" "Average minutes" Minutes Up ""
      per(WATCHED, PLAYS, 60_000);
      "Minutes viewed per play of the same range.";
      "Two plays, one of 2 and one of 8 minutes: 5.";
    29 AverageClockMinutes "average_clock_minutes" "Average minutes spent" Minutes Up ""
      per(&[any!(ClockMs)], PLAYS, 60_000);
      "Minutes on the clock per play of the same range.";
      "One play of 8 minutes at double speed: 4.";
    30 AverageHeartbeatMinutes "average_heartbeat_minutes" "Average minutes (heartbeats)" Minutes Up "avg_view_period_time"
      per(HEARTBEAT, PLAYS, 60_000);
      "Kaltura's minutes viewed per play of the same range.";
      "Two plays, one of 2 and one of 8 minutes: 5.";
    31 AverageQuartileMinutes "average_quartile_minutes" "Average minutes (quartiles)" Minutes Up "avg_time_viewed"
      per(&[Quantity::MilestoneMs], PLAYS, 240_000);
      "Kaltura's older minutes viewed per play of the same range.";
      "One play that stops at 40 % of ten minutes: 2.5.";
    32 MinutesPerViewer "minutes_per_viewer" "Minutes per viewer" Minutes Up ""
      per(WATCHED, &[Quantity::Distinct(Distinct::Viewers)], 60_000);
      "Minutes viewed per unique viewer of the same range.";
      "Anna watches 3 minutes twice, Ben 4 minutes: 5.";
    33 UnprovedMinutes "unproved_minutes" "Minutes not proved" Minutes Down ""
      minutes(SumColumn::UnprovedMs, Played::Any);
      "Minutes that positions claim but time does not prove; left out of minutes viewed.";
      "Positions that run through an hour within a minute count 59 here.";

    40 PlayRate "play_rate" "Play rate" Ratio Up "load_play_ratio"
      over(PLAYS, IMPRESSIONS);
      "Plays per impression. May exceed 1 when impressions were lost or lie before the range.";
      "Four impressions, one play: 0.25.";
    41 RequestRate "request_rate" "Play request rate" Ratio Up ""
      over(REQUESTS, IMPRESSIONS);
      "Play requests per impression.";
      "Four impressions, two requests: 0.5.";
    42 StartRate "start_rate" "Start rate" Ratio Up ""
      over(PLAYS, REQUESTS);
      "Plays per play request: how often a request led to a first frame.";
      "Ten requests, nine plays: 0.9.";
    43 Reached25 "reached_25" "25 % reached" Count Up "count_plays_25"
      sum(SumColumn::Reached25);
      "Plays whose player reported 25 %. A jump past it reports it too.";
      "A jump to 80 % counts in 25, 50 and 75.";
    44 Reached50 "reached_50" "50 % reached" Count Up "count_plays_50"
      sum(SumColumn::Reached50);
      "Plays whose player reported 50 %. A jump past it reports it too.";
      "A jump to 80 % counts in 25, 50 and 75.";
    45 Reached75 "reached_75" "75 % reached" Count Up "count_plays_75"
      sum(SumColumn::Reached75);
      "Plays whose player reported 75 %. A jump past it reports it too.";
      "A jump to 80 % counts in 25, 50 and 75.";
    46 Reached90 "reached_90" "90 % reached" Count Up ""
      sum(SumColumn::Reached90);
      "Plays whose player reported 90 %; many players do not.";
      "A jump to 95 % counts.";
    47 Reached100 "reached_100" "100 % reached" Count Up "count_plays_100"
      sum(SumColumn::Reached100);
      "Plays whose player reported the end. A jump to it reports it too.";
      "A jump to the end counts in all milestones.";
    48 Covered25 "covered_25" "25 % watched" Count Up ""
      covered(250);
      "Sessions that had really played 25 % of the recording, wherever in it, when the range ended and not before it began.";
      "A jump to 80 % counts in none; the last quarter alone counts in 25.";
    49 Covered50 "covered_50" "50 % watched" Count Up ""
      covered(500);
      "Sessions that came to have really played 50 % of the recording within the range.";
      "The first and the last quarter together count.";
    50 Covered75 "covered_75" "75 % watched" Count Up ""
      covered(750);
      "Sessions that came to have really played 75 % of the recording within the range.";
      "The first half twice counts in 50, not here.";
    51 Covered90 "covered_90" "90 % watched" Count Up ""
      covered(900);
      "Sessions that came to have really played 90 % of the recording within the range.";
      "All but the credits counts.";
    52 Covered100 "covered_100" "100 % watched" Count Up ""
      covered(995);
      "Sessions that came to have really played the whole recording (99.5 %) within the range.";
      "A jump over the middle does not count.";
    53 DropOff "drop_off" "Drop-off" Ratio Up "avg_view_drop_off"
      per(&[any!(Reached25), any!(Reached50), any!(Reached75), any!(Reached100)], PLAYS, 4);
      "Kaltura's drop-off: the average of the last quarter reached per play. Higher is better, despite the name.";
      "Two plays, one to 20 % and one to 80 %: (0 + 0.75) / 2 = 0.375.";
    54 PlayThrough "play_through" "Play-through" Ratio Up "play_through_ratio"
      over(&[any!(Reached100)], PLAYS);
      "Plays that reported the end, per play. May exceed 1 when the play lies before the range.";
      "Four plays, one to the end: 0.25.";
    55 Completion "completion" "Completion" Ratio Up ""
      share(&[Quantity::Share], &[Quantity::TimedPlays]);
      "Mean share of the recording really played per play, repeats counted once. Only recordings whose length is known; up to the end of content where one is set.";
      "Two plays, one of 20 % and one of 80 %: 0.5.";
    56 FinishRate "finish_rate" "Finished" Ratio Up ""
      share(&[Quantity::Covered(995)], &[Quantity::TimedPlays]);
      "Share of plays in which the whole recording (99.5 %) was really played.";
      "Four plays, one without any jump to the end: 0.25.";
    57 CompatibleCompletion "compatible_completion" "Completion (Kaltura)" Percent Up "avg_completion_rate"
      Recipe::Over { top: &[Quantity::Parts], bottom: PLAYS, times: 1, per: 1, cap: Some(100), floor: false };
      "Kaltura's completion: hundredths of the recording newly covered, per play, at most 100.";
      "One play of 50 %, watched twice: 50.";
    58 CompatibleVodCompletion "compatible_vod_completion" "Completion on demand (Kaltura)" Percent Up "avg_vod_completion_rate"
      Recipe::Over { top: &[Quantity::Parts], bottom: &[Quantity::Sum(SumColumn::Plays, Played::Vod)], times: 1, per: 1, cap: Some(100), floor: false };
      "The same with plays on demand only below the line.";
      "One play of 50 % on demand and one live play: 50.";
    59 TotalCompletion "total_completion" "Total completion" Ratio Up ""
      share(&[Quantity::UnionMs], &[Quantity::UnionLengthMs]);
      "Share of the recording that was really played by anybody. Over several recordings: of their lengths together.";
      "Anna watches the first half, Ben the second: 1.";
    60 CompatibleTotalCompletion "compatible_total_completion" "Total completion (Kaltura)" Percent Up "total_completion_rate"
      Recipe::Over { top: &[Quantity::UnionMs], bottom: &[Quantity::UnionLengthMs], times: 100, per: 1, cap: Some(100), floor: true };
      "Total completion in whole per cent.";
      "Anna watches the first half, Ben the third quarter: 75.";
    61 EngagementScore "engagement_score" "Engagement score" Score Up ""
      Recipe::Score { compatible: false };
      "From 0 to 10: half for plays, a quarter for viewers, both against the best row of the table, a quarter for completion.";
      "Most plays, most viewers, half watched: 5 + 2.5 + 1.25 = 8.75.";
    62 CompatibleEngagementScore "compatible_engagement_score" "Engagement score (Kaltura)" Score Up "engagement_ranking"
      Recipe::Score { compatible: true };
      "Kaltura's engagement ranking: the same with Kaltura's completion.";
      "Most plays, most viewers, half watched: 8.75.";
    63 PlaysScore "plays_score" "Plays score" Score Up "plays_ranking"
      Recipe::PlaysScore;
      "From 0 to 5: plays against the best row of the table.";
      "Half as many plays as the best: 2.5.";

    70 Resumes "resumes" "Resumes" Count Neither "count_resume_clicked"
      sum(SumColumn::Resumes); "Times playing went on after a pause."; "Play, pause, play: 1.";
    71 Pauses "pauses" "Pauses" Count Neither "count_pause_clicked"
      sum(SumColumn::Pauses); "Pauses, the one that players report at the natural end included."; "A clip played to its end without a stop: 1.";
    72 Replays "replays" "Replays" Count Up ""
      sum(SumColumn::Replays); "Times somebody started again after the end."; "Watching a clip three times in a row: 2.";
    73 Seeks "seeks" "Seeks" Count Neither ""
      sum(SumColumn::Seeks); "Jumps within the recording."; "Dragging the handle twice: 2.";
    74 SharesOpened "shares_opened" "Share panel opened" Count Up "count_viral"
      sum(SumColumn::SharesOpened); "Times the share panel was opened."; "Opened, nothing chosen: 1.";
    75 Shares "shares" "Shares" Count Up ""
      sum(SumColumn::Shares); "Times a target was chosen in the share panel."; "Link copied: 1.";
    76 Downloads "downloads" "Downloads" Count Up "count_download"
      sum(SumColumn::Downloads); "Times the download button was used. Later viewing of the copy is never reported."; "One click: 1.";
    77 ReportsOpened "reports_opened" "Report panel opened" Count Neither "count_report"
      sum(SumColumn::ReportsOpened); "Times the panel to report content was opened."; "One click: 1.";
    78 Reports "reports" "Reports sent" Count Down "count_report_submitted"
      sum(SumColumn::ReportsSubmitted); "Times content was reported."; "One report: 1.";
    79 FullscreenOn "fullscreen_on" "Full screen entered" Count Neither ""
      sum(SumColumn::FullscreenOn); "Times full screen was entered."; "In and out twice: 2.";
    80 FullscreenOff "fullscreen_off" "Full screen left" Count Neither ""
      sum(SumColumn::FullscreenOff); "Times full screen was left."; "In and out twice: 2.";
    81 RelatedOpened "related_opened" "Related media opened" Count Neither ""
      sum(SumColumn::RelatedOpened); "Times the list of related media was opened."; "One click: 1.";
    82 RelatedSelected "related_selected" "Related media chosen" Count Up "count_related_selected"
      sum(SumColumn::RelatedSelected); "Times one of the related media was chosen."; "One choice: 1.";
    83 Captions "captions" "Caption changes" Count Neither "count_captions"
      sum(SumColumn::Captions); "Times the caption track was changed."; "English on, then off: 2.";
    84 SourcesSelected "sources_selected" "Quality choices" Count Neither ""
      sum(SumColumn::SourcesSelected); "Times a quality was chosen by hand."; "1080p chosen: 1.";
    85 Infos "infos" "Info opened" Count Neither "count_info"
      sum(SumColumn::Infos); "Times the info panel was opened."; "One click: 1.";
    86 Speeds "speeds" "Speed changes" Count Neither "count_speed"
      sum(SumColumn::Speeds); "Times the playback speed was changed."; "To 1.5 and back: 2.";
    87 AudiosSelected "audios_selected" "Audio track choices" Count Neither ""
      sum(SumColumn::AudiosSelected); "Times an audio track was chosen."; "One choice: 1.";
    88 FlavorSwitches "flavor_switches" "Quality switches" Count Down "count_flavor_switch"
      sum(SumColumn::FlavorSwitches); "Times the player changed the quality by itself."; "Down and up again: 2.";
    89 BufferStarts "buffer_starts" "Stalls" Count Down "count_buffer_start"
      sum(SumColumn::BufferStarts); "Times the player began to wait for media."; "Two waits: 2.";
    90 BufferEnds "buffer_ends" "Stalls ended" Count Neither ""
      sum(SumColumn::BufferEnds); "Times the wait for media ended."; "Two waits, one of them given up: 1.";
    91 Errors "errors" "Errors" Count Down ""
      sum(SumColumn::Errors); "Errors that ended playback."; "One media error: 1.";
    92 Heartbeats "heartbeats" "Heartbeats" Count Neither "views"
      sum(SumColumn::Heartbeats); "Heartbeats received; players send one for every ten seconds of playing."; "A minute of playing: 6.";
    93 Manifests "manifests" "Manifests served" Count Neither "count_play_manifest"
      sum(SumColumn::Manifests); "Manifests that the media server gave out."; "One start of a stream: 1.";
    94 Buttons "buttons" "Buttons clicked" Count Neither "count_button_clicked"
      sum(SumColumn::Buttons); "Clicks on buttons of applications."; "One click: 1.";
    95 PageLoads "page_loads" "Pages loaded" Count Up "count_page_loaded"
      sum(SumColumn::Pages); "Page loads that applications reported."; "One page: 1.";
    96 ApiCalls "api_calls" "API calls" Count Neither ""
      sum(SumColumn::ApiCalls); "Calls that the media server reported."; "One call: 1.";
    97 Quizzes "quizzes" "Quizzes submitted" Count Up ""
      sum(SumColumn::Quizzes); "Times a video quiz was submitted."; "Two attempts: 2.";
    98 QuizScore "quiz_score" "Average quiz score" Percent Up ""
      over(&[Quantity::MarkedSum(QUIZ, "score")], &[Quantity::MarkedNumbers(QUIZ, "score")]);
      "Mean score of submitted quizzes, 0 to 100."; "Two attempts with 50 and 100: 75.";
    99 ScoredQuizzes "scored_quizzes" "Quizzes with a score" Count Up ""
      Recipe::Plain { of: Quantity::Marked(QUIZ, "score"), per: 1 };
      "Submitted quizzes that came with a score."; "Two attempts, one without a score: 1.";
    103 QuizStarts "quiz_starts" "Quizzes started" Count Up ""
      Recipe::Total { of: &[Quantity::MarkedAs(10002, "buttonName", "Quiz_start"), Quantity::Marked(EventKind::QUIZ_STARTED.0, "")] };
      "Attempts: times a video quiz was begun.";
      "Begun twice, submitted once: 2.";
    104 QuizTakers "quiz_takers" "Quiz takers" Count Up ""
      distinct(Distinct::QuizTakers);
      "Distinct people who submitted a video quiz. All who are not known count as one.";
      "Anna submits twice, Ben once: 2.";
    105 QuizBest "quiz_best_score" "Best quiz score" Percent Up ""
      Recipe::Extreme { of: Quantity::MarkedMost(QUIZ, "score"), times: 1 };
      "The best score of submitted quizzes, 0 to 100.";
      "Two attempts with 50 and 100: 100.";
    106 QuizAnswers "quiz_answers" "Questions answered" Count Up ""
      Recipe::Plain { of: Quantity::Marked(QUIZ_ANSWER, "answered"), per: 1 };
      "Answers to questions of video quizzes, where players report them.";
      "One attempt with five questions: 5.";
    107 QuizCorrect "quiz_correct" "Correct answers" Count Up ""
      Recipe::Plain { of: Quantity::Marked(QUIZ_ANSWER, "correct"), per: 1 };
      "Answers that were right.";
      "Three of five: 3.";
    108 QuizCorrectShare "quiz_correct_share" "Share correct" Ratio Up ""
      over(&[Quantity::Marked(QUIZ_ANSWER, "correct")], &[Quantity::Marked(QUIZ_ANSWER, "answered")]);
      "Correct answers per answer.";
      "Three of five: 0.6.";
    109 QuizRespondents "quiz_respondents" "People who answered" Count Up ""
      distinct(Distinct::QuizRespondents);
      "Distinct people who answered a question of a video quiz, submitted or not; by question: who answered it. All who are not known count as one.";
      "Anna answers three questions and submits, Ben answers one and leaves: 2.";
    100 Others "other_events" "Other events" Count Neither ""
      sum(SumColumn::Others); "Events of types without a column of their own: unknown ones, quizzes begun and answers to their questions."; "One reaction: 1.";
    101 Events "events" "Events" Count Neither ""
      sum(SumColumn::Events); "Events counted into the figures."; "Impression, request, play: 3.";

    110 JoinTime "join_time" "Join time" Milliseconds Down "avg_join_time"
      mean!(JoinMs / Joins); "Mean time from play request to first frame."; "Starts after 500 and 1,500 ms: 1,000.";
    111 CanPlayTime "can_play_time" "Time until ready" Milliseconds Down ""
      mean!(CanPlayMs / CanPlays); "Mean time from choosing the source until the player can play."; "200 and 400 ms: 300.";
    112 LoadTime "load_time" "Player load time" Milliseconds Down ""
      mean!(LoadMs / Loads); "Mean time until the player's script had loaded."; "200 and 400 ms: 300.";
    113 BufferingMinutes "buffering_minutes" "Minutes stalled" Minutes Down ""
      minutes(SumColumn::BufferMs, Played::Any); "Minutes that viewers waited for media."; "Six waits of ten seconds: 1.";
    114 BufferingRatio "buffering_ratio" "Stalling" Ratio Down ""
      over(&[any!(BufferMs)], &[any!(BufferMs), any!(ClockMs)]);
      "Share of the viewers' time that was waiting: waiting / (waiting + watching)."; "One minute of waiting in ten: 0.1.";
    115 CompatibleBufferingRatio "compatible_buffering_ratio" "Stalling (Kaltura)" Ratio Down "avg_buffer_time"
      over(&[any!(BufferMs)], HEARTBEAT); "Kaltura's buffer ratio: waiting per play time of heartbeats."; "One minute of waiting, nine of playing: 0.111.";
    116 Bitrate "bitrate" "Bit rate" BitsPerSecond Up "avg_bitrate"
      mean!(BitrateBps / Bitrates); "Mean bit rate that players reported."; "Two heartbeats at 1 and 3 Mbit/s: 2,000,000.";
    117 Bandwidth "bandwidth" "Bandwidth" BitsPerSecond Up ""
      mean!(BandwidthBps / Bandwidths); "Mean bandwidth that players estimated."; "Two heartbeats at 10 and 30 Mbit/s: 20,000,000.";
    118 DroppedFrames "dropped_frames" "Frames dropped" Ratio Down ""
      per(&[any!(DroppedPpm)], &[any!(Droppeds)], 1_000_000);
      "Mean share of frames that the device could not show."; "Half of the heartbeats with 2 %, half with none: 0.01.";
    119 SegmentTime "segment_time" "Segment download time" Milliseconds Down ""
      mean!(SegmentMs / SegmentTimes); "Mean of the longest segment download per heartbeat."; "300 and 500 ms: 400.";
    120 ManifestTime "manifest_time" "Manifest download time" Milliseconds Down ""
      mean!(ManifestMs / ManifestTimes); "Mean of the longest manifest download per heartbeat."; "30 and 50 ms: 40.";
    121 ErrorRate "error_rate" "Error rate" Ratio Down ""
      over(&[any!(Errors)], REQUESTS); "Errors that ended playback, per play request."; "Ten requests, one error: 0.1.";

    130 Attention "attention" "Attention" Ratio Up ""
      attended!(Engaged / Said); "Share of watched time with sound on and tab focused, of the time for which the player said both."; "Half of the time in another tab: 0.5.";
    131 AttentionKnown "attention_known" "Attention known" Ratio Neither ""
      attended!(Said / All); "Share of watched time for which the player said whether sound was on and the tab focused."; "An old player that says nothing: 0.";
    132 AttentionHigh "attention_high" "Attention: high" Ratio Up ""
      over(&[Quantity::Attended(Attended::High)], SAID); "Share of watched time with sound on, tab focused, full screen."; "All in full screen with sound: 1.";
    133 AttentionGood "attention_good" "Attention: good" Ratio Up ""
      over(&[Quantity::Attended(Attended::Good)], SAID); "Share of watched time with sound on and tab focused, not in full screen."; "All in the page with sound: 1.";
    134 AttentionFair "attention_fair" "Attention: fair" Ratio Neither ""
      over(&[Quantity::Attended(Attended::Fair)], SAID); "Share of watched time with sound on, tab not focused."; "Listening in the background: 1.";
    135 AttentionLow "attention_low" "Attention: low" Ratio Down ""
      over(&[Quantity::Attended(Attended::Low)], SAID); "Share of watched time with sound off, tab focused."; "Muted, but looked at: 1.";
    136 AttentionNone "attention_none" "Attention: none" Ratio Down ""
      over(&[Quantity::Attended(Attended::None)], SAID); "Share of watched time with sound off, tab not focused."; "Muted in a background tab: 1.";
    137 SoundOn "sound_on" "Sound on" Ratio Up ""
      attended!(SoundOn / SoundSaid); "Share of watched time with sound on, of the time for which the player said."; "Half muted: 0.5.";
    138 TabFocused "tab_focused" "Tab focused" Ratio Up ""
      attended!(TabFocused / TabSaid); "Share of watched time with the tab focused, of the time for which the player said."; "Half in another tab: 0.5.";
    139 InView "in_view" "In view" Ratio Up ""
      attended!(InView / ViewSaid); "Share of watched time with the player in view, of the time for which the player said."; "Half scrolled away: 0.5.";
    140 FullScreen "full_screen" "Full screen" Ratio Neither ""
      attended!(FullScreen / ScreenSaid); "Share of watched time in full screen, of the time for which the player said."; "Half in full screen: 0.5.";

    150 Completeness "completeness" "Completeness" Ratio Up ""
      share(&[any!(Heartbeats)], &[any!(HeartbeatsExpected)]);
      "Heartbeats received, of those that watched time lets us expect."; "Nine of ten arrived: 0.9.";
    151 MissingShare "missing_share" "Events missing" Ratio Down ""
      over(&[any!(Missing)], &[any!(Missing), any!(Events)]);
      "Share of events that never arrived, by the gaps in the players' counters."; "Nine arrived, one is missing: 0.1.";
    152 Missing "missing_events" "Missing events" Count Down ""
      sum(SumColumn::Missing); "Events that never arrived, by the gaps in the players' counters."; "Counters 1, 2, 4: 1.";
    153 HeartbeatsExpected "heartbeats_expected" "Heartbeats expected" Count Neither ""
      sum(SumColumn::HeartbeatsExpected); "Heartbeats that watched time lets us expect."; "A minute of playing: 6.";
    154 Duplicates "duplicates" "Repeats dropped" Count Neither ""
      sum(SumColumn::Duplicates); "Exact repeats of an event that was already there; left out."; "An event sent twice: 1.";
    155 Reordered "reordered" "Events out of order" Count Neither ""
      sum(SumColumn::Reordered); "Events that arrived after a later one; counted at their place."; "Counters 1, 3, 2: 1.";
    156 Late "late_events" "Late events" Count Neither ""
      sum(SumColumn::Late); "Events that arrived beyond the lateness horizon; counted and flagged."; "An upload after a year: 1.";
    157 IdentityUnsigned "identity_unsigned" "Names without proof" Count Neither ""
      sum(SumColumn::IdentityUnsigned); "Events whose user id was not believed, because the account wants proof."; "A plain user id: 1.";
    158 IdentityInvalid "identity_invalid" "Names with bad proof" Count Neither ""
      sum(SumColumn::IdentityInvalid); "Events whose proof of identity did not verify."; "An expired session at first sight: 1.";
    159 IdentityOther "identity_other" "Names of another person" Count Neither ""
      sum(SumColumn::IdentityOther); "Events that named another person than the session belongs to; the name was refused."; "A page whose user changed: 1.";
    160 Overflow "overflow" "Events beyond the limit" Count Neither ""
      sum(SumColumn::Overflow); "Events of endless sessions, counted but not folded."; "The 100,001st event of a session: 1.";

    170 AddedRecordings "added_recordings" "Recordings added" Count Up "added_entries"
      added(Added::Recordings, 1);
      "Recordings created in the range, as the catalog says now, of every media type; those deleted since are counted too. Null where filters or groups concern views alone.";
      "Three uploads on Monday, one of them deleted on Tuesday: 3.";
    171 AddedMinutes "added_minutes" "Minutes added" Minutes Up "added_msecs"
      added(Added::Ms, 60_000);
      "Length of the recordings created in the range. A length that neither the catalog nor any player has told counts as none.";
      "An upload of 20 minutes and an image: 20.";
    172 Contributors "contributors" "Contributors" Count Up "unique_contributors"
      added(Added::Owners, 1);
      "Distinct owners, as the catalog says now, of the recordings created in the range. Does not add up over days.";
      "Anna uploads twice, Ben once: 2.";
}

dimensions! {
    1 Entry "entry" "Media" "None" Source::Text(TextColumn::Entry); "The recording, by its id.";
    2 MediaType "media_type" "Media type" "Unknown" Source::Catalog(Fact::MediaType); "Video, audio, image, live stream, quiz or YouTube link, as the catalog says now.";
    3 EntrySource "source" "Source" "Unknown" Source::Catalog(Fact::Source); "Where the recording came from, as the catalog says now.";
    4 Tag "tag" "Tag" "No tag" Source::Catalog(Fact::Tags); "Tags of the recording now; it counts under each.";
    5 Owner "owner" "Owner" "No owner" Source::Catalog(Fact::Owner); "Owner of the recording now.";
    6 Category "category" "Category" "No category" Source::Catalog(Fact::Categories); "Categories the recording is in now; it counts under each.";
    7 PlaybackContext "playback_context" "Playback context" "None" Source::Text(TextColumn::Context); "The category page on which it was played, as the player says.";
    8 ProvedContext "proved_context" "Course" "None" Source::Text(TextColumn::ProvedContext); "The course in which it was played, proved by launch or token.";
    9 Playlist "playlist" "Playlist" "None" Source::Text(TextColumn::Playlist); "The playlist in which it was played.";
    10 Viewer "viewer" "Viewer" "Unknown" Source::Person; "The person; all who are not known are one.";
    11 Proof "proof" "Identity proof" "Unknown" Source::Word(Words::Proof); "How sure the person is: verified, claimed or none.";
    12 Country "country" "Country" "Unknown" Source::Text(TextColumn::Country); "Country by the address, ISO 3166 alpha-2.";
    13 Region "region" "Region" "Unknown" Source::Text(TextColumn::Region); "Region by the address.";
    14 City "city" "City" "Unknown" Source::Text(TextColumn::City); "City by the address.";
    15 Device "device" "Device" "Unknown" Source::Text(TextColumn::Device); "Device class by the user agent.";
    16 Os "os" "Operating system" "Unknown" Source::Text(TextColumn::Os); "Operating system family by the user agent.";
    17 OsVersion "os_version" "Operating system version" "Unknown" Source::Version(TextColumn::Os, TextColumn::OsVersion); "Operating system with its version.";
    18 Browser "browser" "Browser" "Unknown" Source::Text(TextColumn::Browser); "Browser family by the user agent.";
    19 BrowserVersion "browser_version" "Browser version" "Unknown" Source::Version(TextColumn::Browser, TextColumn::BrowserVersion); "Browser with its version.";
    20 Domain "domain" "Domain" "Unknown" Source::Text(TextColumn::Domain); "Host of the page on which it was played.";
    21 Page "page" "Page" "Page not disclosed" Source::Text(TextColumn::Page); "Address of the page on which it was played, without secrets.";
    22 Application "application" "Application" "None" Source::Text(TextColumn::Application); "Application in which it was played, as the player says.";
    23 ApplicationVersion "application_version" "Application version" "None" Source::Text(TextColumn::ApplicationVersion); "Version of that application.";
    24 KalturaApplication "kaltura_application" "Kaltura application" "None" Source::Text(TextColumn::KalturaApplication); "Kaltura's id of the hosting application.";
    25 KalturaApplicationVersion "kaltura_application_version" "Kaltura application version" "None" Source::Text(TextColumn::KalturaApplicationVersion); "Version of the hosting Kaltura application.";
    26 PlaybackType "playback_type" "Playback type" "Unknown" Source::Word(Words::Playback); "On demand, live, behind live or offline.";
    27 PlayerVersion "player_version" "Player version" "Unknown" Source::Text(TextColumn::PlayerVersion); "Version of the player.";
    28 ClientTag "client_tag" "Player" "Unknown" Source::Text(TextColumn::ClientTag); "Kind and version of the player as sent.";
    29 UiConf "ui_conf" "Player configuration" "None" Source::Text(TextColumn::UiConf); "Player configuration id.";
    30 Delivery "delivery" "Delivery" "Unknown" Source::Text(TextColumn::Delivery); "How media are delivered: hls, dash, url.";
    31 CustomVar1 "custom_var_1" "Custom variable 1" "None" Source::Text(TextColumn::CustomVar1); "Free dimension 1.";
    32 CustomVar2 "custom_var_2" "Custom variable 2" "None" Source::Text(TextColumn::CustomVar2); "Free dimension 2.";
    33 CustomVar3 "custom_var_3" "Custom variable 3" "None" Source::Text(TextColumn::CustomVar3); "Free dimension 3.";
    34 RootEntry "root_entry" "Root entry" "None" Source::Text(TextColumn::RootEntry); "Interactive video: the root entry.";
    35 Node "node" "Node" "None" Source::Text(TextColumn::Node); "Interactive video: the node.";
    36 VirtualEvent "virtual_event" "Virtual event" "None" Source::Text(TextColumn::VirtualEvent); "Virtual event id.";
    37 Staff "staff" "Course staff" "Unknown" Source::Word(Words::Staff); "Whether the viewer is staff of the course, by the token's word.";
    38 Bot "bot" "Bot" "Unknown" Source::Word(Words::Bot); "Whether the viewer is a program. Programs are left out unless this is filtered for.";
    39 Suspect "suspect" "Suspect" "Not suspect" Source::Text(TextColumn::Suspect); "Why rows are kept but left out. They are left out unless this is filtered for.";
    40 PlaceSource "place_source" "Place data" "None" Source::Text(TextColumn::PlaceSource); "Data set that gave the place.";
    41 Known "known" "Known viewer" "Unknown" Source::Word(Words::Known); "Whether the viewer is known by a verified or claimed id.";
    42 Placement "placement" "Placement" "Elsewhere" Source::Placement; "Played on the course's gallery page, elsewhere in the course (proved by launch, token or page address), or anywhere else.";
    43 Deleted "deleted" "Deleted" "No" Source::Catalog(Fact::Deleted); "Whether the recording is deleted now.";
    44 Subcategory "subcategory" "Sub-category" "The category itself" Source::Subcategory; "The direct sub-categories of the category asked about, now, through which the recording is in it; it counts under each.";

    50 Quarter "quarter" "Quarter of an hour" "None" Source::Time(TimePart::Quarter); "The quarter of an hour.";
    51 Hour "hour" "Hour" "None" Source::Time(TimePart::Hour); "The hour.";
    52 Day "day" "Day" "None" Source::Time(TimePart::Day); "The day in the zone asked for.";
    53 Week "week" "Week" "None" Source::Time(TimePart::Week); "The ISO week, from Monday.";
    54 SundayWeek "sunday_week" "Week from Sunday" "None" Source::Time(TimePart::SundayWeek); "The week from Sunday.";
    55 Month "month" "Month" "None" Source::Time(TimePart::Month); "The month.";
    56 Term "term" "Term" "No term" Source::Time(TimePart::Term); "The term, as the catalog says now.";
    57 Year "year" "Year" "None" Source::Time(TimePart::Year); "The year.";
    58 HourOfDay "hour_of_day" "Hour of the day" "None" Source::Time(TimePart::HourOfDay); "The hour on the clock, 0 to 23.";
    59 Weekday "weekday" "Weekday" "None" Source::Time(TimePart::Weekday); "The day of the week, 1 is Monday.";
    70 PlaybackRate "playback_rate" "Speed chosen" "None" Source::Mark(41, "playbackSpeed"); "Playback speeds that viewers chose.";
    71 ErrorCode "error_code" "Error" "None" Source::Mark(98, "errorCode"); "Codes of errors that ended playback.";
    72 ReportReason "report_reason" "Reason of report" "None" Source::Mark(25, "reportType"); "Why viewers reported content.";
    73 CaptionChosen "caption_chosen" "Caption chosen" "None" Source::Mark(38, "caption"); "Caption tracks that viewers chose.";
    74 CaptionShown "caption_shown" "Captions shown" "None" Source::Mark(99, "caption"); "Captions shown, by heartbeat.";
    75 AudioChosen "audio_chosen" "Audio chosen" "None" Source::Mark(42, "language"); "Audio tracks that viewers chose.";
    76 AudioHeard "audio_heard" "Audio heard" "None" Source::Mark(99, "audioLanguage"); "Audio tracks heard, by heartbeat.";
    77 Network "network" "Network" "None" Source::Mark(99, "networkConnectionType"); "Kind of network, by heartbeat.";
    78 ShareNetwork "share_network" "Shared with" "None" Source::Mark(22, "socialNetwork"); "Where viewers shared to.";
    79 Button "button" "Button" "None" Source::Mark(10002, "buttonName"); "Buttons of applications that were clicked.";
    80 PageName "page_name" "Application page" "None" Source::Mark(10003, "pageName"); "Pages that applications reported.";
    81 QuizQuestion "quiz_question" "Question" "None" Source::Mark(QUIZ_ANSWER, "answered"); "Questions of video quizzes that were answered.";
    82 QuizQuestionCorrect "quiz_question_correct" "Question, correct" "None" Source::Mark(QUIZ_ANSWER, "correct"); "Questions that were answered right.";
}
