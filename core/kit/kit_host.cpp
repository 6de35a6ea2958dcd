#include "kit/kit_host.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t mostLog = 1 << 20;

TokenValidator& nobody(std::string_view name) {
    throw SettingsError("validator \"" + std::string(name) + "\": not under `validators` of the check's settings");
}

} // namespace

KitHost::KitHost(std::string audience)
    : fetcher_(FetchOptions{{}, "gatehouse-plugin-check"}), port_{clock_,
                                                                  [this](LogLevel, std::string_view line) {
                                                                      const std::lock_guard lock(mutex_);
                                                                      if (log_.size() < mostLog)
                                                                          log_.append(line).append("\n");
                                                                  },
                                                                  [this](const Sha256& digest) { return find(digest); },
                                                                  [](std::string_view) {},
                                                                  [](Change, std::string_view) {},
                                                                  [this](const FetchRequest& request) {
                                                                      return fetch(request);
                                                                  },
                                                                  nobody,
                                                                  std::move(audience)} {}

std::string KitHost::takeLog() {
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
