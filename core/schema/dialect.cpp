#include "schema/dialect.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "schema/metaschema.hpp"

namespace gatehouse::schema {

namespace {

constexpr std::string_view vocabularyFolder = "https://json-schema.org/draft/2020-12/vocab/";

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> otherDialects{{
    {"http://json-schema.org/draft-03/schema", "draft-03"},
    {"http://json-schema.org/draft-04/schema", "draft-04"},
    {"http://json-schema.org/draft-06/schema", "draft-06"},
    {"http://json-schema.org/draft-07/schema", "draft-07"},
    {"http://json-schema.org/schema", "a draft without a name"},
    {"https://json-schema.org/draft/2019-09/schema", "draft 2019-09"},
}};

constexpr std::array<std::string_view, 7> servedVocabularies{
    "core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content",
};

constexpr std::array<std::string_view, 11> schemaHolders{
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
};
constexpr std::array<std::string_view, 4> listHolders{"allOf", "anyOf", "oneOf", "prefixItems"};
constexpr std::array<std::string_view, 5> memberHolders{"$defs", "definitions", "dependentSchemas", "patternProperties",
                                                        "properties"};

template <typename List>
bool has(const List& list, std::string_view wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

std::string_view withoutEmptyFragment(std::string_view uri) {
    if (!uri.empty() && uri.back() == '#') uri.remove_suffix(1);
    return uri;
}

[[noreturn]] void refuse(const std::string& uri) {
    std::string name = uri;
    for (const auto& [other, plain] : otherDialects)
        if (withoutEmptyFragment(uri) == other) name = plain;
    throw DialectError(name + " is not supported, only draft 2020-12 is (" + std::string(metaschemaUri) +
                       "), or a known metaschema made of its vocabularies");
}

void checkServed(const std::string& vocabulary) {
    const std::string_view name(vocabulary);
    if (name.substr(0, vocabularyFolder.size()) == vocabularyFolder &&
        has(servedVocabularies, name.substr(vocabularyFolder.size())))
        return;
    throw DialectError("its metaschema asks for the vocabulary " + vocabulary + ", which is not supported");
}

Vocabularies readVocabularies(const Json& list) {
    if (!list.is_object()) throw DialectError("$vocabulary of its metaschema is not an object");
    for (const auto& [uri, isNeeded] : list.items())
        if (!isNeeded.is_boolean() || isNeeded.get<bool>()) checkServed(uri);
    const auto isThere = [&list](const char* name) {
        return list.contains(std::string(vocabularyFolder).append(name));
    };
    return {isThere("applicator"), isThere("unevaluated"), isThere("validation")};
}

} // namespace

Vocabularies vocabulariesOf(const std::string& uri, const KnownSchemas& known) {
    if (withoutEmptyFragment(uri) == metaschemaUri) return {};
    const auto found = known.find(std::string(withoutEmptyFragment(uri)));
    if (found == known.end()) refuse(uri);
    if (!found->second.is_object()) throw DialectError(uri + " is no metaschema");
    const auto list = found->second.find("$vocabulary");
    return list == found->second.end() ? Vocabularies{} : readVocabularies(*list);
}

Holds holdingOf(const std::string& keyword) {
    if (has(schemaHolders, keyword)) return Holds::schema;
    if (has(listHolders, keyword)) return Holds::list;
    return has(memberHolders, keyword) ? Holds::members : Holds::nothing;
}

} // namespace gatehouse::schema
