#include "base/secret_text.hpp"

#include <openssl/crypto.h>

namespace gatehouse {

SecretText::~SecretText() { OPENSSL_cleanse(text_.data(), text_.size()); }

} // namespace gatehouse
