#include "http/router.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/percent.hpp"

namespace gatehouse::http {

// A path is looked for among the literal routes, in a map, and then among the patterns in their order: a literal
// segment before a parameter, that before the rest of a path. Two patterns of the same shape are refused, so the order
// has no ties. The first that matches decides, also where it has no handler for the method (405).

namespace {

struct Segment {
    enum class Kind { literal, one, rest }; // in order of precedence
    Kind kind = Kind::literal;
    std::string text; // of a literal; else the parameter's name
};

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> out;
    path.remove_prefix(1);
    for (std::size_t slash = 0; slash != std::string_view::npos;) {
        slash = path.find('/');
        out.push_back(path.substr(0, slash));
        if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
    }
    return out;
}

[[noreturn]] void refusePattern(std::string_view pattern, const char* why) {
    throw std::invalid_argument("route " + std::string(pattern) + ": " + why);
}

Segment segmentOf(std::string_view text, std::string_view pattern) {
    if (text.find_first_of("{}") == std::string_view::npos) return {Segment::Kind::literal, std::string(text)};
    const bool isWhole = text.size() > 2 && text.front() == '{' && text.find('}') == text.size() - 1;
    if (!isWhole) refusePattern(pattern, "a parameter is a whole segment, such as {id}");
    std::string_view name = text.substr(1, text.size() - 2);
    const bool isRest = name.size() > 3 && name.substr(name.size() - 3) == "...";
    if (isRest) name.remove_suffix(3);
    return {isRest ? Segment::Kind::rest : Segment::Kind::one, std::string(name)};
}

std::vector<Segment> segmentsOf(std::string_view pattern) {
    if (pattern.empty() || pattern.front() != '/') refusePattern(pattern, "a route begins with a slash");
    std::vector<Segment> out;
    for (const std::string_view text : split(pattern)) {
        if (!out.empty() && out.back().kind == Segment::Kind::rest)
            refusePattern(pattern, "the rest of a path comes last");
        out.push_back(segmentOf(text, pattern));
    }
    return out;
}

std::string_view withoutSlash(std::string_view path) {
    return path.size() > 2 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
}

} // namespace

// Everything behind one pattern. As a handler it answers the methods without a handler of their own.
class Router::Resource final : public Handler {
public:
    explicit Resource(std::string_view pattern) : pattern_(withoutSlash(pattern)), segments_(segmentsOf(pattern_)) {}

    bool hasPattern(std::string_view pattern) const { return pattern_ == withoutSlash(pattern); }
    bool hasShapeOf(const Resource& other) const {
        return std::equal(segments_.begin(), segments_.end(), other.segments_.begin(), other.segments_.end(),
                          [](const Segment& a, const Segment& b) {
                              return a.kind == b.kind && (a.kind != Segment::Kind::literal || a.text == b.text);
                          });
    }
    bool isLiteral() const {
        return std::all_of(segments_.begin(), segments_.end(),
                           [](const Segment& one) { return one.kind == Segment::Kind::literal; });
    }
    bool isMoreLiteralThan(const Resource& other) const {
        return std::lexicographical_compare(segments_.begin(), segments_.end(), other.segments_.begin(),
                                            other.segments_.end(),
                                            [](const Segment& a, const Segment& b) { return a.kind < b.kind; });
    }

    void add(std::string_view method, Handler& handler) {
        const bool isTaken = everyMethod_ || (method.empty() ? !methods_.empty() : methods_.count(method) != 0);
        if (isTaken) refusePattern(pattern_, "duplicate route");
        if (method.empty()) everyMethod_ = &handler;
        else methods_.emplace(method, &handler);
        allow_ = allowed();
    }

    Handler* handlerFor(RequestHead& head) {
        if (everyMethod_) return everyMethod_;
        const auto found = methods_.find(head.method);
        if (found != methods_.end()) return found->second;
        const auto get = head.method == "HEAD" ? methods_.find("GET") : methods_.end();
        if (get != methods_.end()) return get->second;
        head.allow = allow_;
        const auto asking = std::find_if(methods_.begin(), methods_.end(),
                                         [](const auto& one) { return one.second->acceptsEveryMethod(); });
        return asking == methods_.end() ? this : asking->second;
    }

    bool match(const std::vector<std::string_view>& path, std::vector<Field>& parameters) const {
        const bool hasRest = segments_.back().kind == Segment::Kind::rest;
        if (hasRest ? path.size() < segments_.size() : path.size() != segments_.size()) return false;
        for (std::size_t i = 0; i < segments_.size(); ++i)
            if (!matchSegment(segments_[i], path[i], path.back(), parameters)) return parameters.clear(), false;
        return true;
    }

    HeadAnswer onHead(Exchange& exchange) override {
        const std::string allow = "Allow: " + allow_ + "\r\n";
        if (exchange.head().method == "OPTIONS") exchange.reply({204, "", "", allow, false});
        else exchange.reply({405, refusalType(), refusalBody(405, "use " + allow_), allow, false});
        return HeadAnswer::refused;
    }
    void onRequest(Exchange&) override {} // answered at its head
    std::string commonHeaders(const RequestHead& head) const override { return style().commonHeaders(head); }
    std::string refusalBody(int status, std::string_view why) const override {
        return style().refusalBody(status, why);
    }
    std::string_view refusalType() const override { return style().refusalType(); }

private:
    static bool matchSegment(const Segment& segment, std::string_view text, std::string_view last,
                             std::vector<Field>& parameters) {
        if (segment.kind == Segment::Kind::literal) return segment.text == text;
        if (text.empty()) return false;
        const auto end = segment.kind == Segment::Kind::rest ? last.data() + last.size() : text.data() + text.size();
        parameters.push_back({segment.text, {text.data(), static_cast<std::size_t>(end - text.data())}});
        return true;
    }
    const Handler& style() const { return *methods_.begin()->second; }
    std::string allowed() const {
        std::string out;
        for (const auto& [method, handler] : methods_) {
            out.append(out.empty() ? "" : ", ").append(method);
            if (method == "GET" && methods_.count("HEAD") == 0) out.append(", HEAD");
        }
        return methods_.count("OPTIONS") == 0 ? out + ", OPTIONS" : out;
    }

    const std::string pattern_;
    std::string allow_; // a list, as the header wants it
    const std::vector<Segment> segments_;
    Handler* everyMethod_ = nullptr;
    std::map<std::string, Handler*, std::less<>> methods_;
};

Router::Router() = default;
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Router::Router(std::initializer_list<std::pair<std::string_view, Handler*>> routes) {
    for (const auto& [pattern, handler] : routes) add(pattern, *handler);
}

void Router::add(std::string_view pattern, Handler& everyMethod) { resourceAt(pattern).add("", everyMethod); }

void Router::add(std::initializer_list<std::string_view> methods, std::string_view pattern, Handler& handler) {
    if (methods.size() == 0) refusePattern(pattern, "has no method");
    Resource& resource = resourceAt(pattern);
    for (const std::string_view method : methods) resource.add(method, handler);
}

Router::Resource& Router::resourceAt(std::string_view pattern) {
    if (const auto known = literals_.find(withoutSlash(pattern)); known != literals_.end()) return *known->second;
    for (const auto& known : patterns_)
        if (known->hasPattern(pattern)) return *known;
    auto made = std::make_unique<Resource>(pattern);
    Resource& resource = *made;
    if (made->isLiteral()) return literals_.emplace(withoutSlash(pattern), std::move(made)), resource;
    for (const auto& known : patterns_)
        if (known->hasShapeOf(resource)) refusePattern(pattern, "another route has it with other names of parameters");
    const auto at = std::find_if(patterns_.begin(), patterns_.end(),
                                 [&](const auto& other) { return resource.isMoreLiteralThan(*other); });
    patterns_.insert(at, std::move(made));
    return resource;
}

Router::Resource* Router::literal(std::string_view path) const {
    auto found = literals_.find(path);
    if (found == literals_.end()) found = literals_.find(withoutSlash(path));
    return found == literals_.end() ? nullptr : found->second.get();
}

Handler* Router::find(RequestHead& head) const {
    if (Resource* known = literal(head.path)) return known->handlerFor(head);
    if (patterns_.empty() || head.path.empty() || head.path.front() != '/') return nullptr;
    const std::vector<std::string_view> path = split(withoutSlash(head.path));
    for (const auto& resource : patterns_)
        if (resource->match(path, head.parameters)) return resource->handlerFor(head);
    return nullptr;
}

std::optional<std::string> pathParameter(const RequestHead& head, std::string_view name) {
    for (const Field& parameter : head.parameters)
        if (parameter.name == name) return percentDecoded(parameter.value);
    return std::nullopt;
}

} // namespace gatehouse::http
