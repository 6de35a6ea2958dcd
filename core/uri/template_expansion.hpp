// Filling a URI template with values: all of RFC 6570, level 4.
// Threads: any; nothing is kept.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gatehouse {

using TemplateList = std::vector<std::string>;
using TemplatePairs = std::vector<std::pair<std::string, std::string>>; // an associative array, in the order given
using TemplateValue = std::variant<std::string, TemplateList, TemplatePairs>;
using TemplateValues = std::map<std::string, TemplateValue, std::less<>>;

// Source: RFC 6570 section 3. Values are UTF-8; a name without a value, and an empty list, are undefined and leave
// nothing behind. A prefix of a list or of pairs is ignored. The length of the result is that of the values: bound
// untrusted ones. Throws std::runtime_error as templateParts does.
std::string expandTemplate(std::string_view text, const TemplateValues& values);

} // namespace gatehouse
