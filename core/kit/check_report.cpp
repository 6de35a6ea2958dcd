#include "kit/check_report.hpp"

#include <iomanip>
#include <ostream>

namespace gatehouse::kit {

void CheckReport::line(const std::string& name, const std::string& words) {
    constexpr int column = 15;
    out_ << "  " << std::left << std::setw(column) << name << words << std::endl;
}

void CheckReport::fault(const std::string& className, const std::string& words, const std::string& source) {
    faulty_.insert(className);
    ++faults_[className + ": " + words + (source.empty() ? "" : " (" + source + ")")];
}

int CheckReport::close() {
    for (const auto& [words, times] : faults_) {
        out_ << "FAULT " << words;
        if (times > 1) out_ << ", " << times << " times";
        out_ << "\n";
    }
    out_ << (faults_.empty() ? "passed: " : "FAILED: ") << count_ << " " << counted_ << ", " << faults_.size()
         << " faults" << std::endl;
    return faults_.empty() ? 0 : 1;
}

} // namespace gatehouse::kit
