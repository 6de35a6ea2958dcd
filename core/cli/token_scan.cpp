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
    State of(std::string_view token) const {
        const auto found = states_.find(sha256(token));
        return found == states_.end() ? State{"-", "unknown"} : found->second;
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
    std::string token;
};

// Pieces overlap by more than a token is long, so that none is cut in two.
class FileScanner {
public:
    FileScanner(const std::string& prefix, std::vector<Found>& found) : prefix_(prefix), found_(found) {}

    void scan(const fs::path& file) {
        std::ifstream stream(file, std::ios::binary);
        std::string piece;
        std::size_t line = 1;
        while (stream) {
            const std::size_t kept = piece.size();
            piece.resize(kept + pieceBytes);
            stream.read(piece.data() + kept, pieceBytes);
            piece.resize(kept + static_cast<std::size_t>(stream.gcount()));
            scanPiece(file.string(), piece, line, kept);
            const std::size_t cut = piece.size() - std::min(piece.size(), overlap());
            line += static_cast<std::size_t>(
                std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
            piece.erase(0, cut);
        }
    }

private:
    std::size_t overlap() const { return prefix_.size() + 64; }
    // One that ends within the first `seen` bytes was found before.
    void scanPiece(const std::string& file, const std::string& piece, std::size_t line, std::size_t seen) {
        std::size_t counted = 0;
        eachCheckedToken(piece, prefix_, [&](std::size_t at, std::string_view token) {
            if (at + token.size() <= seen) return;
            line += static_cast<std::size_t>(std::count(piece.begin() + static_cast<std::ptrdiff_t>(counted),
                                                        piece.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
            counted = at;
            found_.push_back({file, line, std::string(token)});
        });
    }
    const std::string& prefix_;
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
    std::vector<Found> found;
    FileScanner scanner(job.config.auth.tokenPrefix, found);
    std::vector<std::string> paths = job.more;
    paths.insert(paths.begin(), job.what);
    for (const std::string& path : paths)
        for (const fs::path& file : filesUnder(path)) scanner.scan(file);
    const Known known(job);
    std::set<std::string> live;
    for (const Found& one : found) {
        const auto state = known.of(one.token);
        job.console.out << shownText(one.file) << ":" << one.line << ": " << shownText(state.id) << " " << state.status
                        << "\n";
        if (state.status == "active") live.insert(state.id);
    }
    if (job.arguments.has("revoke") && !live.empty()) {
        const auto revoked = job.store.revoke({live.begin(), live.end()}, "leaked: found by token scan");
        job.console.out << "Revoked " << revoked.size() << " token(s)\n";
    }
    return found.empty() ? done : failed;
}

} // namespace gatehouse::cli
