// The server that Gatehouse is measured against: rmcp's streamable HTTP service behind axum, one
// tool `echo {text}`, stateless, JSON answers, and the same bearer token check (SHA-256 of the
// token, compared in constant time). Release build with thin LTO, TCP_NODELAY, no logging.
//
// --tools documented  the tool table as the macros of rmcp make it: rebuilt for each call (default)
// --tools shared      a table built once: the most rmcp gives without changing it
// --log FILE          a logging subscriber at level info, as rmcp's own samples install one (they
//                     take debug): then it too writes lines for each call
// --runtime current|multi   tokio's flavour; the default measured the same or faster on one core
//
// Usage: rmcp_echo --token-hash <64 hex digits> [--port N] [the flags above]
// Prints the port on standard output.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::{header, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{tool, tool_handler, tool_router, ServerHandler};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

type TokenHash = [u8; 32];

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct EchoArguments {
    text: String,
}

struct Documented;

#[tool_router]
impl Documented {
    #[tool(description = "Answers the text")]
    fn echo(&self, Parameters(arguments): Parameters<EchoArguments>) -> String {
        arguments.text
    }
}

#[tool_handler]
impl ServerHandler for Documented {}

struct Shared;

static SHARED_TOOLS: LazyLock<ToolRouter<Shared>> = LazyLock::new(Shared::tool_router);

#[tool_router]
impl Shared {
    #[tool(description = "Answers the text")]
    fn echo(&self, Parameters(arguments): Parameters<EchoArguments>) -> String {
        arguments.text
    }
}

#[tool_handler(router = SHARED_TOOLS)]
impl ServerHandler for Shared {}

struct Options {
    port: u16,
    token_hash: TokenHash,
    many_threads: bool,
    shared_tools: bool,
    log: Option<String>,
}

fn parse_hash(text: &str) -> Option<TokenHash> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(hash)
}

fn parse_options() -> Option<Options> {
    let (mut port, mut token_hash, mut log) = (0, None, None);
    let (mut many_threads, mut shared_tools) = (false, false);
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next()?;
        match flag.as_str() {
            "--port" => port = value.parse().ok()?,
            "--token-hash" => token_hash = Some(parse_hash(&value)?),
            "--runtime" => many_threads = value == "multi",
            "--tools" => shared_tools = value == "shared",
            "--log" => log = Some(value),
            _ => return None,
        }
    }
    Some(Options { port, token_hash: token_hash?, many_threads, shared_tools, log })
}

fn bearer(request: &Request) -> Option<&[u8]> {
    let value = request.headers().get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

async fn gate(State(wanted): State<Arc<TokenHash>>, request: Request, next: Next) -> Response {
    let known = bearer(&request)
        .is_some_and(|token| bool::from(Sha256::digest(token).as_slice().ct_eq(&wanted[..])));
    if !known {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    next.run(request).await
}

fn routes<S: ServerHandler + Send + 'static>(make: fn() -> S) -> axum::Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(make()), sessions, config);
    axum::Router::new().route_service("/mcp", service)
}

async fn serve(options: Options) -> std::io::Result<()> {
    let routes = if options.shared_tools { routes(|| Shared) } else { routes(|| Documented) };
    let admit = middleware::from_fn_with_state(Arc::new(options.token_hash), gate);
    let router = routes.layer(admit);

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await?;
    println!("{}", listener.local_addr()?.port());
    std::io::stdout().flush()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await
}

fn main() -> std::io::Result<()> {
    let Some(options) = parse_options() else {
        eprintln!("usage: rmcp_echo --token-hash HEX [--port N] [--tools T] [--runtime R] [--log FILE]");
        std::process::exit(2);
    };
    if let Some(path) = &options.log {
        let writer = std::sync::Mutex::new(std::fs::File::create(path)?);
        tracing_subscriber::fmt().with_ansi(false).with_writer(writer).init();
    }
    let mut builder = if options.many_threads {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1);
        builder
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()?.block_on(serve(options))
}
