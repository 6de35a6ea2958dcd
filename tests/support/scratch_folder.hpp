// A folder of a test's own, with real files in it; gone when the test is over.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::test {

class ScratchFolder {
public:
    ScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "gatehouse-unit-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no folder can be made for the test");
        path_ = std::filesystem::canonical(name);
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string file(const std::string& name) const { return (path_ / name).string(); }
    // Written in place; a new file is its owner's only. Returns the file's full name.
    std::string write(const std::string& name, const std::string& text) const {
        ::close(::open(file(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        std::ofstream(file(name), std::ios::binary | std::ios::trunc) << text;
        return file(name);
    }

private:
    std::filesystem::path path_;
};

inline std::string readText(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline unsigned modeOf(const std::string& file) {
    struct stat facts {};
    return ::stat(file.c_str(), &facts) == 0 ? facts.st_mode & 07777U : 0U;
}

} // namespace gatehouse::test
