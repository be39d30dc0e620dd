//! The kind `live`.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use tidings_report::{LISTEN_DEFAULT, Listen, Live};

use super::{ObserverKind, OpenContext, OpenError, Opened};
use crate::error::chain;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LiveKeys {
    listen: Option<String>,
}

#[typetag::deserialize(name = "live")]
impl ObserverKind for LiveKeys {
    fn open(self: Box<Self>, _: &OpenContext<'_>) -> Result<Opened, OpenError> {
        let listen = self.listen.as_deref().unwrap_or(LISTEN_DEFAULT);
        let listen: Listen =
            listen.parse().map_err(|fault| OpenError::at_key("listen", chain(&fault)))?;
        let warning = (!listen.is_loopback()).then(|| {
            format!(
                "`listen = \"{listen}\"` lets other machines read the run, as there is no \
                 password: `{LISTEN_DEFAULT}` is for this machine alone"
            )
        });
        let page = Arc::new(OnceLock::new());
        let told = Arc::clone(&page);
        let opened = Opened::observer(move |_| {
            let live = Live::builder().listen(listen.to_string()).start();
            let live = live.map_err(|fault| OpenError::at_key("listen", chain(&fault)))?;
            told.get_or_init(|| live.url());
            Ok(live)
        });
        Ok(opened.serving(page, warning))
    }
}
