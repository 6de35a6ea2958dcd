#include "schema/schema_documents.hpp"

#include <algorithm>

#include "schema/metaschema.hpp"
#include "schema/schema_uri.hpp"

namespace gatehouse::schema {

namespace {

// Recurses no deeper than `limit`.
bool isNestedDeeper(const Json& value, std::size_t limit) {
    if (!value.is_structured()) return false;
    if (limit == 0) return true;
    return std::any_of(value.begin(), value.end(),
                       [limit](const Json& part) { return isNestedDeeper(part, limit - 1); });
}

const std::string* textMember(const Json& schema, const char* keyword, const std::string& place, std::size_t longest) {
    const auto found = schema.find(keyword);
    if (found == schema.end()) return nullptr;
    const auto* text = found->get_ptr<const std::string*>();
    if (text == nullptr) throw SchemaError(place + "/" + keyword, "expected a string");
    if (text->size() > longest) throw SchemaError(place + "/" + keyword, "it is too long");
    return text;
}

// JSON Schema core, section 8.2.2.
bool isAnchorName(std::string_view name) {
    constexpr std::string_view begins = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    constexpr std::string_view goesOn = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-.";
    return !name.empty() && begins.find(name.front()) != std::string_view::npos &&
           name.find_first_not_of(goesOn) == std::string_view::npos;
}

// The item or member of `value` that `token` names, or null.
const Json* step(const Json& value, const std::string& token) {
    if (value.is_object()) {
        const auto found = value.find(token);
        return found == value.end() ? nullptr : &*found;
    }
    const bool isIndex = value.is_array() && !token.empty() && token.size() < 10 &&
                         token.find_first_not_of("0123456789") == std::string::npos &&
                         (token == "0" || token.front() != '0');
    if (!isIndex) return nullptr;
    const std::size_t index = std::stoul(token);
    return index < value.size() ? &value[index] : nullptr;
}

Vocabularies dialectOf(const std::string& uri, const KnownSchemas& known, const std::string& place) {
    try {
        return vocabulariesOf(uri, known);
    } catch (const DialectError& error) {
        throw SchemaError(place + "/$schema", error.what());
    }
}

} // namespace

SchemaDocuments::SchemaDocuments(const Json& root, const KnownSchemas& known, const SchemaLimits& limits)
    : known_(known), limits_(limits) {
    add(root, "", "");
}

ResourceId SchemaDocuments::add(const Json& document, const std::string& uri, const std::string& place) {
    if (isNestedDeeper(document, limits_.depth)) throw SchemaError(place, "it is nested too deeply");
    const ResourceId id = addResource({uri, &document, place, {}, {}});
    look(document, id, place, {});
    return id;
}

// The first to have a URI keeps it.
ResourceId SchemaDocuments::addResource(SchemaResource resource) {
    const auto id = static_cast<ResourceId>(resources_.size());
    const auto [at, isNew] = byUri_.emplace(resource.uri, id);
    if (!isNew && *resources_[at->second].root != *resource.root)
        throw SchemaError(resource.place, "another schema has the $id " + resource.uri + " as well");
    roots_[resource.root] = id;
    resources_.push_back(std::move(resource));
    return id;
}

ResourceId SchemaDocuments::resourceOf(const Json& schema, ResourceId parent) const {
    const auto found = roots_.find(&schema);
    return found == roots_.end() ? parent : found->second;
}

// The resource that begins at `schema`, or else `parent`. A document's root may have been added before, by the URI that
// it is known by; its $id is another name of it.
ResourceId SchemaDocuments::ownResource(const Json& schema, ResourceId parent, const std::string& place) {
    const std::string* id = textMember(schema, "$id", place, limits_.uriLength);
    if (id == nullptr) return parent;
    const SplitUri split = splitFragment(*id);
    if (!split.fragment.empty()) throw SchemaError(place + "/$id", "a fragment is not allowed; use $anchor");
    const std::string uri = resolveUri(resources_[parent].uri, split.document);
    if (resources_[parent].root != &schema)
        return addResource({uri, &schema, place, resources_[parent].vocabularies, {}});
    byUri_.emplace(uri, parent);
    resources_[parent].uri = uri;
    return parent;
}

void SchemaDocuments::look(const Json& schema, ResourceId parent, const std::string& document, const Where& where) {
    if (!schema.is_object()) return;
    const std::string place = document + pointerOf(where);
    const ResourceId id = ownResource(schema, parent, place);
    if (const std::string* uri = textMember(schema, "$schema", place, limits_.uriLength)) {
        const Vocabularies vocabularies = dialectOf(*uri, known_, place);
        if (resources_[id].root == &schema) resources_[id].vocabularies = vocabularies;
    }
    addAnchors(schema, id, place);
    lookInside(schema, id, document, where);
}

// What has the wrong shape is passed over: the compiler complains when it comes there.
void SchemaDocuments::lookInside(const Json& schema, ResourceId resource, const std::string& document,
                                 const Where& where) {
    for (const auto& [keyword, value] : schema.items()) {
        const Where at{&where, keyword, 0, false};
        const Holds holds = holdingOf(keyword);
        if (holds == Holds::schema) look(value, resource, document, at);
        if (holds == Holds::list && value.is_array())
            for (std::size_t i = 0; i < value.size(); ++i) look(value[i], resource, document, {&at, {}, i, true});
        if (holds == Holds::members && value.is_object())
            for (const auto& [name, member] : value.items()) look(member, resource, document, {&at, name, 0, false});
    }
}

void SchemaDocuments::addAnchors(const Json& schema, ResourceId resource, const std::string& place) {
    for (const char* keyword : {"$dynamicAnchor", "$anchor"}) {
        const std::string* name = textMember(schema, keyword, place, limits_.uriLength);
        if (name == nullptr) continue;
        if (!isAnchorName(*name)) throw SchemaError(place + "/" + keyword, "it is no name for an anchor");
        const bool isDynamic = keyword[1] == 'd';
        const auto [at, isNew] =
            resources_[resource].anchors.emplace(*name, SchemaResource::Anchor{&schema, place, isDynamic});
        if (!isNew && at->second.schema != &schema)
            throw SchemaError(place + "/" + keyword, "another schema has the anchor " + *name + " as well");
    }
}

ResourceId SchemaDocuments::resourceAt(const std::string& uri) {
    if (const auto found = byUri_.find(uri); found != byUri_.end()) return found->second;
    if (const auto found = known_.find(uri); found != known_.end()) return add(found->second, uri, uri + "#");
    const std::string_view text = metaschemaText(uri);
    if (text.empty()) throw ReferenceError("it leads to " + uri + ", which is not known (nothing is fetched)");
    metaschemas_.push_back(Json::parse(text));
    return add(metaschemas_.back(), uri, uri + "#");
}

SchemaDocuments::Target SchemaDocuments::follow(ResourceId resource, const std::string& pointer) const {
    const auto tokens = pointerTokens(pointer);
    if (!tokens) throw ReferenceError("what is behind the # is no JSON Pointer");
    Target target{resources_[resource].root, resource, resources_[resource].place, ""};
    for (const std::string& token : *tokens) {
        target.schema = step(*target.schema, token);
        if (target.schema == nullptr) throw ReferenceError("it leads nowhere: there is nothing at " + pointer);
        target.resource = resourceOf(*target.schema, target.resource);
        appendPointerToken(target.place, token);
    }
    return target;
}

SchemaDocuments::Target SchemaDocuments::find(const std::string& reference, ResourceId from) {
    if (reference.size() > limits_.uriLength) throw ReferenceError("it is too long");
    const std::string uri = resolveUri(resources_[from].uri, reference);
    const SplitUri split = splitFragment(uri);
    const ResourceId id = resourceAt(std::string(split.document));
    const auto fragment = percentDecoded(split.fragment);
    if (!fragment) throw ReferenceError("what is behind the # is not encoded as a URI needs it");
    if (fragment->empty() || fragment->front() == '/') return follow(id, *fragment);
    const auto& anchors = resources_[id].anchors;
    const auto found = anchors.find(*fragment);
    if (found == anchors.end()) throw ReferenceError("it leads nowhere: there is no anchor " + *fragment);
    return {found->second.schema, id, found->second.place, found->second.isDynamic ? *fragment : ""};
}

} // namespace gatehouse::schema
