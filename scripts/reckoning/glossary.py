"""Measures and dimensions in SQL, as docs/generated/glossary.md defines them, over the rows that a question selects."""


ADDED = """impressions play_requests plays resumes reached_25 reached_50 reached_75 reached_90 reached_100 pauses replays seeks
    shares_opened shares downloads reports_opened fullscreen_on fullscreen_off related_opened related_selected captions
    sources_selected infos speeds audios_selected flavor_switches buffer_starts buffer_ends errors heartbeats manifests
    buttons api_calls quizzes events heartbeats_expected duplicates reordered identity_unsigned identity_invalid
    identity_other overflow"""
RENAMED = {"reports": "reports_submitted", "page_loads": "pages", "other_events": "others", "late_events": "late",
           "missing_events": "missing", "scored_quizzes": "scored", "quiz_starts": "starts", "quiz_answers": "answered",
           "quiz_correct": "correct"}
VOD, RECORDED, LIVE = "playback = 'vod'", "playback IN ('vod', 'offline')", "playback IN ('live', 'dvr')"


def added(column, where="TRUE"):
    return f"coalesce(sum({column}) FILTER ({where}), 0)::DOUBLE"


def over(top, bottom, cap=None):
    ratio = f"({top}) / nullif({bottom}, 0)"
    # least() skips nulls, but a ratio of nothing is none.
    return f"CASE WHEN {bottom} > 0 THEN least({ratio}, {cap}) END" if cap else ratio


def distinct(what, where):
    return f"count(DISTINCT {what}) FILTER ({where})"


def crossed(permille):
    share = lambda ms: f"({ms}) * 1000 >= {permille} * content_ms"
    where = f"axis AND {share('covered_before_ms + fresh_ms')} AND NOT ({share('covered_before_ms')})"
    return added("1", where)


MILESTONES = "(reached_25 + reached_50 + reached_75 + reached_100)"
PARTS = "((covered_before_ms + fresh_ms) * 100 // length_ms - covered_before_ms * 100 // length_ms)"
MINUTES = {
    "minutes_viewed": added("watched_ms"),
    "clock_minutes": added("clock_ms"),
    "heartbeat_minutes": added("heartbeat_ms"),
    "unproved_minutes": added("unproved_ms"),
    "buffering_minutes": added("buffer_ms"),
    "vod_minutes": added("watched_ms", RECORDED),
    "live_minutes": added("watched_ms", LIVE),
    "vod_heartbeat_minutes": added("heartbeat_ms", VOD),
    "live_heartbeat_minutes": added("heartbeat_ms", LIVE),
    "quartile_minutes": added(f"{MILESTONES} * length_ms / 4"),
}
PLAYS, VIEWERS = added("plays"), distinct("viewer", "views")
TIMED = added("plays", "axis AND length_ms > 0")
COMPLETION = over(added("fresh_content_ms / content_ms::DOUBLE", "axis"), TIMED, 1)
KALTURA_COMPLETION = over(added(PARTS, VOD), PLAYS, 100)

MEASURES = {name: added(name) for name in ADDED.split()}
MEASURES |= {name: added(column) for name, column in RENAMED.items()}
MEASURES |= {name: f"{ms} / 60000" for name, ms in MINUTES.items()}
MEASURES |= {f"covered_{percent}": crossed(percent * 10 if percent < 100 else 995) for percent in (25, 50, 75, 90, 100)}
MEASURES |= {
    name: over(MINUTES[minutes], f"60000 * {PLAYS}")
    for name, minutes in {
        "average_minutes": "minutes_viewed",
        "average_clock_minutes": "clock_minutes",
        "average_heartbeat_minutes": "heartbeat_minutes",
        "average_quartile_minutes": "quartile_minutes",
    }.items()
}
MEASURES |= {
    "minutes_per_viewer": over(MINUTES["minutes_viewed"], f"60000 * {VIEWERS}"),
    "viewers": VIEWERS,
    "known_viewers": distinct("viewer", "views AND viewer <> 'unknown'"),
    "known_people": distinct("viewer", "viewer <> 'unknown'"),
    "played_entries": distinct("entry", "plays > 0"),
    "entries": distinct("entry", "TRUE"),
    "sessions": distinct("(entry, session)", "TRUE"),
    "domains": distinct("domain", "plays > 0 AND domain <> ''"),
    "played_pages": distinct("page", "plays > 0 AND page <> ''"),
    "owners": distinct("owner", "owner <> ''"),
    "quiz_takers": distinct("viewer", "quizzes > 0"),
    "quiz_respondents": distinct("viewer", "answered > 0"),
    "first_seen": "min(first_ms)",
    "last_seen": "max(last_ms)",
    "quiz_best_score": "max(best)",
    "quiz_score": over(added("score"), added("scores")),
    "quiz_correct_share": over(added("correct"), added("answered")),
    "play_rate": over(PLAYS, added("impressions")),
    "request_rate": over(added("play_requests"), added("impressions")),
    "start_rate": over(PLAYS, added("play_requests")),
    "error_rate": over(added("errors"), added("play_requests")),
    "drop_off": over(added(MILESTONES), f"4 * {PLAYS}"),
    "play_through": over(added("reached_100"), PLAYS),
    "completion": COMPLETION,
    "finish_rate": over(crossed(995), TIMED, 1),
    "compatible_completion": KALTURA_COMPLETION,
    "compatible_vod_completion": over(added(PARTS, VOD), added("plays", VOD), 100),
    "join_time": over(added("join_ms"), added("joins")),
    "can_play_time": over(added("can_play_ms"), added("can_plays")),
    "load_time": over(added("load_ms"), added("loads")),
    "segment_time": over(added("segment_ms"), added("segment_times")),
    "manifest_time": over(added("manifest_ms"), added("manifest_times")),
    "bitrate": over(added("bitrate_bps"), added("bitrates")),
    "bandwidth": over(added("bandwidth_bps"), added("bandwidths")),
    "dropped_frames": over(added("dropped_ppm"), f"1000000 * {added('droppeds')}"),
    "buffering_ratio": over(added("buffer_ms"), added("buffer_ms + clock_ms")),
    "compatible_buffering_ratio": over(added("buffer_ms"), added("heartbeat_ms")),
    "completeness": over(added("heartbeats"), added("heartbeats_expected"), 1),
    "missing_share": over(added("missing"), added("missing + events")),
    "attention": over(added("a_engaged"), added("a_said")),
    "attention_known": over(added("a_said"), added("a_all")),
    "sound_on": over(added("a_sound"), added("a_sound_said")),
    "tab_focused": over(added("a_tab"), added("a_tab_said")),
    "in_view": over(added("a_view"), added("a_view_said")),
    "full_screen": over(added("a_screen"), added("a_screen_said")),
    # Reckoned from recordings, not from rows: see `sql`.
    "total_completion": "max(total_completion)",
    "compatible_total_completion": "max(compatible_total_completion)",
    "occurrences": added("occurrences"),
    "times_correct": added("confirmed"),
    "correct_share": over(added("confirmed"), added("occurrences")),
}
# Only where something is grouped by a variable.
OF_VARIABLES = {"occurrences", "times_correct", "correct_share"}
# Of recordings by the instant of their creation, not of rows.
UPLOADS = {
    "added_recordings": "count(*)::DOUBLE",
    "added_minutes": "coalesce(sum(length_ms), 0) / 60000::DOUBLE",
    "contributors": "(count(DISTINCT owner) FILTER (owner <> ''))::DOUBLE",
}
MEASURES |= {f"attention_{mood}": over(added(f"a_{mood}"), added("a_said")) for mood in ("high", "good", "fair", "low", "none")}
# Against the best row of the table; nowhere else.
BEST = lambda value: f"nullif(max({value}) OVER (), 0)"
SCORES = {
    "plays_score": f"5 * {PLAYS} / {BEST(PLAYS)}",
    "engagement_score": f"5 * {PLAYS} / {BEST(PLAYS)} + 2.5 * {VIEWERS} / {BEST(VIEWERS)} + 2.5 * coalesce({COMPLETION}, 0)",
    "compatible_engagement_score": f"5 * {PLAYS} / {BEST(PLAYS)} + 2.5 * {VIEWERS} / {BEST(VIEWERS)}"
    f" + 2.5 * coalesce({KALTURA_COMPLETION}, 0) / 100",
}

# Dimensions: what a row's value of each is, in SQL.

PLAIN = """entry media_type source owner playback_context=playback_context proved_context playlist viewer proof=viewer_proof country
    region city device os browser domain page application application_version kaltura_application kaltura_application_version
    playback_type=playback player_version client_tag ui_conf delivery custom_var_1 custom_var_2 custom_var_3 root_entry node
    virtual_event suspect place_source placement quarter hour day week sunday_week month term year hour_of_day weekday"""
YES = lambda what: f"CASE WHEN {what} THEN 'yes' ELSE 'no' END"
VALUE = {name: column or name for name, _, column in (word.partition("=") for word in PLAIN.split())}
VALUE |= {
    "staff": YES("staff"),
    "bot": YES("bot"),
    "deleted": YES("deleted"),
    "known": YES("viewer <> 'unknown'"),
    "os_version": "trim(os || ' ' || os_version)",
    "browser_version": "trim(browser || ' ' || browser_version)",
}
# A row may have many of these, or none: joined by row.
MANY = {
    "tag": "SELECT r.id, tag AS value, NULL AS times FROM r JOIN tag USING (entry)",
    "category": "SELECT r.id, category AS value, NULL AS times FROM r JOIN link USING (entry)",
    "subcategory": "SELECT r.id, value, NULL AS times FROM r JOIN subcategory USING (entry)",
}
# The same of recordings, each a row of its own by its id.
MANY_OF_RECORDINGS = {
    "tag": "SELECT entry AS id, tag AS value FROM tag",
    "category": "SELECT entry AS id, category AS value FROM link",
    "subcategory": "SELECT entry AS id, value FROM subcategory",
}
OF_RECORDINGS = {"entry", "media_type", "source", "owner", "deleted", *MANY_OF_RECORDINGS}
# Only rows with the variable are in these tables.
VARIABLES = {
    "playback_rate": (41, "playbackSpeed"), "error_code": (98, "errorCode"), "report_reason": (25, "reportType"),
    "caption_chosen": (38, "caption"), "caption_shown": (99, "caption"), "audio_chosen": (42, "language"),
    "audio_heard": (99, "audioLanguage"), "network": (99, "networkConnectionType"), "share_network": (22, "socialNetwork"),
    "button": (10002, "buttonName"), "page_name": (10003, "pageName"), "quiz_question": (30003, "answered"),
    "quiz_question_correct": (30003, "correct"),
}
MANY |= {
    name: f"SELECT id, value, sum(times) AS times FROM mark WHERE kind = {kind} AND name = '{variable}' GROUP BY id, value"
    for name, (kind, variable) in VARIABLES.items()
}


def quoted(values):
    return "(" + ", ".join("'" + str(value).replace("'", "''") + "'" for value in values) + ")"
