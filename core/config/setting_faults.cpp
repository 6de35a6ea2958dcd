#include "config/setting_faults.hpp"

#include <algorithm>

namespace gatehouse {

namespace {

bool isPartOf(const std::string& part, const std::string& key) {
    if (key.empty() || part == key) return true;
    return part.rfind(key, 0) == 0 && (part[key.size()] == '.' || part[key.size()] == '[');
}

} // namespace

std::string parentKey(const std::string& key) {
    const std::size_t end = key.find_last_of(".[");
    return end == std::string::npos ? "" : key.substr(0, end);
}

std::string SettingFault::text() const {
    std::string out;
    for (const std::string* part : {&place, &key})
        if (!part->empty()) out.append(*part).append(": ");
    return out + words;
}

void KeyPlaces::copy(const std::string& from, const std::string& to) {
    const auto known = places_;
    for (const auto& [key, place] : known)
        if (isPartOf(key, from)) places_[to + key.substr(from.size())] = place;
}

std::string KeyPlaces::exactly(const std::string& key) const {
    const auto found = places_.find(key);
    return found == places_.end() ? std::string() : found->second;
}

std::string KeyPlaces::of(const std::string& key) const {
    for (std::string at = key; !at.empty(); at = parentKey(at))
        if (const auto found = places_.find(at); found != places_.end()) return found->second;
    return "";
}

void SettingFaults::add(SettingFault fault) {
    const auto same = [&](const SettingFault& other) { return other.text() == fault.text(); };
    if (std::any_of(faults_.begin(), faults_.end(), same)) return;
    if (!fault.key.empty()) doubt(fault.key);
    faults_.push_back(std::move(fault));
}

bool SettingFaults::touches(const std::string& key) const {
    return std::any_of(doubted_.begin(), doubted_.end(),
                       [&](const std::string& doubted) { return isPartOf(key, doubted) || isPartOf(doubted, key); });
}

bool SettingFaults::covers(const std::string& key) const {
    return std::any_of(doubted_.begin(), doubted_.end(),
                       [&](const std::string& doubted) { return isPartOf(key, doubted); });
}

std::string SettingFaults::printed() const {
    std::string out;
    for (const SettingFault& fault : faults_)
        out.append(out.empty() ? "" : "\n")
            .append(fault.place.empty() && !fault.namesSource ? "ERROR: " : "")
            .append(fault.text());
    return out;
}

} // namespace gatehouse
