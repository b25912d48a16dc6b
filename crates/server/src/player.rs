//! Players on a recording's page: where they are, and what lets them into our pages. Nothing is asked of another site until
//! somebody presses play; without settings there are no players. None of them is counted: our own element tells nobody
//! what it plays, and a frame reports to whom its owner has set.

use crate::config::Settings;
use engine::catalog::view::{EntryView, MediaType};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

/// Address of something of a recording at another site: `{entry}` stands for the recording's id, `{start}` (in frames) for
/// the second to begin at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    origin: String,
}

/// Another site as the policy names it: an origin, or with `*.` all hosts below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site(String);

/// How a recording is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlayerKind {
    /// The address is the media file itself.
    Media,
    /// The address is YouTube's player, to be shown in a frame.
    YouTube,
    /// The address is another player, to be shown in a frame.
    Frame,
}

/// A recording's player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Player {
    /// How to play it.
    pub kind: PlayerKind,
    /// Where it is; `{start}` in it stands for the second to begin at.
    pub address: String,
    /// Its captions (WebVTT), for a media file.
    pub captions: Option<String>,
}

/// YouTube's player that sets no cookies before something is played.
const YOUTUBE: &str = "https://www.youtube-nocookie.com";

impl Template {
    /// Reads a setting: https (or http, for trying out), with `{entry}` after the site's name.
    pub fn read(text: &str) -> Option<Template> {
        let origin = origin(&Url::parse(text).ok()?)?;
        let fits = text.contains("{entry}") && !text.contains([' ', '"', '<', ';']);
        fits.then(|| Template { text: text.to_owned(), origin })
    }

    fn of(&self, entry: &str) -> String {
        self.text.replace("{entry}", &escaped(entry))
    }
}

impl Site {
    /// Reads one of a setting's sites: `https://cdn.example.com`, `https://*.example.com`.
    pub fn read(text: &str) -> Option<Site> {
        let (scheme, rest) = text.split_once("://")?;
        let below = rest.strip_prefix("*.");
        let url = Url::parse(&format!("{scheme}://{}", below.unwrap_or(rest))).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let origin = origin(&url).filter(|_| bare)?;
        match below {
            None => Some(Site(origin)),
            Some(_) => {
                url.domain().filter(|domain| domain.contains('.')).map(|_| Site(origin.replacen("://", "://*.", 1)))
            }
        }
    }
}

/// A site as it may stand in a policy. Names may hold more than a policy's grammar has, such as `;`: those are refused.
fn origin(url: &Url) -> Option<String> {
    let fits = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    let origin = url.origin().ascii_serialization();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.:/[]".contains(letter);
    (fits && origin.chars().all(plain)).then_some(origin)
}

/// As one part of a path or a query, whatever it holds. In a path `+` is no space.
fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The player of a recording, if there is one for it: its media file before a frame.
pub fn of(settings: &Settings, id: &str, entry: &EntryView) -> Option<Player> {
    // These two would be read as steps within the address, and no escape keeps browsers from it.
    if entry.deleted || matches!(id, "." | "..") {
        return None;
    }
    let frame = |kind, address| Player { kind, address, captions: None };
    let embed = || settings.player_embed.as_ref().map(|embed| frame(PlayerKind::Frame, embed.of(id)));
    match (entry.media_type, &entry.youtube_id) {
        (MediaType::YouTube, Some(youtube)) if settings.player_youtube && !youtube.is_empty() => {
            // `enablejsapi` lets the page follow and seek; the page adds its own origin, to which alone the frame then talks.
            let address =
                format!("{YOUTUBE}/embed/{}?start={{start}}&autoplay=1&rel=0&enablejsapi=1", escaped(youtube));
            Some(frame(PlayerKind::YouTube, address))
        }
        (MediaType::YouTube | MediaType::Image, _) => None,
        // A broadcast is no file.
        (MediaType::Live, _) => embed(),
        _ => match &settings.player_media {
            Some(media) => Some(Player {
                kind: PlayerKind::Media,
                address: media.of(id),
                captions: settings.player_captions.as_ref().map(|captions| captions.of(id)),
            }),
            None => embed(),
        },
    }
}

/// What the pages' policy says of frames and media: the sites of the players that are set, or nothing.
pub fn policy(settings: &Settings) -> String {
    let site = |template: &Option<Template>| template.as_ref().map(|template| template.origin.clone());
    let youtube = settings.player_youtube.then(|| YOUTUBE.to_owned());
    let frames: Vec<String> = site(&settings.player_embed).into_iter().chain(youtube).collect();
    let mut media: Vec<String> = site(&settings.player_media).into_iter().collect();
    media.extend(site(&settings.player_captions).filter(|captions| !media.contains(captions)));
    media.extend(settings.player_media_sites.iter().map(|site| site.0.clone()));
    let says = |what: &str, sites: &[String]| {
        if sites.is_empty() { String::new() } else { format!("; {what} {}", sites.join(" ")) }
    };
    says("frame-src", &frames) + &says("media-src", &media)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KALTURA: &str = "https://cdn.example.com/p/7/embedPlaykitJs/uiconf_id/9?entry_id={entry}&start={start}";
    const MEDIA: &str = "https://media.example.com/p/7/sp/700/playManifest/entryId/{entry}/format/url/protocol/https";

    fn settings(embed: Option<&str>, youtube: bool) -> Settings {
        Settings { player_embed: embed.and_then(Template::read), player_youtube: youtube, ..Settings::default() }
    }

    fn with_media() -> Settings {
        Settings { player_media: Template::read(MEDIA), ..settings(Some(KALTURA), true) }
    }

    fn entry(media_type: MediaType) -> EntryView {
        EntryView { media_type, ..EntryView::default() }
    }

    fn address(settings: &Settings, id: &str, entry: &EntryView) -> String {
        of(settings, id, entry).map(|player| player.address).unwrap_or_default()
    }

    #[test]
    fn an_address_needs_a_site_of_its_own_and_a_place_for_the_recording() {
        assert!(Template::read(KALTURA).is_some());
        for wrong in [
            "",
            "https://cdn.example.com/",
            "https://{entry}.example.com/",
            "https://{entry}@example.com/",
            "https://*.example.com/{entry}",
            "https://a,b/{entry}",
            "javascript:{entry}",
            "https://a.b/{entry} 'self'",
        ] {
            assert_eq!(Template::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_site_is_an_origin_or_what_is_below_one() {
        for (text, site) in [
            ("https://cdn.example.com", "https://cdn.example.com"),
            ("https://CDN.example.com:8443/", "https://cdn.example.com:8443"),
            ("https://*.example.com", "https://*.example.com"),
            ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ] {
            assert_eq!(Site::read(text), Some(Site(site.to_owned())), "{text}");
        }
        for wrong in [
            "",
            "*",
            "https:",
            "https://*",
            "https://*.com",
            "https://*.*.example.com",
            "https://*.127.0.0.1",
            "https://a.b/path",
            "https://a.b?query",
            "https://me@a.b",
            "https://a.b;script-src",
            "https://a.b,c.d",
            "https://a.b 'unsafe-inline'",
            "data:text/html,x",
            "ftp://a.b",
        ] {
            assert_eq!(Site::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_recording_has_the_player_of_its_kind_or_none() {
        let video = entry(MediaType::Video);
        let link = EntryView { youtube_id: Some("a&b".into()), ..entry(MediaType::YouTube) };
        let both = settings(Some(KALTURA), true);
        assert!(address(&both, "1_a/b", &video).contains("entry_id=1_a%2Fb&start={start}"));
        assert!(address(&both, "1_y", &link).contains("/embed/a%26b?start={start}"));
        assert_eq!(of(&settings(Some(KALTURA), false), "1_y", &link), None);
        assert_eq!(of(&settings(None, true), "1_a", &video), None);
        assert_eq!(of(&both, "1_i", &entry(MediaType::Image)), None);
        assert_eq!(of(&both, "1_d", &EntryView { deleted: true, ..video }), None);
    }

    #[test]
    fn a_media_file_goes_before_a_frame_and_broadcasts_have_none() {
        let settings =
            Settings { player_captions: Template::read("https://text.example.com/{entry}.vtt"), ..with_media() };
        let kind = |media_type| of(&settings, "1_a", &entry(media_type)).map(|player| player.kind);
        for played in [MediaType::Video, MediaType::Audio, MediaType::Quiz, MediaType::Unknown] {
            assert_eq!(kind(played), Some(PlayerKind::Media), "{played:?}");
        }
        assert_eq!(kind(MediaType::Live), Some(PlayerKind::Frame));
        assert_eq!(kind(MediaType::Image), None);
        let captions = of(&settings, "1_a", &entry(MediaType::Video)).and_then(|player| player.captions);
        assert_eq!(captions.as_deref(), Some("https://text.example.com/1_a.vtt"));
        let link = EntryView { youtube_id: Some("y".into()), ..entry(MediaType::YouTube) };
        let youtube = of(&settings, "1_y", &link).map(|player| (player.kind, player.captions));
        assert_eq!(youtube, Some((PlayerKind::YouTube, None)));
    }

    #[test]
    fn whatever_an_id_holds_it_stays_one_part_of_the_address() {
        let video = entry(MediaType::Video);
        for id in
            ["../../x", "a?b=c#d", "a b+c", "{start}", "%2e%2e", "\"><script>", "https://evil.example/", "é\u{0}\n"]
        {
            let address = address(&with_media(), id, &video);
            let url = Url::parse(&address).unwrap_or_else(|cause| panic!("{id}: {cause}"));
            assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("media.example.com"), None, None), "{id}");
            assert_eq!(url.path().split('/').count(), MEDIA.split('/').count() - 2, "{id} is one part of {address}");
            assert!(!address.contains("{start}"), "{address}");
        }
        assert_eq!(address(&with_media(), "..", &video), "");
        assert_eq!(address(&with_media(), ".", &video), "");
        assert!(address(&with_media(), "a b+c", &video).contains("/entryId/a%20b%2Bc/format/"));
    }

    #[test]
    fn only_what_is_set_is_let_in() {
        assert_eq!(policy(&settings(None, false)), "");
        assert_eq!(
            policy(&settings(Some(KALTURA), true)),
            "; frame-src https://cdn.example.com https://www.youtube-nocookie.com"
        );
        let media = Settings {
            player_media: Template::read(MEDIA),
            player_captions: Template::read("https://text.example.com/{entry}.vtt"),
            player_media_sites: Site::read("https://*.cdn.example.net").into_iter().collect(),
            ..settings(None, false)
        };
        assert_eq!(
            policy(&media),
            "; media-src https://media.example.com https://text.example.com https://*.cdn.example.net"
        );
    }
}
