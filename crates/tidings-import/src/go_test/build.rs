//! What a compiler says of packages that do not build: as events since Go 1.24, and as text
//! behind `# package` before.

use std::collections::HashMap;

use tidings_testrun::{Failure, FailureKind, SourceLocation};

use super::text::Bounded;

/// How many packages are remembered.
const BUILDS_MAX: usize = 256;

/// What is known of builds, by what go calls them: `p`, or `p [p.test]`.
#[derive(Debug, Default)]
pub(super) struct Builds {
    builds: HashMap<String, Build>,
    /// The one that lines of text belong to.
    in_text: Option<String>,
}

#[derive(Debug, Default)]
struct Build {
    text: Bounded,
    has_failed: bool,
    is_told: bool,
}

impl Builds {
    /// Takes a piece of what a compiler says.
    pub(super) fn output(&mut self, name: &str, text: &str) {
        if let Some(build) = self.build(name) {
            build.text.push(text);
        }
    }

    /// A build has failed.
    pub(super) fn failed(&mut self, name: &str) {
        if let Some(build) = self.build(name) {
            build.has_failed = true;
        }
    }

    /// Takes a line that is no event; the package that it says does not build.
    pub(super) fn text<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        if let Some(name) = line.strip_prefix("# ") {
            self.in_text = Some(name.trim().to_owned());
            return None;
        }
        if let Some((package, why)) = line.strip_prefix("FAIL\t").and_then(|it| it.split_once(" ["))
        {
            self.in_text = None;
            return matches!(why.trim_end(), "build failed]" | "setup failed]").then_some(package);
        }
        if let Some(name) = self.in_text.clone() {
            self.output(&name, &format!("{line}\n"));
        }
        None
    }

    /// Text that follows is not a compiler's any more.
    pub(super) fn end_text(&mut self) {
        self.in_text = None;
    }

    /// Why a package does not build.
    pub(super) fn failure(&mut self, package: &str, failed_build: Option<&str>) -> Failure {
        let test = format!("[{package}.test]");
        let is_it = |name: &str| match failed_build {
            Some(failed) => name == failed,
            None => {
                name == package || name.contains(&test) || name.starts_with(&format!("{package} ["))
            }
        };
        let mut names: Vec<&String> = self.builds.keys().filter(|name| is_it(name)).collect();
        names.sort_unstable();
        let name = names.first().map(|name| (*name).clone());
        let build = name.and_then(|name| self.builds.get_mut(&name));
        match build {
            Some(build) => {
                build.is_told = true;
                failure_of(&build.text.text())
            }
            None => Failure::new(FailureKind::Error, "the build failed"),
        }
    }

    /// The failed builds that no package said it needs.
    pub(super) fn untold(&mut self) -> Vec<(String, Failure)> {
        let failed = self.builds.drain().filter(|(_, build)| build.has_failed && !build.is_told);
        let mut failures: Vec<_> =
            failed.map(|(name, build)| (name, failure_of(&build.text.text()))).collect();
        failures.sort_by(|one, other| one.0.cmp(&other.0));
        failures
    }

    fn build(&mut self, name: &str) -> Option<&mut Build> {
        if !self.builds.contains_key(name) && self.builds.len() >= BUILDS_MAX {
            return None;
        }
        Some(self.builds.entry(name.to_owned()).or_default())
    }
}

/// The first line with a place is the message.
fn failure_of(text: &str) -> Failure {
    let text = text.trim_end();
    let mut places = text.lines().filter_map(|line| Some((line, place_of(line)?)));
    let (message, location) = match places.next() {
        Some((line, (location, message))) => {
            (if message.is_empty() { line } else { message }, Some(location))
        }
        None => {
            (text.lines().find(|line| !line.starts_with('#')).unwrap_or("the build failed"), None)
        }
    };
    let mut failure = Failure::new(FailureKind::Error, message);
    failure.location = location;
    failure.details = Some(text.to_owned()).filter(|text| !text.is_empty());
    failure
}

/// Reads `./x.go:3:11: text`, or without the column; vet writes its name before it.
fn place_of(line: &str) -> Option<(SourceLocation, &str)> {
    let line = line.strip_prefix("vet: ").unwrap_or(line);
    let (file, rest) = line.split_once(".go:")?;
    let mut parts = rest.splitn(3, ':');
    let mut location = SourceLocation::new(format!("{file}.go"));
    location.line = Some(parts.next()?.parse().ok()?);
    let second = parts.next()?;
    match (second.parse(), parts.next()) {
        (Ok(column), Some(message)) => {
            location.column = Some(column);
            Some((location, message.trim()))
        }
        _ => Some((location, rest.split_once(':').map_or("", |(_, message)| message.trim()))),
    }
}
