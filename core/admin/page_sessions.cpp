#include "admin/page_sessions.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace gatehouse::admin {

bool PageSessions::hasEnded(const PageSession& session) const {
    const WallTime now = clock_.wall();
    return session.lastUsed + idle <= now || session.since + longest <= now;
}

void PageSessions::makeRoom() {
    std::erase_if(sessions_, [this](const auto& item) { return hasEnded(item.second); });
    if (sessions_.size() < most) return;
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
        return a.second.lastUsed < b.second.lastUsed;
    }));
}

std::string PageSessions::open(std::string owner, std::string name) {
    std::string text = randomBase64Url(32, false);
    const WallTime now = clock_.wall();
    PageSession session{.owner = std::move(owner),
                        .name = std::move(name),
                        .id = "session-" + randomBase64Url(9, false),
                        .csrf = randomBase64Url(32, false),
                        .since = now,
                        .lastUsed = now};
    const std::lock_guard lock(mutex_);
    makeRoom();
    sessions_.emplace(sha256(text), std::move(session));
    return text;
}

std::optional<PageSession> PageSessions::find(const Sha256& digest) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(digest);
    if (found == sessions_.end()) return std::nullopt;
    if (hasEnded(found->second)) {
        sessions_.erase(found);
        return std::nullopt;
    }
    found->second.lastUsed = clock_.wall();
    return found->second;
}

void PageSessions::end(const std::string& id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [&](const auto& item) { return item.second.id == id; });
}

std::string sessionCookieField(std::string_view name, std::string_view text, bool isSecure) {
    std::string out = "Set-Cookie: ";
    out.append(name).append("=").append(text).append("; Path=/; HttpOnly; SameSite=Strict");
    if (isSecure) out += "; Secure";
    if (text.empty()) out += "; Max-Age=0";
    out += "\r\n";
    return out;
}

} // namespace gatehouse::admin
