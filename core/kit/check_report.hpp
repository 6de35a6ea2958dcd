// CheckReport: what the kit found, written as it is found, so that a validator that ends the process ends nothing else.
//
// A fault is told once for each kind of token, with how often it happened.
// Threads: one.
#pragma once

#include <iosfwd>
#include <map>
#include <set>
#include <string>

namespace gatehouse::kit {

class CheckReport {
public:
    // `counted`: what the closing line counts, such as "tokens".
    explicit CheckReport(std::ostream& out, std::string counted = "tokens") : out_(out), counted_(std::move(counted)) {}

    void line(const std::string& name, const std::string& words);
    // `className`: the class or check that it belongs to; `source`: where the rule is written, or empty.
    void fault(const std::string& className, const std::string& words, const std::string& source = "");
    // The faults, and the closing line. The exit code: 0 without faults, else 1.
    int close();

    void count(std::size_t more) { count_ += more; }
    bool hasFaultIn(const std::string& className) const { return faulty_.count(className) > 0; }

private:
    std::ostream& out_;
    const std::string counted_;
    std::size_t count_ = 0;
    std::map<std::string, int> faults_; // in words -> how often
    std::set<std::string> faulty_;
};

} // namespace gatehouse::kit
