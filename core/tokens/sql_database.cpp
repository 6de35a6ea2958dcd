#include "tokens/sql_database.hpp"

namespace gatehouse {

namespace {

void replaceAll(std::string& text, std::string_view mark, std::string_view words) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + words.size()))
        text.replace(at, mark.size(), words);
}

} // namespace

void SqlDatabase::define(std::string_view tables) {
    std::string text(tables);
    replaceAll(text, "{key}", words().key);
    replaceAll(text, "{bytes}", words().bytes);
    replaceAll(text, "{flat}", words().flat);
    run(text);
}

PreparedSql& SqlStatement::prepared() {
    if (!prepared_) prepared_ = database_.prepare(sql_);
    return *prepared_;
}

SqlStatement& SqlStatement::text(int at, std::string_view value) {
    prepared().text(at, value);
    return *this;
}

SqlStatement& SqlStatement::blob(int at, std::string_view value) {
    prepared().blob(at, value);
    return *this;
}

SqlStatement& SqlStatement::number(int at, std::int64_t value) {
    prepared().number(at, value);
    return *this;
}

bool SqlStatement::next() { return prepared().next(); }

void SqlStatement::reset() {
    if (prepared_) prepared_->reset();
}

void SqlStatement::run() {
    while (next()) continue;
    reset();
}

} // namespace gatehouse
