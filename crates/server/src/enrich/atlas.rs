//! Where cities lie: a point for each that was seen at collection, for maps and for Kaltura's `coordinates`.
//!
//! Rows have names; place data have points, but only by address, and addresses are not kept. So the point is learned with
//! the first event from a city and kept by the city's names alone: nothing of an account, a person, a time or a number.
//! It is rounded to tenths of a degree (some 11 km): place data give a fifth of the cities several points, by quarter, and
//! a finer one would say more of that one viewer than the name of the city, which is all that rows say.
//!
//! What is not known here is not drawn: the lists beside the maps are complete.

use engine::event::Text;
use rusqlite::{Connection, params};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;
use utoipa::ToSchema;

/// Cities that are kept. DB-IP knows 115,000; an institution meets a few thousand. At some 120 bytes each: 8 MB at most.
pub const CITIES_MAX: usize = 65_536;

/// The table could not be read or written.
pub type AtlasError = rusqlite::Error;

const TABLE: &str = "
-- Tenths of a degree. Of whom or when is nowhere.
CREATE TABLE IF NOT EXISTS city_point (
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    city TEXT NOT NULL,
    latitude INTEGER NOT NULL,
    longitude INTEGER NOT NULL,
    PRIMARY KEY (country, region, city)
) STRICT, WITHOUT ROWID;
";

/// A point on the Earth, in tenths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    latitude: i16,
    longitude: i16,
}

/// Latitude and longitude, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Degrees(pub f64, pub f64);

impl Point {
    /// A point of degrees; `None` when they lie beyond the Earth's.
    pub fn of(latitude: f64, longitude: f64) -> Option<Point> {
        let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let tenths = |degrees: f64| (degrees * 10.0).round() as i16;
        on_earth.then(|| Point { latitude: tenths(latitude), longitude: tenths(longitude) })
    }

    /// In degrees.
    pub fn degrees(self) -> Degrees {
        Degrees(f64::from(self.latitude) / 10.0, f64::from(self.longitude) / 10.0)
    }
}

/// `latitude/longitude`, as Kaltura's reports have it.
impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Degrees(latitude, longitude) = self.degrees();
        write!(f, "{latitude}/{longitude}")
    }
}

/// Points by city, by region, by country.
type Points = BTreeMap<Text, BTreeMap<Text, BTreeMap<Text, Point>>>;
/// Country, region, city, and where it lies.
type City = (Text, Text, Text, Point);

/// The points that are known.
#[derive(Default)]
pub struct Atlas {
    points: RwLock<(usize, Points)>,
    /// Learned and not yet written down. Empty without a file.
    fresh: Mutex<Vec<City>>,
    file: Option<Mutex<Connection>>,
}

impl Atlas {
    /// The points in the catalog's file; its table is made if it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn open(file: &Path) -> Result<Atlas, AtlasError> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.execute_batch(TABLE)?;
        let mut atlas = Atlas::default();
        connection
            .prepare("SELECT country, region, city, latitude, longitude FROM city_point")?
            .query_map([], |row| {
                let text = |at| row.get::<_, String>(at).map(Text::from);
                let point = Point { latitude: row.get(3)?, longitude: row.get(4)? };
                Ok((text(0)?, text(1)?, text(2)?, point))
            })?
            .try_for_each(|city| {
                atlas.add(city?);
                Ok::<_, AtlasError>(())
            })?;
        atlas.file = Some(Mutex::new(connection));
        Ok(atlas)
    }

    /// Where a city lies, or the middle of a region's cities (without a city); `None`: not known.
    pub fn point(&self, country: &str, region: &str, city: &str) -> Option<Point> {
        let points = self.points.read().unwrap_or_else(PoisonError::into_inner);
        let cities = points.1.get(country)?.get(region)?;
        if city.is_empty() {
            return if region.is_empty() { None } else { middle(cities.values()) };
        }
        cities.get(city).copied()
    }

    /// Learns where a city lies. The first answer stays: newer place data would move a point by little, and often.
    pub fn learn(&self, country: &str, region: &str, city: &str, point: Point) {
        if country.is_empty() || city.is_empty() || self.point(country, region, city).is_some() {
            return;
        }
        let city = (country.into(), region.into(), city.into(), point);
        if self.add(city.clone()) && self.file.is_some() {
            self.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(city);
        }
    }

    /// Whether it was new, and there was room for it.
    fn add(&self, (country, region, city, point): City) -> bool {
        let mut points = self.points.write().unwrap_or_else(PoisonError::into_inner);
        let (count, points) = &mut *points;
        if *count >= CITIES_MAX {
            return false;
        }
        let new = points.entry(country).or_default().entry(region).or_default().insert(city, point).is_none();
        *count += usize::from(new);
        new
    }

    /// Writes down what was learned. What a crash takes is learned again with the next event from there.
    ///
    /// # Errors
    /// When the table cannot be written; what was learned waits for the next time.
    pub fn save(&self) -> Result<(), AtlasError> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.is_empty() {
            return Ok(());
        }
        let learned = fresh.clone();
        // Collection does not wait for the disk.
        drop(fresh);
        let mut connection = file.lock().unwrap_or_else(PoisonError::into_inner);
        let change = connection.transaction()?;
        for (country, region, city, Point { latitude, longitude }) in &learned {
            change
                .prepare_cached("INSERT OR IGNORE INTO city_point VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![&**country, &**region, &**city, latitude, longitude])?;
        }
        change.commit()?;
        fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.drain(..learned.len());
        Ok(())
    }
}

/// The middle of points. Longitudes as directions, so that Fiji is not in Africa.
fn middle<'a>(points: impl ExactSizeIterator<Item = &'a Point>) -> Option<Point> {
    let count = points.len() as f64;
    let (mut latitude, mut east, mut north) = (0.0, 0.0, 0.0);
    for Degrees(up, along) in points.map(|point| point.degrees()) {
        latitude += up;
        east += along.to_radians().sin();
        north += along.to_radians().cos();
    }
    (count > 0.0).then(|| Point::of(latitude / count, east.atan2(north).to_degrees())).flatten()
}

#[cfg(test)]
mod tests;
