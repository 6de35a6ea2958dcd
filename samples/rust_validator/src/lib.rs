//! Accepts the API tokens of the host's store (`gatehouse token add`).

use gatehouse_plugin::{token_validator, Host, Identity, Keep, Reason, TokenLookup, TokenRequest, TokenValidator, Verdict};

struct StoreValidator {
    host: Host,
}

impl TokenValidator for StoreValidator {
    const NEVER_BLOCKS: bool = true; // a look-up in memory

    fn create(host: Host, _settings_json: &str) -> Result<Self, String> {
        Ok(StoreValidator { host }) // there are none, as it declares
    }

    fn validate(&self, request: &TokenRequest) -> Verdict {
        match self.host.find_token(&request.token_sha256()) {
            TokenLookup::Down => Verdict::unavailable("the token store cannot answer", 1),
            TokenLookup::Unknown => Verdict::reject(Reason::Unknown, ""),
            TokenLookup::Found(token) if token.expires_at_ms <= self.host.now_ms() => Verdict::reject(Reason::Expired, token.id),
            TokenLookup::Found(token) => {
                let mut identity = Identity::new("rust_validator", &token.id);
                identity.expires_at_ms = token.expires_at_ms;
                identity.token_id = token.id;
                Verdict::accept(identity, Keep::for_token())
            }
        }
    }
}

token_validator!(StoreValidator, "rust_validator", "1.0.0", b"{\"properties\": {}}");
