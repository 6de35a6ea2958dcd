//! The structures of `abi.rs` lie as those of `gatehouse/abi.h`: a C program says where each field is.

use gatehouse_plugin::abi;
use std::mem::{offset_of, size_of};
use std::path::PathBuf;
use std::process::Command;

/// `(C type, C field, offset in Rust)`; with the field "", the size.
type Place = (&'static str, &'static str, usize);

macro_rules! places {
    ($($c:ident = $rust:ident { $($field:ident),* })*) => {
        vec![$($((stringify!($c), stringify!($field), offset_of!(abi::$rust, $field)),)*)*]
    };
}

fn places() -> Vec<Place> {
    let mut all: Vec<Place> = places! {
        gatehouse_str = Str { data, size }
        gatehouse_sink = Sink { ctx, put }
        gatehouse_field = Field { name, value }
        gatehouse_plugin_table = PluginTable { magic, abi_major, abi_minor, size, name, version, interfaces, interface }
        gatehouse_identity = Identity { size, issuer, subject, client_id, token_id, isolation_key, claims_json, scopes, scope_count, expires_at_ms }
        gatehouse_token_record = TokenRecord { size, id, note, database, created_at_ms, expires_at_ms }
        gatehouse_host = Host { size, ctx, log, now_ms, find_token, drop_verdicts }
        gatehouse_token_request = TokenRequest { size, token, scheme, method, url, peer, certificate, token_sha256, fields, field_count, trace }
        gatehouse_trace_sink = TraceSink { ctx, put }
        gatehouse_traits_sink = TraitsSink { ctx, put }
        gatehouse_verdict = Verdict { size, kind, reason, detail, identity, cache_ms, cache_flags, retry_after_s, needed_scopes, needed_scope_count }
        gatehouse_verdict_sink = VerdictSink { ctx, put }
        gatehouse_validator_traits = Traits { size, flags, header, scheme, authorization_servers }
        gatehouse_token_validator_v1 = TokenValidatorTable { size, create, destroy, traits, validate, exchange, identity_gone, not_ready }
    };
    // Whole structures that the host writes or that lie in arrays; the others may grow behind what is known here.
    all.extend([
        ("gatehouse_str", "", size_of::<abi::Str>()),
        ("gatehouse_field", "", size_of::<abi::Field>()),
        ("gatehouse_plugin_table", "", size_of::<abi::PluginTable>()),
        ("gatehouse_token_validator_v1", "", size_of::<abi::TokenValidatorTable>()),
        ("gatehouse_verdict", "", size_of::<abi::Verdict>()),
        ("gatehouse_identity", "", size_of::<abi::Identity>()),
    ]);
    all
}

fn asked(c_type: &str, field: &str) -> String {
    match field {
        "" => format!("printf(\"%zu\\n\", sizeof({c_type}));"),
        _ => format!("printf(\"%zu\\n\", offsetof({c_type}, {field}));"),
    }
}

#[test]
fn every_field_lies_where_the_header_has_it() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let include = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../include");
    let lines: Vec<String> = places().iter().map(|(c_type, field, _)| asked(c_type, field)).collect();
    let text = format!("#include <stdio.h>\n#include <gatehouse/abi.h>\nint main(void) {{\n{}\n}}\n", lines.join("\n"));
    std::fs::write(folder.join("layout.c"), text).unwrap();
    let program = folder.join("layout");
    let built = Command::new("cc").arg("-I").arg(include).arg("-o").arg(&program).arg(folder.join("layout.c")).status();
    assert!(built.unwrap().success());
    let told = String::from_utf8(Command::new(&program).output().unwrap().stdout).unwrap();
    let told: Vec<usize> = told.lines().map(|line| line.parse().unwrap()).collect();
    for ((c_type, field, here), there) in places().into_iter().zip(told) {
        assert_eq!(here, there, "{c_type} {field}");
    }
}

#[test]
fn the_numbers_are_those_of_the_header() {
    let header = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../include/gatehouse/abi.h")).unwrap();
    assert!(header.contains(&format!("GATEHOUSE_ABI_MAJOR {}u", abi::MAJOR)));
    assert!(header.contains(&format!("GATEHOUSE_ABI_MAGIC UINT64_C(0x{:X})", abi::MAGIC)));
    assert!(header.contains(&format!("GATEHOUSE_TOKEN_VALIDATOR_1 \"{}\"", abi::TOKEN_VALIDATOR)));
    assert!(header.contains(&format!(
        "GATEHOUSE_ACCEPT = {}, GATEHOUSE_REJECT = {}, GATEHOUSE_UNAVAILABLE = {}",
        abi::ACCEPT, abi::REJECT, abi::UNAVAILABLE
    )));
}
