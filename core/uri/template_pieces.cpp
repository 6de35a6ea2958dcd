#include "uri/template_pieces.hpp"

#include <algorithm>
#include <set>

namespace gatehouse {

namespace {

// A template becomes pieces that a URI is matched against from left to right, without trying again. So every template
// is refused in which a value has more than one possible end: values that touch, two lists in one expression,
// parameters before what could be part of their last value. `forbidden` is what ends a value besides the literal behind
// it.

using Kind = TemplatePiece::Kind;

constexpr std::string_view notInSimple = "/?#[],;&";

bool hasParameters(char op) { return op == ';' || op == '?' || op == '&'; }
bool keepsReserved(char op) { return op == '+' || op == '#'; }

class Compiler {
public:
    explicit Compiler(const std::string& text) : text_(text) {}

    std::vector<TemplatePiece> pieces() {
        for (const TemplatePart& part : templateParts(text_)) add(part);
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            checkName(pieces_[i]);
            if (i + 1 < pieces_.size()) checkNeighbours(pieces_[i], pieces_[i + 1]);
            if (pieces_[i].kind == Kind::value) pieces_[i].forbidden = forbiddenIn(i);
        }
        return std::move(pieces_);
    }

private:
    void add(const TemplatePart& part) {
        if (part.variables.empty()) addLiteral(part.literal);
        else if (hasParameters(part.op)) addParameters(part);
        else addValues(part);
    }

    void addLiteral(std::string literal) { pieces_.push_back({Kind::literal, std::move(literal), "", '\0', {}}); }

    void addParameters(const TemplatePart& part) {
        const bool goesOn =
            part.op == '&' && !pieces_.empty() && pieces_.back().kind == Kind::parameters && pieces_.back().op != ';';
        if (!goesOn) pieces_.push_back({Kind::parameters, "", "", part.op, {}});
        auto& all = pieces_.back().variables;
        all.insert(all.end(), part.variables.begin(), part.variables.end());
    }

    void addValues(const TemplatePart& part) {
        const auto isList = [](const TemplateVariable& variable) { return variable.exploded; };
        if (std::count_if(part.variables.begin(), part.variables.end(), isList) > 1)
            refuseTemplate(text_, "two lists in one expression: no URI tells where the first ends");
        bool first = true;
        for (const TemplateVariable& variable : part.variables) {
            if (!first) addLiteral(std::string(1, itemSeparator(part.op)));
            else if (part.op != '\0' && part.op != '+') addLiteral(std::string(1, part.op));
            pieces_.push_back({Kind::value, "", "", part.op, {variable}});
            first = false;
        }
    }

    void checkName(const TemplatePiece& piece) {
        for (const TemplateVariable& variable : piece.variables)
            if (!names_.insert(variable.name).second)
                refuseTemplate(text_, "the variable " + variable.name + " is a duplicate");
    }

    void checkNeighbours(const TemplatePiece& piece, const TemplatePiece& next) const {
        if (piece.kind == Kind::value && next.kind == Kind::value)
            refuseTemplate(text_, piece.variables[0].name + " and " + next.variables[0].name +
                                      " touch: no URI tells where the first ends");
        if (piece.kind != Kind::parameters) return;
        const char begin = next.kind == Kind::literal ? next.literal[0] : next.kind == Kind::parameters ? next.op : 'x';
        if (parameterEnds(piece.op).find(begin) == std::string_view::npos)
            refuseTemplate(text_, std::string("what follows {") + piece.op + piece.variables[0].name +
                                      "...} must begin with one of " + std::string(parameterEnds(piece.op)));
    }

    // The raw characters that the value at `index` must not hold.
    std::string forbiddenIn(std::size_t index) const {
        const TemplatePiece& piece = pieces_[index];
        std::string forbidden = keepsReserved(piece.op) ? firstsAfter(index) : std::string(notInSimple);
        if (piece.op == '.') forbidden += '.';
        if (piece.variables[0].exploded)
            forbidden.erase(std::remove(forbidden.begin(), forbidden.end(), itemSeparator(piece.op)), forbidden.end());
        return forbidden;
    }

    std::string firstsAfter(std::size_t index) const {
        std::string firsts;
        for (std::size_t i = index + 1; i < pieces_.size(); ++i) {
            if (pieces_[i].kind == Kind::parameters) firsts += pieces_[i].op;
            if (pieces_[i].kind != Kind::literal) continue;
            for (const char c : {'?', '#'})
                if (pieces_[i].literal.find(c) != std::string::npos) firsts += c;
        }
        return firsts;
    }

    const std::string& text_;
    std::vector<TemplatePiece> pieces_;
    std::set<std::string> names_;
};

} // namespace

char itemSeparator(char op) { return op == '.' || op == '/' ? op : ','; }

std::string_view parameterEnds(char op) { return op == ';' ? "/?#" : "#"; }

std::vector<TemplatePiece> templatePieces(const std::string& text) { return Compiler(text).pieces(); }

} // namespace gatehouse
