#include <gatehouse/jose/strict_json.hpp>

#include <string>
#include <vector>

namespace gatehouse::jose {

namespace {

// Builds the value while it is read. Every member stands where it was first named: a second one ends the reading.
class StrictReader {
public:
    explicit StrictReader(std::size_t maxDepth) : maxDepth_(maxDepth) {}

    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool number_integer(Json::number_integer_t value) { return put(value); }
    bool number_unsigned(Json::number_unsigned_t value) { return put(value); }
    bool number_float(Json::number_float_t value, const std::string& /*text*/) { return put(value); }
    bool string(std::string& value) { return put(std::move(value)); }
    bool binary(Json::binary_t& /*value*/) { return false; }
    bool start_object(std::size_t /*size*/) { return open(Json::object()); }
    bool start_array(std::size_t /*size*/) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        const auto [member, isNew] = path_.back()->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
        member_ = &member->second;
        return isNew;
    }
    bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Json::exception& /*fault*/) {
        return false;
    }
    Json root;

private:
    Json* place() {
        if (path_.empty()) return &root;
        if (path_.back()->is_object()) return member_;
        path_.back()->push_back(nullptr);
        return &path_.back()->back();
    }
    template <class Value>
    bool put(Value&& value) {
        *place() = std::forward<Value>(value);
        return true;
    }
    bool open(Json empty) {
        if (path_.size() >= maxDepth_) return false;
        Json* const at = place();
        *at = std::move(empty);
        path_.push_back(at);
        return true;
    }
    bool close() {
        path_.pop_back();
        return true;
    }

    const std::size_t maxDepth_;
    std::vector<Json*> path_; // open objects and arrays; no array grows while one of its items is open
    Json* member_ = nullptr;  // whose value comes next
};

} // namespace

std::optional<Json> strictJson(std::string_view text, std::size_t maxDepth) {
    if (text.find('\0') != std::string_view::npos) return std::nullopt; // nlohmann takes it for the end of the text
    StrictReader reader(maxDepth);
    if (!Json::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
    return std::move(reader.root);
}

std::optional<Json> strictJsonObject(std::string_view text, std::size_t maxDepth) {
    auto json = strictJson(text, maxDepth);
    return json && json->is_object() ? std::move(json) : std::nullopt;
}

} // namespace gatehouse::jose
