#include "schema/json_number.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace gatehouse::schema {

// Exact for what JSON can write: integers of 64 bits stay integers, everything else is a double. A double that is a
// whole number of 64 bits becomes an integer, so that equal values have one form: 1.0 is 1. No integer is converted to
// a double to be compared: beyond 2^53 it would lose digits.
//
// multipleOf is decided in decimal, as people mean it: 0.3 is a multiple of 0.1, which no two doubles are. A double
// stands for the shortest decimal that reads as it, digits * 10^exponent; divisibility is reckoned modulo the divisor,
// as the numbers themselves may be longer than 128 bits.

namespace {

__extension__ using Wide = unsigned __int128; // a product of two integers of 64 bits

constexpr double twoTo63 = 9223372036854775808.0;
constexpr double twoTo64 = 18446744073709551616.0;

template <typename T>
int order(T a, T b) {
    return a < b ? -1 : a > b ? 1 : 0;
}

// A real is never equal to an integer: it would have an integer's form.
int orderOfReal(double real, std::uint64_t natural) {
    if (real < 0) return -1;
    if (real >= twoTo64) return 1;
    return static_cast<std::uint64_t>(real) < natural ? -1 : 1;
}

int orderOfReal(double real, std::int64_t negative) {
    if (real >= 0) return 1;
    if (real < -twoTo63) return -1;
    return static_cast<std::int64_t>(std::floor(real)) < negative ? -1 : 1;
}

std::uint64_t timesModulo(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
    return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % modulus);
}

std::uint64_t powerOfTenModulo(int exponent, std::uint64_t modulus) {
    std::uint64_t result = 1 % modulus, square = 10 % modulus;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1) result = timesModulo(result, square, modulus);
        square = timesModulo(square, square, modulus);
    }
    return result;
}

} // namespace

JsonNumber JsonNumber::of(std::int64_t value) {
    return {value < 0 ? Form::negative : Form::natural, static_cast<std::uint64_t>(value)};
}

JsonNumber JsonNumber::of(std::uint64_t value) { return {Form::natural, value}; }

JsonNumber JsonNumber::of(double value) {
    const bool whole = std::floor(value) == value;
    if (whole && value >= 0 && value < twoTo64) return of(static_cast<std::uint64_t>(value));
    if (whole && value < 0 && value >= -twoTo63) return of(static_cast<std::int64_t>(value));
    return {Form::real, std::bit_cast<std::uint64_t>(value)};
}

bool JsonNumber::isInteger() const { return form_ != Form::real || std::floor(real()) == real(); }

bool JsonNumber::isPositive() const { return form_ == Form::natural ? bits_ > 0 : form_ == Form::real && real() > 0; }

std::uint64_t JsonNumber::natural() const {
    return form_ == Form::natural ? bits_ : std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t JsonNumber::hash() const { return bits_ * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(form_); }

std::string JsonNumber::text() const {
    if (form_ == Form::natural) return std::to_string(bits_);
    if (form_ == Form::negative) return std::to_string(negative());
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, real()).ptr};
}

int compare(const JsonNumber& a, const JsonNumber& b) {
    using Form = JsonNumber::Form;
    if (a.form_ == Form::real && b.form_ == Form::real) return order(a.real(), b.real());
    if (a.form_ == Form::real)
        return b.form_ == Form::natural ? orderOfReal(a.real(), b.bits_) : orderOfReal(a.real(), b.negative());
    if (b.form_ == Form::real) return -compare(b, a);
    if (a.form_ != b.form_) return a.form_ == Form::negative ? -1 : 1;
    return a.form_ == Form::natural ? order(a.bits_, b.bits_) : order(a.negative(), b.negative());
}

Divisor::Divisor(const JsonNumber& value) : value_(value), decimal_(decimalOf(value)) {}

Divisor::Decimal Divisor::decimalOf(const JsonNumber& value) {
    if (value.form_ == JsonNumber::Form::natural) return {value.bits_, 0};
    if (value.form_ == JsonNumber::Form::negative) return {0 - value.bits_, 0};
    char text[32]; // d.dddde+XXX
    const auto end =
        std::to_chars(text, text + sizeof text, std::fabs(value.real()), std::chars_format::scientific).ptr;
    Decimal decimal{0, 0};
    const char* at = text;
    bool inFraction = false;
    for (; at != end && *at != 'e'; ++at) {
        if (*at == '.') inFraction = true;
        else decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(*at - '0');
        if (inFraction && *at != '.') --decimal.exponent;
    }
    int exponent = 0;
    if (end - at > 2) std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
    decimal.exponent += exponent;
    return decimal;
}

bool Divisor::divides(const JsonNumber& value) const {
    using Form = JsonNumber::Form;
    if (value.form_ == Form::natural && value_.form_ == Form::natural) return value.bits_ % value_.bits_ == 0;
    const Decimal whole = decimalOf(value);
    if (whole.digits == 0) return true;
    const int shift = whole.exponent - decimal_.exponent;
    if (shift >= 0)
        return timesModulo(whole.digits % decimal_.digits, powerOfTenModulo(shift, decimal_.digits), decimal_.digits) ==
               0;
    if (shift < -19) return false; // the divisor, in the unit of the last digit, is beyond 64 bits
    Wide part = decimal_.digits;
    for (int i = shift; i < 0; ++i) part *= 10;
    return whole.digits % part == 0;
}

} // namespace gatehouse::schema
