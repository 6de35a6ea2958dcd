// The JSON library's largest templates, compiled once (json_instances.cpp) rather than in every file that reads or
// writes JSON. Part of what this tree precompiles (cmake/Precompiled.cmake), not of the SDK; a file compiled without it
// has its own.
#pragma once

#include <string>

#include <gatehouse/json.hpp>

#ifndef GATEHOUSE_JSON_INSTANCE
#define GATEHOUSE_JSON_INSTANCE extern
#endif

namespace gatehouse::instances {

using FromString = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
using FromBytes = nlohmann::detail::iterator_input_adapter<const char*>; // string_view

} // namespace gatehouse::instances

GATEHOUSE_JSON_INSTANCE template class nlohmann::basic_json<>;
GATEHOUSE_JSON_INSTANCE template class nlohmann::detail::serializer<gatehouse::Json>;
GATEHOUSE_JSON_INSTANCE template class nlohmann::detail::json_sax_dom_parser<gatehouse::Json>;
GATEHOUSE_JSON_INSTANCE template class nlohmann::detail::parser<gatehouse::Json, gatehouse::instances::FromString>;
GATEHOUSE_JSON_INSTANCE template class nlohmann::detail::parser<gatehouse::Json, gatehouse::instances::FromBytes>;
GATEHOUSE_JSON_INSTANCE template class nlohmann::detail::lexer<gatehouse::Json, gatehouse::instances::FromString>;
GATEHOUSE_JSON_INSTANCE template class nlohmann::detail::lexer<gatehouse::Json, gatehouse::instances::FromBytes>;
