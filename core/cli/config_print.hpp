// `gatehouse config print`: every setting as it is in force, and where its value comes from.
// Threads: one.
#pragma once

#include <iosfwd>

#include "config/config.hpp"

namespace gatehouse::cli {

// A line for each key, in the order of conf/gatehouse.yaml: "KEY: VALUE  # PLACE", the value as JSON, which YAML reads.
// The keys of validators and the backend have a line each. What may be a secret is "(hidden)".
void printConfig(std::ostream& out, const Config& config);

} // namespace gatehouse::cli
