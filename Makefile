# Each target wraps a CMake preset. `make help` lists them.
.PHONY: help build demo test test-deep conformance bench fuzz mutants format
INSTALL = @scripts/install-packages.sh

help:
	@echo "make demo       build, then serve a database of this machine's packages on 127.0.0.1:8080"
	@echo "make build      the release build: build/release/bin/gatehouse"
	@echo "make test       build and run every test (up to 30 minutes)"
	@echo "make test-deep  sanitizers, long fuzzing, crash and soak runs (an hour or more)"
	@echo "make conformance the official MCP conformance suite, in the open and with a token"
	@echo "make bench      measure against a bare socket loop and an rmcp server; writes tests/bench/results.md"
	@echo "make fuzz       every fuzz target for 60 seconds, then the search for the planted bugs"
	@echo "make mutants    would the tests notice? puts small faults in, one at a time; goes on where it was (hours)"
	@echo "make format     clang-format on every C++ file"

build:
	$(INSTALL) build
	cmake --preset release -DGATEHOUSE_TESTS=OFF
	cmake --build build/release

demo:
	$(INSTALL) build demo
	cmake --preset release -DGATEHOUSE_TESTS=OFF
	cmake --build build/release
	@demo/run.sh build/release

test:
	$(INSTALL) build demo test deep
	cmake --preset release -DGATEHOUSE_TESTS=ON
	cmake --build build/release
	tests/run-tests.sh release

test-deep:
	$(INSTALL) build demo test deep
	tests/run-deep.sh

conformance:
	$(INSTALL) build test
	cmake --preset release -DGATEHOUSE_TESTS=OFF
	cmake --build build/release
	python3 tests/conformance/run.py open
	python3 tests/conformance/run.py bearer

bench:
	$(INSTALL) build bench
	cmake --preset release -DGATEHOUSE_TESTS=OFF
	cmake --build build/release
	python3 tests/bench/bench.py

fuzz:
	$(INSTALL) build deep
	tests/run-deep.sh fuzz

mutants:
	$(INSTALL) build demo test
	python3 tests/mutants/mutants.py

format:
	$(INSTALL) tidy
	git ls-files '*.cpp' '*.hpp' '*.h' ':!tests/plugin/frozen' | xargs clang-format-14 -i
