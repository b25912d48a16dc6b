//! Players of others on a recording's page: where they are, and what lets them into our pages. Nothing is asked of them
//! until somebody presses play; without settings there are none.

use crate::config::Settings;
use engine::catalog::view::{EntryView, MediaType};
use url::Url;

/// Address of a page that plays a recording in a frame: `{entry}` stands for its id, `{start}` for the second to begin at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embed(String);

/// YouTube's player that sets no cookies before something is played.
const YOUTUBE: &str = "https://www.youtube-nocookie.com";

impl Embed {
    /// Reads a setting: https (or http, for trying out), with `{entry}` after the site's name.
    pub fn read(text: &str) -> Option<Embed> {
        let url = Url::parse(text).ok()?;
        let fits = matches!(url.scheme(), "https" | "http") && url.host_str().is_some_and(|host| !host.contains('{'));
        (fits && text.contains("{entry}") && !text.contains([' ', '"', '<', ';'])).then(|| Embed(text.to_owned()))
    }

    fn of(&self, entry: &str) -> String {
        self.0.replace("{entry}", &escaped(entry))
    }

    fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The player of a recording, if there is one for it: an address in which `{start}` is the second to begin at.
pub fn of(settings: &Settings, id: &str, entry: &EntryView) -> Option<String> {
    match (entry.media_type, &entry.youtube_id) {
        (MediaType::YouTube, Some(youtube)) if settings.player_youtube && !youtube.is_empty() => {
            Some(format!("{YOUTUBE}/embed/{}?start={{start}}&autoplay=1&rel=0", escaped(youtube)))
        }
        (MediaType::YouTube | MediaType::Image, _) => None,
        _ if entry.deleted => None,
        _ => settings.player_embed.as_ref().map(|embed| embed.of(id)),
    }
}

/// What the pages' policy says of frames: the sites of the players that are set, or nothing.
pub fn policy(settings: &Settings) -> String {
    let youtube = settings.player_youtube.then(|| YOUTUBE.to_owned());
    let origins: Vec<String> = settings.player_embed.iter().map(Embed::origin).chain(youtube).collect();
    if origins.is_empty() { String::new() } else { format!("; frame-src {}", origins.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KALTURA: &str = "https://cdn.example.com/p/7/embedPlaykitJs/uiconf_id/9?entry_id={entry}&start={start}";

    fn settings(embed: Option<&str>, youtube: bool) -> Settings {
        Settings { player_embed: embed.and_then(Embed::read), player_youtube: youtube, ..Settings::default() }
    }

    #[test]
    fn an_address_needs_a_site_of_its_own_and_a_place_for_the_recording() {
        assert!(Embed::read(KALTURA).is_some());
        for wrong in [
            "",
            "https://cdn.example.com/",
            "https://{entry}.example.com/",
            "javascript:{entry}",
            "https://a.b/{entry} 'self'",
        ] {
            assert_eq!(Embed::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_recording_has_the_player_of_its_kind_or_none() {
        let video = EntryView { media_type: MediaType::Video, ..EntryView::default() };
        let link = EntryView { media_type: MediaType::YouTube, youtube_id: Some("a&b".into()), ..EntryView::default() };
        let both = settings(Some(KALTURA), true);
        let playing = of(&both, "1_a/b", &video).unwrap_or_default();
        assert!(playing.contains("entry_id=1_a%2Fb&start={start}"), "{playing}");
        assert!(of(&both, "1_y", &link).unwrap_or_default().contains("/embed/a%26b?start={start}"));
        assert_eq!(of(&settings(Some(KALTURA), false), "1_y", &link), None);
        assert_eq!(of(&settings(None, true), "1_a", &video), None);
        let image = EntryView { media_type: MediaType::Image, ..EntryView::default() };
        assert_eq!(of(&both, "1_i", &image), None);
    }

    #[test]
    fn only_what_is_set_is_let_in() {
        assert_eq!(policy(&settings(None, false)), "");
        assert_eq!(
            policy(&settings(Some(KALTURA), true)),
            "; frame-src https://cdn.example.com https://www.youtube-nocookie.com"
        );
    }
}
