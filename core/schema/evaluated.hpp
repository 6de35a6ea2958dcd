// Evaluated: which members or items of one value were looked at by schemas that it satisfies; what is left is for the
// unevaluated... keywords. JSON Schema core, sections 7.7 and 11.
//
// Threads: one. Tested by tests/unit/schema/schema_checker_test.cpp.
#pragma once

#include <cstddef>
#include <vector>

namespace gatehouse::schema {

class Evaluated {
public:
    // By place in the value.
    void add(std::size_t place) {
        if (place >= some_.size()) some_.resize(place + 1);
        some_[place] = true;
    }
    void addAll() { all_ = true; }
    bool has(std::size_t place) const { return all_ || (place < some_.size() && some_[place]); }

    void add(const Evaluated& other) {
        all_ = all_ || other.all_;
        for (std::size_t place = 0; place < other.some_.size(); ++place)
            if (other.some_[place]) add(place);
    }
    std::size_t size() const { return some_.size(); } // what add(*this) has to go through

private:
    bool all_ = false;
    std::vector<bool> some_;
};

} // namespace gatehouse::schema
