//! Answers that come before the end of a request.
//!
//! A server may refuse a body that it has read a part of, "too large" for example, and close
//! the connection. Then writing fails, and the answer lies there unread: the rest of the
//! request is not sent, and the answer is read all the same. It counts as long as it is no
//! success: nobody has the whole request.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector,
    TcpConnector, Transport,
};

/// Whether the request that is under way was cut off by the server. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct CutOff(Arc<AtomicBool>);

impl CutOff {
    /// Forgets it, for the next request.
    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it was.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Makes connections as the library does, TLS and proxies included, that read early answers.
pub(crate) fn connector(cut_off: CutOff) -> impl Connector {
    ().chain(ConnectProxyConnector::default())
        .chain(TcpConnector::default())
        // Below TLS, which would not read any more after a failure to write.
        .chain(EarlyConnector(cut_off))
        .chain(RustlsConnector::default())
}

#[derive(Debug)]
struct EarlyConnector(CutOff);

impl<In: Transport> Connector<In> for EarlyConnector {
    type Out = EarlyTransport<In>;

    fn connect(
        &self,
        _details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let cut_off = self.0.clone();
        Ok(chained.map(|inner| EarlyTransport { inner, is_cut_off: false, cut_off }))
    }
}

/// A connection whose other end may stop reading.
#[derive(Debug)]
struct EarlyTransport<T> {
    inner: T,
    is_cut_off: bool,
    cut_off: CutOff,
}

impl<T: Transport> Transport for EarlyTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.is_cut_off {
            return Ok(());
        }
        match self.inner.transmit_output(amount, timeout) {
            Err(ureq::Error::Io(fault)) if is_end(fault.kind()) => {
                self.is_cut_off = true;
                self.cut_off.0.store(true, Ordering::Relaxed);
                Ok(())
            }
            result => result,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        !self.is_cut_off && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}
