package plugin

/*
#cgo CFLAGS: -std=c11 -I${SRCDIR}/../include
#include "c_border.h"
*/
import "C"

import (
	"errors"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// Host is what the host does for a plugin; it lives as long as the validator. Any goroutine.
type Host struct{ raw *C.gatehouse_host }

// Level of a line of the log.
type Level int32

const (
	Debug Level = iota + 1
	Info
	Warning
	Error
)

// ErrStoreDown says that the token store cannot answer now.
var ErrStoreDown = errors.New("the token store cannot answer")

// Log writes a line to the host's log.
func (host Host) Log(level Level, message string) {
	var pins runtime.Pinner
	defer pins.Unpin()
	C.gatehouse_go_log(host.raw, C.int32_t(level), view(&pins, message))
}

// Now is the wall clock, in milliseconds since 1970-01-01 UTC.
func (host Host) Now() int64 { return int64(C.gatehouse_go_now(host.raw)) }

// FindToken looks a token of the host's store up by the SHA-256 of its text. Nil: there is none.
func (host Host) FindToken(sha256 [32]byte) (*TokenRecord, error) {
	var record TokenRecord
	handle := cgo.NewHandle(&record)
	defer handle.Delete()
	switch C.gatehouse_go_find(host.raw, (*C.uint8_t)(unsafe.Pointer(&sha256[0])), C.uintptr_t(handle)) {
	case 0:
		return nil, nil
	case 1:
		return &record, nil
	}
	return nil, ErrStoreDown
}

// DropVerdicts forgets kept verdicts: of one isolation key, or all when it is empty.
func (host Host) DropVerdicts(isolationKey string) {
	var pins runtime.Pinner
	defer pins.Unpin()
	C.gatehouse_go_drop(host.raw, view(&pins, isolationKey))
}

// view lends a string to C until the pins are taken out.
func view(pins *runtime.Pinner, text string) C.gatehouse_str {
	if text == "" {
		return C.gatehouse_str{}
	}
	data := unsafe.StringData(text)
	pins.Pin(data)
	return C.gatehouse_str{data: (*C.char)(unsafe.Pointer(data)), size: C.size_t(len(text))}
}

func bytesOf(text C.gatehouse_str) []byte {
	return C.GoBytes(unsafe.Pointer(text.data), C.int(text.size))
}

func stringOf(text C.gatehouse_str) string { return string(bytesOf(text)) }

func requestOf(raw *C.gatehouse_token_request) *TokenRequest {
	request := &TokenRequest{
		Token: bytesOf(raw.token), Scheme: stringOf(raw.scheme), Method: stringOf(raw.method), URL: stringOf(raw.url),
		Peer: stringOf(raw.peer), Certificate: bytesOf(raw.certificate),
	}
	copy(request.TokenSHA256[:], unsafe.Slice((*byte)(unsafe.Pointer(raw.token_sha256)), 32))
	for _, field := range unsafe.Slice(raw.fields, int(raw.field_count)) {
		request.Header = append(request.Header, HeaderField{stringOf(field.name), stringOf(field.value)})
	}
	return request
}

func answer(verdict *Verdict, out C.gatehouse_verdict_sink) {
	var pins runtime.Pinner
	defer pins.Unpin()
	raw := C.gatehouse_verdict{
		size: C.sizeof_gatehouse_verdict, kind: C.uint32_t(verdict.kind), reason: C.uint32_t(verdict.reason),
		detail: view(&pins, verdict.detail), retry_after_s: C.uint32_t(verdict.retryAfter),
		cache_ms: C.int64_t(verdict.keep.milliseconds), cache_flags: C.uint32_t(verdict.keep.flags),
	}
	if verdict.kind == accepted {
		raw.identity = identityOf(&pins, &verdict.identity)
	}
	C.gatehouse_go_answer(out, &raw)
}

func identityOf(pins *runtime.Pinner, identity *Identity) *C.gatehouse_identity {
	raw := &C.gatehouse_identity{
		size: C.sizeof_gatehouse_identity, issuer: view(pins, identity.Issuer), subject: view(pins, identity.Subject),
		client_id: view(pins, identity.ClientID), token_id: view(pins, identity.TokenID),
		isolation_key: view(pins, identity.IsolationKey), claims_json: view(pins, identity.ClaimsJSON),
		expires_at_ms: C.int64_t(identity.ExpiresAt), scope_count: C.size_t(len(identity.Scopes)),
	}
	pins.Pin(raw)
	if len(identity.Scopes) > 0 {
		scopes := make([]C.gatehouse_str, len(identity.Scopes))
		for i, scope := range identity.Scopes {
			scopes[i] = view(pins, scope)
		}
		pins.Pin(&scopes[0])
		raw.scopes = &scopes[0]
	}
	return raw
}
