// The official Go client uses every feature of the `everything` backend once and answers what it is asked.
//
//	go_features ERA URL TOKEN                  ERA: legacy | modern
//	go_features ERA --stdio COMMAND [ARG...]
//
// Prints one JSON line a step; feature_cases.py says what each must hold.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const watched = "test://watched-resource"

var versions = map[string]string{"legacy": "2025-11-25", "modern": "2026-07-28"}
var answers = map[string]any{"username": "ada", "email": "ada@example.org", "name": "Ada", "color": "blue", "context": "interop"}

type details map[string]any

func say(step string, more details) {
	line := details{"step": step}
	for name, value := range more {
		line[name] = value
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func must[T any](value T, err error) T {
	if err != nil {
		say("error", details{"message": err.Error()})
		os.Exit(1)
	}
	return value
}

func textOf(content []mcp.Content) (text string) {
	for _, block := range content {
		text += block.(*mcp.TextContent).Text
	}
	return
}

// Adds the token to each request and notes each answer's status in the file INTEROP_WIRE_LOG names.
type gateTransport struct{ token string }

func (t gateTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+t.token)
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		line, _ := json.Marshal(details{"method": request.Method, "path": request.URL.Path,
			"version": request.Header.Get("Mcp-Protocol-Version"), "status": answer.StatusCode})
		log := must(os.OpenFile(os.Getenv("INTEROP_WIRE_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600))
		defer log.Close()
		log.Write(append(line, '\n'))
	}
	return answer, err
}

// What arrived without being asked for.
type arrivals struct {
	progress chan float64
	tools    chan bool
	updated  chan string
}

func (a arrivals) options() *mcp.ClientOptions {
	return &mcp.ClientOptions{
		CreateMessageHandler: func(_ context.Context, request *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			asked := request.Params.Messages[0].Content.(*mcp.TextContent).Text
			answer := &mcp.TextContent{Text: "answer to: " + asked}
			return &mcp.CreateMessageResult{Role: "assistant", Model: "interop", Content: answer}, nil
		},
		ElicitationHandler: func(_ context.Context, request *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			if request.Params.Message == "Say no" {
				return &mcp.ElicitResult{Action: "decline"}, nil
			}
			content := map[string]any{}
			for name := range request.Params.RequestedSchema.(map[string]any)["properties"].(map[string]any) {
				content[name] = answers[name]
			}
			return &mcp.ElicitResult{Action: "accept", Content: content}, nil
		},
		ProgressNotificationHandler: func(_ context.Context, note *mcp.ProgressNotificationClientRequest) {
			a.progress <- note.Params.Progress
		},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { a.tools <- true },
		ResourceUpdatedHandler: func(_ context.Context, note *mcp.ResourceUpdatedNotificationRequest) {
			a.updated <- note.Params.URI
		},
	}
}

func transportTo(target string, rest []string) mcp.Transport {
	if target == "--stdio" {
		return &mcp.CommandTransport{Command: exec.Command(rest[0], rest[1:]...)}
	}
	return &mcp.StreamableClientTransport{Endpoint: target, HTTPClient: &http.Client{Transport: gateTransport{rest[0]}}}
}

type run struct {
	context.Context
	*mcp.ClientSession
	arrivals
}

func (r run) call(step, name string, arguments any) {
	result := must(r.CallTool(r, &mcp.CallToolParams{Name: name, Arguments: arguments}))
	say(step, details{"text": textOf(result.Content)})
}

func (r run) read(step, uri string) {
	say(step, details{"text": must(r.ReadResource(r, &mcp.ReadResourceParams{URI: uri})).Contents[0].Text})
}

func (r run) prompt(step, name string, arguments map[string]string) {
	result := must(r.GetPrompt(r, &mcp.GetPromptParams{Name: name, Arguments: arguments}))
	say(step, details{"text": textOf([]mcp.Content{result.Messages[0].Content})})
}

func (r run) lists() {
	names := map[string][]string{}
	for tool, err := range r.Tools(r, nil) {
		names["tools"] = append(names["tools"], must(tool, err).Name)
	}
	for resource, err := range r.Resources(r, nil) {
		names["resources"] = append(names["resources"], must(resource, err).URI)
	}
	for template, err := range r.ResourceTemplates(r, nil) {
		names["templates"] = append(names["templates"], must(template, err).URITemplate)
	}
	for prompt, err := range r.Prompts(r, nil) {
		names["prompts"] = append(names["prompts"], must(prompt, err).Name)
	}
	for _, step := range []string{"tools", "resources", "templates", "prompts"} {
		say(step, details{"names": names[step]})
	}
}

func (r run) plainCalls() {
	r.call("call", "test_simple_text", nil)
	weather := &mcp.CallToolParams{Name: "test_structured_content", Arguments: map[string]any{"city": "Oslo"}}
	say("structured", details{"values": must(r.CallTool(r, weather)).StructuredContent})
	r.read("read", "test://static-text")
	r.read("read-template", "test://template/7/data")
	r.prompt("prompt", "test_prompt_with_arguments", map[string]string{"arg1": "one", "arg2": "two"})
	completed := must(r.Complete(r, &mcp.CompleteParams{
		Ref:      &mcp.CompleteReference{Type: "ref/prompt", Name: "test_prompt_with_arguments"},
		Argument: mcp.CompleteParamsArgument{Name: "arg1", Value: "par"}}))
	say("completion", details{"values": completed.Completion.Values})
	params := &mcp.CallToolParams{Name: "test_tool_with_progress"}
	params.SetProgressToken("interop")
	say("progress", details{"text": textOf(must(r.CallTool(r, params)).Content)})
	say("progress-seen", details{"values": []float64{<-r.progress, <-r.progress, <-r.progress}})
}

func (r run) questions() {
	r.call("sampling", "test_sampling", map[string]any{"prompt": "the question"})
	r.call("elicitation", "test_elicitation", map[string]any{"message": "Who are you?"})
	r.call("declined", "test_elicitation", map[string]any{"message": "Say no"})
	r.call("several", "test_input_required_result_capabilities", nil)
	r.call("rounds", "test_input_required_result_multi_round", nil)
	r.prompt("prompt-elicitation", "test_input_required_result_prompt", nil)
}

func (r run) changes() {
	must(true, r.Subscribe(r, &mcp.SubscribeParams{URI: watched}))
	must(r.CallTool(r, &mcp.CallToolParams{Name: "test_trigger_tool_change"}))
	<-r.tools
	say("tools-changed", nil)
	must(r.CallTool(r, &mcp.CallToolParams{Name: "test_update_resource", Arguments: map[string]any{"uri": watched}}))
	say("resource-updated", details{"text": <-r.updated})
	must(true, r.Unsubscribe(r, &mcp.UnsubscribeParams{URI: watched}))
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	heard := arrivals{make(chan float64, 99), make(chan bool, 99), make(chan string, 99)}
	client := mcp.NewClient(&mcp.Implementation{Name: "interop-go", Version: "1.0.0"}, heard.options())
	options := &mcp.ClientSessionOptions{ProtocolVersion: versions[os.Args[1]]}
	session := must(client.Connect(ctx, transportTo(os.Args[2], os.Args[3:]), options))
	say("connected", details{"version": session.InitializeResult().ProtocolVersion})
	r := run{ctx, session, heard}
	r.lists()
	r.plainCalls()
	r.questions()
	r.changes()
	must(true, session.Close())
	say("closed", nil)
}
