// What is wrong with the settings: each fault with the source that its key comes from, all of them together.
// Threads: one at a time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace gatehouse {

struct SettingFault {
    std::string place;        // "gatehouse.yaml:12", "JWT_SECRET_KEY", "--addr"; empty: it comes from no source
    std::string key;          // "auth.validators.jwt.secret"; empty: it is of no key
    std::string words;        // what is wrong, and what to do
    bool namesSource = false; // the words begin with where it comes from

    std::string text() const; // "place: key: words"
};

// Where the value of each key comes from.
class KeyPlaces {
public:
    void set(const std::string& key, const std::string& place) { places_[key] = place; }
    // `to` and its parts come from where `from` and its parts do.
    void copy(const std::string& from, const std::string& to);
    // The place of the key itself; empty when there is none.
    std::string exactly(const std::string& key) const;
    // The place of the key, else of the nearest that it is part of; empty when there is none.
    std::string of(const std::string& key) const;

private:
    std::map<std::string, std::string> places_;
};

class SettingFaults {
public:
    // A fault that is there already is left out.
    void add(SettingFault fault);
    // This key (empty: every key) cannot be judged, without a fault of its own.
    void doubt(const std::string& key) { doubted_.insert(key); }
    // True when the key, one that it is part of, or a part of it has a fault or is in doubt: what else is said of it
    // may only follow from that.
    bool touches(const std::string& key) const;
    // The same without its parts: nothing of its value is known.
    bool covers(const std::string& key) const;

    bool empty() const { return faults_.empty(); }
    const std::vector<SettingFault>& list() const { return faults_; }
    // One fault a line, for standard error: those that name no source begin with "ERROR: ".
    std::string printed() const;

private:
    std::vector<SettingFault> faults_;
    std::set<std::string> doubted_;
};

// The key that a key stands in: "a.b[2]" -> "a.b" -> "a" -> "".
std::string parentKey(const std::string& key);

} // namespace gatehouse
