//! Where the collector is: what a person may write, and the paths of its services.

/// Where events go.
pub(crate) const EVENT: &str = "/services/collector/event";
/// Where it is asked which requests of a channel were indexed.
pub(crate) const ACK: &str = "/services/collector/ack";
/// Where it is asked whether the collector works.
pub(crate) const HEALTH: &str = "/services/collector/health";

const COLLECTOR: &str = "/services/collector";

/// The URL in front of the paths of the services.
///
/// Takes `https://host:8088`, also with the path of the collector or of its event service,
/// behind a path of a proxy, and with a query, which is kept.
pub(crate) fn base(url: &str) -> String {
    let url = url.trim();
    let (path, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    let path = path.trim_end_matches('/');
    let base = [EVENT, COLLECTOR].into_iter().find_map(|service| path.strip_suffix(service));
    let base = base.unwrap_or(path).trim_end_matches('/');
    format!("{base}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_url_has_the_same_base() {
        for url in [
            "https://splunk.example:8088",
            "https://splunk.example:8088/",
            " https://splunk.example:8088/services/collector",
            "https://splunk.example:8088/services/collector/",
            "https://splunk.example:8088/services/collector/event",
            "https://splunk.example:8088/services/collector/event/\n",
        ] {
            assert_eq!(base(url), "https://splunk.example:8088", "{url}");
        }
    }

    #[test]
    fn a_path_before_that_of_the_collector_and_a_query_are_kept() {
        assert_eq!(base("https://gate.example/splunk/"), "https://gate.example/splunk");
        assert_eq!(
            base("https://gate.example/splunk/services/collector/event?tenant=a/b/"),
            "https://gate.example/splunk?tenant=a/b/"
        );
    }
}
