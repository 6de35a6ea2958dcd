#include "table_answer.hpp"

#include <gatehouse/json_text.hpp>

namespace gatehouse::sql {

namespace {

// A cell on one line of a table.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    return out;
}

} // namespace

void TableAnswer::columns(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        columnsJson_ += columnsJson_.empty() ? "" : ",";
        appendJsonString(columnsJson_, name);
        text_ += (text_.empty() ? "" : " | ") + cell(name);
    }
    text_ += '\n';
}

bool TableAnswer::row(const Row& row) {
    if (count_ >= limits_.rows) return cutBy_ = "max_rows", false;
    std::string json = "[", line;
    for (int i = 0; i < row.columns(); ++i) {
        if (i > 0) json += ',';
        row.appendJson(json, i);
        line += (i > 0 ? " | " : "") + (row.isNull(i) ? "NULL" : cell(row.text(i)));
    }
    json += ']';
    if (rowsJson_.size() + json.size() > limits_.bytes) return cutBy_ = "max_bytes", false;
    rowsJson_.append(rowsJson_.empty() ? "" : ",").append(json);
    text_.append(line).append("\n");
    ++count_;
    return true;
}

ToolResult TableAnswer::result() const {
    std::string text = text_ + "(" + std::to_string(count_) + (count_ == 1 ? " row" : " rows");
    if (cutBy_ == "max_rows") text += "; there are more: cut at the limit of " + std::to_string(limits_.rows) + " rows";
    if (cutBy_ == "max_bytes")
        text += "; there are more: cut at the limit of " + std::to_string(limits_.bytes) + " bytes";
    text += ")";
    std::string json =
        R"({"columns":[)" + columnsJson_ + R"(],"rows":[)" + rowsJson_ + R"(],"rowCount":)" + std::to_string(count_);
    json += R"(,"truncated":)" + std::string(cutBy_.empty() ? "false" : "true");
    if (!cutBy_.empty()) json += R"(,"truncatedBy":")" + cutBy_ + "\"";
    json += '}';
    return ToolResult::text(text).structured(std::move(json));
}

Json TableAnswer::schema() {
    return {{"type", "object"},
            {"properties",
             {{"columns", {{"type", "array"}, {"items", {{"type", "string"}}}}},
              {"rows", {{"type", "array"}, {"items", {{"type", "array"}}}}},
              {"rowCount", {{"type", "integer"}}},
              {"truncated", {{"type", "boolean"}}},
              {"truncatedBy", {{"type", "string"}, {"enum", {"max_rows", "max_bytes"}}}}}},
            {"required", {"columns", "rows", "rowCount", "truncated"}}};
}

} // namespace gatehouse::sql
