// The fuzz targets without libFuzzer, all in one executable: each seed, then small changes of seeds for some seconds.
// What changes is decided by the name of the target, so that a run repeats another as far as it gets.
//
//     fuzz_replay --list                        the names
//     fuzz_replay TARGET SEEDS-FOLDER SECONDS   an input that ends the process is left in TARGET.finding
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#define REPLAY_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "replay_targets.inc"
#undef REPLAY_TARGET

namespace {

constexpr std::size_t longestInput = 8192;
constexpr auto longestRun = std::chrono::seconds(10); // of one input

struct Target {
    std::string_view name;
    int (*run)(const std::uint8_t*, std::size_t);
};

const std::array targets{
#define REPLAY_TARGET(name) Target{#name, fuzz_##name},
#include "replay_targets.inc"
#undef REPLAY_TARGET
};

// What a signal handler needs of the input that runs.
std::string running, findingFile;

void keepFinding(int signal) {
    const int file = ::open(findingFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && ::write(file, running.data(), running.size()) >= 0) ::close(file);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void runOne(const Target& target, std::string input) {
    running = std::move(input);
    ::alarm(static_cast<unsigned>(longestRun.count()));
    target.run(reinterpret_cast<const std::uint8_t*>(running.data()), running.size());
}

std::vector<std::string> readSeeds(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> seeds;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return seeds;
}

class Mutator {
public:
    Mutator(std::string_view name, const std::vector<std::string>& seeds)
        : seeds_(seeds), random_(std::hash<std::string_view>{}(name)) {}

    std::string next() {
        std::string input = seed();
        for (std::size_t left = 1 + below(8); left > 0; --left) change(input);
        if (input.size() > longestInput) input.resize(longestInput);
        return input;
    }

private:
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
    const std::string& seed() { return seeds_[below(seeds_.size())]; }

    // The rest of another seed from some place on.
    void graft(std::string& input, std::size_t place, const std::string& other) {
        input.replace(place, std::string::npos, other, below(other.size()), std::string::npos);
    }

    void change(std::string& input) {
        const std::size_t place = below(input.size() + 1), length = 1 + below(16);
        switch (below(5)) {
            case 0: input.insert(place, 1, static_cast<char>(below(256))); break;
            case 1: input.erase(place, length); break;
            case 2: input.insert(place, input.substr(place, length)); break;
            case 3: graft(input, place, seed()); break;
            default:
                if (place < input.size()) input[place] = static_cast<char>(input[place] ^ (1 << below(8)));
        }
    }

    const std::vector<std::string>& seeds_;
    std::mt19937_64 random_;
};

int replay(const Target& target, const std::filesystem::path& folder, std::chrono::seconds time) {
    const std::vector<std::string> seeds = readSeeds(folder);
    if (seeds.empty()) {
        std::cerr << target.name << ": no seeds in " << folder << "\n";
        return 1;
    }
    findingFile = std::string(target.name) + ".finding";
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) std::signal(signal, keepFinding);
    for (const std::string& seed : seeds) runOne(target, seed);
    Mutator mutator(target.name, seeds);
    std::size_t changed = 0;
    for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end; ++changed)
        runOne(target, mutator.next());
    std::cout << target.name << ": " << seeds.size() << " seeds and " << changed << " changes of them, nothing found\n";
    return 0;
}

} // namespace

int main(int count, char** words) {
    const std::vector<std::string_view> arguments(words + 1, words + count);
    for (const Target& target : targets) {
        if (arguments.size() == 1 && arguments[0] == "--list") std::cout << target.name << "\n";
        if (arguments.size() == 3 && arguments[0] == target.name)
            return replay(target, arguments[1], std::chrono::seconds(std::atoi(words[3])));
    }
    if (arguments.size() == 1 && arguments[0] == "--list") return 0;
    std::cerr << "usage: fuzz_replay --list | TARGET SEEDS-FOLDER SECONDS\n";
    return 2;
}
