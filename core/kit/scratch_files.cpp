#include "kit/scratch_files.hpp"

#include <fstream>
#include <stdexcept>

#include <stdlib.h>

namespace gatehouse::kit {

namespace {

void writeTo(const std::string& file, const std::string& text) {
    std::ofstream out(file);
    if (!(out << text).flush()) throw std::runtime_error(file + " cannot be written");
}

} // namespace

ScratchFiles::ScratchFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-check-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error(name + " cannot be made");
    folder_ = name;
}

void ScratchFiles::write(const KitIssuer& issuer) const {
    writeTo(keySet(), issuer.keySet().dump());
    writeTo(publicKey(), issuer.publicPem());
}

ScratchFiles::~ScratchFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

} // namespace gatehouse::kit
