# Each target wraps a CMake preset. `make help` lists them.
.PHONY: help build demo test test-deep bench fuzz format packages
CMAKE_BUILD = cmake --build build/$(1)

help:
	@echo "make demo       build, then serve a database of this machine's packages on 127.0.0.1:8080"
	@echo "make build      the release build: build/release/bin/gatehouse"
	@echo "make test       build and run every test (up to 30 minutes)"
	@echo "make test-deep  sanitizers, long fuzzing, crash and soak runs (an hour or more)"
	@echo "make bench      measure against a bare socket loop and an rmcp server; writes tests/bench/results.md"
	@echo "make fuzz       every fuzz target for 60 seconds"
	@echo "make format     clang-format on every C++ file"

packages:
	@scripts/install-packages.sh

build/%/build.ninja: CMakeLists.txt CMakePresets.json | packages
	cmake --preset $*

build: packages build/release/build.ninja
	cmake --build build/release

demo: packages build/release/build.ninja
	cmake --build build/release --target gatehouse gatehouse_plugins
	@demo/run.sh build/release

test: build
	tests/run-tests.sh release

test-deep: packages
	tests/run-deep.sh

bench: build
	python3 tests/bench/bench.py

fuzz: packages build/fuzz/build.ninja
	cmake --build build/fuzz
	tests/fuzz/run.sh build/fuzz 60

format:
	git ls-files '*.cpp' '*.hpp' '*.h' | xargs clang-format-14 -i
