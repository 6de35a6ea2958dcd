// Library: a plugin's shared library, looked at before it is run.
//
// The order is fixed: canonical path -> owners and modes of the file and every parent -> opened once, checked (and
// pinned by hash) on that descriptor -> magic, ABI major, size, interface ids -> loaded from the same descriptor ->
// interface(id). Loaded libraries are never unloaded. Every refusal names the file, what was found and what was
// expected.
//
// Threads: construction on one thread, before serving.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include <gatehouse/abi.h>

#include "plugin/elf_file.hpp"
#include "plugin/settings_schema.hpp"

namespace gatehouse {

// The plugin cannot be used; exit code 3.
class PluginError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// A plugin's constructor refused its settings, in words of its own: "<key>: <what>", perhaps in several lines.
class PluginSettingsError : public PluginError {
public:
    PluginSettingsError(const std::filesystem::path& file, std::string said)
        : PluginError(file.string() + ": " + said), words(std::move(said)) {}
    const std::string words;
};

class Library {
public:
    // `pinned`: the SHA-256 (hex) that the operator expects of the file, or empty.
    Library(const std::filesystem::path& file, const std::string& pinned);

    // The table of `id`; throws PluginError when the library does not offer it.
    const void* interface(const char* id) const;
    const std::filesystem::path& file() const { return file_; }
    std::string name() const { return table_->name; }
    std::string version() const { return table_->version; }
    const std::optional<SettingsSchema>& settings() const { return settings_; } // what it declares of them
    const std::string& sha256() const { return sha256_; }                       // hex, of the file that was loaded
    std::string abi() const { return std::to_string(table_->abi_major) + "." + std::to_string(table_->abi_minor); }

private:
    std::filesystem::path file_;
    std::string sha256_;
    std::optional<SettingsSchema> settings_;
    const gatehouse_plugin_table* table_ = nullptr;
};

// What can be said of a file without running it; throws PluginError when it is no Gatehouse plugin.
struct LibraryReport {
    std::filesystem::path file;
    std::string sha256;
    ElfReport elf;
    std::optional<SettingsSchema> settings;
};
LibraryReport inspectLibrary(const std::filesystem::path& file);

} // namespace gatehouse
