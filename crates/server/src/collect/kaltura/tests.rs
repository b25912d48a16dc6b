#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::collect::legacy;
use crate::collect::wire::Request;
use proptest::prelude::*;

fn parameters(request: &Request<'_>) -> Result<Parameters, Refusal> {
    let mut from = Parameters::of_url(request.path, request.query)?;
    from.add_body(request.content_type, request.body)?;
    Ok(from)
}

fn check(query: &str) -> Draft {
    let query = format!("partnerId=1&entryId=0_a&sessionId=s&{query}");
    read(parameters(&Request { path: "/api_v3/index.php", query: &query, ..Request::default() }).unwrap()).unwrap()
}

#[test]
fn units() {
    let event = check(
        "eventType=99&position=12.3456&playTimeSum=11.0004&playbackSpeed=1.25&bufferTime=0.5&bufferTimeSum=1.5\
         &actualBitrate=292.96875&bandwidth=1&joinTime=0.059&canPlay=0.067&playerJSLoadTime=321&targetPosition=80\
         &droppedFramesRatio=0.25&segmentDownloadTime=0.7&manifestDownloadTime=0.3&soundMode=1&tabMode=2\
         &viewabilityMode=2&screenMode=1&eventIndex=7&playbackType=dvr",
    )
    .event;
    assert_eq!(event.vars, [], "everything is understood");
    assert_eq!((event.position_ms, event.target_ms, event.play_time_ms), (Some(12_346), Some(80_000), Some(11_000)));
    assert_eq!((event.speed_milli, event.index, event.playback), (Some(1250), Some(7), Playback::Dvr));
    let measured = event.measured;
    assert_eq!((measured.buffer_ms, measured.buffer_sum_ms), (Some(500), Some(1500)));
    assert_eq!((measured.bitrate_bps, measured.bandwidth_bps), (Some(300_000), Some(1024)));
    assert_eq!((measured.join_ms, measured.can_play_ms, measured.load_ms), (Some(59), Some(67), Some(321)));
    assert_eq!(
        (measured.dropped_ppm, measured.segment_ms, measured.manifest_ms),
        (Some(250_000), Some(700), Some(300))
    );
    assert_eq!((measured.sound, measured.tab, measured.view, measured.screen), (1, 2, 2, 1));
}

#[test]
fn minus_one_is_unknown_and_live_positions_are_negative() {
    let event =
        check("eventType=99&actualBitrate=-1&droppedFramesRatio=-1&bandwidth=-1&position=-12.5&playbackType=live")
            .event;
    assert_eq!(
        (event.measured.bitrate_bps, event.measured.dropped_ppm, event.measured.bandwidth_bps),
        (None, None, None)
    );
    assert_eq!((event.position_ms, event.playback), (Some(-12_500), Playback::Live));
}

#[test]
fn what_is_no_number_is_kept_as_it_came() {
    let event = check("eventType=3&position=NaN&playTimeSum=soon&soundMode=7&playbackType=hologram").event;
    let kept: Vec<(&str, &str)> = event.vars.iter().map(|(name, value)| (&**name, &**value)).collect();
    let sent = [("position", "NaN"), ("playTimeSum", "soon"), ("soundMode", "7"), ("playbackType", "hologram")];
    assert_eq!(kept, sent);
    assert_eq!((event.position_ms, event.playback), (None, Playback::Vod));
}

#[test]
fn hosting_application_only_stands_in() {
    let copies =
        check("eventType=1&application=LMS&hostingKalturaApplication=LMS&hostingKalturaApplicationVersion=9.1").event;
    assert_eq!((&*copies.facts.application, &*copies.facts.application_version), ("LMS", "9.1"));
    assert_eq!(copies.vars, []);
    let differs = check("eventType=1&application=LMS&hostingKalturaApplication=Other").event;
    assert_eq!(differs.vars, [("hostingKalturaApplication".into(), "Other".into())]);
}

#[test]
fn dimensions_hold_nothing_private_and_versions_stay_whole() {
    let facts = check(
        "eventType=1&clientVer=5.130.24.1&applicationVer=10.1.2.3&customVar1=from+10.1.2.3&customVar2=Mozilla/5.0+(X)",
    )
    .event
    .facts;
    assert_eq!((&*facts.player_version, &*facts.application_version), ("5.130.24.1", "10.1.2.3"));
    assert_eq!((&*facts.custom_var_1, &*facts.custom_var_2), ("from -", "-"));
}

#[test]
fn referrers_plain_and_in_base64() {
    let plain = "https://canvas.example/courses/1?x=>>>";
    for sent in [
        plain.to_owned(),
        base64::engine::general_purpose::STANDARD.encode(plain),
        base64::engine::general_purpose::STANDARD.encode(plain).replace('+', " "),
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(plain),
    ] {
        assert_eq!(referrer(sent), plain);
    }
    assert_eq!(referrer(String::new()), "");
    assert_eq!(referrer("not an address".into()), "not an address");
    assert_eq!(referrer("//cdn/x".into()), "//cdn/x");
}

#[test]
fn application_events_need_no_entry_and_players_do() {
    let event = |query: &str| read(parameters(&Request { query, ..Request::default() }).unwrap());
    let button =
        event("partnerId=1&eventType=10002&buttonName=8&buttonType=Share_embed_open&feature=share_embed").unwrap();
    let names: Vec<&str> = button.event.vars.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["buttonName", "buttonType", "feature"]);
    for query in [
        "partnerId=1&eventType=3",
        "partnerId=1&entryId=0_a",
        "eventType=3&entryId=0_a",
        "partnerId=x&eventType=3&entryId=0_a",
        "partnerId=1&eventType=play&entryId=0_a",
        "partnerId=1&eventType=3&entryId=%00",
    ] {
        assert_eq!(event(query).unwrap_err().reason, Reason::Protocol, "{query}");
    }
    let long = format!("partnerId=1&eventType=3&entryId={}", "x".repeat(257));
    assert_eq!(event(&long).unwrap_err().reason, Reason::Size);
    let many: String = (0..201).map(|n| format!("p{n}=1&")).collect();
    assert_eq!(parameters(&Request { query: &many, ..Request::default() }).unwrap_err().reason, Reason::Size);
}

#[test]
fn nothing_private_among_the_variables() {
    let event = check(
        "eventType=100&ks=abc&clientInternalIp=10.1.2.3&serverNodeIds=3,4&userId=eve&note=seen+from+10.1.2.3\
         &errorDetails=%7B%22url%22%3A%22https%3A%2F%2Fh%2Fks%2FdjJ8%2Fx%22%7D&userAgent=x",
    )
    .event;
    let kept: Vec<(&str, &str)> = event.vars.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expect = [("serverNodeIds", "3,4"), ("note", "seen from -"), ("errorDetails", r#"{"url":"https://h/ks/-/x"}"#)];
    assert_eq!(kept, expect);
}

#[test]
fn old_players_in_all_their_spellings() {
    let read = |query: &str, content_type: &str, body: &str| {
        let request = Request { path: "/api_v3/index.php", query, content_type, body: body.as_bytes() };
        legacy::read(parameters(&request).unwrap()).unwrap().event
    };
    let colons = read(
        "event:eventType=5&event:partnerId=1&event:entryId=0_a&event:sessionId=s&event:currentPoint=5000&event:uiconfId=7&event:clientVer=2.9",
        "",
        "",
    );
    let brackets = read(
        "",
        "application/x-www-form-urlencoded",
        "event[eventType]=5&event[partnerId]=1&event[entryId]=0_a&event[sessionId]=s&event[currentPoint]=5000&event[uiconfId]=7&event[clientVer]=2.9",
    );
    let json = read(
        "",
        "application/json",
        r#"{"event":{"eventType":5,"partnerId":1,"entryId":"0_a","sessionId":"s","currentPoint":5000,"uiconfId":7,"clientVer":"2.9","userIp":"10.0.0.1"}}"#,
    );
    assert_eq!((colons.kind, colons.position_ms, &*colons.facts.ui_conf), (EventKind::REACHED_50, Some(5000), "7"));
    assert_eq!(colons, brackets);
    assert_eq!(colons, json);
    assert_eq!(legacy::kind(1), 90_001);
    assert_eq!(
        (2..=7).chain(9..=17).map(legacy::kind).collect::<Vec<_>>(),
        [1, 3, 11, 12, 13, 14, 21, 23, 24, 45, 46, 31, 32, 34, 35]
    );
}

proptest! {
    #[test]
    fn no_request_panics(
        path in "/api_v3[a-zA-Z0-9/%+:]{0,60}",
        query in prop::collection::vec(any::<u8>(), 0..120),
        content_type in prop::sample::select(vec!["", "application/json", "text/plain", "application/x-www-form-urlencoded"]),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let query = String::from_utf8_lossy(&query).into_owned();
        let request = Request { path: &path, query: &query, content_type, body: &body };
        if let Ok(from) = parameters(&request) {
            let _ = read(from.clone());
            let _ = legacy::read(from);
        }
    }

    #[test]
    fn whatever_the_values_are_the_event_stays_bounded(
        values in prop::collection::vec(("(partnerId|eventType|entryId|position|playTimeSum|caption|ks|referrer|x[a-c])", "\\PC{0,60}|[0-9.eE+-]{1,30}"), 0..20),
    ) {
        let query = url::form_urlencoded::Serializer::new("partnerId=1&eventType=3&entryId=a".to_owned())
            .extend_pairs(values.iter().map(|(name, value)| (name, value)))
            .finish();
        if let Ok(draft) = parameters(&Request { query: &query, ..Request::default() }).and_then(read) {
            for (name, value) in &draft.event.vars {
                prop_assert!(&**name != "ks" && value.len() <= FIELD_BYTES_MAX);
            }
        }
    }

    #[test]
    fn json_numbers_and_strings_alike(position in 0.0f64..1e5, index in 1u32..1000) {
        let numbers = format!(r#"{{"partnerId":1,"eventType":3,"entryId":"a","position":{position},"eventIndex":{index}}}"#);
        let strings = format!(r#"{{"partnerId":"1","eventType":"3","entryId":"a","position":"{position}","eventIndex":"{index}"}}"#);
        let event = |body: &str| read(parameters(&Request { body: body.as_bytes(), ..Request::default() }).unwrap()).unwrap();
        prop_assert_eq!(event(&numbers), event(&strings));
    }
}
