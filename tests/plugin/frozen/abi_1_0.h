/* The plugin border: a C door between the Gatehouse host and a shared library.
 *
 * A library exports the symbol `gatehouse_plugin_entry`, initialised data of type gatehouse_plugin_table (not in .bss:
 * it is read from the file before the library is loaded), and may export `gatehouse_plugin_settings`, a char array of
 * the same kind: the JSON Schema 2020-12 of its settings, which are held against it, with its defaults, before create.
 * Other symbols are ignored. The host checks magic, abi_major and size, then calls interface(id), then create. The
 * library is never unloaded. It is loaded by its descriptor, so $ORIGIN in its RPATH does not work.
 *
 * Rules of the border
 *  - A released struct or function never changes. It grows by fields at its end, behind its `size`; the reader checks
 *    `size` before it touches a later field. A change of meaning is a new interface id (".../2"). The sizes of 1.0 are
 *    the GATEHOUSE_..._SIZE_1_0 constants: each side accepts every table that has at least those.
 *  - Nothing is given away: every gatehouse_str is a view that lives for the call only. Allocators never cross.
 *  - Nothing is thrown: every function is noexcept in effect. A library must not call exit().
 *  - A function pointer is never null unless it is marked [optional]; an optional one that is null is not offered.
 *  - Strings are UTF-8. A pointer beside a count may be null only when the count is 0.
 *  - A sink is called at most once, during the call that received it, unless it says otherwise. A second call is an
 *    error of the plugin: the first counts, the second is logged.
 *
 * Threads: each function names its own rule. [any] from any thread, also at once; [worker] may block, many at once;
 * [start] once, before or after all others. `destroy` is called after every other call has returned; threads that the
 * plugin has made must have ended when it returns. The host outlives the plugin.
 *
 * Plugin authors in C++ do not need this file: see plugin.hpp.
 */
#ifndef GATEHOUSE_ABI_H
#define GATEHOUSE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GATEHOUSE_ABI_MAGIC UINT64_C(0x4541544548535545) /* differs in every byte order */
#define GATEHOUSE_ABI_MAJOR 1u
#define GATEHOUSE_ABI_MINOR 0u

#define GATEHOUSE_TOKEN_VALIDATOR_1 "gatehouse.token_validator/1"
#define GATEHOUSE_BACKEND_1 "gatehouse.backend/1"

/* UTF-8 text that the giver owns; not terminated by NUL. data may be null when size is 0. */
typedef struct gatehouse_str {
    const char* data;
    size_t size;
} gatehouse_str;

/* Where a callee puts one string. */
typedef struct gatehouse_sink {
    void* ctx;
    void (*put)(void* ctx, gatehouse_str text);
} gatehouse_sink;

/* Where a callee puts a JSON-RPC error (section 5.1). data_json: a JSON value, or empty. */
typedef struct gatehouse_error_sink {
    void* ctx;
    void (*put)(void* ctx, int32_t code, gatehouse_str message, gatehouse_str data_json);
} gatehouse_error_sink;

/* A field of an HTTP head. */
typedef struct gatehouse_field {
    gatehouse_str name;
    gatehouse_str value;
} gatehouse_field;

/* The exported symbol. The names are kept inline so that a tool can read them without running the library. */
typedef struct gatehouse_plugin_table {
    uint64_t magic;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint64_t size;                            /* sizeof(gatehouse_plugin_table) of the library */
    char name[48];                            /* terminated by NUL */
    char version[24];                         /* terminated by NUL */
    char interfaces[64];                      /* the ids that interface() knows, separated by a space */
    const void* (*interface)(const char* id); /* null: not offered [start] */
} gatehouse_plugin_table;

/* --- identity -------------------------------------------------------------------------------------------------- */

#define GATEHOUSE_NEVER INT64_MAX

/* Who a token stands for. Times are milliseconds since 1970-01-01 UTC. */
typedef struct gatehouse_identity {
    size_t size;
    gatehouse_str issuer;
    gatehouse_str subject;
    gatehouse_str client_id;
    gatehouse_str token_id;
    gatehouse_str isolation_key; /* what pools, sessions and state are bound to; never empty */
    gatehouse_str claims_json;   /* a JSON object, or empty */
    const gatehouse_str* scopes;
    size_t scope_count;
    int64_t expires_at_ms; /* GATEHOUSE_NEVER: does not expire */
} gatehouse_identity;

/* A credential for the backend, made for this identity. Empty while the validator exchanges none. */
typedef struct gatehouse_credentials {
    size_t size;
    gatehouse_str bearer;
} gatehouse_credentials;

/* --- host services --------------------------------------------------------------------------------------------- */

enum { GATEHOUSE_LOG_DEBUG = 1, GATEHOUSE_LOG_INFO = 2, GATEHOUSE_LOG_WARNING = 3, GATEHOUSE_LOG_ERROR = 4 };

/* One API token of the host's token store. */
typedef struct gatehouse_token_record {
    size_t size;
    gatehouse_str id;
    gatehouse_str note;
    gatehouse_str database; /* empty: not bound */
    int64_t created_at_ms;
    int64_t expires_at_ms;
} gatehouse_token_record;

/* One HTTPS request that the host makes. No redirect is followed. */
typedef struct gatehouse_fetch_request {
    size_t size;
    gatehouse_str method; /* GET or POST */
    gatehouse_str url;    /* https; http only to a loopback address */
    const gatehouse_field* fields;
    size_t field_count;
    gatehouse_str body;
    uint64_t max_bytes;  /* of the answer's body; more is a failure */
    uint32_t timeout_ms; /* of all of it */
    uint32_t flags;      /* GATEHOUSE_FETCH_... */
} gatehouse_fetch_request;

enum { GATEHOUSE_FETCH_PUBLIC_ONLY = 1u }; /* the URL is untrusted input: only public addresses */

typedef struct gatehouse_fetch_answer {
    size_t size;
    int32_t status; /* of HTTP; 0: there was no answer, see error */
    gatehouse_str body;
    gatehouse_str content_type;
    gatehouse_str error; /* for a log */
} gatehouse_fetch_answer;

/* What the host does for a plugin. Lives as long as the plugin. All [any]. */
typedef struct gatehouse_host {
    size_t size;
    void* ctx;
    void (*log)(void* ctx, int32_t level, gatehouse_str message);
    int64_t (*now_ms)(void* ctx); /* wall clock */
    /* Looks a token up by the SHA-256 of its text. 1: found and given to `found` once; 0: unknown; -1: the store
     * cannot answer now. */
    int32_t (*find_token)(void* ctx, const uint8_t digest[32], void* found_ctx,
                          void (*found)(void* found_ctx, const gatehouse_token_record* record));
    /* Forgets cached verdicts: of one isolation key, or all when empty. Calls under way of that key are refused. */
    void (*drop_verdicts)(void* ctx, gatehouse_str isolation_key);
    /* A list has changed: describe is called again [worker]; or the resource `uri` has. */
    void (*notify)(void* ctx, int32_t change, gatehouse_str uri); /* GATEHOUSE_CHANGE_... */
    /* Blocks until `answer` has been called, once. [worker], or a thread of the plugin's own. */
    void (*fetch)(void* ctx, const gatehouse_fetch_request* request, void* answer_ctx,
                  void (*answer)(void* answer_ctx, const gatehouse_fetch_answer* answer));
    /* Another validator of the settings, by its name there; null after giving `error` the cause. [start] It lives as
     * long as the plugin that asked. */
    const struct gatehouse_other_validator* (*validator)(void* ctx, gatehouse_str name, gatehouse_sink error);
    gatehouse_str resource_url; /* canonical URL of the MCP endpoint: the audience that tokens are made for */
} gatehouse_host;

enum {
    GATEHOUSE_CHANGE_TOOLS = 1,
    GATEHOUSE_CHANGE_RESOURCES = 2,
    GATEHOUSE_CHANGE_PROMPTS = 3,
    GATEHOUSE_CHANGE_RESOURCE = 4
};

/* --- gatehouse.token_validator/1 -------------------------------------------------------------------------------- */

/* Where validate puts what it checks, for `gatehouse explain`: 0..n times. Nothing secret. */
typedef struct gatehouse_trace_sink {
    void* ctx;
    void (*put)(void* ctx, gatehouse_str rule, int32_t passed, gatehouse_str detail);
} gatehouse_trace_sink;

/* One request to judge. */
typedef struct gatehouse_token_request {
    size_t size;
    gatehouse_str token;
    gatehouse_str scheme;        /* as sent, e.g. "Bearer" */
    gatehouse_str method;        /* HTTP method */
    gatehouse_str url;           /* canonical URL of the resource, from the settings, never from Host */
    gatehouse_str peer;          /* canonical address text without port, IPv4-mapped IPv6 as IPv4 */
    gatehouse_str certificate;   /* DER of the TLS client certificate, or empty */
    const uint8_t* token_sha256; /* 32 bytes: SHA-256 of token */
    const gatehouse_field* fields;
    size_t field_count;
    /* put is null unless a person asks why: then every rule is checked and put, also after one that failed, and what is
     * on its way (keys that are being fetched) is waited for. */
    gatehouse_trace_sink trace;
} gatehouse_token_request;

enum { GATEHOUSE_ACCEPT = 1, GATEHOUSE_REJECT = 2, GATEHOUSE_UNAVAILABLE = 3 };

enum {
    GATEHOUSE_REASON_NOT_MINE = 1,
    GATEHOUSE_REASON_MALFORMED = 2,
    GATEHOUSE_REASON_UNKNOWN = 3,
    GATEHOUSE_REASON_EXPIRED = 4,
    GATEHOUSE_REASON_REVOKED = 5,
    GATEHOUSE_REASON_WRONG_AUDIENCE = 6,
    GATEHOUSE_REASON_BAD_SIGNATURE = 7,
    GATEHOUSE_REASON_FORBIDDEN = 8,
    GATEHOUSE_REASON_INSUFFICIENT_SCOPE = 9 /* a valid token with too few scopes (RFC 6750 section 3.1) */
};

enum { GATEHOUSE_CACHE_PER_PEER = 1u, GATEHOUSE_CACHE_PER_CERTIFICATE = 2u };

typedef struct gatehouse_verdict {
    size_t size;
    uint32_t kind;                      /* GATEHOUSE_ACCEPT ... */
    uint32_t reason;                    /* GATEHOUSE_REASON_..., when rejected */
    gatehouse_str detail;               /* for the host's log; never sent to the client; never the token */
    const gatehouse_identity* identity; /* when accepted, else null */
    /* For how long the host may answer requests with the same token from this verdict, in milliseconds from now; at
     * most until the identity expires. 0: it holds for this request only. GATEHOUSE_NEVER: no limit of its own. */
    int64_t cache_ms;
    uint32_t cache_flags; /* GATEHOUSE_CACHE_...: only for requests from the same address, with the same certificate */
    uint32_t retry_after_s; /* when unavailable */
    /* When accepted: scopes required for every request, checked by the host. When the reason is INSUFFICIENT_SCOPE: all
     * that the token would have needed. */
    const gatehouse_str* needed_scopes;
    size_t needed_scope_count;
} gatehouse_verdict;

typedef struct gatehouse_verdict_sink {
    void* ctx;
    void (*put)(void* ctx, const gatehouse_verdict* verdict);
} gatehouse_verdict_sink;

/* Another validator, as the host lends it. */
typedef struct gatehouse_other_validator {
    size_t size;
    void* ctx;
    void (*validate)(void* ctx, const gatehouse_token_request* request, gatehouse_verdict_sink out); /* [worker] */
} gatehouse_other_validator;

/* A credential for the backend in place of the caller's token (RFC 8693). */
typedef struct gatehouse_exchange_request {
    size_t size;
    gatehouse_str token; /* the caller's */
    const gatehouse_identity* identity;
    gatehouse_str audience; /* empty: the validator's settings say which */
    uint32_t timeout_ms;
} gatehouse_exchange_request;

enum { GATEHOUSE_EXCHANGED = 1, GATEHOUSE_EXCHANGE_REFUSED = 2, GATEHOUSE_EXCHANGE_UNAVAILABLE = 3 };

typedef struct gatehouse_exchange_answer {
    size_t size;
    uint32_t kind;            /* GATEHOUSE_EXCHANGED ... */
    uint32_t retry_after_s;   /* when unavailable */
    gatehouse_str credential; /* when exchanged */
    gatehouse_str detail;     /* else: for the host's log */
} gatehouse_exchange_answer;

typedef struct gatehouse_exchange_sink {
    void* ctx;
    void (*put)(void* ctx, const gatehouse_exchange_answer* answer);
} gatehouse_exchange_sink;

enum {
    GATEHOUSE_VALIDATOR_INLINE = 1u,   /* validate() never blocks and may run on the event loop */
    GATEHOUSE_VALIDATOR_EXCHANGES = 2u /* exchange() makes the backend's credential; it must not be null then */
};

typedef struct gatehouse_validator_traits {
    size_t size;
    uint32_t flags;       /* GATEHOUSE_VALIDATOR_... */
    gatehouse_str header; /* the one header that carries the credential (RFC 9110 token); empty: Authorization */
    gatehouse_str scheme; /* its scheme; empty: Bearer */
    gatehouse_str authorization_servers; /* issuers whose tokens are accepted, separated by a space (RFC 9728) */
} gatehouse_validator_traits;

typedef struct gatehouse_traits_sink {
    void* ctx;
    void (*put)(void* ctx, const gatehouse_validator_traits* traits);
} gatehouse_traits_sink;

typedef struct gatehouse_token_validator_v1 {
    size_t size;
    /* Null on failure, after giving `error` the cause. `settings_json` is a JSON object. [start] */
    void* (*create)(const gatehouse_host* host, gatehouse_str settings_json, gatehouse_sink error);
    void (*destroy)(void* self); /* [start] */
    /* Calls one of the two: after `error` the server does not start. Called once, after create. [start] */
    void (*traits)(void* self, gatehouse_traits_sink out, gatehouse_sink error);
    /* Without a verdict the request is answered with 503. [worker] */
    void (*validate)(void* self, const gatehouse_token_request* request, gatehouse_verdict_sink out);
    /* Makes the backend's credential. [optional] [worker] */
    void (*exchange)(void* self, const gatehouse_exchange_request* request, gatehouse_exchange_sink out);
    /* The last token of this isolation key has expired or was revoked. [optional] [any] */
    void (*identity_gone)(void* self, gatehouse_str isolation_key);
    /* Gives the cause when no token could be judged now, for the operator. Says what is known and never blocks: called
     * on the event loop. [optional] [any] */
    void (*not_ready)(void* self, gatehouse_sink detail);
} gatehouse_token_validator_v1;

/* --- gatehouse.backend/1 ---------------------------------------------------------------------------------------- */

enum {
    GATEHOUSE_FEATURE_TOOL = 1,
    GATEHOUSE_FEATURE_RESOURCE = 2,
    GATEHOUSE_FEATURE_RESOURCE_TEMPLATE = 3,
    GATEHOUSE_FEATURE_PROMPT = 4
};
enum {
    GATEHOUSE_FEATURE_INLINE = 1u,     /* its calls never block and may run on the event loop */
    GATEHOUSE_FEATURE_COMPLETES = 2u,  /* answers completion/complete */
    GATEHOUSE_FEATURE_TASK = 4u,       /* a tool that may answer as a task, */
    GATEHOUSE_FEATURE_TASK_ONLY = 8u,  /* that answers in no other way, */
    GATEHOUSE_FEATURE_TASK_LATER = 16u /* that is a task only after become_task */
};

/* One thing that a backend offers. */
typedef struct gatehouse_feature {
    size_t size;
    uint32_t kind;                 /* GATEHOUSE_FEATURE_TOOL ...; the host ignores kinds it does not know */
    uint32_t flags;                /* GATEHOUSE_FEATURE_INLINE ... */
    gatehouse_str name;            /* of a tool or prompt; the URI of a resource; the uriTemplate of a template */
    gatehouse_str definition_json; /* the MCP object (Tool, Resource, ...), passed on as it stands */
} gatehouse_feature;

typedef struct gatehouse_feature_sink {
    void* ctx;
    void (*put)(void* ctx, const gatehouse_feature* feature); /* once for each feature */
} gatehouse_feature_sink;

typedef struct gatehouse_call_request {
    size_t size;
    gatehouse_str method;         /* MCP method, e.g. "tools/call" */
    gatehouse_str name;           /* the feature's name, as described */
    gatehouse_str arguments_json; /* a JSON object, checked against the tool's inputSchema; the template's variables */
    gatehouse_str meta_json;      /* the request's _meta object, or empty */
    gatehouse_str uri;            /* resources/read: what is read */
    gatehouse_str answers_json;   /* a JSON object: key -> the client's answer to an earlier input_required */
    gatehouse_str client_capabilities_json; /* MCP ClientCapabilities */
} gatehouse_call_request;

/* The call's own host table; lives for the call. All [any] while the call runs. */
typedef struct gatehouse_call_host {
    size_t size;
    void* ctx;
    /* Exactly one of result, error and input_required, exactly once. */
    void (*result)(void* ctx, gatehouse_str result_json); /* a JSON object: the MCP result */
    void (*error)(void* ctx, int32_t code, gatehouse_str message, gatehouse_str data_json);
    int32_t (*cancelled)(void* ctx); /* 1: the answer is not wanted any more */
    /* 0..n times. total < 0: unknown. Dropped when the client asked for no progress. */
    void (*progress)(void* ctx, double progress, double total, gatehouse_str message);
    /* The call needs answers of its client, and is made again with them. A JSON object:
     * key -> {"method": ..., "params": ...}. */
    void (*input_required)(void* ctx, gatehouse_str requests_json);
    /* 0..n times: notifications/message. RFC 5424 severities in reverse order (0 = debug, 7 = emergency). */
    void (*message)(void* ctx, int32_t level, gatehouse_str logger, gatehouse_str data_json);
    /* The client's connection may be let go; it comes back for the answer. */
    void (*release_stream)(void* ctx, uint32_t retry_ms);
    /* From here on the call is a task, if the client knows tasks. */
    void (*become_task)(void* ctx);
} gatehouse_call_host;

typedef struct gatehouse_backend_v1 {
    size_t size;
    void* (*create)(const gatehouse_host* host, gatehouse_str settings_json,
                    gatehouse_sink error); /* as a validator's */
    void (*destroy)(void* self);           /* [start] */
    /* Puts every feature. After `error` the server does not start; a later describe that fails leaves the lists as they
     * were. Once for each kind of feature [start], and [worker] after the plugin has called notify. */
    void (*describe)(void* self, gatehouse_feature_sink out, gatehouse_sink error);
    /* A client for one request; null on failure, after giving `error` the cause: code 0 is an internal error whose
     * message is for the host's log, every other error is the client's answer. [worker] */
    void* (*create_client)(void* self, const gatehouse_identity* identity, const gatehouse_credentials* credentials,
                           gatehouse_error_sink error);
    void (*client_call)(void* client, const gatehouse_call_request* request,
                        const gatehouse_call_host* host); /* [worker] */
    void (*client_close)(void* client); /* [worker] once, after the call; the handle is dead afterwards */
    /* Makes client_call return soon. Idempotent; may run beside client_call, never beside client_close. [optional]
     * [any] */
    void (*client_interrupt)(void* client);
    void (*identity_gone)(void* self, gatehouse_str isolation_key); /* as a validator's [optional] [any] */
    void (*not_ready)(void* self, gatehouse_sink detail);           /* as a validator's [optional] [any] */
} gatehouse_backend_v1;

/* --- the sizes of 1.0, on a 64-bit machine ---------------------------------------------------------------------- */

#define GATEHOUSE_PLUGIN_TABLE_SIZE_1_0 168u
#define GATEHOUSE_TOKEN_VALIDATOR_SIZE_1_0 64u
#define GATEHOUSE_BACKEND_SIZE_1_0 80u
#define GATEHOUSE_IDENTITY_SIZE_1_0 128u
#define GATEHOUSE_VERDICT_SIZE_1_0 72u
#define GATEHOUSE_TRAITS_SIZE_1_0 64u
#define GATEHOUSE_FEATURE_SIZE_1_0 48u
#define GATEHOUSE_FETCH_REQUEST_SIZE_1_0 88u
#define GATEHOUSE_EXCHANGE_ANSWER_SIZE_1_0 48u

#ifdef __cplusplus
}
#endif

#endif
