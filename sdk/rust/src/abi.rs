//! The C border, as in `gatehouse/abi.h`: same order, same types. `tests/layout.rs` compares both.
#![allow(missing_docs)]

use std::ffi::{c_char, c_void};

pub const MAGIC: u64 = 0x4541_5445_4853_5545;
pub const MAJOR: u32 = 1;
pub const MINOR: u32 = 0;
pub const TOKEN_VALIDATOR: &str = "gatehouse.token_validator/1";
pub const NEVER: i64 = i64::MAX;

pub const ACCEPT: u32 = 1;
pub const REJECT: u32 = 2;
pub const UNAVAILABLE: u32 = 3;

pub const VALIDATOR_INLINE: u32 = 1;

pub const CACHE_PER_PEER: u32 = 1;

/// Bytes that live as long as the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const c_char,
    pub size: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Sink {
    pub ctx: *mut c_void,
    pub put: extern "C" fn(*mut c_void, Str),
}

#[repr(C)]
pub struct Field {
    pub name: Str,
    pub value: Str,
}

#[repr(C)]
pub struct PluginTable {
    pub magic: u64,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub size: u64,
    pub name: [u8; 48],
    pub version: [u8; 24],
    pub interfaces: [u8; 64],
    pub interface: extern "C" fn(*const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Identity {
    pub size: usize,
    pub issuer: Str,
    pub subject: Str,
    pub client_id: Str,
    pub token_id: Str,
    pub isolation_key: Str,
    pub claims_json: Str,
    pub scopes: *const Str,
    pub scope_count: usize,
    pub expires_at_ms: i64,
}

#[repr(C)]
pub struct TokenRecord {
    pub size: usize,
    pub id: Str,
    pub note: Str,
    pub database: Str,
    pub created_at_ms: i64,
    pub expires_at_ms: i64,
}

pub type Found = extern "C" fn(*mut c_void, *const TokenRecord);

/// The first functions of the host; what follows is not used here.
#[repr(C)]
pub struct Host {
    pub size: usize,
    pub ctx: *mut c_void,
    pub log: extern "C" fn(*mut c_void, i32, Str),
    pub now_ms: extern "C" fn(*mut c_void) -> i64,
    pub find_token: extern "C" fn(*mut c_void, *const u8, *mut c_void, Found) -> i32,
    pub drop_verdicts: extern "C" fn(*mut c_void, Str),
}

#[repr(C)]
pub struct TokenRequest {
    pub size: usize,
    pub token: Str,
    pub scheme: Str,
    pub method: Str,
    pub url: Str,
    pub peer: Str,
    pub certificate: Str,
    pub token_sha256: *const u8,
    pub fields: *const Field,
    pub field_count: usize,
    pub trace: TraceSink,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct TraceSink {
    pub ctx: *mut c_void,
    pub put: Option<extern "C" fn(*mut c_void, Str, i32, Str)>,
}

#[repr(C)]
pub struct Verdict {
    pub size: usize,
    pub kind: u32,
    pub reason: u32,
    pub detail: Str,
    pub identity: *const Identity,
    pub cache_ms: i64,
    pub cache_flags: u32,
    pub retry_after_s: u32,
    pub needed_scopes: *const Str,
    pub needed_scope_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct VerdictSink {
    pub ctx: *mut c_void,
    pub put: extern "C" fn(*mut c_void, *const Verdict),
}

#[repr(C)]
pub struct Traits {
    pub size: usize,
    pub flags: u32,
    pub header: Str,
    pub scheme: Str,
    pub authorization_servers: Str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct TraitsSink {
    pub ctx: *mut c_void,
    pub put: extern "C" fn(*mut c_void, *const Traits),
}

/// `None` in `exchange`: not offered, and never called.
#[repr(C)]
pub struct TokenValidatorTable {
    pub size: usize,
    pub create: extern "C" fn(*const Host, Str, Sink) -> *mut c_void,
    pub destroy: extern "C" fn(*mut c_void),
    pub traits: extern "C" fn(*mut c_void, TraitsSink, Sink),
    pub validate: extern "C" fn(*mut c_void, *const TokenRequest, VerdictSink),
    pub exchange: Option<extern "C" fn()>,
    pub identity_gone: Option<extern "C" fn(*mut c_void, Str)>,
    pub not_ready: Option<extern "C" fn(*mut c_void, Sink)>,
}
