//! The name of this node when nobody gave it one.

use std::env;

/// `user@host`, as far as the environment and the machine tell.
pub fn default_name() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| text(name));
    let host =
        ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| text(name)).or_else(host_of_machine);
    format!("{}@{}", user.as_deref().unwrap_or("unknown"), host.as_deref().unwrap_or("localhost"))
}

fn text(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Linux says it in a file; elsewhere the environment has to.
fn host_of_machine() -> Option<String> {
    ["/proc/sys/kernel/hostname", "/etc/hostname"].iter().find_map(|path| {
        let name = std::fs::read_to_string(path).ok()?.trim().to_owned();
        (!name.is_empty()).then_some(name)
    })
}
