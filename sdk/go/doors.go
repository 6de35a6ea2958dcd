package plugin

// What C calls. No panic leaves this file.

// #include "c_border.h"
import "C"

import (
	"fmt"
	"runtime"
	"runtime/cgo"
)

type made struct {
	host      Host
	validator TokenValidator
}

func madeOf(handle C.uintptr_t) *made { return cgo.Handle(handle).Value().(*made) }

func (plugin *made) guarded(what string, work func()) {
	defer func() {
		if fault := recover(); fault != nil {
			plugin.host.Log(Error, fmt.Sprintf("%s: panic: %v", what, fault))
		}
	}()
	work()
}

func create(host Host, settings []byte) (validator TokenValidator, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
	}()
	if offered == nil {
		return nil, fmt.Errorf("no init function has called plugin.Offer")
	}
	return offered(host, settings)
}

//export gatehouseGoCreate
func gatehouseGoCreate(host *C.gatehouse_host, settings C.gatehouse_str, failure C.gatehouse_sink) C.uintptr_t {
	validator, err := create(Host{host}, bytesOf(settings))
	if err == nil {
		return C.uintptr_t(cgo.NewHandle(&made{Host{host}, validator}))
	}
	var pins runtime.Pinner
	defer pins.Unpin()
	C.gatehouse_go_put(failure, view(&pins, err.Error()))
	return 0
}

//export gatehouseGoValidate
func gatehouseGoValidate(self C.uintptr_t, request *C.gatehouse_token_request, out C.gatehouse_verdict_sink) {
	verdict := Unavailable("validate panicked", 1)
	plugin := madeOf(self)
	plugin.guarded("validate", func() { verdict = plugin.validator.Validate(requestOf(request)) })
	answer(&verdict, out)
}

//export gatehouseGoIdentityGone
func gatehouseGoIdentityGone(self C.uintptr_t, isolationKey C.gatehouse_str) {
	plugin, key := madeOf(self), stringOf(isolationKey)
	if told, ok := plugin.validator.(interface{ IdentityGone(string) }); ok {
		plugin.guarded("identity_gone", func() { told.IdentityGone(key) })
	}
}

//export gatehouseGoDestroy
func gatehouseGoDestroy(self C.uintptr_t) {
	plugin := madeOf(self)
	if last, ok := plugin.validator.(interface{ Close() }); ok {
		plugin.guarded("destroy", last.Close)
	}
	cgo.Handle(self).Delete()
}

//export gatehouseGoFound
func gatehouseGoFound(handle C.uintptr_t, raw *C.gatehouse_token_record) {
	record := cgo.Handle(handle).Value().(*TokenRecord)
	record.ID, record.Note, record.Database = stringOf(raw.id), stringOf(raw.note), stringOf(raw.database)
	record.CreatedAt, record.ExpiresAt = int64(raw.created_at_ms), int64(raw.expires_at_ms)
}
