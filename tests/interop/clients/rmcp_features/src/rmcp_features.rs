//! The official Rust client uses every feature of the `everything` backend once and answers what it is asked.
//!
//!     rmcp_features ERA URL TOKEN                  ERA: legacy | modern
//!     rmcp_features ERA --stdio COMMAND [ARG...]
//!
//! Prints one JSON line a step; feature_cases.py says what each must hold.
#![allow(deprecated)] // what the modern era has dropped is used in the legacy one

use std::time::Duration;

use rmcp::model::*;
use rmcp::service::{NotificationContext, RequestContext, RunningService};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::{json, Value};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};

type Failure = Box<dyn std::error::Error>;
type Service = RunningService<RoleClient, Interop>;

const WATCHED: &str = "test://watched-resource";
const PROMPT: &str = "test_prompt_with_arguments";

fn say(step: &str, name: &str, value: Value) {
    println!("{}", json!({"step": step, name: value}));
}

fn object(value: Value) -> JsonObject {
    value.as_object().cloned().unwrap_or_default()
}

/// The text of a content block or of a resource's content, whatever its type is called.
fn text_of(block: impl serde::Serialize) -> Value {
    serde_json::to_value(block).map_or(Value::Null, |block| block["text"].clone())
}

enum Arrival {
    Progress(f64),
    ToolsChanged,
    Updated(String),
}

struct Interop {
    version: ProtocolVersion,
    arrived: UnboundedSender<Arrival>,
}

impl ClientHandler for Interop {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.sampling = Some(SamplingCapability::default());
        capabilities.elicitation = Some(ElicitationCapability::new().with_form(FormElicitationCapability::new()));
        ClientConfig::new(capabilities, Implementation::new("interop-rmcp", "1.0.0"))
            .with_protocol_version(self.version.clone())
    }

    async fn create_message(
        &self,
        params: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let asked = text_of(&params.messages[0].content);
        let answer = format!("answer to: {}", asked.as_str().unwrap_or("nothing"));
        Ok(CreateMessageResult::new(SamplingMessage::assistant_text(answer), "interop".into()))
    }

    async fn create_elicitation(
        &self,
        params: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let known = json!({"username": "ada", "email": "ada@example.org", "name": "Ada", "color": "blue",
                           "context": "interop"});
        let asked = serde_json::to_value(params).unwrap_or_default();
        if asked["message"] == "Say no" {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        }
        let names = object(asked["requestedSchema"]["properties"].clone());
        let content: JsonObject = names.keys().map(|name| (name.clone(), known[name].clone())).collect();
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(content.into()))
    }

    async fn on_progress(&self, params: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let _ = self.arrived.send(Arrival::Progress(params.progress));
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        let _ = self.arrived.send(Arrival::ToolsChanged);
    }

    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let _ = self.arrived.send(Arrival::Updated(params.uri));
    }
}

async fn call(service: &Service, name: &'static str, arguments: Value) -> Result<Value, Failure> {
    let params = CallToolRequestParams::new(name).with_arguments(object(arguments));
    Ok(text_of(&service.call_tool(params).await?.content[0]))
}

async fn read(service: &Service, step: &str, uri: &str) -> Result<(), Failure> {
    let result = service.read_resource(ReadResourceRequestParams::new(uri)).await?;
    say(step, "text", text_of(&result.contents[0]));
    Ok(())
}

async fn prompt(service: &Service, step: &str, name: &str, arguments: Value) -> Result<(), Failure> {
    let params = GetPromptRequestParams::new(name).with_arguments(object(arguments));
    say(step, "text", text_of(&service.get_prompt(params).await?.messages[0].content));
    Ok(())
}

async fn lists(service: &Service) -> Result<(), Failure> {
    let tools: Vec<_> = service.list_all_tools().await?.into_iter().map(|tool| tool.name).collect();
    say("tools", "names", json!(tools));
    let resources: Vec<_> = service.list_all_resources().await?.into_iter().map(|one| one.uri.clone()).collect();
    say("resources", "names", json!(resources));
    let templates = service.list_all_resource_templates().await?;
    say("templates", "names", templates.iter().map(|one| one.uri_template.clone()).collect());
    let prompts: Vec<_> = service.list_all_prompts().await?.into_iter().map(|one| one.name).collect();
    say("prompts", "names", json!(prompts));
    Ok(())
}

async fn plain_calls(service: &Service, arrived: &mut UnboundedReceiver<Arrival>) -> Result<(), Failure> {
    say("call", "text", call(service, "test_simple_text", json!({})).await?);
    let weather = CallToolRequestParams::new("test_structured_content").with_arguments(object(json!({"city": "Oslo"})));
    say("structured", "values", json!(service.call_tool(weather).await?.structured_content));
    read(service, "read", "test://static-text").await?;
    read(service, "read-template", "test://template/7/data").await?;
    prompt(service, "prompt", PROMPT, json!({"arg1": "one", "arg2": "two"})).await?;
    say("completion", "values", json!(service.complete_prompt_simple(PROMPT, "arg1", "par").await?));
    say("progress", "text", call(service, "test_tool_with_progress", json!({})).await?);
    let mut seen = vec![];
    while seen.len() < 3 {
        if let Some(Arrival::Progress(done)) = arrived.recv().await {
            seen.push(done);
        }
    }
    say("progress-seen", "values", json!(seen));
    Ok(())
}

async fn questions(service: &Service) -> Result<(), Failure> {
    say("sampling", "text", call(service, "test_sampling", json!({"prompt": "the question"})).await?);
    say("elicitation", "text", call(service, "test_elicitation", json!({"message": "Who are you?"})).await?);
    say("declined", "text", call(service, "test_elicitation", json!({"message": "Say no"})).await?);
    say("several", "text", call(service, "test_input_required_result_capabilities", json!({})).await?);
    say("rounds", "text", call(service, "test_input_required_result_multi_round", json!({})).await?);
    prompt(service, "prompt-elicitation", "test_input_required_result_prompt", json!({})).await
}

async fn legacy_changes(service: &Service, arrived: &mut UnboundedReceiver<Arrival>) -> Result<(), Failure> {
    service.subscribe(SubscribeRequestParams::new(WATCHED)).await?;
    call(service, "test_trigger_tool_change", json!({})).await?;
    while !matches!(arrived.recv().await, Some(Arrival::ToolsChanged)) {}
    say("tools-changed", "text", Value::Null);
    call(service, "test_update_resource", json!({"uri": WATCHED})).await?;
    if let Some(Arrival::Updated(uri)) = arrived.recv().await {
        say("resource-updated", "text", json!(uri));
    }
    Ok(service.unsubscribe(UnsubscribeRequestParams::new(WATCHED)).await?)
}

async fn modern_changes(service: &Service) -> Result<(), Failure> {
    let filter = SubscriptionFilter::builder().tools_list_changed().resource_subscription(WATCHED).build();
    let mut heard = service.listen(filter).await?;
    call(service, "test_trigger_tool_change", json!({})).await?;
    if let Some(ServerNotification::ToolListChangedNotification(_)) = heard.next().await? {
        say("tools-changed", "text", Value::Null);
    }
    call(service, "test_update_resource", json!({"uri": WATCHED})).await?;
    if let Some(ServerNotification::ResourceUpdatedNotification(note)) = heard.next().await? {
        say("resource-updated", "text", json!(note.params.uri));
    }
    Ok(heard.cancel().await?)
}

async fn connect(modern: bool, target: &str, rest: &[String], handler: Interop) -> Result<Service, Failure> {
    let lifecycle = match modern {
        true => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
        false => ClientLifecycleMode::Initialize,
    };
    if target == "--stdio" {
        let mut command = tokio::process::Command::new(&rest[0]);
        command.args(&rest[1..]);
        return Ok(handler.serve_with_lifecycle(TokioChildProcess::new(command)?, lifecycle).await?);
    }
    let config = StreamableHttpClientTransportConfig::with_uri(target).auth_header(rest[0].clone());
    Ok(handler.serve_with_lifecycle(StreamableHttpClientTransport::from_config(config), lifecycle).await?)
}

async fn everything(arguments: Vec<String>) -> Result<(), Failure> {
    let modern = arguments[0] == "modern";
    let version = if modern { ProtocolVersion::V_2026_07_28 } else { ProtocolVersion::V_2025_11_25 };
    let (sender, mut arrived) = unbounded_channel();
    let handler = Interop { version, arrived: sender };
    let service = connect(modern, &arguments[1], &arguments[2..], handler).await?;
    let version = service.peer_info().map(|info| info.protocol_version.clone());
    say("connected", "version", json!(version));
    lists(&service).await?;
    plain_calls(&service, &mut arrived).await?;
    questions(&service).await?;
    if modern {
        modern_changes(&service).await?;
    } else {
        legacy_changes(&service, &mut arrived).await?;
    }
    service.cancel().await?;
    say("closed", "text", Value::Null);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let run = everything(std::env::args().skip(1).collect());
    let failure = match tokio::time::timeout(Duration::from_secs(60), run).await {
        Ok(Ok(())) => return,
        Ok(Err(failure)) => format!("{failure:?}"),
        Err(_) => "took more than a minute".into(),
    };
    say("error", "message", json!(failure));
    std::process::exit(1);
}
