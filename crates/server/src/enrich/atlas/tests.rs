#![expect(clippy::unwrap_used)]

use super::*;

fn at(latitude: f64, longitude: f64) -> Point {
    Point::of(latitude, longitude).unwrap()
}

#[test]
fn points_are_no_finer_than_a_tenth_of_a_degree() {
    assert_eq!(at(44.977_797, -93.264_999).degrees(), Degrees(45.0, -93.3));
    assert_eq!(at(44.977_797, -93.264_999).to_string(), "45/-93.3");
    assert_eq!((Point::of(91.0, 0.0), Point::of(0.0, f64::NAN)), (None, None));
}

#[test]
fn a_region_lies_amid_its_cities() {
    let atlas = Atlas::default();
    atlas.learn("US", "Minnesota", "Minneapolis", at(45.0, -93.3));
    atlas.learn("US", "Minnesota", "Duluth", at(46.8, -92.1));
    atlas.learn("FJ", "Northern", "Labasa", at(-16.4, 179.4));
    atlas.learn("FJ", "Northern", "Taveuni", at(-16.8, -179.8));
    assert_eq!(atlas.point("US", "Minnesota", ""), Some(at(45.9, -92.7)));
    assert_eq!(atlas.point("FJ", "Northern", ""), Some(at(-16.6, 179.8)), "across the date line");
    assert_eq!(atlas.point("US", "Minnesota", "Duluth"), Some(at(46.8, -92.1)));
    for (country, region, city) in
        [("US", "", ""), ("US", "Wisconsin", ""), ("US", "Minnesota", "Saint Paul"), ("DE", "Minnesota", "Duluth")]
    {
        assert_eq!(atlas.point(country, region, city), None, "{country} {region} {city}");
    }
}

#[test]
fn what_is_not_a_city_is_not_learned_and_the_first_point_stays() {
    let atlas = Atlas::default();
    atlas.learn("US", "Minnesota", "", at(45.0, -93.0));
    atlas.learn("", "", "Atlantis", at(30.0, -40.0));
    atlas.learn("SG", "", "Singapore", at(1.3, 103.8));
    atlas.learn("SG", "", "Singapore", at(1.4, 103.9));
    assert_eq!(atlas.points.read().unwrap().0, 1);
    assert_eq!(atlas.point("SG", "", "Singapore"), Some(at(1.3, 103.8)));
}

#[test]
fn it_is_bounded() {
    let atlas = Atlas::default();
    for n in 0..CITIES_MAX + 10 {
        atlas.learn("US", "Minnesota", &n.to_string(), at(45.0, -93.0));
    }
    assert_eq!(atlas.points.read().unwrap().0, CITIES_MAX);
    assert_eq!(atlas.point("US", "Minnesota", &CITIES_MAX.to_string()), None);
}

#[test]
fn what_was_saved_survives_a_restart_and_names_are_all_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let atlas = Atlas::open(&file).unwrap();
    atlas.learn("US", "Minnesota", "Minneapolis", at(44.98, -93.26));
    atlas.save().unwrap();
    atlas.learn("US", "Minnesota", "Duluth", at(46.8, -92.1));
    atlas.save().unwrap();
    atlas.save().unwrap();
    atlas.learn("US", "Minnesota", "Rochester", at(44.0, -92.5));
    drop(atlas);
    let atlas = Atlas::open(&file).unwrap();
    assert_eq!(atlas.point("US", "Minnesota", "Minneapolis"), Some(at(45.0, -93.3)));
    assert_eq!(atlas.point("US", "Minnesota", "Duluth"), Some(at(46.8, -92.1)));
    assert_eq!(atlas.point("US", "Minnesota", "Rochester"), None, "a crash before it was written down");
    let columns: Vec<String> = Connection::open(&file)
        .unwrap()
        .prepare("SELECT name FROM pragma_table_info('city_point')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(columns, ["country", "region", "city", "latitude", "longitude"]);
}
