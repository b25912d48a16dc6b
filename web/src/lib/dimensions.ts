/** What one can filter by, in groups as people think of them. Ids are the server's. */
export const FILTERS = [
  ['media', ['entry', 'media_type', 'tag', 'owner', 'category', 'source', 'playlist']],
  ['people', ['viewer', 'known', 'proof']],
  ['where', ['placement', 'playback_context', 'domain', 'page', 'application']],
  ['place', ['country', 'region', 'city']],
  ['technology', ['device', 'os', 'browser', 'player_version', 'playback_type']],
] as const;
