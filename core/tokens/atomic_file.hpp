// Replacing a file so that a crash leaves the old or the new one, never a torn one, and two writers lose nothing.
// Threads: any. Errors: std::system_error naming the file.
#pragma once

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace gatehouse {

class FileHandle {
public:
    explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
    ~FileHandle();
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    std::string readAll(const std::string& name) const;

private:
    int descriptor_;
};

// The lock cannot be had: what stands in its place is not ours, or another program holds it.
class LockError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

inline constexpr std::chrono::seconds lockPatience{10};

// Held on "<file>.lock", which is never renamed or removed. A link to the file is followed; one in the lock's own place
// is not, as it could make us create or lock any file. Throws LockError, also after `patience`
// in which nobody wrote the file; std::system_error.
class FileLock {
public:
    explicit FileLock(const std::string& file, std::chrono::milliseconds patience = lockPatience);

private:
    struct Opened;
    FileLock(const Opened& opened, const std::string& file, std::chrono::milliseconds patience);

    FileHandle handle_;
};

// Writes beside (mode 0600), syncs, renames over, syncs the folder. A link is followed: the file it names is replaced.
// Written by root, it gets the owner of the file it replaces, or else of its folder; so does a lock that root makes.
void replaceFile(const std::string& file, const std::string& text);

// Makes the folder (mode 0700) when there is none.
void makeFolder(const std::filesystem::path& folder);

} // namespace gatehouse
