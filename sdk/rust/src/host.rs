//! What the host does for a plugin.

use crate::abi;
use crate::request::{text, view};
use std::ffi::c_void;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Level {
    Debug = 1,
    Info = 2,
    Warning = 3,
    Error = 4,
}

/// One API token of the host's store. Times are milliseconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    pub id: String,
    pub note: String,
    pub database: String,
    pub created_at_ms: i64,
    pub expires_at_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenLookup {
    Found(TokenRecord),
    Unknown,
    /// The store cannot answer now.
    Down,
}

/// Services of the host; lives as long as the validator. Any thread.
#[derive(Clone, Copy)]
pub struct Host {
    raw: &'static abi::Host,
}

unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl Host {
    /// # Safety
    /// The host's table outlives the plugin's objects.
    pub(crate) unsafe fn new(raw: *const abi::Host) -> Self {
        Host { raw: &*raw }
    }

    pub fn log(&self, level: Level, message: &str) {
        (self.raw.log)(self.raw.ctx, level as i32, view(message));
    }

    /// The wall clock, in milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        (self.raw.now_ms)(self.raw.ctx)
    }

    /// Looks a token of the host's store up by the SHA-256 of its text.
    pub fn find_token(&self, sha256: &[u8; 32]) -> TokenLookup {
        let mut found: Option<TokenRecord> = None;
        let place: *mut Option<TokenRecord> = &mut found;
        match (self.raw.find_token)(self.raw.ctx, sha256.as_ptr(), place.cast(), put_record) {
            0 => TokenLookup::Unknown,
            1 => found.map_or(TokenLookup::Down, TokenLookup::Found),
            _ => TokenLookup::Down,
        }
    }

    /// Forgets kept verdicts: of one isolation key, or all when it is empty.
    pub fn drop_verdicts(&self, isolation_key: &str) {
        (self.raw.drop_verdicts)(self.raw.ctx, view(isolation_key));
    }
}

extern "C" fn put_record(place: *mut c_void, record: *const abi::TokenRecord) {
    let (place, record) = unsafe { (&mut *place.cast::<Option<TokenRecord>>(), &*record) };
    *place = Some(unsafe {
        TokenRecord {
            id: text(record.id).into(),
            note: text(record.note).into(),
            database: text(record.database).into(),
            created_at_ms: record.created_at_ms,
            expires_at_ms: record.expires_at_ms,
        }
    });
}
