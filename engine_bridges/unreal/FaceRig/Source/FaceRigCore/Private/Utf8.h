// Text that comes from outside: whether it is UTF-8, and how long it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace facerig {

constexpr std::size_t kNotUtf8 = static_cast<std::size_t>(-1);

// Code points of a text; kNotUtf8 for bytes that are none (RFC 3629: no surrogates, nothing overlong).
std::size_t utf8_length(std::string_view text);

}  // namespace facerig
