//! A bus that runs with its observers.

use std::path::PathBuf;
use std::time::Duration;

use tidings_registry::{Bus, CloseError, CloseReport, ObserverReport, Report, Subscription};

/// A bus and the observers of its configuration.
///
/// Keeps the observers registered for as long as it lives. Dropping it closes the bus if
/// nobody else has a handle of it, and cancels the observers.
#[derive(Debug)]
#[must_use = "the observers are cancelled when it is dropped"]
pub struct Started {
    // Dropped before the subscriptions, so that a close reports them as what they are.
    bus: Bus,
    subscriptions: Vec<Subscription>,
    warnings: Vec<String>,
    pages: Vec<String>,
    stores: Vec<Store>,
    close_timeout: Duration,
}

/// Where an observer keeps what it does not deliver.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) observer: String,
    pub(crate) spool: Option<PathBuf>,
    pub(crate) dead_letter: Option<PathBuf>,
}

impl Started {
    pub(crate) fn new(
        bus: Bus,
        subscriptions: Vec<Subscription>,
        warnings: Vec<String>,
        close_timeout: Duration,
    ) -> Self {
        let (pages, stores) = (Vec::new(), Vec::new());
        Self { bus, subscriptions, warnings, pages, stores, close_timeout }
    }

    pub(crate) fn serving(self, pages: Vec<String>) -> Self {
        Self { pages, ..self }
    }

    pub(crate) fn keeping(self, stores: Vec<Store>) -> Self {
        Self { stores, ..self }
    }

    /// The bus.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// What a person should know though nothing is wrong; see
    /// [`Config::warnings`](crate::Config::warnings).
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Where a browser finds what is served: the pages of observers of kind `live`, in their
    /// order. Show them once.
    pub fn pages(&self) -> &[String] {
        &self.pages
    }

    /// How long [`close`](Self::close) may take.
    pub fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    /// Closes the bus within the time that the configuration gives it; see [`Bus::close`].
    ///
    /// # Errors
    ///
    /// [`CloseError`] when the bus is strict and not everything was delivered.
    pub fn close(&self) -> Result<CloseReport, CloseError> {
        self.bus.close(self.close_timeout)
    }

    /// What did not arrive, why, and where it is now, a sentence each for a person to read;
    /// nothing when the report of this bus is complete.
    ///
    /// ```
    /// use tidings_config::Config;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let toml = r#"
    ///     close_timeout_s = 1
    ///     [[observer]]
    ///     kind = "http"
    ///     url = "http://127.0.0.1:9/nobody-listens"
    ///     proxy = ""
    ///     spool = "spool"
    /// "#;
    /// let started = Config::from_toml(toml, folder.path())?.start()?;
    /// started.bus().raw_emitter("case", "t1").emit("test.done", serde_json::json!({}))?;
    /// let report = started.close()?;
    /// let shortfalls = started.shortfalls(&report);
    /// assert!(shortfalls[0].starts_with("`http`: 0 of 1 delivered, 1 spooled"));
    /// assert_eq!(
    ///     shortfalls[1],
    ///     format!(
    ///         "what `http` has spooled is in `{}`, and goes first at the next start",
    ///         folder.path().join("spool").display()
    ///     )
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shortfalls(&self, report: &Report) -> Vec<String> {
        report.incomplete().flat_map(|observer| self.shortfalls_of(observer)).collect()
    }

    fn shortfalls_of(&self, observer: &ObserverReport) -> Vec<String> {
        let (name, counts) = (&observer.name, &observer.counts);
        let mut sentences = vec![observer.to_string()];
        let store = self.stores.iter().find(|store| store.observer == *name);
        if let Some(folder) = store.and_then(|store| store.spool.as_ref())
            && counts.spooled > 0
        {
            let folder = folder.display();
            sentences.push(format!(
                "what `{name}` has spooled is in `{folder}`, and goes first at the next start"
            ));
        }
        if let Some(file) = store.and_then(|store| store.dead_letter.as_ref())
            && counts.failed + counts.rejected > 0
        {
            let file = file.display();
            sentences.push(format!("what `{name}` has set aside is in `{file}`, with the reason"));
        }
        sentences
    }

    /// The bus alone; the observers stay for as long as it is open.
    pub fn detach(self) -> Bus {
        self.subscriptions.into_iter().for_each(Subscription::detach);
        self.bus
    }
}
