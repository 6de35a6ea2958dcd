#include "gatehouse_go.h"

GATEHOUSE_GO_TOKEN_VALIDATOR("go_validator", "1.0.0")
GATEHOUSE_GO_SETTINGS("{\"properties\": {}}")
