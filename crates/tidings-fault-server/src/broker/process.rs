//! The process of a broker.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::builder::BrokerBuilder;
use super::find::{BrokerError, BrokerVersion};

/// How long a server has to listen, on a machine that is busy.
const START_WITHIN: Duration = Duration::from_secs(30);
/// How often it is looked whether it does.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);
/// How much of its log is told.
const SAID_LINES: usize = 20;

/// Numbers the folders of this process.
static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A `nats-server` on a port of its own, on this machine only, with a folder of its own.
///
/// It is killed, and its folder removed, when it is dropped.
///
/// ```
/// use tidings_fault_server::broker::{Broker, BrokerVersion};
///
/// let broker = Broker::start(BrokerVersion::New)?;
/// let url = broker.url(); // Where clients connect to.
/// broker.kill(); // At once, as `kill -9` does.
/// broker.restart()?; // Same port, same folder.
/// assert_eq!(broker.url(), url);
/// # Ok::<(), tidings_fault_server::broker::BrokerError>(())
/// ```
#[derive(Debug)]
pub struct Broker {
    program: PathBuf,
    folder: Folder,
    process: Mutex<Option<Child>>,
    address: SocketAddr,
    version: BrokerVersion,
}

#[derive(Debug)]
struct Folder(PathBuf);

impl Broker {
    /// Starts one with `JetStream`, which lets everybody in.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Missing`] says how to obtain a server where there is none.
    pub fn start(version: BrokerVersion) -> Result<Self, BrokerError> {
        Self::builder(version).start()
    }

    /// Settings before it is started.
    pub fn builder(version: BrokerVersion) -> BrokerBuilder {
        BrokerBuilder::new(version)
    }

    pub(super) fn from_settings(settings: &BrokerBuilder) -> Result<Self, BrokerError> {
        let program = settings.version.program()?;
        let folder = Folder::new()?;
        settings.write(&folder.0)?;
        let (process, address) = launch(&program, &folder.0, None)?;
        let process = Mutex::new(Some(process));
        Ok(Self { program, folder, process, address, version: settings.version })
    }

    /// Where it is: `nats://127.0.0.1:PORT`. By TLS the name `localhost` will do as well.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Where it listens, or did before it was killed.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Which server it is.
    pub fn version(&self) -> BrokerVersion {
        self.version
    }

    /// Kills it at once, in the midst of what it does, as `kill -9` does.
    pub fn kill(&self) {
        if let Some(mut process) = self.process.lock().take() {
            end(&mut process);
        }
    }

    /// Starts it again on the same port with the same folder; does nothing while it runs.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Silent`] for example when somebody else took the port meanwhile.
    pub fn restart(&self) -> Result<(), BrokerError> {
        let mut process = self.process.lock();
        if process.is_none() {
            let (started, _) = launch(&self.program, &self.folder.0, Some(self.address.port()))?;
            *process = Some(started);
        }
        Ok(())
    }

    /// The number of its process, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.lock().as_ref().map(Child::id)
    }

    /// What it wrote into its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("server.log")).unwrap_or_default()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Folder {
    fn new() -> io::Result<Self> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("tidings-broker-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // What a killed process of the same number left behind is nobody's.
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What the system cannot remove is its own to clean up.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Starts a server and waits until it listens.
fn launch(
    program: &Path,
    folder: &Path,
    port: Option<u16>,
) -> Result<(Child, SocketAddr), BrokerError> {
    let port_text = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    let log = File::create(folder.join("server.log"))?;
    let mut process = Command::new(program)
        .arg("--config")
        .arg(folder.join("server.conf"))
        .args(["--addr", "127.0.0.1", "--port", &port_text, "--ports_file_dir"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    if let Some(address) = listening(&mut process, (program, folder), port) {
        return Ok((process, address));
    }
    end(&mut process);
    let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let said = lines[lines.len().saturating_sub(SAID_LINES)..].join("\n");
    Err(BrokerError::Silent { said })
}

/// Where it listens, as soon as it does.
fn listening(
    process: &mut Child,
    (program, folder): (&Path, &Path),
    port: Option<u16>,
) -> Option<SocketAddr> {
    let deadline = Instant::now() + START_WITHIN;
    // The server puts the name of its program into that of the file.
    let program = program.file_name().unwrap_or_default().to_string_lossy();
    let ports = folder.join(format!("{program}_{}.ports", process.id()));
    while Instant::now() < deadline {
        if process.try_wait().ok()?.is_some() {
            return None;
        }
        let port = port.or_else(|| port_in(&fs::read_to_string(&ports).ok()?));
        if let Some(port) = port {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            if greets(address) {
                return Some(address);
            }
        }
        std::thread::park_timeout(LOOK_INTERVAL);
    }
    None
}

/// The port in a file of ports: `{"nats":["nats://127.0.0.1:PORT"],…}`.
fn port_in(text: &str) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_str(text).ok()?;
    let url = ports["nats"][0].as_str()?;
    url.rsplit(':').next()?.parse().ok()
}

/// Whether a server says its first line there.
fn greets(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect_timeout(&address, START_WITHIN) else { return false };
    if stream.set_read_timeout(Some(START_WITHIN)).is_err() {
        return false;
    }
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).is_ok() && line.starts_with("INFO ")
}

fn end(process: &mut Child) {
    // One that has ended already is as good as killed.
    drop(process.kill());
    drop(process.wait());
}
