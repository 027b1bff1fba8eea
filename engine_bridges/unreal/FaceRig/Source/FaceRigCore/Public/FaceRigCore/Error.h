// What went wrong: values, never exceptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "FaceRigCore/Export.h"

namespace facerig {

// Bytes that somebody else owns.
struct Bytes {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};

// A mistake in bytes that came: what is wrong, the field, and what would be right. Costs no allocation,
// whatever comes. False where nothing is wrong.
struct Fault {
    static constexpr std::size_t kLongestWhere = 64;

    const char* what = nullptr;
    const char* fix = "";
    char where[kLongestWhere] = "";

    explicit operator bool() const { return what != nullptr; }
};

// A mistake for people. `code` names its kind ("full", "config", "subject", ...; those of the service are in
// PROTOCOL.md). False where nothing is wrong.
struct FACERIGCORE_API Error {
    std::string code, what, where, fix;

    explicit operator bool() const { return !code.empty(); }
    std::string text() const;  // "where: what (fix: ...)"
};

}  // namespace facerig
