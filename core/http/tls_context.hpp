// TlsContext: certificate, key and rules of a TLS listener (TLS 1.2 and later, no renegotiation).
#pragma once

#include <memory>

namespace Poco::Net {
class Context;
}

namespace gatehouse::http {

struct TlsOptions;

class TlsContext {
public:
    TlsContext() = default; // plain
    // Throws std::runtime_error naming the file that cannot be used.
    explicit TlsContext(const TlsOptions& options);
    const Poco::Net::Context* get() const { return context_.get(); }

private:
    std::shared_ptr<Poco::Net::Context> context_;
};

} // namespace gatehouse::http
