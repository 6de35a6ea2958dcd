// Package plugin makes token validators for Gatehouse in Go.
//
//	package main
//
//	import "gatehouse/plugin"
//
//	func init() { plugin.Offer(newMine) }
//	func main() {}
//
//	func newMine(host plugin.Host, settingsJSON []byte) (plugin.TokenValidator, error) { ... }
//
// built with `go build -buildmode=c-shared -o mine.so`, with a C file beside it (see gatehouse_go.h). What a validator
// must keep to is written in gatehouse/abi.h and in gatehouse/token_validator.hpp.
//
// Threads: the function given to Offer is called once, before all others; Validate and IdentityGone from many goroutines
// at once. A panic in the first refuses the plugin, one in Validate is "unavailable", any other is logged.
package plugin

import "time"

// TokenValidator judges the credentials of requests. It may have methods IdentityGone(isolationKey string), for what was
// kept of an identity may be dropped, and Close(), which is called last.
type TokenValidator interface {
	Validate(request *TokenRequest) Verdict
}

// Create makes the validator. settingsJSON is a JSON object, the validator's part of the settings. An error is told to
// the operator, and the server does not start.
type Create func(host Host, settingsJSON []byte) (TokenValidator, error)

var offered Create

// Offer says how the library's validator is made. To be called by an init function.
func Offer(create Create) { offered = create }

// Reason says why a credential was rejected (abi.h, GATEHOUSE_REASON_...).
type Reason uint32

const (
	NotMine Reason = iota + 1
	Malformed
	Unknown
	Expired
	Revoked
	WrongAudience
	BadSignature
	Forbidden
	InsufficientScope
)

// Never is the end of what does not end.
const Never = int64(1<<63 - 1)

// Keep says for how long, and for which requests, the host may keep a verdict. The zero value: for this request only.
type Keep struct {
	milliseconds int64
	flags        uint32
}

// KeepForToken is for requests with the same token, until the identity expires or the host drops the verdict.
func KeepForToken() Keep { return Keep{milliseconds: Never} }

// AtMost keeps it no longer than that.
func (keep Keep) AtMost(time time.Duration) Keep {
	keep.milliseconds = min(keep.milliseconds, time.Milliseconds())
	return keep
}

// PerPeer keeps it for requests from the same address only.
func (keep Keep) PerPeer() Keep {
	keep.flags |= 1
	return keep
}

// Identity is what a credential resolves to.
type Identity struct {
	Issuer, Subject, ClientID, TokenID string
	IsolationKey                       string // what pools, sessions and state are bound to; must not be empty
	ClaimsJSON                         string // a JSON object, or empty
	Scopes                             []string
	ExpiresAt                          int64 // milliseconds since 1970-01-01 UTC; 0 is refused, Never does not expire
}

// Verdict is made by Accept, Reject or Unavailable.
type Verdict struct {
	kind       uint32
	reason     Reason
	detail     string
	identity   Identity
	keep       Keep
	retryAfter uint32
}

const (
	accepted uint32 = iota + 1
	rejected
	unavailable
)

// Accept lets the caller in.
func Accept(identity Identity, keep Keep) Verdict {
	return Verdict{kind: accepted, identity: identity, keep: keep}
}

// Reject refuses the credential. The detail is for the host's log, never for the client; it must not hold the token.
func Reject(reason Reason, detail string) Verdict {
	return Verdict{kind: rejected, reason: reason, detail: detail}
}

// Unavailable says that it cannot be decided now: the client is told to come again.
func Unavailable(detail string, retryAfterSeconds uint32) Verdict {
	return Verdict{kind: unavailable, detail: detail, retryAfter: retryAfterSeconds}
}

// TokenRequest is one request to judge.
type TokenRequest struct {
	Token       []byte // the credential, as it was sent
	TokenSHA256 [32]byte
	Scheme      string // as it was sent, e.g. "Bearer"
	Method      string // of HTTP
	URL         string // canonical, of the resource, from the settings
	Peer        string // the caller's address without a port
	Certificate []byte // DER of the TLS client certificate, or empty
	Header      []HeaderField
}

// HeaderField is one field of the request's head.
type HeaderField struct{ Name, Value string }

// TokenRecord is an API token of the host's store. Times are milliseconds since 1970-01-01 UTC.
type TokenRecord struct {
	ID, Note, Database   string
	CreatedAt, ExpiresAt int64
}
