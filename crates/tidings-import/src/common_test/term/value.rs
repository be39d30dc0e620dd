//! A term, as far as its text says what it is.

/// An Erlang term.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::common_test) enum Term {
    Atom(String),
    /// An integer, a float or a character, as it is written.
    Number(String),
    /// A string, or a list of the characters of one.
    Text(String),
    /// A binary that is text.
    Binary(String),
    /// A list, and its tail if it is an improper one.
    List(Vec<Term>, Option<Box<Term>>),
    Tuple(Vec<Term>),
    Map(Vec<(Term, Term)>),
    /// What has no reading but its text: pids, references, functions, ports, other binaries,
    /// what is nested too deep, and `...`.
    Raw(String),
}

impl Term {
    /// The name, of an atom.
    pub(in crate::common_test) fn atom(&self) -> Option<&str> {
        match self {
            Self::Atom(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is this atom.
    pub(in crate::common_test) fn is(&self, name: &str) -> bool {
        self.atom() == Some(name)
    }

    /// The elements, of a tuple.
    pub(in crate::common_test) fn tuple(&self) -> Option<&[Self]> {
        match self {
            Self::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// The elements, of a proper list.
    pub(in crate::common_test) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements, None) => Some(elements),
            _ => None,
        }
    }

    /// The integer, if it is one and fits.
    pub(in crate::common_test) fn integer<T: std::str::FromStr>(&self) -> Option<T> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The name and the elements after it, of a tuple that begins with an atom.
    pub(in crate::common_test) fn tagged(&self) -> Option<(&str, &[Self])> {
        let (first, rest) = self.tuple()?.split_first()?;
        Some((first.atom()?, rest))
    }

    /// The value of a key in a list of pairs.
    pub(in crate::common_test) fn property(&self, key: &str) -> Option<&Self> {
        let pairs = self.list()?.iter().filter_map(Self::tuple);
        pairs.filter(|pair| pair.len() == 2 && pair[0].is(key)).map(|pair| &pair[1]).next()
    }
}
