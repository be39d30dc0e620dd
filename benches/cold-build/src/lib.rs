//! Nothing of its own: `./check-build` builds what its manifest names.
