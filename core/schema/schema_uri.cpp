#include "schema/schema_uri.hpp"

#include <gatehouse/ascii.hpp>

#include "base/hex_digit.hpp"

namespace gatehouse::schema {

namespace {

constexpr auto npos = std::string_view::npos;

// Views into the text; scheme with its ':', authority with its "//", query with its '?', fragment with its '#'.
struct Parts {
    std::string_view scheme, authority, path, query, fragment;
};

bool isSchemeCharacter(char c) { return isAlphanumeric(c) || c == '+' || c == '-' || c == '.'; }

std::size_t schemeLength(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ':') return i == 0 ? 0 : i + 1;
        if (!isSchemeCharacter(text[i])) return 0;
    }
    return 0;
}

std::string_view cut(std::string_view& text, std::size_t length) {
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(taken.size());
    return taken;
}

// RFC 3986, appendix B.
Parts partsOf(std::string_view text) {
    Parts parts;
    const std::size_t hash = text.find('#');
    if (hash != npos) parts.fragment = text.substr(hash);
    text = text.substr(0, hash);
    const std::size_t mark = text.find('?');
    if (mark != npos) parts.query = text.substr(mark);
    text = text.substr(0, mark);
    parts.scheme = cut(text, schemeLength(text));
    if (text.substr(0, 2) == "//") parts.authority = cut(text, text.find('/', 2));
    parts.path = text;
    return parts;
}

// RFC 3986, section 5.2.4: the last segment of `out` goes.
void dropSegment(std::string& out) {
    const std::size_t slash = out.rfind('/');
    out.erase(slash == std::string::npos ? 0 : slash);
}

std::string withoutDots(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        if (path.substr(0, 3) == "../") path.remove_prefix(3);
        else if (path.substr(0, 2) == "./" || path.substr(0, 3) == "/./") path.remove_prefix(2);
        else if (path == "/.") path = "/";
        else if (path.substr(0, 4) == "/../" || path == "/..") {
            path = path == "/.." ? std::string_view("/") : path.substr(3);
            dropSegment(out);
        } else if (path == "." || path == "..") path = "";
        else out += cut(path, path.find('/', 1));
    }
    return out;
}

// RFC 3986, section 5.2.3.
std::string mergedPath(const Parts& base, std::string_view path) {
    if (!base.authority.empty() && base.path.empty()) return "/" + std::string(path);
    const std::size_t slash = base.path.rfind('/');
    return std::string(base.path.substr(0, slash == npos ? 0 : slash + 1)) + std::string(path);
}

std::string joined(std::string_view scheme, std::string_view authority, std::string_view path, std::string_view query,
                   std::string_view fragment) {
    std::string out;
    for (const std::string_view part : {scheme, authority, path, query, fragment}) out += part;
    return out;
}

std::optional<std::string> unescapedToken(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') out += token[i];
        else if (++i < token.size() && (token[i] == '0' || token[i] == '1')) out += token[i] == '0' ? '~' : '/';
        else return std::nullopt;
    }
    return out;
}

} // namespace

std::string resolveUri(std::string_view base, std::string_view reference) {
    const Parts from = partsOf(base), to = partsOf(reference);
    if (!to.scheme.empty()) {
        const bool isHierarchy = !to.authority.empty() || to.path.substr(0, 1) == "/";
        return joined(to.scheme, to.authority, isHierarchy ? withoutDots(to.path) : std::string(to.path), to.query,
                      to.fragment);
    }
    if (!to.authority.empty()) return joined(from.scheme, to.authority, withoutDots(to.path), to.query, to.fragment);
    if (to.path.empty())
        return joined(from.scheme, from.authority, from.path, to.query.empty() ? from.query : to.query, to.fragment);
    const std::string path = to.path.front() == '/' ? std::string(to.path) : mergedPath(from, to.path);
    return joined(from.scheme, from.authority, withoutDots(path), to.query, to.fragment);
}

SplitUri splitFragment(std::string_view uri) {
    const std::size_t hash = uri.find('#');
    return {uri.substr(0, hash), hash == npos ? std::string_view() : uri.substr(hash + 1)};
}

std::optional<std::string> percentDecoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3 || hexValue(text[i + 1]) < 0 || hexValue(text[i + 2]) < 0) return std::nullopt;
        out += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
        i += 2;
    }
    return out;
}

std::optional<std::vector<std::string>> pointerTokens(std::string_view pointer) {
    std::vector<std::string> tokens;
    if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        auto token = unescapedToken(cut(pointer, pointer.find('/')));
        if (!token) return std::nullopt;
        tokens.push_back(std::move(*token));
    }
    return tokens;
}

} // namespace gatehouse::schema
