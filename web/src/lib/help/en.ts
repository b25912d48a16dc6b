import type { Topic } from './index';

/**
 * The guide, in the order in which people learn the product. The markup is that of help/markup.ts: blank lines part
 * blocks, `## ` heads, `- ` and `1. ` list, `| ` tables, `[text](/help/topic)` links, `**bold**`.
 */
export const topics: Topic[] = [
  {
    id: 'recording',
    title: 'See how one recording is watched',
    also: ['View analytics of one recording', 'entry', 'video analytics', 'image', 'audio'],
    text: `
1. Open **My media**. Every row is one recording; find yours with the search field or press **/** anywhere.
2. Press its name. The page of the recording opens with the period you had chosen.

Inside your LMS the same page opens from the course’s navigation, or from the player’s analytics link.

From top to bottom the page shows the key figures, **Where people watch** (second by second), the viewers with the parts each of them played, the figures over time, the way from shown to finished, places, devices, domains and pages. An image has no timeline: its viewers are those to whom it was shown. A quiz has attempts, scores and answers instead.

You see this page for what you own or co-edit, and for recordings of the courses and channels that you teach or manage. What others own is not shown, and looks as if it did not exist.
`,
  },
  {
    id: 'my-media',
    title: 'See everything you own together',
    also: ['My Analytics', 'owner', 'all media'],
    text: `
**My media** shows all your recordings as one: what is added up there is the sum of what you own, unless you choose otherwise beside the title: what you own, what you co-edit, or both.

The list of recordings can be searched, sorted by every column and paged. Press a name to open one of them; press a bar anywhere to narrow the whole page to it.

Viewers are not added up over recordings: one person who watched five of yours counts once in the total. See [why numbers may differ](/help/differ).
`,
  },
  {
    id: 'course',
    title: 'See a course or channel',
    also: ['Media Gallery', 'category', 'channel analytics', 'Canvas course'],
    text: `
Teachers, assistants and designers see their courses; managers see their channels. Open **Courses and channels**, or press **/** and type the course’s name. From inside the LMS the course’s own page opens at once.

- **Study rhythm** puts recordings against weeks: how large a part of the class played what, when.
- **Where played** parts the plays in three: see [gallery, course, elsewhere](/help/placement).
- **Who has not watched** knows three states: **Watched**, **Not watched** (shown but not played) and **Cannot tell**. “Cannot tell” is not “did not watch”: see [what names can and cannot say](/help/names).
- **This term** takes its days from the LMS or the catalog. **Compare with the last offering** lays the earlier run of the course behind this one, week by week.

In a course you see names of people in that course’s gallery and pages. What the same recording got elsewhere is one total without names.
`,
  },
  {
    id: 'period',
    title: 'Choose days, and compare them',
    also: ['Date range', 'Date filter', 'last 30 days', 'since creation', 'compare periods', 'time zone'],
    text: `
The button with the clock says which days are shown. Unless you choose others these are the **last 30 days to yesterday**: today is left out because it is not over. What happened today stands in the line **Today so far**.

- Presets are whole days: 7, 30 or 90 days, 12 months, this week, month, quarter, year, this term, since creation. Beside each stand its exact first and last day.
- **Include today (not over)** adds the day that is not over. Since creation and typed days include it by themselves.
- Type a first and a last day, pick them in the **Calendar**, or drag over a chart, for any other range.
- **Compare with** puts the period before, the same days last year, as many days from any day, or a course’s last offering behind every figure: dashed in charts, with an arrow on tiles. **In tables and lists too** adds it to each of their rows.

Days are counted in one time zone, named under the title. It is part of the address: a colleague elsewhere who opens your link sees your days.
`,
  },
  {
    id: 'filters',
    title: 'Filter what is shown',
    also: ['Filter menu', 'media type', 'tags', 'location filter', 'domain filter', 'saved views'],
    text: `
- Press any bar, slice or value in a list: the whole page then shows only that. Press it again to take it back.
- **Filter** lists everything one can filter by: media type, tag, owner, recording, course, where it was played, viewer, country, region, city, domain, page, device, operating system, browser, and more. Behind every value stands how often it was played within what is shown.
- Filters stand under the title as sentences: “Country **is** Germany or India”. Press the verb to turn it round: **is**, **is not**. **Contains** and **does not contain** take a part of the text.
- Several values of one filter mean *any of them*; several filters must *all* hold.

Filters, days and comparison are in the address. A bookmark or a link keeps them, the browser’s Back takes the last one off. **Saved views** keep an address under a name, for you or for everybody in the account.
`,
  },
  {
    id: 'highlights',
    title: 'The key figures at the top',
    also: ['Highlights', 'player impressions', 'unique viewers', 'minutes viewed', 'plays'],
    text: `
| Figure | What it counts |
| **Impressions** | how often a player was shown: one for each player and page load |
| **Plays** | how often a first frame was seen; going on after a pause is none. Under it: of how many recordings |
| **Unique viewers** | different people. All who did not sign in count as **one**, called Unknown |
| **Minutes viewed** | minutes of the recording that were really played, repeats included. Double speed counts the minutes of the recording, not of the clock |
| **Drop-off** | the point reached, on average over plays. **Higher is better**, despite Kaltura’s name |
| **Completion** | the share of the recording that was really played, on average over plays |

Press a tile to draw it in the chart below. The “i” on each has its definition, and **Why may this number differ?** does the arithmetic for it.

The arrow compares with the period chosen under Compare. Where the base is small, the two counts themselves are shown: “3 → 9” says more than “+200%”. Shares change by points (pt).
`,
  },
  {
    id: 'placement',
    title: 'Gallery, course, elsewhere',
    also: ['Category page views', 'Viewing context', 'playback context', 'Where played'],
    text: `
A recording that belongs to a course can be played in three places:

- **Gallery**: on the course’s or channel’s own media page.
- **In this course**: embedded in a page, a quiz or an assignment of the course. It counts here only where that is proved: by a launch from the LMS, by a signed token, or by the page’s address.
- **Elsewhere**: anywhere else, also where the browser does not say on which page.

Kaltura shows the first against the sum of all, under the name *Category page views*. Here all three add up to the plays of the course’s recordings.
`,
  },
  {
    id: 'top',
    title: 'Top recordings and top viewers',
    also: ['Top Videos', 'Top Viewers', 'engagement ranking', 'score'],
    text: `
**Top recordings** are ordered by the engagement score unless you sort them otherwise; every list names its order in the column’s head. The score runs from 0 to 10: up to 5 for plays and 2.5 for viewers, both against the best recording of the list, and up to 2.5 for completion. Kaltura’s ranking is made the same way.

**Top viewers** are ordered by minutes viewed, and by plays with one press. A high place means many minutes reported, nothing more: see [what names can and cannot say](/help/names).
`,
  },
  {
    id: 'insights',
    title: 'What stands out',
    also: ['Insights', 'most viewed domain', 'top locations', 'most popular device', 'peak day'],
    text: `
Sentences that say what a chart would let you find: the domain with most plays and its share, the top places, the most used device, the day with most plays, the second most often seen again, the steepest loss. Each leads to the panel that proves it.

They stand still, can be read by a screen reader and are printed with the page.
`,
  },
  {
    id: 'timeline',
    title: 'Where people watch',
    also: ['player timeline', 'views and viewers', 'heat map of the recording', 'dead air', 'retention'],
    text: `
The area shows how many people saw each second. On top of it, in another colour, stands how often they played the second **again**. One person counts once a second however often they return. Between the two, in grey, stand the views of people who did not sign in: whether one of them came twice or two came once cannot be known, so they are shown for themselves and count as one viewer.

- Point, drag, or use the arrow keys to read any second.
- While the recording plays here, a line shows where it is. Pressing a second or a moment plays from there; so does Enter after the arrow keys. What you play here is not counted, unless your institution shows its own player in a frame.
- **Moments** name what stands out: seen again most, a steep loss, where the content ends.
- **Typical for this owner** lays over it, dashed, how many of their first viewers recordings of the same owner and of like length keep.
- **Dead air**: often almost everybody leaves together before the end, because nothing comes any more. Then hardly anyone reaches 100%, and nothing is wrong. Owners can mark the end of the content; completion then counts up to there.
`,
  },
  {
    id: 'parts',
    title: 'Which parts each viewer played',
    also: ['View Engagement Per User', 'engagement per viewer', 'heat map', 'user engagement'],
    text: `
Every row is one person, with a strip of the whole recording. Height and colour say how often each second was played: not at all, once, twice, more often. **Parts in words** writes the same as times: “0:00–4:30, 6:10–7:00 (twice)”.

People who did not sign in are one row, **Unknown**. A shield means that the name was proved by a signature; **claimed** means that the page named the person and nothing proved it.

**Hide names** (the eye) replaces names by short codes, for showing your screen to others.

Please read [what names can and cannot say](/help/names) before you conclude anything about a person.
`,
  },
  {
    id: 'over-time',
    title: 'Figures over time',
    also: [
      'Performance over time',
      'Video performance over time',
      'Category performance over time',
      'View Details',
      'Avg. Drop Off Rate',
      'Avg. Completion Rate',
    ],
    text: `
Press a tile to choose what is drawn, and Day, Week or Month for the step. The dashed line is the period compared with. A dotted end is today, which still grows. Drag over the chart to choose those days. A **second measure** can be laid beside the first; where the two do not suit one scale, each has its own.

Under the axis stand **Notes**: recordings that were added, times in which nothing was collected, and what people write, such as an exam. Administrators write about everything, course staff about their course, owners about their recordings.

**Table** shows the same numbers; the tables below break them down by day, viewer, recording and course, like Kaltura’s *View Details*. With a comparison chosen, every row says under its number how it changed, and from what.

- **Avg. drop off rate** is called *drop-off* here. It is the mean of the last quarter that plays reached: 20% counts 0, 80% counts 75. Higher is better.
- **Avg. completion rate** is called *completion*: what was really played. A jump to the end does not raise it.
- Many people watch all that matters and never reach 100%: see dead air under [where people watch](/help/timeline).
`,
  },
  {
    id: 'funnel',
    title: 'From shown to finished',
    also: ['How player impressions lead to engagement', 'engagement funnel', 'play-through', 'quartiles'],
    text: `
Six steps at once: shown, played, and 25, 50, 75, 100%. Each has its share of the first step and of the one before.

**Reported reached** is what players said they passed; a jump to the end passes every mark. **Really played** counts only plays in which that share was really played. The distance between the two is skipping.
`,
  },
  {
    id: 'places',
    title: 'Countries, regions and cities',
    also: ['Top Countries', 'map', 'geography', 'location'],
    text: `
Places follow from the network address at the moment of viewing. The address itself is not kept. Press a country for its regions, a region for its cities; the list beside the map is complete, the map is its illustration. Regions are areas, cities are dots as large as their plays; where a region’s shape is not known it is a dot too.

A VPN shows the place of its exit, and a phone network often one city for a whole region. Viewers who ask not to be tracked are counted without region and city.
`,
  },
  {
    id: 'devices',
    title: 'Devices and software',
    also: ['Devices Overview', 'Top browsers', 'Top operating systems', 'technology'],
    text: `
The device class, operating system and browser follow from what the browser says of itself when it plays; that text is not kept. Tablets often call themselves computers. Every slice and row can be pressed to filter the page.
`,
  },
  {
    id: 'domains',
    title: 'Domains and pages',
    also: ['Top Domains', 'Page URLs', 'common domains', 'unknown domain', 'kaf', 'where embedded'],
    text: `
A domain is the site on which the player stood; press it for its pages. They are ordered by plays. Pages open in a new tab; you may lack the right to open them.

| You see | It means |
| your LMS’s own address | a player’s code was pasted into a page of the LMS |
| an address with “kaf” | the media was opened through Kaltura’s tool in the LMS; nothing to do |
| an address with “quiz-lti” | pasted into a New Quizzes question; which one cannot be told |
| an address ending in canvas-user-content.com | pasted into a file uploaded to the LMS |
| an address with “scorm” | inside a SCORM package |
| googleusercontent.com | embedded in a Google Site |
| qualtrics.com | embedded in a survey |
| articulateusercontent.com | inside an Articulate course |
| mediaspace | your media portal itself; nothing to do |
| page not disclosed | the browser told the site, and not the page |
| Unknown, C:, localhost | a saved page, an app, or a browser that hides where it is |

What your institution knows of each stands in [Domains & embeds](/embeds). To hunt for pages that need a new code, see [find embeds](/help/embeds).
`,
  },
  {
    id: 'embeds',
    title: 'Find embeds that need an update',
    also: ['player upgrade', 'embed code', 'inventory', 'migration', 'broken embeds'],
    text: `
1. Open **Domains & embeds**. It shows the last 12 months.
2. Choose the **campaign**, for instance a player upgrade. Every domain then says whether its embeds need an update, why, and by when.
3. Open a domain to see its pages, and on each the recordings with their IDs, plays, first and last day seen.
4. Update the page (it opens in a new tab), then set it to **done**. You can note who does it, and a remark.
5. **Inventory as CSV** gives the whole list as a file.

A page that was set to done and is seen playing the old way again returns to the list by itself.

What cannot be found: pages that nobody opened in the period, and pages whose address the browser does not tell (New Quizzes, SCORM, some surveys). For these only the domain is known. Downloaded pages cannot be changed at all.
`,
  },
  {
    id: 'naming',
    title: 'Publish so that viewers are named',
    also: ['user-level analytics', 'unknown viewers', 'unlisted', 'sign-in', 'collect user analytics'],
    text: `
A viewer has a name only if the page that shows the player tells who is signed in, and proves it.

- **Named**: media added to the course through the LMS’s own media tool; the course’s gallery; a channel or portal page that requires sign-in.
- **Unknown**: a link to an *unlisted* recording, wherever it is pasted; a portal page opened without sign-in; an embed code pasted into a page outside the LMS.
- **Claimed**: a page that names a person without proof. Such names are marked, or refused, as your administrator chose.

To get names next time: publish to the course or channel, add the recording with the LMS’s media button instead of pasting a link, and do not share unlisted links for what you want to follow by person.

The page of a recording has the card **Can this recording’s viewers be named?** with its own numbers and the likely causes.
`,
  },
  {
    id: 'names',
    title: 'What names can and cannot say',
    also: [
      'limitations',
      'attendance',
      'participation grade',
      'not proof',
      'missing student',
      'did not watch',
    ],
    text: `
**Do not use this as the only measure of attendance or for a grade.** It gives a picture, not evidence.

A name means: a player signed in as this person reported playing. It does not say that the person sat there.

A missing name proves nothing. These never reach us:

- **Blocked**: content blockers, privacy extensions and some VPNs stop players from reporting. Typically a few per cent of plays.
- **Not signed in**: whoever comes through an unlisted link, or before signing in, is in the row Unknown.
- **Downloaded**: a file played from the disk reports nothing.
- **Together**: ten people before one screen are one viewer.
- **Offline**: viewing that an app holds back arrives up to days later.

If a student says they watched and you do not see it, both can be true. Ask them for their own record: everybody can read what is stored of them under **My record**.

Whoever looks at named viewers is written down in the access log, which administrators and, for their own name, viewers can read.
`,
  },
  {
    id: 'differ',
    title: 'Why numbers may differ',
    also: ['numbers do not match', 'different from Kaltura', 'discrepancy', 'definitions', 'proof'],
    text: `
Open the “i” beside a number and press **Why may this number differ?** It does the arithmetic for that number: what was left out and how much, what it is by Kaltura’s rule, and the rows from which it was made.

Common reasons:

- **Days**: another time zone, or today included in one and not in the other.
- **Viewers do not add up**: one person on three days is three in the days’ sum and one in the total.
- **Minutes**: ours are counted per second really played. Kaltura’s older way counts a quarter for each mark passed: 4 of 10 minutes count 2.5, a jump to the end counts 10.
- **Completion**: ours ignores skips; marks reported do not.
- **Robots and floods** are left out here and counted under the number.
- **Repeats**: the same event sent twice is counted once.
- **Late viewing**: a phone that was offline reports later; the past then grows a little.

Every total is reckoned anew from rows, never from other totals. You can read those rows and take them along as a file.
`,
  },
  {
    id: 'export',
    title: 'Take numbers along: files, print, links',
    also: ['Export', 'CSV', 'Excel', 'XLSX', 'PDF', 'Download report', 'share', 'print'],
    text: `
- **One panel**: the arrow in its corner gives the whole result, not only the page you see, as CSV or Excel (XLSX), with the question and the definitions at the top.
- **The page**: **Export and print** at the top lists its panels; choose some or all.
- **Print or PDF**: in the same place, **Print, or save as PDF**. The head then names filters, days, time zone and the time of the numbers. In the browser’s dialog choose “Save as PDF”.
- **A link**: copy the address. Who opens it sees the same question with their own rights.
- **Large files** are made in the background and kept for a day.

Where a file names people it carries the sentence that it is no proof of attendance, and taking it is written into the access log.
`,
  },
  {
    id: 'live',
    title: 'Live broadcasts',
    also: ['real-time', 'live now', 'DVR', 'webcast'],
    text: `
**Live now** shows who watches what this minute and follows by itself; **Pause** stops it. At the live edge and behind it (DVR) are told apart, and stalling, bit rate and errors show how well it plays.

Below stand the broadcasts that are planned, as the catalog tells them, and those that ended in the last seven days: the most players at once, viewers, minutes, and the last one minute by minute.

A live broadcast has no timeline of seconds until it is a recording. Its minutes count as they pass, without the time spent stalling.
`,
  },
  {
    id: 'quality',
    title: 'Can these numbers be trusted?',
    also: ['data quality', 'bad rows', 'bots', 'completeness', 'coverage'],
    text: `
For administrators. **Data quality** shows what arrives each minute, what could not be understood and why, what was sent twice, robots, viewers without a name, and how complete the data are: players number their events, so a gap in the numbers is a lost event.

Places, players and pages without a rule are listed, so that you can see what a number rests on. **Clocks of devices** shows how far they stand from the server’s; events are set right by the difference. Players that were offline send later: what came late is put at its place.
`,
  },
  {
    id: 'reconciliation',
    title: 'Compare with Kaltura’s own figures',
    also: ['reconciliation', 'baseline', 'import of reports', 'why does Kaltura say something else'],
    text: `
For administrators, from **Data quality**. Whoever runs the server reads Kaltura’s own figures of past days: plays, impressions and minutes of each recording. They are kept apart and never added to what was collected here.

- Days that were read are compared, in the time zone in which they were read. Other days of the period are left out on both sides.
- Minutes follow Kaltura’s rule on both sides: ten seconds for each heartbeat. Elsewhere on these pages minutes are counted to the second.
- Within 2 %, or within two, counts as the same.
- The reason beside a difference is the likeliest: a page that sends to Kaltura only, collection that began later, heartbeats lost on the way, robots left out here.

The arrow in the corner takes the whole list along as CSV or Excel.
`,
  },
  {
    id: 'privacy',
    title: 'What is stored about viewers',
    also: ['My record', 'access log', 'erase', 'GDPR', 'FERPA', 'data protection', 'hide names'],
    text: `
- What was played, when, on which kind of device, in which place. *Not* stored: network addresses, the browser’s text about itself, sign-in tokens.
- Names stand apart from figures and are removed after the time that your institution has set. The figures stay, without the person.
- **My record** shows everybody what is stored of them, and who looked at it.
- Administrators can erase a person; totals stay the same to the last digit.

The page *Data protection* at the bottom says it in full, with the person to ask.
`,
  },
  {
    id: 'keyboard',
    title: 'Keyboard, screen readers, display',
    also: ['accessibility', 'shortcuts', 'dark mode', 'high contrast', 'language', 'zoom'],
    text: `
- **/** opens the search. It can be switched off in your menu, and is off inside an LMS.
- **Tab** reaches everything. In a chart the arrow keys, Page, Home and End move a cursor that says its values; **Table** shows them all.
- Definitions open with Enter and close with Escape.
- Your menu has light, dark and high contrast, and the language. The pages also follow the settings of your system: contrast, forced colours, reduced motion, text size.
- Everything works at 400% zoom and on a phone. Wide tables scroll inside themselves.
- Printing is always light, without controls.
`,
  },
];
