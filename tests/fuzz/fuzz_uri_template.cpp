// URI templates: a line that is a template, then a URI. Values that were read expand to a URI that reads the same, or
// that can be read in two ways; never to one that reads otherwise.
#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "planted_bug.hpp"
#include "uri/template_expansion.hpp"
#include "uri/uri_template.hpp"

using namespace gatehouse;

namespace {

TemplateValue valueOf(const TemplatePart& part, const TemplateVariable& variable, const std::string& text) {
    if (!variable.exploded) return text;
    const char separator = part.op == '.' || part.op == '/' ? part.op : ',';
    TemplateList items(1);
    for (const char c : text)
        if (c == separator) items.emplace_back();
        else items.back() += c;
    return items;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(input.find('\n'), input.size());
    const std::string text(input.substr(0, line));
    try {
        const UriTemplate uris(text);
        const auto values = uris.match(input.substr(std::min(line + 1, input.size())));
        if (!values) return 0;
        TemplateValues again;
        bool keepsReserved = false; // then "%41" and "A" expand alike: no way back
        for (const TemplatePart& part : templateParts(text))
            for (const TemplateVariable& variable : part.variables) {
                keepsReserved |= part.op == '+' || part.op == '#';
                if (const auto value = values->find(variable.name); value != values->end())
                    again[variable.name] = valueOf(part, variable, value->second);
            }
        if (again.size() != values->size()) std::abort();
        if (!values->empty()) plantedBug(values->begin()->second);
        const auto second = uris.match(expandTemplate(text, again));
        if (!keepsReserved && second && *second != *values) std::abort();
    } catch (const std::runtime_error&) { // no template
    }
    return 0;
}
