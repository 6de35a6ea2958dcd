// What the token API refuses, and why. Threads: any.
#pragma once

#include <stdexcept>
#include <string>

namespace gatehouse::admin {

// A problem (RFC 9457): what() is its detail, `code` for programs.
class ApiError : public std::runtime_error {
public:
    ApiError(int status, std::string code, const std::string& detail)
        : std::runtime_error(detail), status_(status), code_(std::move(code)) {}
    int status() const { return status_; }
    const std::string& code() const { return code_; }

private:
    const int status_;
    const std::string code_;
};

inline void refuseIf(bool isWrong, int status, const char* code, const std::string& detail) {
    if (isWrong) throw ApiError(status, code, detail);
}

} // namespace gatehouse::admin
