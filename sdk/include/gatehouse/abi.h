/* The plugin border: a C door between the Gatehouse host and a shared library.
 *
 * A library exports exactly one symbol, `gatehouse_plugin_entry`, of type gatehouse_plugin_table. The host looks
 * before it calls: magic, abi_major, size, then interface(id), then create.
 *
 * Rules of the border
 *  - A released struct or function never changes. It grows by fields at its end, behind its `size`; the reader asks
 *    `size` before it touches a later field. A change of meaning is a new interface id (".../2").
 *  - Nothing is given away: every gatehouse_str is a view that lives for the call only. Allocators never cross.
 *  - Nothing is thrown: every function is noexcept in effect.
 *  - A sink is called at most once, during the call that received it, unless it says otherwise.
 *
 * Threads: each function names its own rule. [any] from any thread, also at once; [worker] may block, many at once;
 * [start] once, before or after all others.
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
#define GATEHOUSE_ABI_MINOR 3u

#define GATEHOUSE_TOKEN_VALIDATOR_1 "gatehouse.token_validator/1"
#define GATEHOUSE_BACKEND_1 "gatehouse.backend/1"

/* Bytes that somebody else owns; not terminated by NUL. data may be null when size is 0. */
typedef struct gatehouse_str {
    const char* data;
    size_t size;
} gatehouse_str;

/* Where a callee puts one text. */
typedef struct gatehouse_sink {
    void* ctx;
    void (*put)(void* ctx, gatehouse_str text);
} gatehouse_sink;

/* A field of an HTTP head. */
typedef struct gatehouse_field {
    gatehouse_str name;
    gatehouse_str value;
} gatehouse_field;

/* The one exported symbol. The names are kept inline so that a tool can read them without running the library. */
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

/* Since 1.2. One HTTPS request that the host makes. No redirect is followed. */
typedef struct gatehouse_fetch_request {
    size_t size;
    gatehouse_str method; /* GET or POST */
    gatehouse_str url;    /* https; http only to a loopback address */
    const gatehouse_field* fields;
    size_t field_count;
    gatehouse_str body;
    uint32_t timeout_ms; /* of all of it */
    uint32_t max_bytes;  /* of the answer's body; more is a failure */
    uint32_t flags;      /* GATEHOUSE_FETCH_... */
} gatehouse_fetch_request;

enum { GATEHOUSE_FETCH_PUBLIC_ONLY = 1u }; /* a stranger named the URL: only addresses of the public internet */

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
    /* Since 1.1. A list has changed: describe is called again [worker]; or the resource `uri` has. */
    void (*notify)(void* ctx, int32_t change, gatehouse_str uri); /* GATEHOUSE_CHANGE_... */
    /* Since 1.2. */
    /* Blocks until `answer` has been called, once. [worker], or a thread of the plugin's own. */
    void (*fetch)(void* ctx, const gatehouse_fetch_request* request, void* answer_ctx,
                  void (*answer)(void* answer_ctx, const gatehouse_fetch_answer* answer));
    /* Another validator of the settings, by its name there; null after telling `error` why. [start] It lives as long
     * as the plugin that asked. */
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
    GATEHOUSE_REASON_INSUFFICIENT_SCOPE = 9 /* since 1.2: a right token with too few scopes (RFC 6750 3.1) */
};

enum { GATEHOUSE_VARY_NEVER = 0, GATEHOUSE_VARY_TOKEN = 1, GATEHOUSE_VARY_PEER = 2, GATEHOUSE_VARY_CERTIFICATE = 4 };

typedef struct gatehouse_verdict {
    size_t size;
    uint32_t kind;                      /* GATEHOUSE_ACCEPT ... */
    uint32_t reason;                    /* GATEHOUSE_REASON_..., when rejected */
    gatehouse_str detail;               /* for the host's log; never sent to the client; never the token */
    const gatehouse_identity* identity; /* when accepted, else null */
    uint32_t cache_vary_by;             /* GATEHOUSE_VARY_NEVER: the verdict holds for this request only */
    uint32_t retry_after_s;             /* when unavailable */
    int64_t cache_until_ms;
    /* Since 1.2. When accepted: what the caller needs for anything at all, judged by the host. When the reason is
     * INSUFFICIENT_SCOPE: what the token would have needed. */
    const gatehouse_str* needed_scopes;
    size_t needed_scope_count;
} gatehouse_verdict;

typedef struct gatehouse_verdict_sink {
    void* ctx;
    void (*put)(void* ctx, const gatehouse_verdict* verdict);
} gatehouse_verdict_sink;

/* Since 1.2. Another validator, as the host lends it. */
typedef struct gatehouse_other_validator {
    size_t size;
    void* ctx;
    void (*validate)(void* ctx, const gatehouse_token_request* request, gatehouse_verdict_sink out); /* [worker] */
} gatehouse_other_validator;

/* Since 1.2. A credential for the backend in place of the caller's token (RFC 8693). */
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
    GATEHOUSE_VALIDATOR_INLINE = 1u,
    GATEHOUSE_VALIDATOR_EXCHANGES = 2u /* since 1.2: exchange() makes the backend's credential */
};

typedef struct gatehouse_validator_traits {
    size_t size;
    uint32_t flags;       /* GATEHOUSE_VALIDATOR_INLINE: validate() never blocks and may run on the event loop */
    gatehouse_str header; /* the one header that carries the credential; empty: Authorization */
    gatehouse_str scheme; /* its scheme; empty: Bearer */
    /* Since 1.2: issuers of the authorization servers whose tokens are taken, separated by a space. */
    gatehouse_str authorization_servers;
} gatehouse_validator_traits;

typedef struct gatehouse_token_validator_v1 {
    size_t size;
    /* Null on failure, after telling `error` why. `settings_json` is a JSON object. [start] */
    void* (*create)(const gatehouse_host* host, gatehouse_str settings_json, gatehouse_sink error);
    void (*traits)(void* self, void* ctx,
                   void (*put)(void* ctx, const gatehouse_validator_traits* traits));                 /* [start] */
    void (*validate)(void* self, const gatehouse_token_request* request, gatehouse_verdict_sink out); /* [worker] */
    void (*identity_gone)(void* self, gatehouse_str isolation_key);                                   /* [any] */
    void (*destroy)(void* self);                                                                      /* [start] */
    /* Since 1.2. */
    void (*exchange)(void* self, const gatehouse_exchange_request* request, gatehouse_exchange_sink out); /* [worker] */
    /* What validate looks at, for a person: a JSON array of {"claim", "passed", "words"}. [worker] */
    void (*explain)(void* self, const gatehouse_token_request* request, gatehouse_sink out);
    /* Since 1.3. Tells why no token could be judged now, in words for the operator; nothing: it can. Says what is known
     * and never blocks: asked on the event loop. [any] */
    void (*not_ready)(void* self, gatehouse_sink why);
} gatehouse_token_validator_v1;

/* --- gatehouse.backend/1 ---------------------------------------------------------------------------------------- */

enum {
    GATEHOUSE_FEATURE_TOOL = 1,
    GATEHOUSE_FEATURE_RESOURCE = 2,          /* since 1.1 */
    GATEHOUSE_FEATURE_RESOURCE_TEMPLATE = 3, /* since 1.1 */
    GATEHOUSE_FEATURE_PROMPT = 4             /* since 1.1 */
};
enum {
    GATEHOUSE_FEATURE_INLINE = 1u,     /* its calls never block and may run on the event loop */
    GATEHOUSE_FEATURE_COMPLETES = 2u,  /* since 1.1: answers completion/complete */
    GATEHOUSE_FEATURE_TASK = 4u,       /* since 1.1: a tool that may answer as a task, */
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
    gatehouse_str arguments_json; /* a JSON object; for resources/read the template's variables */
    gatehouse_str meta_json;      /* the request's _meta object, or empty */
    /* Since 1.1. */
    gatehouse_str uri;                      /* resources/read: what is read */
    gatehouse_str answers_json;             /* a JSON object: key -> the client's answer to an earlier input_required */
    gatehouse_str client_capabilities_json; /* MCP ClientCapabilities */
} gatehouse_call_request;

/* The call's own host table; lives for the call. All [any] while the call runs. */
typedef struct gatehouse_call_host {
    size_t size;
    void* ctx;
    /* Exactly one of the two, exactly once. */
    void (*result)(void* ctx, gatehouse_str result_json); /* a JSON object: the MCP result */
    void (*error)(void* ctx, int32_t code, gatehouse_str message, gatehouse_str data_json);
    int32_t (*cancelled)(void* ctx); /* 1: the answer is not wanted any more */
    /* 0..n times. total < 0: unknown. Dropped when the client asked for no progress. */
    void (*progress)(void* ctx, double progress, double total, gatehouse_str message);
    /* Since 1.1. */
    /* Instead of result or error: the call needs answers of its client, and is made again with them. A JSON object:
     * key -> {"method": ..., "params": ...}. */
    void (*input_required)(void* ctx, gatehouse_str requests_json);
    /* 0..n times: notifications/message. Levels 0 (debug) to 7 (emergency), RFC 5424 upside down. */
    void (*message)(void* ctx, int32_t level, gatehouse_str logger, gatehouse_str data_json);
    /* The client's connection may be let go; it comes back for the answer. */
    void (*release_stream)(void* ctx, uint32_t retry_ms);
    /* From here on the call is a task, if the client knows tasks. */
    void (*become_task)(void* ctx);
} gatehouse_call_host;

typedef struct gatehouse_backend_v1 {
    size_t size;
    void* (*create)(const gatehouse_host* host, gatehouse_str settings_json, gatehouse_sink error); /* [start] */
    /* [start], and since 1.1 [worker] after the plugin called notify */
    void (*describe)(void* self, gatehouse_feature_sink out);
    void (*identity_gone)(void* self, gatehouse_str isolation_key); /* [any] */
    void (*destroy)(void* self);                                    /* [start] */
    /* A client for one request; null on failure, after telling `error` why. [worker] */
    void* (*create_client)(void* self, const gatehouse_identity* identity, const gatehouse_credentials* credentials,
                           gatehouse_sink error);
    void (*client_call)(void* client, const gatehouse_call_request* request,
                        const gatehouse_call_host* host); /* [worker] */
    void (*client_interrupt)(void* client); /* [any] idempotent; may race with client_call, never with client_close */
    void (*client_close)(void* client);     /* [worker] once, after the call; the handle is dead afterwards */
    /* Since 1.3. As a validator's: why calls would fail now. [any] */
    void (*not_ready)(void* self, gatehouse_sink why);
} gatehouse_backend_v1;

#ifdef __cplusplus
}
#endif

#endif
