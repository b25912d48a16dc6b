//! The header row of every type, byte for byte, and the shapes of answers without data.

use super::*;
use expect_test::expect_file;
use server::kaltura::report::types::{From, Graph, Own, Plays, Rows, TYPES};
use std::fmt::Write as _;

/// Figures that come in the same order again and again.
const SHORT: &[(&str, &str)] = &[
    ("P", "count_plays"),
    ("L", "count_loads"),
    ("MQ", "sum_time_viewed"),
    ("AQ", "avg_time_viewed"),
    ("MV", "sum_view_period"),
    ("AV", "avg_view_period_time"),
    ("LPR", "load_play_ratio"),
    ("DO", "avg_view_drop_off"),
    ("CR", "avg_completion_rate"),
    ("TCR", "total_completion_rate"),
    ("U", "unique_known_users"),
    ("V", "unique_viewers"),
    ("PTR", "play_through_ratio"),
    ("Q", "count_plays,count_plays_25,count_plays_50,count_plays_75,count_plays_100"),
    (
        "PLATFORM",
        "count_plays,sum_time_viewed,avg_time_viewed,count_loads,load_play_ratio,avg_view_drop_off,unique_known_users,unique_viewers,sum_view_period,avg_view_period_time,avg_completion_rate",
    ),
    (
        "MAP",
        "count_plays,count_plays_25,count_plays_50,count_plays_75,count_plays_100,play_through_ratio,unique_known_users,avg_view_drop_off,count_loads,avg_completion_rate",
    ),
    ("ENTRY", "object_id,entry_name,creator_name,created_at,status,media_type,duration_msecs,entry_source"),
    (
        "USAGE",
        "added_entries,deleted_entries,total_entries,added_storage_mb,deleted_storage_mb,total_storage_mb,added_msecs,deleted_msecs,total_msecs",
    ),
    (
        "LIVE",
        "view_unique_audience,view_unique_buffering_users,view_unique_engaged_users,avg_view_buffering,avg_view_engagement,view_buffer_time_ratio,views",
    ),
    ("QUIZ", "percentage,num_of_correct_answers,num_of_wrong_answers"),
];

/// Type, table, total where it is another.
const HEADERS: &[(&str, &str, &str)] = &[
    ("1", "object_id,entry_name,P,MQ,AQ,L,LPR,DO,U,MV,AV,CR", "P,MQ,AQ,L,LPR,DO,U,MV,AV,CR"),
    ("2", "object_id,entry_name,Q,PTR,L", "Q,PTR,L"),
    (
        "3",
        "object_id,entry_name,P,count_edit,count_viral,count_download,count_report",
        "P,count_edit,count_viral,count_download,count_report",
    ),
    ("4", "object_id,country,Q,PTR,U,DO,CR", "Q,PTR,U,DO,CR"),
    (
        "5",
        "object_id,name,count_total,count_video,count_audio,count_image,count_mix",
        "count_total,count_video,count_audio,count_image,count_mix,count_ugc,count_admin",
    ),
    (
        "6",
        "object_id,domain_name,P,MQ,AQ,L,LPR,DO,CR,unique_played_videos,MV,AV",
        "P,MQ,AQ,L,LPR,DO,CR,unique_played_videos,MV,AV",
    ),
    (
        "7",
        "object_id,entry_media_source_name,count_total,count_video,count_audio,count_image,count_mix,count_ugc,count_admin",
        "count_total,count_video,count_audio,count_image,count_mix,count_ugc,count_admin",
    ),
    ("11", "name,unique_videos,P,MQ,AQ,DO,L,LPR,MV,AV,CR", "U,unique_videos,P,MQ,AQ,DO,L,LPR,MV,AV,CR"),
    ("12", "entry_name,unique_videos,P,MQ,AQ,DO,L,LPR,MV,AV,CR", "U,unique_videos,P,MQ,AQ,DO,L,LPR,MV,AV,CR"),
    (
        "13",
        "name,full_name,unique_videos,P,MQ,AQ,DO,L,LPR,CR,count_viral,TCR,MV,AV",
        "U,unique_videos,P,MQ,AQ,DO,L,LPR,CR,count_viral,V,MV,AV",
    ),
    ("14", "name,Q,PTR", "U,Q,PTR"),
    (
        "15",
        "name,P,count_edit,count_viral,count_download,count_report",
        "U,P,count_edit,count_viral,count_download,count_report",
    ),
    ("16", "name", ""),
    ("17", "kuser_id,name,full_name,USAGE", "USAGE"),
    ("18", "date_id,USAGE", "USAGE"),
    (
        "20",
        "user_id,user_screen_name,user_full_name,count_total,count_video,count_audio,count_image,count_mix",
        "count_total,count_video,count_audio,count_image,count_mix,count_ugc,count_admin",
    ),
    ("21", "device,PLATFORM", "PLATFORM"),
    ("22", "os,PLATFORM", "PLATFORM"),
    ("23", "browser,PLATFORM", "PLATFORM"),
    ("32", "os_family,PLATFORM", "PLATFORM"),
    ("33", "browser_family,PLATFORM", "PLATFORM"),
    ("25", "object_id,name,P,MQ,AQ,DO,L,LPR,V,CR,MV,AV", "P,MQ,AQ,DO,L,LPR,V,CR,MV,AV"),
    ("29", "custom_var1,P,MQ,AQ,L,LPR,DO,MV,AV,CR", "P,MQ,AQ,L,LPR,DO,MV,AV,CR"),
    ("58", "custom_var2,P,MQ,AQ,L,LPR,DO,MV,AV,CR", "P,MQ,AQ,L,LPR,DO,MV,AV,CR"),
    ("59", "custom_var3,P,MQ,AQ,L,LPR,DO,MV,AV,CR", "P,MQ,AQ,L,LPR,DO,MV,AV,CR"),
    ("36", "object_id,country,coordinates,MAP", "MAP"),
    ("37", "country,region,coordinates,MAP", "MAP"),
    ("30", "country,region,city,coordinates,country_code,MAP", "MAP"),
    ("34", "date_id,P,MQ,U,DO,CR,L,MV", "P,MQ,U,DO,CR,L,MV"),
    ("35", "date_id,U", "U"),
    ("38", "ENTRY,P,MQ,AQ,L,LPR,DO,U,engagement_ranking,CR,V,MV,AV,TCR", "P,MQ,AQ,L,LPR,DO,U,V,MV,AV,CR,TCR"),
    (
        "39",
        "user_id,creator_name,created_at,P,added_entries,added_msecs,contributor_ranking",
        "P,added_entries,added_msecs,unique_contributors",
    ),
    ("41", "source,added_entries,added_msecs,unique_contributors", "added_entries,added_msecs,unique_contributors"),
    ("43", "percentile,count_viewers,U", "count_viewers,U"),
    ("44", "reason,count_report_submitted", "count_report_submitted"),
    (
        "45",
        "object_id,entry_name,status,entry_source,P,count_edit,count_viral,count_download,count_report_submitted,count_captions,count_info,count_related_selected",
        "P,count_edit,count_viral,count_download,count_report_submitted,count_captions,count_info,count_related_selected",
    ),
    ("46", "playback_rate,count_speed", "count_speed"),
    ("47", "ENTRY,P,L,MQ,AQ,CR,TCR,DO,MV,AV", "P,L,MQ,AQ,CR,TCR,DO,MV,AV"),
    ("48", "name,P,L,MQ,AQ,CR,count_viral,MV,AV,added_entries", "P,L,MQ,AQ,CR,count_viral,MV,AV,added_entries"),
    ("49", "name,P,L,MV,AV", "P,L,MV,AV,V"),
    ("50", "node_id,count_node_plays,U,node_avg_completion_rate", "count_node_plays,U,node_avg_completion_rate"),
    ("51", "extract_time,object_id,entry_name,status,entry_source,P", "P"),
    (
        "52",
        "date_id,L,P,unique_videos,V,MQ,unique_owners,unique_played_videos,MV",
        "L,P,unique_videos,V,MQ,unique_owners,unique_played_videos,MV",
    ),
    ("53", "object_id,name,entries_count,direct_sub_categories_count,parent_name,P,MQ,V,MV", "P,MQ,V,MV"),
    ("54", "hotspot_id,destination,count_hotspot_clicked", "count_hotspot_clicked"),
    ("55", "hotspot_id,destination,count_node_switch", "count_node_switch"),
    ("56", "percentile,count_hotspot_clicked", "count_hotspot_clicked"),
    ("57", "percentile,count_node_switch", "count_node_switch"),
    ("62", "ui_conf_id,P,unique_domains", "P,unique_domains"),
    (
        "201",
        "date_id,bandwidth_consumption,average_storage,peak_storage,added_storage,deleted_storage,combined_bandwidth_storage,transcoding_consumption",
        "bandwidth_consumption,average_storage,peak_storage,added_storage,deleted_storage,combined_bandwidth_storage,transcoding_consumption,aggregated_monthly_avg_storage,combined_bandwidth_aggregated_storage",
    ),
    ("10001", "object_id,country,coordinates,LIVE", "LIVE"),
    ("10002", "country,region,coordinates,LIVE", "LIVE"),
    ("10003", "country,region,city,coordinates,LIVE", "LIVE"),
    ("10004", "device,view_unique_audience,sum_view_time", "view_unique_audience,sum_view_time"),
    ("10009", "user_id,playback_type", ""),
    ("20001", "object_id,entry_name,partner_id,Q,PTR,L", "Q,PTR,L"),
    (
        "20003",
        "name,full_name,partner_id,unique_videos,P,MQ,AQ,DO,L,LPR,CR,count_viral,TCR,MV,AV",
        "U,unique_videos,P,MQ,AQ,DO,L,LPR,CR,count_viral,V,MV,AV",
    ),
    (
        "20015",
        "ENTRY,partner_id,P,MQ,AQ,L,LPR,DO,U,engagement_ranking,CR,V,MV,AV,TCR",
        "P,MQ,AQ,L,LPR,DO,U,V,MV,AV,CR,TCR",
    ),
    (
        "20016",
        "user_id,creator_name,created_at,partner_id,P,added_entries,added_msecs,contributor_ranking",
        "P,added_entries,added_msecs,unique_contributors",
    ),
    (
        "20019",
        "object_id,entry_name,status,entry_source,partner_id,P,count_edit,count_viral,count_download,count_report_submitted,count_captions,count_info,count_related_selected",
        "P,count_edit,count_viral,count_download,count_report_submitted,count_captions,count_info,count_related_selected",
    ),
    ("quiz.QUIZ", "question_id,QUIZ", "average"),
    ("quiz.QUIZ_USER_PERCENTAGE", "user_id,QUIZ", "average"),
    ("quiz.QUIZ_AGGREGATE_BY_QUESTION", "question_id,QUIZ", "average"),
    ("quiz.QUIZ_USER_AGGREGATE_BY_QUESTION", "user_id,QUIZ", "average"),
];

fn long(header: &str) -> String {
    let word = |word: &str| {
        SHORT.iter().find(|(short, _)| *short == word).map_or(word.to_owned(), |(_, long)| (*long).to_owned())
    };
    header.split(',').map(word).collect::<Vec<_>>().join(",")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_has_its_header_and_shape_without_data() {
    let world = empty().await;
    for (id, table, total) in HEADERS {
        for delimiter in [",", "|"] {
            let more = json!({ "responseOptions": { "delimiter": delimiter } });
            // Percentiles are of one recording.
            let filter = if *id == "43" { json!({ "entryIdIn": "1_v" }) } else { json!({}) };
            let told = world.report("getTable", id, filter.clone(), more.clone()).await;
            let with = |header: &str| long(header).replace(',', delimiter);
            assert_eq!(told["header"], with(table), "{id}");
            assert_eq!(told["objectType"], "KalturaReportTable");
            let told = world.report("getTotal", id, filter, more).await;
            assert_eq!(told["header"], with(total), "{id}");
            assert_eq!(told["objectType"], "KalturaReportTotal");
        }
    }
    for of in TYPES {
        let filter = if of.id == "43" { json!({ "entryIdIn": "1_v" }) } else { json!({}) };
        let options = json!({ "responseOptions": { "delimiter": "|" } });
        let table = world.report("getTable", of.id, filter.clone(), options.clone()).await;
        let total = world.report("getTotal", of.id, filter.clone(), options.clone()).await;
        let of_catalog = [
            Rows::Own(Own::Usage),
            Rows::Own(Own::UsageByDate),
            Rows::Own(Own::Contributors),
            Rows::Own(Own::Sources),
            Rows::Own(Own::UserHighlights),
        ];
        let told = of_catalog.contains(&of.rows) || matches!(of.rows, Rows::Own(Own::Contributions(_)));
        if !told {
            assert_eq!((&table["data"], &table["totalCount"]), (&json!(""), &json!(0)), "{}", of.id);
            let empty = "|".repeat(of.total.len().saturating_sub(1));
            assert_eq!(total["data"], empty, "{}", of.id);
        }
        let graphs = world.report("getGraphs", of.id, filter, options).await;
        match of.graph {
            Graph::None => assert_eq!(code(&graphs), "INTERNAL_SERVERL_ERROR"),
            Graph::Dates(columns) | Graph::Many(columns) | Graph::Names(columns) => {
                let ids: Vec<&str> =
                    graphs.as_array().unwrap().iter().map(|graph| graph["id"].as_str().unwrap()).collect();
                assert_eq!(ids, columns.iter().map(|column| column.name).collect::<Vec<_>>());
                assert!(graphs.as_array().unwrap().iter().all(|graph| graph["data"].is_string()), "{graphs}");
            }
            Graph::Columns(id, _) => {
                assert_eq!(graphs[0], json!({ "id": id, "data": "", "objectType": "KalturaReportGraph" }))
            }
        }
    }
}

/// What a type's rows and figures come from, for the documentation.
fn fed(of: &server::kaltura::report::types::Type) -> String {
    let rows = match of.rows {
        Rows::By(by) => format!("by {}", by.iter().map(|dimension| dimension.name()).collect::<Vec<_>>().join(", ")),
        Rows::Dates => "by date".to_owned(),
        Rows::Own(Own::Empty) => "no data".to_owned(),
        Rows::Own(Own::Values(dimension)) => format!("values of {}", dimension.name()),
        Rows::Own(Own::Contributions(dimension)) => format!("recordings of the catalog by {}", dimension.name()),
        Rows::Own(own) => format!("{own:?}").chars().fold(String::new(), |mut text, c| {
            if c.is_uppercase() && !text.is_empty() {
                text.push(' ');
            }
            text.extend(c.to_lowercase());
            text
        }),
    };
    match of.plays {
        Plays::Vod => rows,
        Plays::Live => format!("{rows}; live"),
        Plays::All => format!("{rows}; all playback types"),
    }
}

#[test]
fn the_page_of_types_is_fresh() {
    let mut page = String::from(
        "# Report types of Kaltura's API\n\nGenerated from `crates/server/src/kaltura/report/types.rs`; \
         `UPDATE_EXPECT=1 cargo nextest run -p server kaltura` renews it. [kaltura.md](../kaltura.md) says how to ask.\n\n\
         Without a filter on playback types plays on demand count, where nothing else is said.\n\n\
         | Type | Name | Rows | Columns of the table |\n|---|---|---|---|\n",
    );
    let mut columns = std::collections::BTreeMap::new();
    for of in TYPES {
        let texts = of.labels.iter().map(|label| label.name);
        let date = matches!(of.rows, Rows::Dates | Rows::Own(Own::UsageByDate)).then_some("date_id");
        let figures = of.table.iter().map(|column| column.name);
        let header: Vec<&str> = date.into_iter().chain(texts).chain(figures).collect();
        let _ = writeln!(page, "| `{}` | {} | {} | {} |", of.id, of.name, fed(of), header.join(", "));
        for column in of.table.iter().chain(of.total) {
            let told = match column.from {
                From::Measure(measure, 1.0) => format!("`{}`", measure.name()),
                From::Measure(measure, times) => format!("`{}` x {times}", measure.name()),
                From::Audience => "`known_people`, and one more where anybody unknown watched".to_owned(),
                From::AudienceOf(types) => format!("`known_people` of {}", types.join(", ")),
                From::Beats { of, share: false } => format!("`heartbeats` of {} x 10", of.join(", ")),
                From::Beats { of, share: true } => format!("`heartbeats` of {} / `heartbeats`", of.join(", ")),
                From::Own => "reckoned by the report's own rows".to_owned(),
                From::Nothing => "not reported to us: 0".to_owned(),
            };
            columns.entry(column.name).or_insert_with(std::collections::BTreeSet::new).insert(told);
        }
    }
    page.push_str(
        "\n## Columns\n\nThe measures are those of the [glossary](glossary.md).\n\n| Column | Measure |\n|---|---|\n",
    );
    for (name, told) in columns {
        let _ = writeln!(page, "| `{name}` | {} |", told.into_iter().collect::<Vec<_>>().join("; or "));
    }
    expect_file!["../../../../../docs/generated/kaltura-reports.md"].assert_eq(&page);
}
