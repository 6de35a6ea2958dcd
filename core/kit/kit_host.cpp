#include "kit/kit_host.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t mostLog = 1 << 20;

TokenValidator& nobody(std::string_view name) {
    throw SettingsError("validator \"" + std::string(name) + "\": not under `validators` of the check's settings");
}

} // namespace

KitHost::KitHost(std::string audience)
    : fetcher_(FetchOptions{{}, "gatehouse-plugin-check"}),
      deps_{.clock = clock_,
            .log = [this](LogLevel, std::string_view line) { keep(line); },
            .findToken = [this](const Sha256& digest) { return find(digest); },
            .dropVerdicts = [](std::string_view) {},
            .notify = [](Change, std::string_view) {},
            .fetch = [this](const FetchRequest& request) { return fetch(request); },
            .validator = nobody,
            .resourceUrl = std::move(audience)} {}

void KitHost::keep(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (log_.size() < mostLog) log_.append(line).append("\n");
}

std::string KitHost::drainLog() {
    const std::lock_guard lock(mutex_);
    return std::exchange(log_, {});
}

TokenLookup KitHost::find(const Sha256& digest) const {
    const auto found = tokens.find(digest);
    return found == tokens.end() ? TokenLookup(TokenUnknown{}) : found->second;
}

FetchResult KitHost::fetch(const FetchRequest& request) {
    if (watched_.load() == std::this_thread::get_id()) ++fetchedByWatched_;
    return fetcher_.fetch(request);
}

} // namespace gatehouse::kit
