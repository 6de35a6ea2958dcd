//! What a validator answers.

use crate::abi;
use std::time::Duration;

/// Why a credential was rejected (abi.h, GATEHOUSE_REASON_...).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    NotMine = 1,
    Malformed = 2,
    Unknown = 3,
    Expired = 4,
    Revoked = 5,
    WrongAudience = 6,
    BadSignature = 7,
    Forbidden = 8,
    InsufficientScope = 9,
}

/// For how long, and for which requests, the host may keep a verdict. The default: for this request only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    pub(crate) milliseconds: i64,
    pub(crate) flags: u32,
}

impl Keep {
    /// For requests with the same token, until the identity expires or the host drops the verdict.
    pub fn for_token() -> Self {
        Keep { milliseconds: abi::NEVER, flags: 0 }
    }

    /// No longer than that.
    pub fn at_most(self, time: Duration) -> Self {
        let most = i64::try_from(time.as_millis()).unwrap_or(abi::NEVER);
        Keep { milliseconds: self.milliseconds.min(most), ..self }
    }

    /// For requests from the same address only.
    pub fn per_peer(self) -> Self {
        Keep { flags: self.flags | abi::CACHE_PER_PEER, ..self }
    }
}

/// What a credential resolves to.
#[derive(Clone, Debug)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub client_id: String,
    pub token_id: String,
    /// What pools, sessions and state are bound to; must not be empty.
    pub isolation_key: String,
    /// A JSON object, or empty.
    pub claims_json: String,
    pub scopes: Vec<String>,
    /// Milliseconds since 1970-01-01 UTC; [`abi::NEVER`]: does not expire.
    pub expires_at_ms: i64,
}

impl Identity {
    /// The isolation key is `issuer:subject`, with a `\` before each `\` and `:` of the issuer, so that no two pairs share one.
    pub fn new(issuer: &str, subject: &str) -> Self {
        let escaped = issuer.replace('\\', "\\\\").replace(':', "\\:");
        Identity {
            issuer: issuer.into(),
            subject: subject.into(),
            client_id: String::new(),
            token_id: String::new(),
            isolation_key: format!("{escaped}:{subject}"),
            claims_json: String::new(),
            scopes: Vec::new(),
            expires_at_ms: abi::NEVER,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Verdict {
    Accepted { identity: Box<Identity>, keep: Keep },
    /// `detail` is for the host's log, never for the client; it must not hold the token.
    Rejected { reason: Reason, detail: String, keep: Keep },
    /// Cannot be decided now: the client is told to come again.
    Unavailable { detail: String, retry_after_seconds: u32 },
}

impl Verdict {
    pub fn accept(identity: Identity, keep: Keep) -> Self {
        Verdict::Accepted { identity: Box::new(identity), keep }
    }

    pub fn reject(reason: Reason, detail: impl Into<String>) -> Self {
        Verdict::Rejected { reason, detail: detail.into(), keep: Keep::default() }
    }

    pub fn unavailable(detail: impl Into<String>, retry_after_seconds: u32) -> Self {
        Verdict::Unavailable { detail: detail.into(), retry_after_seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pairs_share_an_isolation_key() {
        assert_ne!(Identity::new("a:b", "c").isolation_key, Identity::new("a", "b:c").isolation_key);
        assert_ne!(Identity::new("a\\", ":c").isolation_key, Identity::new("a\\:", "c").isolation_key);
    }

    #[test]
    fn a_verdict_is_kept_only_when_asked_for() {
        assert_eq!(Keep::default().milliseconds, 0);
        let brief = Keep::for_token().per_peer().at_most(Duration::from_secs(5));
        assert_eq!(brief, Keep { milliseconds: 5000, flags: abi::CACHE_PER_PEER });
        assert_eq!(Keep::default().per_peer().at_most(Duration::from_secs(5)).milliseconds, 0);
    }
}
