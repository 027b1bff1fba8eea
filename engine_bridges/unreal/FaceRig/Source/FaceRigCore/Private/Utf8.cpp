#include "Utf8.h"

#include <cstdint>

namespace facerig {
namespace {

// The bytes that may follow a first byte, and what its second may be. Source: Unicode 15, table 3-7.
struct Utf8Form {
    std::uint8_t first_low, first_high;
    std::size_t n_following;
    std::uint8_t second_low, second_high;
};
constexpr Utf8Form kUtf8Forms[] = {
    {0x00, 0x7F, 0, 0x00, 0x00}, {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF},
    {0xE1, 0xEC, 2, 0x80, 0xBF}, {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF},
    {0xF0, 0xF0, 3, 0x90, 0xBF}, {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

const Utf8Form* utf8_form(std::uint8_t first) {
    for (const Utf8Form& form : kUtf8Forms) {
        if (first >= form.first_low && first <= form.first_high) return &form;
    }
    return nullptr;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
    std::size_t n = 0;
    for (std::size_t at = 0; at < text.size(); ++n) {
        const Utf8Form* form = utf8_form(static_cast<std::uint8_t>(text[at]));
        if (form == nullptr || text.size() - at <= form->n_following) return kNotUtf8;
        for (std::size_t k = 1; k <= form->n_following; ++k) {
            const auto byte = static_cast<std::uint8_t>(text[at + k]);
            const std::uint8_t low = k == 1 ? form->second_low : std::uint8_t{0x80};
            const std::uint8_t high = k == 1 ? form->second_high : std::uint8_t{0xBF};
            if (byte < low || byte > high) return kNotUtf8;
        }
        at += form->n_following + 1;
    }
    return n;
}

}  // namespace facerig
