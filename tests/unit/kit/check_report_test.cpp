#include "kit/check_report.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace gatehouse::kit;

TEST_CASE("a report without faults has passed") {
    std::ostringstream out;
    CheckReport report(out);
    report.count(3);
    report.count(4);
    CHECK(report.close() == 0);
    CHECK(out.str() == "passed: 7 tokens, 0 faults\n");
}

TEST_CASE("lines are written as they come, in two columns") {
    std::ostringstream out;
    CheckReport report(out);
    report.line("good", "12 of 12");
    CHECK(out.str() == "  good           12 of 12\n");
    report.line("concurrency", "8 threads");
    CHECK(out.str() == "  good           12 of 12\n  concurrency    8 threads\n");
}

TEST_CASE("a fault is told once, with how often it happened and where its rule is written") {
    std::ostringstream out;
    CheckReport report(out);
    report.fault("time", "a token without exp is accepted", "RFC 7519");
    report.fault("time", "a token without exp is accepted", "RFC 7519");
    report.fault("leaks", "memory");
    CHECK(out.str().empty());
    CHECK(report.close() == 1);
    CHECK(out.str() ==
          "FAULT leaks: memory\n"
          "FAULT time: a token without exp is accepted (RFC 7519), 2 times\n"
          "FAILED: 0 tokens, 2 faults\n");
}

TEST_CASE("classes with faults are known") {
    std::ostringstream out;
    CheckReport report(out);
    CHECK_FALSE(report.hasFaultIn("time"));
    report.fault("time", "words");
    CHECK(report.hasFaultIn("time"));
    CHECK_FALSE(report.hasFaultIn("leaks"));
}
