#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

void MethodTable::add(std::string name, In eras, Method method) {
    if (eras != In::modern) legacy_[name] = method;
    if (eras != In::legacy) modern_[name] = std::move(method);
}

const MethodTable::Method* MethodTable::find(std::string_view name, bool modern) const {
    const auto& methods = modern ? modern_ : legacy_;
    const auto found = methods.find(name);
    return found == methods.end() ? nullptr : &found->second;
}

} // namespace gatehouse::mcp
