// Budget: how much of something that grows one identity may hold, and all together.
//
// What is held is a Share, which gives back on destruction. Amounts are bytes or pieces, as the budget's owner counts.
// Refusals and what is in use are told to the Telemetry under the budget's name.
// Threads: one (the loop's). A budget outlives its shares.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/telemetry.hpp"

namespace gatehouse {

struct BudgetLimits {
    std::size_t perIdentity = 0;
    std::size_t inAll = 0;
};

class Budget {
    struct Account {
        std::size_t used = 0;
        std::size_t shares = 0;
    };
    using Accounts = std::unordered_map<std::string, Account>;

public:
    class Share {
    public:
        Share() = default;
        Share(Share&& other) noexcept { *this = std::move(other); }
        Share& operator=(Share&& other) noexcept;
        ~Share() { release(); }
        // False, and as it was, when a limit would be passed. Less is always granted.
        bool resize(std::size_t amount);
        void release();
        std::size_t amount() const { return amount_; }
        explicit operator bool() const { return owner_ != nullptr; }

    private:
        friend class Budget;
        Budget* owner_ = nullptr; // null: an empty share
        Accounts::value_type* account_ = nullptr;
        std::size_t amount_ = 0;
    };

    // `name`: in metrics and messages, such as "sessions".
    Budget(std::string name, BudgetLimits limits, Telemetry& telemetry)
        : name_(std::move(name)), limits_(limits), telemetry_(telemetry) {
        telemetry_.budgetUsed(name_, 0); // in the metrics from the start
    }
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    // An empty share when a limit would be passed.
    Share reserve(const std::string& identity, std::size_t amount);
    // True when reserve() of that amount would be granted; a refusal counts as one.
    bool admits(const std::string& identity, std::size_t amount);

    const std::string& name() const { return name_; }
    const BudgetLimits& limits() const { return limits_; }
    std::size_t used() const { return used_; }
    std::size_t usedBy(const std::string& identity) const;

private:
    bool fits(std::size_t heldByOne, std::size_t more) const;
    bool change(Account& account, std::size_t from, std::size_t to);

    const std::string name_;
    const BudgetLimits limits_;
    Telemetry& telemetry_;
    std::size_t used_ = 0;
    Accounts accounts_; // of identities that hold a share
};

} // namespace gatehouse
