# Each target wraps a script or a CMake preset. `make help` lists them.
.PHONY: help build demo test test-deep conformance bench fuzz mutants format
INSTALL = @scripts/install-packages.sh

help:
	@echo "make demo       build, then serve a database of this machine's packages on 127.0.0.1:8080"
	@echo "make build      the release build: build/release/bin/gatehouse"
	@echo "make test       build and run every test (up to 30 minutes); the same as scripts/test, as make demo is scripts/demo"
	@echo "make test-deep  sanitizers, long fuzzing, crash and soak runs (an hour or more)"
	@echo "make conformance the official MCP conformance suite, in the open and with a token"
	@echo "make bench      measure against a bare socket loop and an rmcp server; writes tests/bench/results.md"
	@echo "make fuzz       every fuzz target for 60 seconds, then the search for the planted bugs"
	@echo "make mutants    would the tests notice? puts small faults in, one at a time; goes on where it was (hours)"
	@echo "make format     clang-format on every C++ file"

build:
	$(INSTALL) build
	scripts/build OFF

demo:
	@scripts/demo

test:
	@scripts/test

test-deep:
	$(INSTALL) build demo test deep
	tests/run-deep.sh

conformance:
	$(INSTALL) build test
	scripts/build OFF
	python3 tests/conformance/run.py open
	python3 tests/conformance/run.py bearer

bench:
	$(INSTALL) build bench
	scripts/build OFF
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
