#include "uri/template_syntax.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <simdjson.h>

#include "base/percent.hpp"

namespace gatehouse {

namespace {

constexpr std::string_view operators = "+#./;?&";
constexpr std::string_view keptForLater = "=,!@|";
constexpr std::string_view neverLiteral = " \"<>\\^`{|}";

bool isNameCharacter(char c) { return isUnreserved(c) && c != '-' && c != '~' && c != '.'; }

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<TemplatePart> parts() {
        if (text_.size() > TemplateLimits::maxTemplate) refuse("longer than 1024 bytes");
        if (!simdjson::validate_utf8(text_.data(), text_.size())) refuse("not UTF-8");
        while (at_ < text_.size()) parts_.push_back(text_[at_] == '{' ? expression() : literal());
        if (variables_ > TemplateLimits::maxVariables) refuse("more than 32 variables");
        return std::move(parts_);
    }

private:
    [[noreturn]] void refuse(const std::string& why) const { refuseTemplate(text_, why); }

    TemplatePart literal() {
        const std::size_t end = std::min(text_.find('{', at_), text_.size());
        const std::string_view written = text_.substr(at_, end - at_);
        for (std::size_t i = 0; i < written.size(); ++i) {
            const auto byte = static_cast<unsigned char>(written[i]);
            if (byte < 0x20 || byte == 0x7F || neverLiteral.find(written[i]) != std::string_view::npos)
                refuse("a character that no URI may hold, outside of { }");
            if (byte == '%' && !startsWithTriplet(written.substr(i))) refuse("% without two hexadecimal digits");
        }
        at_ = end;
        TemplatePart part;
        part.literal = percentEncodedButReserved(written);
        return part;
    }

    TemplatePart expression() {
        const std::size_t end = text_.find('}', at_);
        if (end == std::string_view::npos) refuse("{ without }");
        std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        TemplatePart part;
        if (!inside.empty() && keptForLater.find(inside[0]) != std::string_view::npos)
            refuse(std::string("the operator ") + inside[0] + " has no meaning yet");
        if (!inside.empty() && operators.find(inside[0]) != std::string_view::npos) {
            part.op = inside[0];
            inside.remove_prefix(1);
        }
        for (std::size_t comma = 0; comma != std::string_view::npos; inside.remove_prefix(comma + 1)) {
            comma = inside.find(',');
            part.variables.push_back(variable(inside.substr(0, comma)));
            if (comma == std::string_view::npos) break;
        }
        variables_ += part.variables.size();
        return part;
    }

    TemplateVariable variable(std::string_view written) const {
        TemplateVariable variable;
        if (!written.empty() && written.back() == '*') {
            variable.exploded = true;
            written.remove_suffix(1);
        } else if (const std::size_t colon = written.find(':'); colon != std::string_view::npos) {
            variable.prefix = prefix(written.substr(colon + 1));
            written = written.substr(0, colon);
        }
        checkName(written);
        variable.name = written;
        return variable;
    }

    std::size_t prefix(std::string_view written) const { // 1 to 9999
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
        if (error != std::errc() || end != written.data() + written.size() || written[0] == '0' || number > 9999)
            refuse("a prefix is a number from 1 to 9999");
        return number;
    }

    void checkName(std::string_view name) const {
        bool afterDot = true; // dots stand between characters only
        for (std::size_t i = 0; i < name.size(); ++i) {
            const bool dot = name[i] == '.';
            const bool triplet = startsWithTriplet(name.substr(i));
            if (dot ? afterDot : !triplet && !isNameCharacter(name[i])) refuse("a variable name is malformed");
            if (triplet) i += 2;
            afterDot = dot;
        }
        if (afterDot) refuse("a variable name is missing or ends in a dot");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t variables_ = 0;
    std::vector<TemplatePart> parts_;
};

} // namespace

std::vector<TemplatePart> templateParts(std::string_view text) { return Reader(text).parts(); }

void refuseTemplate(std::string_view text, const std::string& why) {
    std::string shown(text.substr(0, TemplateLimits::maxTemplate));
    throw std::runtime_error("URI template \"" + shown + "\": " + why);
}

} // namespace gatehouse
