//! What a launch's token says: who, where, as what. Variables that a platform did not expand arrive as their own name;
//! any value that starts with `$` is absent.

use super::platform::NewPlatform;
use serde_json::Value;

const PREFIX: &str = "https://purl.imsglobal.org/spec/lti/claim/";
const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";
const TEST_USER: &str = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";

/// What somebody is in the course of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CourseRole {
    /// Teaches it.
    Teacher,
    /// Teaching assistant.
    Assistant,
    /// Designs it.
    Designer,
    /// Takes it.
    Student,
    /// A teacher's view as a student: never counted.
    TestUser,
    /// Nothing that gives a right: observers, administrators of the institution.
    Nobody,
}

impl CourseRole {
    /// Whether it sees the course's figures.
    pub fn is_staff(self) -> bool {
        matches!(self, CourseRole::Teacher | CourseRole::Assistant | CourseRole::Designer)
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            CourseRole::Teacher => "teacher",
            CourseRole::Assistant => "assistant",
            CourseRole::Designer => "designer",
            CourseRole::Student => "student",
            CourseRole::TestUser => "test_user",
            CourseRole::Nobody => "nobody",
        }
    }

    /// The role of a list of role URIs. Roles in the institution or the system give no right in a course, because
    /// "teaches somewhere" is not "teaches here". The sub-role of an assistant comes together with the one of a teacher,
    /// so it is looked for first; some platforms write it with a small letter.
    pub fn of<'r>(roles: impl Iterator<Item = &'r str> + Clone) -> CourseRole {
        let has = |wanted: &str| roles.clone().any(|role| role == wanted);
        let in_course = |role: &str| has(&format!("{MEMBERSHIP}#{role}"));
        let assistant = format!("{MEMBERSHIP}/Instructor#TeachingAssistant");
        if has(TEST_USER) {
            CourseRole::TestUser
        } else if roles.clone().any(|role| role.eq_ignore_ascii_case(&assistant)) {
            CourseRole::Assistant
        } else if in_course("Instructor") {
            CourseRole::Teacher
        } else if in_course("ContentDeveloper") {
            CourseRole::Designer
        } else if in_course("Learner") {
            CourseRole::Student
        } else {
            CourseRole::Nobody
        }
    }
}

/// A token's claims.
#[derive(Clone, Copy, Debug)]
pub struct Claims<'c>(pub &'c Value);

/// A text that says something.
fn said(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty() && !text.starts_with('$'))
}

impl<'c> Claims<'c> {
    /// A claim of LTI, by its short name.
    pub fn lti(self, name: &str) -> &'c Value {
        &self.0[format!("{PREFIX}{name}")]
    }

    /// A text of LTI, by its short name.
    pub fn text(self, name: &str) -> Option<&'c str> {
        said(self.lti(name))
    }

    /// A custom field.
    pub fn custom(self, name: &str) -> Option<&'c str> {
        said(&self.lti("custom")[name])
    }

    /// A claim of every token, such as `sub`.
    pub fn plain(self, name: &str) -> Option<&'c str> {
        said(&self.0[name])
    }

    /// The course there.
    pub fn context(self) -> Option<&'c str> {
        said(&self.lti("context")["id"])
    }

    /// What the course is called there.
    pub fn context_title(self) -> Option<&'c str> {
        let context = self.lti("context");
        said(&context["title"]).or_else(|| said(&context["label"]))
    }

    /// As what.
    pub fn role(self) -> CourseRole {
        let roles = self.lti("roles").as_array().map(Vec::as_slice).unwrap_or_default();
        CourseRole::of(roles.iter().filter_map(Value::as_str))
    }

    /// Whether somebody put the link that was clicked into the course and so may have written its custom fields. Links of
    /// the course's own menu carry the course's id (Canvas), picking a recording has none.
    pub fn is_of_made_link(self) -> bool {
        let link = said(&self.lti("resource_link")["id"]);
        link.is_some() && link != self.context()
    }

    /// Whether a path may name the catalog's id of a person.
    pub fn is_person(path: &str) -> bool {
        matches!(path, "sub" | "email" | "lis.person_sourcedid") || named(path, &["ext", "custom"])
    }

    /// Whether a path may name the catalog's LMS course id.
    pub fn is_course(path: &str) -> bool {
        matches!(path, "context.id" | "context.label" | "lis.course_offering_sourcedid") || named(path, &["custom"])
    }

    /// The text at a path of a platform's settings. Custom fields only where nobody but an administrator writes them.
    fn at(self, path: &str, platform: &NewPlatform) -> Option<&'c str> {
        match path.split_once('.') {
            None => self.plain(path),
            Some(("custom", _)) if self.is_of_made_link() && !platform.link_custom => None,
            Some((claim, name)) => said(&self.lti(claim)[name]),
        }
    }

    /// The catalog's id of the person, if the token says it.
    pub fn person(self, platform: &NewPlatform) -> Option<&'c str> {
        self.at(&platform.person, platform)
    }

    /// The LMS course id, if the token says it.
    pub fn course(self, platform: &NewPlatform) -> Option<&'c str> {
        self.at(&platform.course, platform)
    }

    /// What people call the person.
    pub fn name(self) -> Option<String> {
        let parts = || {
            let parts: Vec<&str> =
                ["given_name", "family_name"].into_iter().filter_map(|name| self.plain(name)).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        };
        self.plain("name").map(str::to_owned).or_else(parts).or_else(|| self.plain("email").map(str::to_owned))
    }
}

fn named(path: &str, claims: &[&str]) -> bool {
    path.split_once('.').is_some_and(|(claim, name)| claims.contains(&claim) && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn role(roles: &[&str]) -> CourseRole {
        CourseRole::of(roles.iter().copied())
    }

    #[test]
    fn roles_are_those_of_the_course() {
        const COURSE: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";
        const PERSON: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person";
        let member = |name: &str| format!("{COURSE}#{name}");
        let (teacher, student) = (member("Instructor"), member("Learner"));
        let assistant = format!("{COURSE}/Instructor#TeachingAssistant");
        assert_eq!(role(&[&teacher]), CourseRole::Teacher);
        assert_eq!(role(&[&teacher, &assistant, &format!("{PERSON}#Faculty")]), CourseRole::Assistant);
        assert_eq!(role(&[&assistant.replace("Instructor", "instructor"), &teacher]), CourseRole::Assistant);
        assert_eq!(role(&[&member("ContentDeveloper")]), CourseRole::Designer);
        assert_eq!(role(&[&student]), CourseRole::Student);
        assert_eq!(role(&[&student, TEST_USER]), CourseRole::TestUser);
        for nothing in [member("Mentor"), member("Administrator"), format!("{PERSON}#Instructor"), "Instructor".into()]
        {
            assert_eq!(role(&[&nothing]), CourseRole::Nobody, "{nothing}");
        }
        // What Canvas sends for an account's administrator.
        let system = "http://purl.imsglobal.org/vocab/lis/v2/system/person";
        let all = [format!("{PERSON}#Administrator"), format!("{system}#SysAdmin"), format!("{system}#User")];
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(role(&all), CourseRole::Nobody);
        assert!(!CourseRole::TestUser.is_staff() && !CourseRole::Nobody.is_staff() && !CourseRole::Student.is_staff());
    }

    #[test]
    fn what_was_not_expanded_is_absent() {
        let claims = json!({
            "sub": "7",
            "https://purl.imsglobal.org/spec/lti/claim/lis": { "person_sourcedid": "$Person.sourcedId" },
            "https://purl.imsglobal.org/spec/lti/claim/custom": { "login": "$Canvas.user.loginId", "other": "x" },
        });
        let claims = Claims(&claims);
        assert_eq!((claims.custom("login"), claims.custom("other")), (None, Some("x")));
        assert_eq!(said(&claims.lti("lis")["person_sourcedid"]), None);
    }
}
