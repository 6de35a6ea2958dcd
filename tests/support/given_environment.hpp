// An environment variable for as long as a test needs it.
#pragma once

#include <cstdlib>
#include <string>

namespace gatehouse::test {

class GivenEnvironment {
public:
    GivenEnvironment(std::string name, const std::string& value) : name_(std::move(name)) {
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    ~GivenEnvironment() { ::unsetenv(name_.c_str()); }
    GivenEnvironment(const GivenEnvironment&) = delete;
    GivenEnvironment& operator=(const GivenEnvironment&) = delete;

private:
    const std::string name_;
};

} // namespace gatehouse::test
