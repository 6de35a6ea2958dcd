// The one SDK header that names the JSON library.
#pragma once

#include <nlohmann/json.hpp>

namespace gatehouse {

using Json = nlohmann::json;

} // namespace gatehouse
