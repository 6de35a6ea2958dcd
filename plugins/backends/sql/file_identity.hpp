// FileIdentity: which file a path leads to. A file that replaced another one by a rename is another.
// Threads: any.
#pragma once

#include <optional>
#include <string>

#include <sys/stat.h>

namespace gatehouse::sql {

struct FileIdentity {
    dev_t device = 0;
    ino_t number = 0;

    bool operator==(const FileIdentity&) const = default;
};

// Nothing when there is no file. Follows symbolic links.
inline std::optional<FileIdentity> fileAt(const std::string& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) return std::nullopt;
    return FileIdentity{found.st_dev, found.st_ino};
}

} // namespace gatehouse::sql
