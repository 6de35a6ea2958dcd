/* The symbol of a plugin in Go must be data of the library, so that it can be read before the library is run. Go
 * has no such data: a C file beside the Go files of the plugin defines it.
 *
 *     #include "gatehouse_go.h"
 *     GATEHOUSE_GO_TOKEN_VALIDATOR("mine", "1.0.0")
 *     GATEHOUSE_GO_SETTINGS("{\"properties\": {}}")
 *
 * The second is optional: the JSON Schema of the settings, which the host holds them against before the plugin is made.
 */
#ifndef GATEHOUSE_GO_H
#define GATEHOUSE_GO_H

#include <gatehouse/abi.h>

/* Weak, because cgo links each package alone before it links all of them. */
__attribute__((weak)) const void* gatehouse_go_interface(const char* id);

#define GATEHOUSE_GO_TOKEN_VALIDATOR(plugin_name, plugin_version)                                  \
    __attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry = { \
        .magic = GATEHOUSE_ABI_MAGIC,                                                              \
        .abi_major = GATEHOUSE_ABI_MAJOR,                                                          \
        .abi_minor = GATEHOUSE_ABI_MINOR,                                                          \
        .size = sizeof(gatehouse_plugin_table),                                                    \
        .name = plugin_name,                                                                       \
        .version = plugin_version,                                                                 \
        .interfaces = GATEHOUSE_TOKEN_VALIDATOR_1,                                                 \
        .interface = gatehouse_go_interface,                                                       \
    };

#define GATEHOUSE_GO_SETTINGS(schema_text) \
    __attribute__((visibility("default"))) const char gatehouse_plugin_settings[] = schema_text;

#endif
