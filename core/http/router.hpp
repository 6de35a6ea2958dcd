// Router: which handler answers a request, by its path and method.
//
// A pattern is a path whose segments are literal, or {name} for any one segment that is not empty; the last may be
// {name...} for the rest of the path. The most literal pattern wins. Paths are compared as they were sent: what is
// percent-encoded stays so, and matches no literal. A path with one slash at its end is the same resource as without.
//
// What a resource does not answer itself, the router does (RFC 9110 sections 9.3.2, 9.3.7, 15.5.6): HEAD goes to its
// GET, OPTIONS is 204 with Allow, any other method 405 with Allow, with the body of its handler's style; or its handler
// does, when it takes every method.
//
// Threads: built before serving, then read by the loop. Handlers outlive it.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/exchange.hpp"

namespace gatehouse::http {

class Router {
public:
    Router();
    // Each handler answers for every method of its pattern.
    Router(std::initializer_list<std::pair<std::string_view, Handler*>> routes);
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // Throws std::invalid_argument for a pattern that is none, and for a method that the pattern has already.
    void add(std::string_view pattern, Handler& everyMethod);
    void add(std::initializer_list<std::string_view> methods, std::string_view pattern, Handler& handler);

    // Null: there is no such resource. Puts what the pattern took of the path into head.parameters.
    Handler* find(RequestHead& head) const;

private:
    class Resource;
    struct PathHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view path) const { return std::hash<std::string_view>()(path); }
    };
    Resource& resourceAt(std::string_view pattern);
    Resource* literal(std::string_view path) const;

    std::unordered_map<std::string, std::unique_ptr<Resource>, PathHash, std::equal_to<>> literals_;
    std::vector<std::unique_ptr<Resource>> patterns_; // the most literal first
};

// What the route took of the path under that name, decoded (RFC 3986 section 2.1); nothing when there is no such
// parameter, or it is no valid encoding.
std::optional<std::string> pathParameter(const RequestHead& head, std::string_view name);

} // namespace gatehouse::http
