#include "fetch/fetcher.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gatehouse/ascii.hpp>

#include "fetch/reach.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t keptHandles = 16;

struct EasyCleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListCleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlCleanup {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct TextCleanup {
    void operator()(char* text) const { curl_free(text); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;
using List = std::unique_ptr<curl_slist, ListCleanup>;
using Url = std::unique_ptr<CURLU, UrlCleanup>;
using Text = std::unique_ptr<char, TextCleanup>;

std::string partOf(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    return Text(text).get();
}

// A name that only begins like an address ("127.example.com") is none.
bool isLoopbackHost(const std::string& host) {
    in_addr four{};
    const bool isAddress = ::inet_pton(AF_INET, host.c_str(), &four) == 1;
    constexpr std::string_view local = ".localhost"; // RFC 6761 section 6.3
    const bool isName = host == "localhost" || (host.size() > local.size() &&
                                                host.compare(host.size() - local.size(), local.size(), local) == 0);
    return isName || host == "[::1]" || (isAddress && ntohl(four.s_addr) >> 24 == 127);
}

std::string lowerHostOf(const std::string& text) {
    const Url url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
    return lowered(partOf(url.get(), CURLUPART_HOST));
}

// Why this URL may not be fetched; empty when it may.
std::string complaintAbout(const FetchRequest& request) {
    const Url url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK) return "it is no URL";
    const std::string scheme = partOf(url.get(), CURLUPART_SCHEME), host = lowerHostOf(request.url);
    if (!partOf(url.get(), CURLUPART_USER).empty()) return "a URL with a user in it";
    if (scheme == "https") return {};
    if (scheme != "http") return "only https is fetched";
    return isLoopbackHost(host) && !request.publicOnly ? "" : "http is fetched from a loopback address only";
}

// Everything of one request that curl calls back for.
struct Exchange {
    explicit Exchange(const FetchRequest& asked) : request(asked) {}

    const FetchRequest& request;
    std::string body;
    bool tooLarge = false;
    bool outOfReach = false;
    char why[CURL_ERROR_SIZE] = ""; // in curl's words

    static std::size_t write(char* data, std::size_t size, std::size_t count, void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        const std::size_t bytes = size * count;
        exchange.tooLarge = exchange.body.size() + bytes > exchange.request.maxBytes;
        if (exchange.tooLarge) return 0;
        exchange.body.append(data, bytes);
        return bytes;
    }
    // The address is judged where the connection is made: a name that changes its address changes nothing.
    static curl_socket_t open(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
        auto& exchange = *static_cast<Exchange*>(self);
        exchange.outOfReach = exchange.request.publicOnly && !isPublic(address->addr);
        if (exchange.outOfReach) return CURL_SOCKET_BAD;
        return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }
};

const char* environment(const char* name, const char* other) {
    const char* value = std::getenv(name);
    return value && *value ? value : std::getenv(other);
}

// Who names a URL does not choose whether the operator's proxy is used. The proxy judges the address then.
bool throughProxy(CURL* handle, const FetchRequest& request) {
    const char* proxy = environment("https_proxy", "HTTPS_PROXY");
    if (isLoopbackHost(lowerHostOf(request.url))) {
        curl_easy_setopt(handle, CURLOPT_PROXY, ""); // client secrets and tokens never leave the machine for it
        return false;
    }
    if (!request.publicOnly || !proxy || !*proxy) return false;
    curl_easy_setopt(handle, CURLOPT_PROXY, proxy);
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    return true;
}

void bound(CURL* handle, const FetchRequest& request, const FetchOptions& options) {
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip"); // write() counts what comes out of it
    curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.maxBytes));
    curl_easy_setopt(handle, CURLOPT_USERAGENT, options.userAgent.c_str());
    if (!options.caFile.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options.caFile.c_str());
}

List headerList(const FetchRequest& request) {
    List list;
    for (const auto& [name, value] : request.headers) {
        curl_slist* longer = curl_slist_append(list.get(), (name + ": " + value).c_str());
        if (!longer) throw std::bad_alloc();
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

FetchResult faultOf(CURLcode code, const Exchange& exchange) {
    if (exchange.tooLarge || code == CURLE_FILESIZE_EXCEEDED)
        return FetchFault{"the answer is larger than " + std::to_string(exchange.request.maxBytes) + " bytes"};
    if (exchange.outOfReach) return FetchFault{"its address is not on the public internet"};
    return FetchFault{exchange.why[0] ? exchange.why : curl_easy_strerror(code)};
}

bool isRedirect(long status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where a Location points to, for people: without the query, which may hold what is secret, and printable. May be
// empty.
std::string shownTarget(CURL* handle) {
    constexpr std::size_t most = 200;
    const char* target = nullptr;
    curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &target);
    const Url url(curl_url());
    if (!target || !url || curl_url_set(url.get(), CURLUPART_URL, target, 0) != CURLUE_OK) return {};
    std::string shown = partOf(url.get(), CURLUPART_SCHEME) + "://" + partOf(url.get(), CURLUPART_HOST);
    if (const std::string port = partOf(url.get(), CURLUPART_PORT); !port.empty()) shown += ":" + port;
    shown += partOf(url.get(), CURLUPART_PATH);
    const bool isPlain = std::all_of(shown.begin(), shown.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    return isPlain && shown.size() <= most ? shown : "";
}

FetchFault redirectFault(CURL* handle, long status) {
    const std::string target = shownTarget(handle);
    return FetchFault{"answered " + std::to_string(status) + ": redirects are not followed; set the URL it points to" +
                      (target.empty() ? "" : ", " + target)};
}

FetchResult perform(CURL* handle, const FetchRequest& request, const FetchOptions& options) {
    Exchange exchange{request};
    const List headers = headerList(request);
    bound(handle, request, options);
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Exchange::write);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, exchange.why);
    if (!throughProxy(handle, request)) {
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &Exchange::open);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &exchange);
    }
    if (request.method == "POST") {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) return faultOf(code, exchange);
    long status = 0;
    const char* type = nullptr;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    if (isRedirect(status)) return redirectFault(handle, status);
    return FetchAnswer{static_cast<int>(status), std::move(exchange.body), type ? type : ""};
}

} // namespace

class Fetcher::Handles {
public:
    Easy acquire() {
        const std::lock_guard lock(mutex_);
        if (kept_.empty()) return Easy(curl_easy_init());
        Easy handle = std::move(kept_.back());
        kept_.pop_back();
        return handle;
    }
    // Forgets all of the last request but the connections.
    void giveBack(Easy handle) {
        curl_easy_reset(handle.get());
        const std::lock_guard lock(mutex_);
        if (kept_.size() < keptHandles) kept_.push_back(std::move(handle));
    }

private:
    std::mutex mutex_; // guards kept_
    std::vector<Easy> kept_;
};

Fetcher::Fetcher(FetchOptions options) : options_(std::move(options)), handles_(std::make_unique<Handles>()) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

Fetcher::~Fetcher() = default;

FetchResult Fetcher::fetch(const FetchRequest& request) {
    if (std::string why = complaintAbout(request); !why.empty()) return FetchFault{std::move(why)};
    if (request.method != "GET" && request.method != "POST") return FetchFault{"only GET and POST are made"};
    Easy handle = request.publicOnly ? Easy(curl_easy_init()) : handles_->acquire();
    if (!handle) return FetchFault{"no memory for a request"};
    FetchResult result = perform(handle.get(), request, options_);
    if (!request.publicOnly) handles_->giveBack(std::move(handle));
    return result;
}

} // namespace gatehouse
