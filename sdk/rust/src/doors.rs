//! The C functions of a validator, made for its type. None lets a panic out.

use crate::abi;
use crate::request::{text, view};
use crate::{Host, Identity, Keep, Level, TokenRequest, TokenValidator, Verdict};
use std::ffi::{c_char, c_void, CStr};
use std::mem::size_of;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut};

struct Plugin<V> {
    host: Host,
    validator: V,
}

/// The table that a library exports.
pub const fn entry<V: TokenValidator>(name: &str, version: &str) -> abi::PluginTable {
    abi::PluginTable {
        magic: abi::MAGIC,
        abi_major: abi::MAJOR,
        abi_minor: abi::MINOR,
        size: size_of::<abi::PluginTable>() as u64,
        name: padded(name),
        version: padded(version),
        interfaces: padded(abi::TOKEN_VALIDATOR),
        interface: interface::<V>,
    }
}

/// With a NUL at its end; a name that has no room does not compile.
const fn padded<const N: usize>(words: &str) -> [u8; N] {
    let (mut out, bytes, mut i) = ([0; N], words.as_bytes(), 0);
    assert!(bytes.len() < N, "too long for the plugin table");
    while i < bytes.len() {
        out[i] = bytes[i];
        i += 1;
    }
    out
}

struct Tables<V>(V);

impl<V: TokenValidator> Tables<V> {
    const VALIDATOR: abi::TokenValidatorTable = abi::TokenValidatorTable {
        size: size_of::<abi::TokenValidatorTable>(),
        create: create::<V>,
        destroy: destroy::<V>,
        traits: traits::<V>,
        validate: validate::<V>,
        exchange: None,
        identity_gone: Some(identity_gone::<V>),
        not_ready: None,
    };
}

extern "C" fn interface<V: TokenValidator>(id: *const c_char) -> *const c_void {
    let wanted = unsafe { CStr::from_ptr(id) };
    if wanted.to_bytes() != abi::TOKEN_VALIDATOR.as_bytes() {
        return null();
    }
    let table: &'static abi::TokenValidatorTable = &Tables::<V>::VALIDATOR;
    std::ptr::from_ref(table).cast()
}

extern "C" fn create<V: TokenValidator>(host: *const abi::Host, settings: abi::Str, error: abi::Sink) -> *mut c_void {
    let host = unsafe { Host::new(host) };
    let made = catch_unwind(|| V::create(host, unsafe { text(settings) }));
    match made.unwrap_or_else(|_| Err("create panicked".into())) {
        Ok(validator) => Box::into_raw(Box::new(Plugin { host, validator })).cast(),
        Err(words) => {
            (error.put)(error.ctx, view(&words));
            null_mut()
        }
    }
}

extern "C" fn traits<V: TokenValidator>(_me: *mut c_void, out: abi::TraitsSink, _error: abi::Sink) {
    let none = view("");
    let flags = if V::NEVER_BLOCKS { abi::VALIDATOR_INLINE } else { 0 };
    let size = size_of::<abi::Traits>();
    (out.put)(out.ctx, &abi::Traits { size, flags, header: none, scheme: none, authorization_servers: none });
}

extern "C" fn validate<V: TokenValidator>(me: *mut c_void, request: *const abi::TokenRequest, out: abi::VerdictSink) {
    let plugin = unsafe { &*me.cast::<Plugin<V>>() };
    let request = TokenRequest::new(unsafe { &*request });
    let judged = catch_unwind(AssertUnwindSafe(|| plugin.validator.validate(&request)));
    answer(&judged.unwrap_or_else(|_| Verdict::unavailable("validate panicked", 1)), out);
}

extern "C" fn identity_gone<V: TokenValidator>(me: *mut c_void, isolation_key: abi::Str) {
    let plugin = unsafe { &*me.cast::<Plugin<V>>() };
    let key = unsafe { text(isolation_key) };
    if catch_unwind(AssertUnwindSafe(|| plugin.validator.identity_gone(key))).is_err() {
        plugin.host.log(Level::Error, "identity_gone panicked");
    }
}

extern "C" fn destroy<V: TokenValidator>(me: *mut c_void) {
    let plugin = unsafe { Box::from_raw(me.cast::<Plugin<V>>()) };
    let host = plugin.host;
    if catch_unwind(AssertUnwindSafe(|| drop(plugin))).is_err() {
        host.log(Level::Error, "dropping the validator panicked");
    }
}

fn answer(verdict: &Verdict, out: abi::VerdictSink) {
    match verdict {
        Verdict::Accepted { identity, keep } => accept(identity, *keep, out),
        Verdict::Rejected { reason, detail, keep } => put(out, abi::REJECT, detail, |raw| {
            raw.reason = *reason as u32;
            keep_in(raw, *keep);
        }),
        Verdict::Unavailable { detail, retry_after_seconds } => {
            put(out, abi::UNAVAILABLE, detail, |raw| raw.retry_after_s = *retry_after_seconds)
        }
    }
}

fn keep_in(raw: &mut abi::Verdict, keep: Keep) {
    raw.cache_ms = keep.milliseconds;
    raw.cache_flags = keep.flags;
}

fn put(out: abi::VerdictSink, kind: u32, detail: &str, fill: impl FnOnce(&mut abi::Verdict)) {
    let mut raw = abi::Verdict {
        size: size_of::<abi::Verdict>(),
        kind,
        reason: 0,
        detail: view(detail),
        identity: null(),
        cache_ms: 0,
        cache_flags: 0,
        retry_after_s: 0,
        needed_scopes: null(),
        needed_scope_count: 0,
    };
    fill(&mut raw);
    (out.put)(out.ctx, &raw);
}

fn accept(identity: &Identity, keep: Keep, out: abi::VerdictSink) {
    let scopes: Vec<abi::Str> = identity.scopes.iter().map(|scope| view(scope)).collect();
    let raw = abi::Identity {
        size: size_of::<abi::Identity>(),
        issuer: view(&identity.issuer),
        subject: view(&identity.subject),
        client_id: view(&identity.client_id),
        token_id: view(&identity.token_id),
        isolation_key: view(&identity.isolation_key),
        claims_json: view(&identity.claims_json),
        scopes: scopes.as_ptr(),
        scope_count: scopes.len(),
        expires_at_ms: identity.expires_at_ms,
    };
    put(out, abi::ACCEPT, "", |verdict| {
        verdict.identity = &raw;
        keep_in(verdict, keep);
    });
}
