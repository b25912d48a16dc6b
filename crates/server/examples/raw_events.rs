//! Made-up events as CSV, one a line, for measuring other engines on them: `raw_events 10000000 > events.csv`. The same
//! plan as `playhead demo --events`.

use server::demo::Plan;
use std::io::{BufWriter, Write};
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let events = std::env::args().nth(1).ok_or("how many events?")?.parse()?;
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let plan = Plan::new(1, now_ms, events);
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    writeln!(out, "at_ms,kind,entry,session,person,country,device,domain,page,position_ms,play_time_ms")?;
    for event in plan.events().flatten() {
        let facts = &event.facts;
        writeln!(
            out,
            "{},{},{},{},{},{},{},{},\"{}\",{},{}",
            event.at_ms,
            event.kind.0,
            event.entry,
            event.session,
            event.who.person.0,
            facts.country,
            facts.device,
            facts.domain,
            facts.page,
            event.position_ms.map_or_else(String::new, |ms| ms.to_string()),
            event.play_time_ms.map_or_else(String::new, |ms| ms.to_string()),
        )?;
    }
    out.flush()?;
    Ok(())
}
