#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "admin/oidc_sign_in.hpp"
#include "base/url_parts.hpp"
#include "http/http_server.hpp"
#include "http/tls_context.hpp"
#include "server/server_settings.hpp"
#include "server/setting_trial.hpp"
#include "server/text_mint_choice.hpp"
#include "server/token_store_choice.hpp"
#include "tokens/checked_token.hpp"
#include "tokens/token_events.hpp"

namespace gatehouse {

namespace {

// What is wrong with "host:port"; empty when it can be an address.
std::string addressFault(const std::string& address) {
    const std::string got = ", got \"" + address + "\"", wanted = "expected host:port such as 127.0.0.1:8080" + got;
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return wanted;
    const std::string host = address.substr(0, colon), port = address.substr(colon + 1);
    const bool isNumber =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (!isNumber || std::stoi(port) > 65535) return wanted;
    if (host.find_first_of(" /@?#") != std::string::npos) return wanted;
    const bool isBracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (isBracketed) return canonicalAddress(host.substr(1, host.size() - 2)) ? "" : wanted;
    if (host.find_first_of(":[]") != std::string::npos)
        return "expected host:port such as 127.0.0.1:8080 or [::1]:8080" + got;
    const bool looksNumeric = host.find_first_not_of("0123456789.") == std::string::npos;
    return host.empty() || !looksNumeric || canonicalAddress(host) ? "" : wanted;
}

// Why the audit cannot be appended to; empty when it can.
std::string auditFault(const std::string& name) {
    const std::filesystem::path file(name);
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return name + " is a folder, expected a file";
    if (std::filesystem::exists(file, error))
        return ::access(file.c_str(), W_OK) == 0 ? "" : name + " cannot be written";
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::is_directory(folder, error)) return "there is no folder " + folder.string();
    return ::access(folder.c_str(), W_OK | X_OK) == 0 ? ""
                                                      : "nothing can be written into the folder " + folder.string();
}

// Why it cannot be fetched from; empty when it can.
std::string urlFault(const std::string& url) {
    const bool isLocal = url.rfind("http://127.0.0.1", 0) == 0 || url.rfind("http://localhost", 0) == 0 ||
                         url.rfind("http://[::1]", 0) == 0;
    const bool isUrl = !hostOfUrl(url).empty() && (url.rfind("https://", 0) == 0 || isLocal);
    return isUrl ? "" : "expected an https URL (http only to this machine), got \"" + url + "\"";
}

bool isTextOrTexts(const Json& value) {
    if (value.is_string()) return true;
    return value.is_array() && !value.empty() &&
           std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
}

class Judge {
public:
    Judge(const Config& config, const ServerOptions& options, SettingFaults& faults)
        : config_(config), options_(options), faults_(faults) {}

    void judge() {
        judgePluginFolder();
        if (!config_.auditFile.empty() && config_.auditFile != "-") report("audit.file", auditFault(config_.auditFile));
        tried(config_, "http.trusted_proxies", faults_,
              [this] { static_cast<void>(trustedProxies(config_.http.trustedProxies)); });
        tried(config_, "auth.tokens.kind", faults_, [this] { static_cast<void>(tokenMintOf(config_)); });
        tried(config_, "auth.tokens.store", faults_,
              [this] { static_cast<void>(tokenStoreChoice(config_, options_.executableFolder)); });
        if (!isTokenPrefix(config_.auth.tokenPrefix))
            report("auth.tokens.prefix",
                   "expected letters and digits that end in _, such as gth_, got \"" + config_.auth.tokenPrefix + "\"");
        if (options_.stdio) return judgeStdio();
        if (!config_.http.enabled) report("http.enabled", "got false; there is nothing to serve");
        judgeAddresses();
        judgeOpenDoor();
        judgeAdmin();
        judgeSignIn();
        judgeWebhooks();
        judgeTls();
        const std::string& url = config_.http.publicUrl;
        if (!url.empty() && hostOfUrl(url).empty())
            report("http.public_url", "expected an http(s) URL, got \"" + url + "\"");
    }

private:
    // A key that has a fault already is not judged.
    void report(const std::string& key, const std::string& words) {
        if (!words.empty() && !faults_.touches(key)) faults_.add(config_.fault(key, words));
    }

    void judgePluginFolder() {
        std::error_code error;
        if (!config_.plugins.dir.empty() && !std::filesystem::is_directory(config_.plugins.dir, error))
            report("plugins.dir", config_.plugins.dir + " is no folder");
    }
    void judgeStdio() {
        if (config_.auditFile == "-")
            report("audit.file", "\"-\" is standard output, on which --stdio speaks MCP; name a file");
    }
    void judgeAddresses() {
        report("http.address", addressFault(config_.http.address));
        if (!config_.metricsAddress.empty()) report("metrics.address", addressFault(config_.metricsAddress));
        const std::string address = boundAddress(config_.http.address);
        const bool takesAny = address.size() > 2 && address.compare(address.size() - 2, 2, ":0") == 0;
        if (!takesAny && !address.empty() && boundAddress(config_.metricsAddress) == address)
            report("metrics.address", "is the same as http.address; each needs a port of its own");
    }
    // Everybody would be let in, also from elsewhere.
    void judgeOpenDoor() {
        const std::string reachable = reachableBy(config_);
        if (config_.auth.enabled || reachable.empty() || options_.allowRemoteWithoutAuth) return;
        if (faults_.touches("http.address")) return;
        report("auth.enabled", "no authentication on " + config_.http.address +
                                   ": refused, because others can reach it: " + reachable +
                                   ". Bind to 127.0.0.1 without a proxy in front, turn authentication on, or add "
                                   "--allow-remote-without-auth");
    }
    // Its credentials would be read by everybody on the way.
    void judgeAdmin() {
        const bool isEncrypted = config_.http.tls.enabled || config_.http.publicUrl.rfind("https://", 0) == 0;
        const std::string reachable = reachableBy(config_);
        if (config_.admin.enabled && !isEncrypted && !reachable.empty())
            report("admin.enabled",
                   "needs TLS where others can reach it (" + reachable + "): add --tls, or an https http.public_url");
        const auto own = urlParts(config_.http.publicUrl);
        if (config_.admin.enabled && own && (own->path == "/mcp" || own->path == "/mcp/"))
            report("http.public_url", "ends in /mcp, where the page would stand as well; give it without /mcp");
    }
    // Who signs in may make tokens.
    void judgeSignIn() {
        const SignInSettings& signIn = config_.admin.signIn;
        if (signIn.issuer.empty()) {
            if (!signIn.clientId.empty()) report("admin.sign_in.issuer", "is missing");
            return;
        }
        report("admin.sign_in.issuer", urlFault(signIn.issuer));
        if (signIn.clientId.empty()) report("admin.sign_in.client_id", "is missing");
        for (const auto& [claim, values] : signIn.allow.items())
            if (!isTextOrTexts(values))
                report("admin.sign_in.allow", claim + ": expected a value, or a list of values");
        if (signIn.allow.empty() && admin::isOpenToAnybody(signIn.issuer))
            report("admin.sign_in.allow",
                   "is missing: anybody can get an account at " + signIn.issuer +
                       ", and could make tokens here. Say who may, such as {email: [me@example.com]}");
    }
    void judgeWebhooks() {
        for (const WebhookSettings& hook : config_.admin.webhooks) {
            report("admin.webhooks", urlFault(hook.url));
            for (const std::string& event : hook.events)
                if (!tokenEventFrom(event)) report("admin.webhooks", "there is no event \"" + event + "\"");
        }
    }
    void judgeTls() {
        const TlsSettings& tls = config_.http.tls;
        if (faults_.touches("http.tls")) return;
        if (!tls.enabled) return judgeUnusedTls(tls);
        if (tls.certFile.empty() || tls.keyFile.empty())
            return report("http.tls", "is enabled, but cert_file or key_file is missing");
        tried(config_, "http.tls", faults_, [&] {
            http::TlsContext(http::TlsOptions{tls.certFile, tls.keyFile, tls.chainFile});
        });
    }
    void judgeUnusedTls(const TlsSettings& tls) {
        for (const auto& [key, file] : {std::pair("cert_file", &tls.certFile), std::pair("key_file", &tls.keyFile),
                                        std::pair("chain_file", &tls.chainFile)})
            if (!file->empty())
                report("http.tls." + std::string(key),
                       "is set (" + *file +
                           "), but TLS is off and the server would speak plain http. Add --tls "
                           "(http.tls.enabled: true), or remove the TLS files");
    }

    const Config& config_;
    const ServerOptions& options_;
    SettingFaults& faults_;
};

} // namespace

void judgeSettings(const Config& config, const ServerOptions& options, SettingFaults& faults) {
    Judge(config, options, faults).judge();
}

} // namespace gatehouse
