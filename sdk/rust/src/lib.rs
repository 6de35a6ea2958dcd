//! Token validators for Gatehouse, in Rust.
//!
//! ```ignore
//! struct Mine { host: Host }
//!
//! impl TokenValidator for Mine {
//!     fn create(host: Host, settings_json: &str) -> Result<Self, String> { Ok(Mine { host }) }
//!     fn validate(&self, request: &TokenRequest) -> Verdict { Verdict::reject(Reason::Unknown, "") }
//! }
//!
//! gatehouse_plugin::token_validator!(Mine, "mine", "1.0.0");
//! ```
//!
//! in a crate of type `cdylib`. What a validator must keep to is written in `gatehouse/abi.h` and in
//! `gatehouse/token_validator.hpp`.
//!
//! Threads: `create` runs once, before all others; the rest from any thread, many at once.
//! Panics: one in `create` refuses the plugin, one in `validate` is "unavailable", any other is logged. None leaves
//! the library. That needs `panic = "unwind"`, which is Cargo's default.

pub mod abi;
mod doors;
mod host;
mod request;
mod verdict;

pub use doors::entry;
pub use host::{Host, Level, TokenLookup, TokenRecord};
pub use request::TokenRequest;
pub use verdict::{Identity, Keep, Reason, Verdict};

/// Judges the credentials of requests.
pub trait TokenValidator: Send + Sync + Sized + 'static {
    /// `settings_json` is a JSON object: the validator's part of the settings. An error is told to the operator, and the
    /// server does not start.
    fn create(host: Host, settings_json: &str) -> Result<Self, String>;

    /// Whom the credential stands for. May block unless `NEVER_BLOCKS`.
    fn validate(&self, request: &TokenRequest) -> Verdict;

    /// True if `validate` never waits: it may then run on the event loop.
    const NEVER_BLOCKS: bool = false;

    /// What was kept of this identity may be dropped.
    fn identity_gone(&self, _isolation_key: &str) {}
}

/// Exports the symbol that the host looks for. Name: at most 47 bytes; version: at most 23. With a fourth argument, a
/// literal of bytes, it also declares the settings: their JSON Schema, which the host holds them against before `create`.
#[macro_export]
macro_rules! token_validator {
    ($validator:ty, $name:literal, $version:literal) => {
        #[no_mangle]
        #[allow(non_upper_case_globals)]
        pub static gatehouse_plugin_entry: $crate::abi::PluginTable = $crate::entry::<$validator>($name, $version);
    };
    ($validator:ty, $name:literal, $version:literal, $settings:literal) => {
        $crate::token_validator!($validator, $name, $version);
        #[no_mangle]
        #[allow(non_upper_case_globals)]
        pub static gatehouse_plugin_settings: [u8; $settings.len()] = *$settings;
    };
}
