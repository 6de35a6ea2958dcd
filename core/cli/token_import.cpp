// gatehouse token import: the tokens of a token file into another store, with ids and digests as they are.
#include <iostream>
#include <map>

#include "base/shown_text.hpp"
#include "cli/token_job.hpp"
#include "tokens/token_file.hpp"

namespace gatehouse::cli {

namespace {

std::map<std::string, Sha256> known(const TokenStore& store) {
    std::map<std::string, Sha256> out;
    try {
        for (const TokenEntry& entry : store.list()) out.emplace(entry.record.id, entry.digest);
    } catch (const TokenStoreMissing&) { // none yet
    }
    return out;
}

} // namespace

// What is there already is left as it is, so that an import that was ended can be run again.
int importTokens(const TokenJob& job) {
    const TokenFile file(job.what);
    const auto there = known(job.store);
    std::size_t imported = 0, same = 0;
    for (const TokenEntry& entry : file.read()) {
        const auto other = there.find(entry.record.id);
        if (other != there.end() && other->second == entry.digest) {
            ++same;
            continue;
        }
        job.store.add(entry);
        ++imported;
    }
    job.console.out << "Imported " << imported << " token(s) from " << shownText(job.what) << " into "
                    << shownText(job.store.name());
    if (same > 0) job.console.out << "; " << same << " were there already";
    job.console.out << "\n";
    return done;
}

} // namespace gatehouse::cli
