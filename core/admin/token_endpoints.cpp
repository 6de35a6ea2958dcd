#include "admin/token_endpoints.hpp"

namespace gatehouse::admin {

namespace {

std::vector<EndpointSpec> ofAll() {
    return {
        {.method = "POST",
         .path = "",
         .needs = Needs::manager,
         .summary = "Generate new token",
         .wish = "TokenRequest",
         .answer = "NewToken",
         .status = 201,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.create(c.who, c.body, c.key); }},
        {.method = "GET",
         .path = "",
         .needs = Needs::manager,
         .summary = "List tokens",
         .wish = "",
         .answer = "TokenList",
         .status = 200,
         .parameters = {"skip", "limit", "cursor", "status", "expires_within", "unused_for", "owner", "q"},
         .run = [](const EndpointCall& c) { return c.api.list(c.who, c.query); }},
        {.method = "POST",
         .path = "/validate",
         .needs = Needs::anyToken,
         .summary = "Validate the token that is shown",
         .wish = "",
         .answer = "Validity",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.validate(c.who); }},
        {.method = "GET",
         .path = "/self",
         .needs = Needs::anyToken,
         .summary = "What the credential is that is shown",
         .wish = "",
         .answer = "Self",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.self(c.who); }},
        {.method = "GET",
         .path = "/scopes",
         .needs = Needs::manager,
         .summary = "Scopes that can be given",
         .wish = "",
         .answer = "Scopes",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.scopes(); }},
    };
}

std::vector<EndpointSpec> ofSeveral() {
    return {
        {.method = "GET",
         .path = "/refusals",
         .needs = Needs::manager,
         .summary = "Recent refusals",
         .wish = "",
         .answer = "Refusals",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.refusals(c.who); }},
        {.method = "POST",
         .path = "/bulk-revoke",
         .needs = Needs::manager,
         .summary = "Revoke several",
         .wish = "BulkRevoke",
         .answer = "BulkRevoked",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.bulkRevoke(c.who, c.body); }},
    };
}

std::vector<EndpointSpec> ofOne() {
    return {
        {.method = "GET",
         .path = "/{id}",
         .needs = Needs::manager,
         .summary = "Get token details",
         .wish = "",
         .answer = "Token",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.get(c.who, c.id); }},
        {.method = "PATCH",
         .path = "/{id}",
         .needs = Needs::manager,
         .summary = "Update token",
         .wish = "TokenChange",
         .answer = "Token",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.patch(c.who, c.id, c.body, c.ifMatch); }},
        {.method = "DELETE",
         .path = "/{id}",
         .needs = Needs::manager,
         .summary = "Revoke token",
         .wish = "",
         .answer = "",
         .status = 204,
         .parameters = {"reason"},
         .run = [](const EndpointCall& c) { return c.api.remove(c.who, c.id, c.query); }},
        {.method = "POST",
         .path = "/{id}/rotate",
         .needs = Needs::manager,
         .summary = "Rotate token",
         .wish = "Rotation",
         .answer = "NewToken",
         .status = 201,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.rotate(c.who, c.id, c.body, c.key); }},
    };
}

std::vector<EndpointSpec> aboutOne() {
    return {
        {.method = "POST",
         .path = "/{id}/suspend",
         .needs = Needs::manager,
         .summary = "Suspend token",
         .wish = "",
         .answer = "Token",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.suspend(c.who, c.id); }},
        {.method = "POST",
         .path = "/{id}/resume",
         .needs = Needs::manager,
         .summary = "Let a suspended token go on",
         .wish = "",
         .answer = "Token",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.resume(c.who, c.id); }},
        {.method = "POST",
         .path = "/{id}/derive",
         .needs = Needs::manager,
         .summary = "Derive a narrower token",
         .wish = "DerivedRequest",
         .answer = "NewToken",
         .status = 201,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.derive(c.who, c.id, c.body, c.key); }},
        {.method = "GET",
         .path = "/{id}/usage",
         .needs = Needs::manager,
         .summary = "Get usage statistics",
         .wish = "",
         .answer = "Usage",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.usage(c.who, c.id); }},
        {.method = "GET",
         .path = "/{id}/generations",
         .needs = Needs::manager,
         .summary = "Who uses which text",
         .wish = "",
         .answer = "Generations",
         .status = 200,
         .parameters = {},
         .run = [](const EndpointCall& c) { return c.api.generations(c.who, c.id); }},
    };
}

std::vector<EndpointSpec> madeEndpoints() {
    auto all = ofAll();
    for (auto more : {ofSeveral(), ofOne(), aboutOne()})
        for (EndpointSpec& spec : more) all.push_back(std::move(spec));
    return all;
}

} // namespace

const std::vector<EndpointSpec>& tokenEndpoints() {
    static const std::vector<EndpointSpec> all = madeEndpoints();
    return all;
}

} // namespace gatehouse::admin
