#include "table_answer.hpp"

#include <algorithm>

namespace gatehouse::sql {

namespace {

constexpr std::size_t mostNameBytes = 64 << 10;
constexpr std::size_t smallAnswer = 16 << 10;
constexpr std::string_view lineEnd = "\\n"; // within a JSON text

// A growing string is copied on the way, which takes up to three times its size. Pages that are reserved and not
// written cost nothing.
void reserveOnce(std::string& text, std::size_t bytes) {
    if (text.size() > smallAnswer && text.capacity() < bytes) text.reserve(bytes);
}

} // namespace

void TableAnswer::columns(const std::vector<std::string>& names) {
    const std::size_t most = std::max(limits_.bytes / 8, mostNameBytes);
    for (const std::string& name : names) {
        columnsJson_ += columnsJson_.empty() ? "\"" : ",\"";
        text_ += &name == &names.front() ? "" : " | ";
        if (!appendEscaped(columnsJson_, name, CellForm::json, most) ||
            !appendEscaped(text_, name, CellForm::line, most))
            throw SqlError("the names of the columns have more than " + std::to_string(most) +
                           " bytes; name them with AS");
        columnsJson_ += '"';
    }
    text_ += lineEnd;
    mostBytes_ = text_.size() + limits_.bytes;
}

bool TableAnswer::cut(const char* limit) {
    cutBy_ = limit;
    return false;
}

bool TableAnswer::append(const Row& row, int column) {
    if (column > 0) rowsJson_ += ',', text_ += " | ";
    return text_.size() <= mostBytes_ && row.append(rowsJson_, column, CellForm::json, mostBytes_ - text_.size()) &&
           rowsJson_.size() <= mostBytes_ && row.append(text_, column, CellForm::line, mostBytes_ - rowsJson_.size());
}

bool TableAnswer::row(const Row& row) {
    if (count_ >= limits_.rows) return cut("max_rows");
    const std::size_t textBefore = text_.size(), jsonBefore = rowsJson_.size();
    rowsJson_ += count_ == 0 ? "[" : ",[";
    bool fits = true;
    for (int i = 0; fits && i < row.columns(); ++i) fits = append(row, i);
    rowsJson_ += ']';
    text_ += lineEnd;
    if (!fits || text_.size() + rowsJson_.size() > mostBytes_) {
        text_.resize(textBefore);
        rowsJson_.resize(jsonBefore);
        return cut("max_bytes");
    }
    reserveOnce(text_, 2 * mostBytes_); // the JSON joins it at the end
    reserveOnce(rowsJson_, mostBytes_);
    ++count_;
    return true;
}

std::string TableAnswer::summary() const {
    std::string text = "(" + std::to_string(count_) + (count_ == 1 ? " row" : " rows");
    if (cutBy_ == "max_rows") text += "; there are more: cut at the limit of " + std::to_string(limits_.rows) + " rows";
    if (cutBy_ == "max_bytes")
        text += "; there are more: cut at the limit of " + std::to_string(limits_.bytes) + " bytes";
    return text + ")";
}

ToolResult TableAnswer::result() {
    std::string json = std::move(text_);
    json.insert(0, R"({"content":[{"type":"text","text":")");
    json.append(summary()).append(R"("}],"structuredContent":{"columns":[)").append(columnsJson_);
    json.append(R"(],"rows":[)").append(rowsJson_);
    rowsJson_ = std::string();
    json.append(R"(],"rowCount":)").append(std::to_string(count_));
    json.append(R"(,"truncated":)").append(cutBy_.empty() ? "false" : "true");
    if (!cutBy_.empty()) json.append(R"(,"truncatedBy":")").append(cutBy_).append("\"");
    json += "}}";
    return ToolResult::raw(std::move(json));
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
