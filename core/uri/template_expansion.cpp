#include "uri/template_expansion.hpp"

#include "base/percent.hpp"
#include "uri/template_syntax.hpp"

namespace gatehouse {

namespace {

// The table of RFC 6570 appendix A.
struct Rule {
    std::string_view first, separator;
    bool named = false;
    std::string_view ifEmpty = {};
    bool keepsReserved = false;
};

Rule ruleOf(char op) {
    switch (op) {
        case '+': return {.first = "", .separator = ",", .keepsReserved = true};
        case '#': return {.first = "#", .separator = ",", .keepsReserved = true};
        case '.': return {.first = ".", .separator = "."};
        case '/': return {.first = "/", .separator = "/"};
        case ';': return {.first = ";", .separator = ";", .named = true};
        case '?': return {.first = "?", .separator = "&", .named = true, .ifEmpty = "="};
        case '&': return {.first = "&", .separator = "&", .named = true, .ifEmpty = "="};
        default: return {.first = "", .separator = ","};
    }
}

std::string_view prefixOf(std::string_view value, std::size_t characters) {
    std::size_t at = 0;
    for (; at < value.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(value[at]) & 0xC0) != 0x80;
        if (begins && characters-- == 0) break;
    }
    return value.substr(0, at);
}

class Expression {
public:
    Expression(std::string& out, char op) : out_(out), rule_(ruleOf(op)) {}

    void add(const TemplateVariable& variable, const TemplateValue& value) {
        if (const auto* text = std::get_if<std::string>(&value)) addText(variable, *text);
        else if (const auto* list = std::get_if<TemplateList>(&value)) addList(variable, *list);
        else addPairs(variable, std::get<TemplatePairs>(value));
    }

private:
    std::string encoded(std::string_view text) const {
        return rule_.keepsReserved ? percentEncodedButReserved(text) : percentEncoded(text);
    }

    void begin() { out_ += std::exchange(begun_, true) ? rule_.separator : rule_.first; }

    void beginNamed(std::string_view name, bool empty) {
        begin();
        if (rule_.named) out_.append(name).append(empty ? rule_.ifEmpty : "=");
    }

    void addText(const TemplateVariable& variable, std::string_view text) {
        beginNamed(variable.name, text.empty());
        out_ += encoded(variable.prefix ? prefixOf(text, variable.prefix) : text);
    }

    void addList(const TemplateVariable& variable, const TemplateList& list) {
        if (list.empty()) return;
        if (!variable.exploded) beginNamed(variable.name, false);
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (variable.exploded) beginNamed(variable.name, list[i].empty());
            else if (i > 0) out_ += ',';
            out_ += encoded(list[i]);
        }
    }

    void addPairs(const TemplateVariable& variable, const TemplatePairs& pairs) {
        if (pairs.empty()) return;
        if (!variable.exploded) beginNamed(variable.name, false);
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            const auto& [key, value] = pairs[i];
            if (variable.exploded) begin();
            else if (i > 0) out_ += ',';
            out_.append(encoded(key));
            if (!variable.exploded) out_ += ',';
            else if (rule_.named && value.empty()) out_ += rule_.ifEmpty;
            else out_ += '=';
            out_ += encoded(value);
        }
    }

    std::string& out_;
    Rule rule_;
    bool begun_ = false;
};

} // namespace

std::string expandTemplate(std::string_view text, const TemplateValues& values) {
    std::string out;
    for (const TemplatePart& part : templateParts(text)) {
        out += part.literal;
        Expression expression(out, part.op);
        for (const TemplateVariable& variable : part.variables)
            if (const auto value = values.find(variable.name); value != values.end())
                expression.add(variable, value->second);
    }
    return out;
}

} // namespace gatehouse
