// Notes every answer that net/http's default transport gets, one JSON line each with the body, in the
// file INTEROP_WIRE_LOG names. Compiled beside an unchanged program of package main, which does not notice.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

type notingTransport struct{ next http.RoundTripper }

func init() { http.DefaultTransport = notingTransport{http.DefaultTransport} }

func (t notingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(request)
	if err != nil {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	note(request, answer, body)
	return answer, err
}

func note(request *http.Request, answer *http.Response, body []byte) {
	line, _ := json.Marshal(map[string]any{
		"method":    request.Method,
		"path":      request.URL.Path,
		"status":    answer.StatusCode,
		"challenge": answer.Header.Get("WWW-Authenticate"),
		"body":      string(body),
	})
	log, err := os.OpenFile(os.Getenv("INTEROP_WIRE_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer log.Close()
	log.Write(append(line, '\n'))
}
