#include "table_answer.hpp"

#include <algorithm>
#include <array>

#include "utf8_text.hpp"

namespace gatehouse::sql {

namespace {

constexpr std::size_t mostNameBytes = 1024; // of one column; SQLite names a column without AS by its expression
constexpr std::size_t mostNamesBytes = 128 << 10;
constexpr std::size_t bytesOfValue = 4;
constexpr std::array<std::string_view, 5> typeNames{"null", "integer", "real", "text", "blob"}; // as ValueType
constexpr std::string_view lineEnd = "\\n";                                                     // within a JSON text

std::string shortened(std::string name) {
    if (name.size() <= mostNameBytes) return name;
    std::size_t size = mostNameBytes;
    while (size > 0 && isContinuation(name[size])) --size;
    return name.substr(0, size) + "...";
}

} // namespace

void TableAnswer::columns(const Row& row) {
    seen_.assign(static_cast<std::size_t>(row.columns()), 0);
    types_.assign(seen_.size(), ValueType::null);
    for (int i = 0; i < row.columns(); ++i) {
        const std::string name = shortened(row.columnName(i));
        columnsJson_ += columnsJson_.empty() ? "\"" : ",\"";
        namesLine_ += i == 0 ? "" : " | ";
        if (!appendEscaped(columnsJson_, name, CellForm::json, mostNamesBytes) ||
            !appendEscaped(namesLine_, name, CellForm::line, mostNamesBytes))
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

bool TableAnswer::append(const Row& row, std::size_t most) {
    rows_.json.append(count_ == 0 ? "[" : ",[");
    for (std::size_t i = 0; i < types_.size(); ++i) {
        if (i > 0) rows_.json.append(','), rows_.line.append(" | ");
        types_[i] = row.type(static_cast<int>(i));
        if (!row.append(rows_, static_cast<int>(i), types_[i], most)) return false;
    }
    rows_.json.append(']');
    rows_.line.append(lineEnd);
    return rows_.size() <= most;
}

bool TableAnswer::row(const Row& row) {
    if (count_ >= limits_.rows) return cut("max_rows");
    const std::size_t whole = limits_.bytes / 2;
    const std::size_t spent = spent_ + bytesOfValue * (types_.size() + 1);
    const std::size_t json = rows_.json.size(), line = rows_.line.size();
    if (!append(row, whole - std::min(whole, spent))) {
        rows_.json.shortenTo(json);
        rows_.line.shortenTo(line);
        return cut("max_bytes");
    }
    for (std::size_t i = 0; i < types_.size(); ++i) seen_[i] |= 1u << static_cast<unsigned>(types_[i]);
    spent_ = spent;
    ++count_;
    return true;
}

// A column with values of one type has that one's name. NULL is a value of any type.
std::string TableAnswer::typesJson() const {
    constexpr unsigned nullBit = 1;
    std::string json;
    for (const unsigned seen : seen_) {
        const unsigned values = seen & ~nullBit;
        const bool isMixed = (values & (values - 1)) != 0;
        std::size_t type = 0;
        while (!isMixed && values >> type > 1) ++type;
        json += json.empty() ? "\"" : ",\"";
        json += isMixed ? "mixed" : typeNames[type];
        json += '"';
    }
    return json;
}

std::string TableAnswer::summary() const {
    std::string text = "(" + std::to_string(count_) + (count_ == 1 ? " row" : " rows");
    if (cutBy_ == "max_rows") text += "; there are more: cut at the limit of " + std::to_string(limits_.rows) + " rows";
    if (cutBy_ == "max_bytes")
        text += "; there are more: cut at the limit of " + std::to_string(limits_.bytes) + " bytes";
    return text + ")";
}

Result TableAnswer::result() {
    constexpr std::size_t moreBytes = 512; // what is around the parts
    const std::string types = typesJson();
    std::string json;
    json.reserve(namesLine_.size() + rows_.line.size() + columnsJson_.size() + rows_.json.size() + types.size() +
                 moreBytes);
    json.append(R"({"content":[{"type":"text","text":")").append(namesLine_);
    rows_.line.moveTo(json);
    json.append(summary()).append(R"("}],"structuredContent":{"columns":[)").append(columnsJson_);
    json.append(R"(],"types":[)").append(types).append(R"(],"rows":[)");
    rows_.json.moveTo(json);
    json.append(R"(],"rowCount":)").append(std::to_string(count_));
    json.append(R"(,"truncated":)").append(cutBy_.empty() ? "false" : "true");
    if (!cutBy_.empty()) json.append(R"(,"truncatedBy":")").append(cutBy_).append("\"");
    json += "}}";
    return Result::raw(std::move(json));
}

Json TableAnswer::schema() {
    constexpr const char* types =
        "Of each column, the type of its values in these rows, NULL aside: mixed when there "
        "are several, null when there is none. Says how a string is to be read: an integer "
        "beyond 2^53 - 1 is its digits, an infinite real is Infinity or -Infinity, a blob is "
        "0x and base16.";
    return {{"type", "object"},
            {"properties",
             {{"columns", {{"type", "array"}, {"items", {{"type", "string"}}}}},
              {"types",
               {{"type", "array"},
                {"description", types},
                {"items", {{"type", "string"}, {"enum", {"integer", "real", "text", "blob", "null", "mixed"}}}}}},
              {"rows", {{"type", "array"}, {"items", {{"type", "array"}}}}},
              {"rowCount", {{"type", "integer"}}},
              {"truncated", {{"type", "boolean"}}},
              {"truncatedBy", {{"type", "string"}, {"enum", {"max_rows", "max_bytes"}}}}}},
            {"required", {"columns", "types", "rows", "rowCount", "truncated"}}};
}

} // namespace gatehouse::sql
