//! What a validator answers.

use crate::abi;

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
    pub(crate) vary_by: u32,
    pub(crate) until_ms: i64,
}

impl Keep {
    /// For requests with the same token, until then (milliseconds since 1970-01-01 UTC; [`abi::NEVER`]: until dropped).
    pub fn for_token(until_ms: i64) -> Self {
        Keep { vary_by: 1, until_ms }
    }

    /// The same, and from the same address.
    pub fn for_token_and_peer(until_ms: i64) -> Self {
        Keep { vary_by: 1 | 2, until_ms }
    }
}

/// Whom a credential stands for.
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
        assert_eq!(Keep::default().vary_by, 0);
        assert_eq!(Keep::for_token_and_peer(5), Keep { vary_by: 3, until_ms: 5 });
    }
}
