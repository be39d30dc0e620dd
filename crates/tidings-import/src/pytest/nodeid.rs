//! Node ids: `a/b/test_x.py::TestClass::test_y[param]`.
//!
//! The path goes to the first `::`; behind it each `::` begins a class or a name, up to the
//! first bracket, as parameters may contain anything.

use tidings_core::Entity;

/// Where a test is: the suites and groups around it, and its case.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The module and its classes, outermost first.
    pub(super) scopes: Vec<Entity>,
    pub(super) case: Entity,
}

impl Place {
    /// The place of a test. One without a name within its module is named after the file.
    pub(super) fn of_test(run: &Entity, nodeid: &str) -> Self {
        let (path, names) = split(nodeid);
        let (name, classes) = match names.split_last() {
            Some((name, classes)) => (*name, classes),
            None => (path.rsplit(['/', '\\']).next().unwrap_or(path), &[][..]),
        };
        let scopes = scopes(run, path, classes);
        let case = scopes.last().unwrap_or(run).child("case", name);
        Self { scopes, case }
    }

    /// The place of something that was to be collected as a whole: a module, a class. Its
    /// case stands for it where it is skipped.
    pub(super) fn of_collector(run: &Entity, nodeid: &str) -> Self {
        let (path, classes) = split(nodeid);
        let scopes = scopes(run, path, &classes);
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let name = classes.last().copied().unwrap_or(file);
        let name = if name.is_empty() { "collection" } else { name };
        let case = scopes.last().unwrap_or(run).child("case", name);
        Self { scopes, case }
    }

    /// What it is in, or what was to be collected: the innermost suite or group, or the run.
    pub(super) fn around<'a>(&'a self, run: &'a Entity) -> &'a Entity {
        self.scopes.last().unwrap_or(run)
    }
}

fn scopes(run: &Entity, path: &str, classes: &[&str]) -> Vec<Entity> {
    if path.is_empty() || path == "." {
        return Vec::new();
    }
    let mut scopes = vec![run.child("suite", path)];
    for class in classes {
        let inner = scopes[scopes.len() - 1].child("group", class);
        scopes.push(inner);
    }
    scopes
}

/// The path, and the names within it.
fn split(nodeid: &str) -> (&str, Vec<&str>) {
    let Some((path, rest)) = nodeid.split_once("::") else { return (nodeid, Vec::new()) };
    let bracket = rest.find('[').unwrap_or(rest.len());
    let mut names = Vec::new();
    let mut from = 0;
    // `()` is the instance of a class in old versions.
    while let Some(length) = rest[from..bracket].find("::") {
        names.push(&rest[from..from + length]);
        from += length + 2;
    }
    names.push(&rest[from..]);
    names.retain(|name| !name.is_empty() && *name != "()");
    (path, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(nodeid: &str) -> String {
        Place::of_test(&Entity::new("run", "r"), nodeid).case.canonical_json().replace('"', "'")
    }

    #[test]
    fn a_node_id_is_a_path_then_classes_then_a_name() {
        for (nodeid, wanted) in [
            ("a/t.py::x", "[['run','r'],['suite','a/t.py'],['case','x']]"),
            (
                "t.py::A::B::x",
                "[['run','r'],['suite','t.py'],['group','A'],['group','B'],['case','x']]",
            ),
            ("t.py::A::()::x", "[['run','r'],['suite','t.py'],['group','A'],['case','x']]"),
            ("a/README.md", "[['run','r'],['suite','a/README.md'],['case','README.md']]"),
            ("x", "[['run','r'],['suite','x'],['case','x']]"),
        ] {
            assert_eq!(path(nodeid), wanted, "{nodeid}");
        }
    }

    #[test]
    fn a_parameter_is_never_split() {
        for name in ["x[a::b]", "x[a/b]", "x[[c]]", "x[a]::[b]", r"x[\xe9/\xfc]", "x[a::b", "x[]"] {
            assert_eq!(
                Place::of_test(&Entity::new("run", "r"), &format!("d/t.py::T::{name}")).case.id(),
                name
            );
        }
    }

    #[test]
    fn a_collector_is_a_suite_or_a_group() {
        let run = Entity::new("run", "r");
        let of = |nodeid| Place::of_collector(&run, nodeid).around(&run).to_string();
        assert_eq!(of("a/t.py"), "run/r/suite/a/t.py");
        assert_eq!(of("a/t.py::T"), "run/r/suite/a/t.py/group/T");
        assert_eq!(of(""), "run/r");
        assert_eq!(Place::of_collector(&run, "a/t.py").case.id(), "t.py");
        assert_eq!(Place::of_collector(&run, "").case.to_string(), "run/r/case/collection");
    }
}
