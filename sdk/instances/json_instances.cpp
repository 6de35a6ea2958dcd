#define GATEHOUSE_JSON_INSTANCE
#include "json_instances.hpp"
