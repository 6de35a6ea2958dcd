#include "base/yaml_trouble.hpp"

#include <cctype>
#include <vector>

namespace gatehouse {

namespace {

std::vector<std::string_view> linesOf(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

std::string_view withoutIndent(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

// The first line up to `last` that a tab indents.
std::optional<int> tabbedLine(const std::vector<std::string_view>& lines, int last) {
    for (int number = 1; number <= last && number <= static_cast<int>(lines.size()); ++number) {
        const std::string_view line = lines[static_cast<std::size_t>(number - 1)];
        const std::string_view indent = line.substr(0, line.size() - withoutIndent(line).size());
        if (indent.find('\t') != std::string_view::npos && !withoutIndent(line).empty()) return number;
    }
    return std::nullopt;
}

// What is open at the end of the text: a quote, or the innermost bracket.
struct Open {
    char mark;
    int line;
};
class OpenMarks {
public:
    std::optional<Open> atEnd(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i], before = i == 0 ? '\n' : text[i - 1];
            if (c == '\n') ++line_;
            if (quote_) readQuoted(c, text, i);
            else if (c == '#' && std::isspace(static_cast<unsigned char>(before)) != 0) i = text.find('\n', i) - 1;
            else readPlain(c, before);
            if (i >= text.size() - 1) break;
        }
        if (quote_) return quote_;
        return brackets_.empty() ? std::nullopt : std::optional(brackets_.back());
    }

private:
    void readQuoted(char c, std::string_view text, std::size_t& i) {
        if (c == '\\' && quote_->mark == '"') ++i;
        if (c == quote_->mark && c == '\'' && i + 1 < text.size() && text[i + 1] == '\'') ++i; // one that is meant
        else if (c == quote_->mark) quote_.reset();
    }
    void readPlain(char c, char before) {
        const bool begins = std::string_view(" \t\n[{,:").find(before) != std::string_view::npos;
        if ((c == '"' || c == '\'') && begins) quote_ = Open{c, line_};
        else if ((c == '[' || c == '{') && (begins || !brackets_.empty())) brackets_.push_back({c, line_});
        else if ((c == ']' || c == '}') && !brackets_.empty()) brackets_.pop_back();
    }
    std::optional<Open> quote_;
    std::vector<Open> brackets_;
    int line_ = 1;
};

YamlTrouble notClosed(const Open& open) {
    std::string words = "the ";
    words += open.mark;
    return {open.line, words += " in this line is not closed"};
}

// "address:8080": the key before a colon that no space follows; empty when the line is not like that.
std::string_view keyWithoutSpace(std::string_view line) {
    line = withoutIndent(line);
    while (line.substr(0, 2) == "- ") line = withoutIndent(line.substr(2));
    const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    const bool isKey = end != std::string_view::npos && end > 0 && line[end] == ':' && end + 1 < line.size() &&
                       std::isspace(static_cast<unsigned char>(line[end + 1])) == 0 && line[end + 1] != '/';
    return isKey ? line.substr(0, end) : std::string_view();
}

// A value that begins with a character that means something to YAML; 0 when the line has none.
char reservedBegin(std::string_view line) {
    const std::size_t colon = line.find(": ");
    std::string_view value = withoutIndent(colon == std::string_view::npos ? line : line.substr(colon + 2));
    while (value.substr(0, 2) == "- ") value = withoutIndent(value.substr(2));
    constexpr std::string_view reserved = "@`%*&!|>";
    return !value.empty() && reserved.find(value.front()) != std::string_view::npos ? value.front() : '\0';
}

// More than one ": " outside of quotes: "note: see: that".
bool hasSecondColon(std::string_view line) {
    const std::size_t first = line.find(": ");
    return first != std::string_view::npos && line.find_first_of("\"'#") == std::string_view::npos &&
           line.find(": ", first + 2) != std::string_view::npos;
}

} // namespace

std::optional<YamlTrouble> openQuote(std::string_view text) {
    const auto open = OpenMarks().atEnd(text);
    if (!open || (open->mark != '"' && open->mark != '\'')) return std::nullopt;
    return notClosed(*open);
}

YamlTrouble yamlTrouble(std::string_view text, int line, const std::string& message) {
    const auto lines = linesOf(text);
    const auto at = [&](int number) {
        return number >= 1 && number <= static_cast<int>(lines.size()) ? lines[static_cast<std::size_t>(number - 1)]
                                                                       : std::string_view();
    };
    if (const auto tabbed = tabbedLine(lines, line + 1)) return {*tabbed, "a tab; YAML indents with spaces"};
    if (const auto open = OpenMarks().atEnd(text)) return notClosed(*open);
    for (const int number : {line, line - 1})
        if (const auto key = keyWithoutSpace(at(number)); !key.empty())
            return {number, "a space is missing after \"" + std::string(key) + ":\""};
    if (hasSecondColon(at(line))) return {line, "a value with \": \" in it; put it in quotes"};
    if (const char begin = reservedBegin(at(line)))
        return {line, std::string("a value that begins with ") + begin + "; put it in quotes"};
    if (message.rfind("end of map not found", 0) == 0 || message.rfind("end of sequence not found", 0) == 0)
        return {line, "this line is indented neither like the one above it nor like one further up"};
    return {line, "this is no YAML: " + message};
}

} // namespace gatehouse
