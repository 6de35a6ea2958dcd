#include "base/budget.hpp"

namespace gatehouse {

Budget::Share& Budget::Share::operator=(Share&& other) noexcept {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    account_ = std::exchange(other.account_, nullptr);
    amount_ = std::exchange(other.amount_, 0);
    return *this;
}

bool Budget::Share::resize(std::size_t amount) {
    if (!owner_) return amount == 0;
    if (!owner_->change(account_->second, amount_, amount)) return false;
    amount_ = amount;
    return true;
}

void Budget::Share::release() {
    Budget* const owner = std::exchange(owner_, nullptr);
    if (!owner) return;
    owner->change(account_->second, std::exchange(amount_, 0), 0);
    if (--account_->second.shares == 0) owner->accounts_.erase(account_->first);
    account_ = nullptr;
}

Budget::Share Budget::reserve(const std::string& identity, std::size_t amount) {
    Share share;
    if (!admits(identity, amount)) return share;
    auto& account = *accounts_.try_emplace(identity).first;
    ++account.second.shares;
    share.owner_ = this;
    share.account_ = &account;
    share.amount_ = amount;
    change(account.second, 0, amount);
    return share;
}

bool Budget::admits(const std::string& identity, std::size_t amount) {
    if (fits(usedBy(identity), amount)) return true;
    telemetry_.budgetRefused(name_);
    return false;
}

std::size_t Budget::usedBy(const std::string& identity) const {
    const auto found = accounts_.find(identity);
    return found == accounts_.end() ? 0 : found->second.used;
}

// Written so that no sum can overflow.
bool Budget::fits(std::size_t heldByOne, std::size_t more) const {
    return more <= limits_.perIdentity && heldByOne <= limits_.perIdentity - more && more <= limits_.inAll &&
           used_ <= limits_.inAll - more;
}

bool Budget::change(Account& account, std::size_t from, std::size_t to) {
    if (to > from && !fits(account.used, to - from)) {
        telemetry_.budgetRefused(name_);
        return false;
    }
    account.used = account.used - from + to;
    used_ = used_ - from + to;
    if (to != from) telemetry_.budgetUsed(name_, static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from));
    return true;
}

} // namespace gatehouse
