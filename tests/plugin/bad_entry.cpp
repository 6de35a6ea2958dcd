// Libraries that must be refused before anything of theirs is called, one for each way (BAD_...). Each would end the
// process if it were run.
#include <cstdlib>

#include <gatehouse/abi.h>

#ifndef BAD_MAGIC
#define BAD_MAGIC GATEHOUSE_ABI_MAGIC
#endif
#ifndef BAD_MAJOR
#define BAD_MAJOR GATEHOUSE_ABI_MAJOR
#endif
#ifndef BAD_SIZE
#define BAD_SIZE sizeof(gatehouse_plugin_table)
#endif
#ifndef BAD_NAME
#define BAD_NAME gatehouse_plugin_entry
#endif

namespace {
const void* run(const char*) {
#ifdef BAD_OFFERS_NOTHING
    return nullptr;
#else
    std::abort();
#endif
}
} // namespace

extern "C" __attribute__((visibility("default"))) const gatehouse_plugin_table BAD_NAME;
const gatehouse_plugin_table BAD_NAME = {BAD_MAGIC, BAD_MAJOR, 0, BAD_SIZE, "bad", "0.0.0", "none", run};
