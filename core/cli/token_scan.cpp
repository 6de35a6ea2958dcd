// gatehouse token scan: finds tokens of ours in files, without asking anybody.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "base/shown_text.hpp"
#include "cli/token_job.hpp"
#include "tokens/checked_token.hpp"

namespace gatehouse::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t pieceBytes = 1 << 20;

// What the store says of a text. It is looked up once, whether the store is loaded or not.
class Known {
public:
    explicit Known(const TokenJob& job) : now_(job.now()) {
        try {
            for (const TokenEntry& entry : job.store.list()) add(entry);
            for (const GoneToken& gone : job.store.listGone()) states_.emplace(gone.digest, State{gone.id, "revoked"});
        } catch (const TokenStoreMissing&) { // then nothing is known
        }
    }
    struct State {
        std::string id, status;
    };
    const State* find(std::string_view token) const {
        const auto found = states_.find(sha256(token));
        return found == states_.end() ? nullptr : &found->second;
    }

private:
    void add(const TokenEntry& entry) {
        const State state{entry.record.id, std::string(statusName(statusOf(entry, now_)))};
        states_.emplace(entry.digest, state);
        if (entry.previous) states_.emplace(entry.previous->digest, state);
    }
    const WallTime now_;
    std::map<Sha256, State> states_;
};

struct Found {
    std::string file;
    std::size_t line;
    Known::State state;
};

// Pieces overlap by more than a token is long, so that none is cut in two.
class FileScanner {
public:
    FileScanner(const std::string& prefix, const Known& known, std::vector<Found>& found)
        : prefix_(prefix), known_(known), found_(found) {}

    void scan(const fs::path& file) {
        std::ifstream stream(file, std::ios::binary);
        std::string piece;
        std::size_t line = 1;
        if (!stream) throw UsageError(file.string() + ": cannot be read");
        while (stream) {
            const std::size_t kept = piece.size();
            piece.resize(kept + pieceBytes);
            stream.read(piece.data() + kept, pieceBytes);
            piece.resize(kept + static_cast<std::size_t>(stream.gcount()));
            scanPiece(file.string(), piece, line, kept);
            const std::size_t cut = piece.size() - std::min(piece.size(), overlap);
            line += static_cast<std::size_t>(
                std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
            piece.erase(0, cut);
        }
    }

private:
    static constexpr std::size_t overlap = 8 << 10; // a JWS may be long

    // By their places. A text with the right sum is ours, whether it is known or not; one without a sum is ours when it
    // is known.
    std::map<std::size_t, Known::State> statesIn(std::string_view piece, std::size_t seen) const {
        std::map<std::size_t, Known::State> out;
        const auto isNew = [seen](std::size_t at, std::string_view token) { return at + token.size() > seen; };
        eachCheckedToken(piece, prefix_, [&](std::size_t at, std::string_view token) {
            const Known::State* state = known_.find(token);
            if (isNew(at, token)) out.emplace(at, state ? *state : Known::State{"-", "unknown"});
        });
        eachLikelyToken(piece, [&](std::size_t at, std::string_view token) {
            const Known::State* state = isNew(at, token) ? known_.find(token) : nullptr;
            if (state) out.emplace(at, *state);
        });
        return out;
    }
    // One that ends within the first `seen` bytes was found before.
    void scanPiece(const std::string& file, std::string_view piece, std::size_t line, std::size_t seen) {
        std::size_t counted = 0;
        for (const auto& [at, state] : statesIn(piece, seen)) {
            const std::string_view between = piece.substr(counted, at - counted);
            line += static_cast<std::size_t>(std::count(between.begin(), between.end(), '\n'));
            counted = at;
            found_.push_back({file, line, state});
        }
    }
    const std::string& prefix_;
    const Known& known_;
    std::vector<Found>& found_;
};

std::vector<fs::path> filesUnder(const fs::path& path) {
    if (!fs::exists(path)) throw UsageError(path.string() + ": no such file or folder");
    if (!fs::is_directory(path)) return {path};
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied))
        if (entry.is_regular_file() && !entry.is_symlink()) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace

int scanForTokens(const TokenJob& job) {
    const Known known(job);
    std::vector<Found> found;
    FileScanner scanner(job.config.auth.tokenPrefix, known, found);
    std::vector<std::string> paths = job.more;
    paths.insert(paths.begin(), job.what);
    for (const std::string& path : paths)
        for (const fs::path& file : filesUnder(path)) scanner.scan(file);
    std::set<std::string> live;
    for (const auto& [file, line, state] : found) {
        job.console.out << shownText(file) << ":" << line << ": " << shownText(state.id) << " " << state.status << "\n";
        if (state.status == "active") live.insert(state.id);
    }
    if (job.arguments.has("revoke") && !live.empty()) {
        const auto revoked = job.store.revoke({live.begin(), live.end()}, "leaked: found by token scan");
        job.console.out << "Revoked " << revoked.size() << " token(s)\n";
    }
    return found.empty() ? done : failed;
}

} // namespace gatehouse::cli
