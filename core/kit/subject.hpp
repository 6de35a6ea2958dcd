// Subject: one making of the validator under check.
//
// Threads: judge() any; the rest one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gatehouse/token_validator.hpp>

#include "kit/check_plan.hpp"
#include "plugin/host_services.hpp"

namespace gatehouse::kit {

// A validator and all that it stands on, for as long as this lives.
class MadeValidator {
public:
    virtual ~MadeValidator() = default;
    virtual TokenValidator& validator() = 0;
};
// Makes the validator under check, and those that it asks by name. Throws what makes it impossible.
using MakeValidator = std::function<std::unique_ptr<MadeValidator>(HostDeps& deps, const Json& settings,
                                                                   const std::map<std::string, Json>& others)>;

class Subject {
public:
    Subject(std::unique_ptr<MadeValidator> made, std::string url, const std::map<std::string, std::string>& headers)
        : made_(std::move(made)), traits_(made_->validator().traits()), url_(std::move(url)), headers_(&headers) {}

    const ValidatorTraits& traits() const { return traits_; }
    TokenValidator& validator() { return made_->validator(); }
    Verdict judge(std::string_view token, std::string_view peer = "127.0.0.1");
    TokenRequest requestFor(std::string_view token, std::string_view peer = "127.0.0.1") const;

private:
    std::unique_ptr<MadeValidator> made_;
    ValidatorTraits traits_;
    std::string url_;
    const std::map<std::string, std::string>* headers_; // of the plan
};

} // namespace gatehouse::kit
