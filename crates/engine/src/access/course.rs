//! A course or channel as rows know it: by the category that the player names, by the one that a launch or token proves,
//! by the address of the page (ruling 37).

use crate::catalog::view::AccountView;
use crate::event::Text;
use crate::glossary::PLACEMENTS;
use std::collections::{BTreeMap, BTreeSet};

/// Where a recording was played, as seen from a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// On the course's own gallery page.
    Gallery,
    /// Elsewhere, but proved to be in the course.
    Course,
    /// Anywhere else.
    Elsewhere,
}

impl Placement {
    /// All, in the order of [`PLACEMENTS`].
    pub const ALL: [Placement; 3] = [Placement::Gallery, Placement::Course, Placement::Elsewhere];
    /// The word in answers.
    pub const fn name(self) -> &'static str {
        PLACEMENTS[self as usize]
    }
}

/// A course or channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Its categories, each with the direct sub-categories of the course through which it is one; the empty one is the
    /// course itself.
    categories: BTreeMap<Text, BTreeSet<Text>>,
    /// The LMS's own ids of it.
    lms_courses: BTreeSet<Text>,
}

impl Course {
    /// A category, with all below it or by itself.
    pub(crate) fn of(view: &AccountView, id: &str, subtree: bool) -> Course {
        let mut categories = BTreeMap::from([(Text::from(id), BTreeSet::from([Text::default()]))]);
        for child in view.children.get(id).into_iter().flatten().filter(|_| subtree) {
            // In a tree that loops the course is below its own child; it stays itself.
            for category in view.subtree(child).into_iter().filter(|category| **category != *id) {
                categories.entry(category).or_default().insert(child.clone());
            }
        }
        let known = categories.keys().filter_map(|category| view.categories.get(category));
        let lms_courses = known.map(|category| category.lms_course.clone()).filter(|id| !id.is_empty()).collect();
        Course { categories, lms_courses }
    }

    /// Whether a category is it, or below it.
    pub fn has_category(&self, category: &str) -> bool {
        self.categories.contains_key(category)
    }

    /// The direct sub-categories through which a recording in these categories is in the course; the empty one where it
    /// is in the course itself, or in none.
    pub fn through(&self, categories: &BTreeSet<Text>) -> BTreeSet<Text> {
        let ways = categories.iter().filter_map(|category| self.categories.get(category));
        let through: BTreeSet<Text> = ways.flatten().cloned().collect();
        if through.is_empty() { BTreeSet::from([Text::default()]) } else { through }
    }

    /// Whether a page's address says that it is in the course: `/courses/ID` (Canvas, Brightspace, Blackboard Ultra), or
    /// `id`, `course_id` or `ou` in the query (Moodle, Blackboard, Brightspace). Only the allow-listed parts of a query
    /// are kept at collection.
    pub fn has_page(&self, page: &str) -> bool {
        if self.lms_courses.is_empty() || page.is_empty() {
            return false;
        }
        let (path, query) = page.split_once('?').unwrap_or((page, ""));
        let mut pieces = path.split('/').skip(3);
        let mut before = "";
        let in_path = pieces.any(|piece| {
            let follows = matches!(before, "courses" | "course" | "home" | "content");
            before = piece;
            follows && self.lms_courses.contains(piece)
        });
        let value = |pair: &str| match pair.split_once('=') {
            Some(("id" | "course_id" | "ou", value)) => self.lms_courses.contains(value),
            _ => false,
        };
        in_path || query.split('&').any(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_course_are_known_by_their_address() {
        let course = Course { categories: BTreeMap::new(), lms_courses: BTreeSet::from(["177708".into()]) };
        for page in [
            "https://canvas.example/courses/177708",
            "https://canvas.example/courses/177708/pages/week-1",
            "https://moodle.example/course/view.php?id=177708",
            "https://d2l.example/d2l/le/content/177708/Home",
            "https://bb.example/webapps/blackboard/content/listContent.jsp?course_id=177708&content_id=5",
        ] {
            assert!(course.has_page(page), "{page}");
        }
        for page in [
            "",
            "https://canvas.example/courses/1777089",
            "https://canvas.example/users/177708",
            "https://177708/courses/5",
            "https://moodle.example/course/view.php?page=177708",
        ] {
            assert!(!course.has_page(page), "{page}");
        }
        assert!(!Course::default().has_page("https://canvas.example/courses/"));
    }

    #[test]
    fn recordings_are_in_a_course_through_its_direct_sub_categories() {
        let set = |ids: &[&str]| ids.iter().map(|id| Text::from(*id)).collect::<BTreeSet<_>>();
        let mut view = AccountView::default();
        view.children.insert("course".into(), set(&["a", "b"]));
        view.children.insert("a".into(), set(&["deep"]));
        view.children.insert("deep".into(), set(&["course"]));
        let course = Course::of(&view, "course", true);
        for (categories, through) in [
            (set(&["course"]), set(&[""])),
            (set(&["deep", "elsewhere"]), set(&["a"])),
            (set(&["course", "deep"]), set(&["", "a"])),
        ] {
            assert_eq!(course.through(&categories), through, "{categories:?}");
        }
        assert_eq!(Course::of(&view, "course", false).through(&set(&["course", "a"])), set(&[""]));
    }
}
