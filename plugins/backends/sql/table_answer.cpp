#include "table_answer.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::sql {

namespace {

constexpr std::size_t mostNameBytes = 1024; // of one column; SQLite names a column without AS by its expression
constexpr std::size_t mostNamesBytes = 128 << 10;
constexpr std::size_t bytesOfValue = 4;
constexpr std::size_t pieceBytes = 64 << 10;
constexpr std::string_view lineEnd = "\\n"; // within a JSON text

std::string shortened(std::string name) {
    if (name.size() <= mostNameBytes) return name;
    std::size_t size = mostNameBytes;
    while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80) --size;
    return name.substr(0, size) + "...";
}

} // namespace

void PiecedText::append(std::string&& text) {
    size_ += text.size();
    if (text.size() >= pieceBytes) return pieces_.push_back(std::exchange(text, std::string()));
    if (pieces_.empty() || pieces_.back().size() + text.size() > pieces_.back().capacity())
        pieces_.emplace_back().reserve(pieceBytes);
    pieces_.back() += text;
}

void PiecedText::moveTo(std::string& out) {
    for (std::string& piece : pieces_) {
        out += piece;
        piece = std::string();
    }
    pieces_.clear();
    size_ = 0;
}

void TableAnswer::columns(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const std::string known = shortened(name);
        columnsJson_ += columnsJson_.empty() ? "\"" : ",\"";
        namesLine_ += &name == &names.front() ? "" : " | ";
        if (!appendEscaped(columnsJson_, known, CellForm::json, mostNamesBytes) ||
            !appendEscaped(namesLine_, known, CellForm::line, mostNamesBytes))
            throw SqlError("the names of the columns have more than " + std::to_string(mostNamesBytes) +
                           " bytes; name them with AS");
        columnsJson_ += '"';
    }
    namesLine_ += lineEnd;
}

bool TableAnswer::cut(const char* limit) {
    cutBy_ = limit;
    return false;
}

bool TableAnswer::append(const Row& row, int column, std::size_t most) {
    if (column > 0) rowJson_ += ',', line_ += " | ";
    return line_.size() <= most && row.append(rowJson_, column, CellForm::json, most - line_.size()) &&
           rowJson_.size() <= most && row.append(line_, column, CellForm::line, most - rowJson_.size());
}

bool TableAnswer::row(const Row& row) {
    if (count_ >= limits_.rows) return cut("max_rows");
    const std::size_t whole = limits_.bytes / 2;
    const std::size_t most = whole - std::min(whole, spent_);
    rowJson_ = count_ == 0 ? "[" : ",[";
    line_.clear();
    bool fits = true;
    for (int i = 0; fits && i < row.columns(); ++i) fits = append(row, i, most);
    rowJson_ += ']';
    line_ += lineEnd;
    const std::size_t spent =
        line_.size() + rowJson_.size() + bytesOfValue * (static_cast<std::size_t>(row.columns()) + 1);
    if (!fits || spent > most) return cut("max_bytes");
    spent_ += spent;
    lines_.append(std::move(line_));
    rowsJson_.append(std::move(rowJson_));
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
    constexpr std::size_t moreBytes = 512; // what is around the parts
    std::string json;
    json.reserve(namesLine_.size() + lines_.size() + columnsJson_.size() + rowsJson_.size() + moreBytes);
    json.append(R"({"content":[{"type":"text","text":")").append(namesLine_);
    lines_.moveTo(json);
    json.append(summary()).append(R"("}],"structuredContent":{"columns":[)").append(columnsJson_);
    json.append(R"(],"rows":[)");
    rowsJson_.moveTo(json);
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
