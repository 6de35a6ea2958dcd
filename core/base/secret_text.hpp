// SecretText: a token or credential for as long as it is needed. It cannot be printed, compared or copied by accident,
// and its bytes are wiped when it goes.
// Threads: any; it does not change.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse {

class SecretText {
public:
    explicit SecretText(std::string_view text) : text_(text) {}
    ~SecretText();
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    std::string_view reveal() const { return text_; } // for its receiver, never for a log

private:
    std::string text_;
};

using SecretPtr = std::shared_ptr<const SecretText>;

} // namespace gatehouse
