// go_validator accepts the API tokens of the host's store (`gatehouse token add`).
package main

// #cgo CFLAGS: -I${SRCDIR}/../../sdk/go -I${SRCDIR}/../../sdk/include
import "C"

import "gatehouse/plugin"

type storeValidator struct{ host plugin.Host }

func init() { plugin.Offer(create) }

func main() {}

// There are no settings, as entry.c declares.
func create(host plugin.Host, _ []byte) (plugin.TokenValidator, error) {
	return &storeValidator{host}, nil
}

func (validator *storeValidator) Validate(request *plugin.TokenRequest) plugin.Verdict {
	token, err := validator.host.FindToken(request.TokenSHA256)
	if err != nil {
		return plugin.Unavailable(err.Error(), 1)
	}
	if token == nil {
		return plugin.Reject(plugin.Unknown, "")
	}
	if token.ExpiresAt <= validator.host.Now() {
		return plugin.Reject(plugin.Expired, token.ID)
	}
	identity := plugin.Identity{Issuer: "go_validator", Subject: token.ID, TokenID: token.ID,
		IsolationKey: "go_validator:" + token.ID, ExpiresAt: token.ExpiresAt}
	return plugin.Accept(identity, plugin.KeepForToken())
}
