// JsonNumber: the value of a JSON number, with one form for each value, so that 1, 1.0 and 1e0 are the same.
//
// Integers of 64 bits are exact, and so is each comparison, also of an integer with a double. Whether one is a multiple
// of another is decided in decimal: 0.0075 is a multiple of 0.0001, though their doubles are not.
//
// Threads: values. Tested by tests/unit/schema/json_number_test.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

namespace gatehouse::schema {

class JsonNumber {
public:
    static JsonNumber of(std::int64_t value);
    static JsonNumber of(std::uint64_t value);
    static JsonNumber of(double value); // an integer of 64 bits takes an integer's form

    bool isInteger() const; // 1.0 and 1e300 are
    bool isPositive() const;
    std::uint64_t natural() const; // of an integer that is not negative; the largest when it is beyond 64 bits
    std::uint64_t hash() const;
    std::string text() const;

    // Below zero: a < b; zero: equal; above: a > b.
    friend int compare(const JsonNumber& a, const JsonNumber& b);
    friend bool operator==(const JsonNumber& a, const JsonNumber& b) {
        return a.form_ == b.form_ && a.bits_ == b.bits_;
    }

private:
    enum class Form : std::uint8_t { negative, natural, real }; // real: has a fraction, or is beyond 64 bits
    JsonNumber(Form form, std::uint64_t bits) : form_(form), bits_(bits) {}
    friend class Divisor;
    std::int64_t negative() const { return static_cast<std::int64_t>(bits_); }
    double real() const { return std::bit_cast<double>(bits_); }

    Form form_;
    std::uint64_t bits_;
};

// The value of `multipleOf`: above zero.
class Divisor {
public:
    explicit Divisor(const JsonNumber& value);
    bool divides(const JsonNumber& value) const;
    const JsonNumber& value() const { return value_; }

private:
    // digits * 10^exponent, the shortest decimal that reads back as the number; the sign is left out.
    struct Decimal {
        std::uint64_t digits;
        int exponent;
    };
    static Decimal decimalOf(const JsonNumber& value);
    JsonNumber value_;
    Decimal decimal_;
};

} // namespace gatehouse::schema
