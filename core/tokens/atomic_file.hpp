// Replacing a file so that a crash leaves the old or the new one, never a torn one, and two writers lose nothing.
// Threads: any. Errors: std::system_error naming the file.
#pragma once

#include <filesystem>
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

// Held on "<file>.lock", which is never renamed or removed; follows a link to the file.
class FileLock {
public:
    explicit FileLock(const std::string& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int descriptor_;
};

// Writes beside (mode 0600), syncs, renames over, syncs the folder. A link is followed: the file it names is replaced.
void replaceFile(const std::string& file, const std::string& text);

// Makes the folder (mode 0700) when there is none.
void makeFolder(const std::filesystem::path& folder);

} // namespace gatehouse
