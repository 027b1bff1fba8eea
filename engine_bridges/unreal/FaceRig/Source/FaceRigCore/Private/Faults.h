// How a fault is noted: without an allocation.
#pragma once

#include <cstdio>
#include <string_view>

#include "FaceRigCore/Error.h"

namespace facerig {

// Always false, so that a reader may end with it. `place`: the field, cut where it is too long.
inline bool fail(Fault& fault, const char* what, std::string_view place, const char* fix) {
    fault.what = what;
    fault.fix = fix;
    const int n = place.size() < Fault::kLongestWhere ? static_cast<int>(place.size())
                                                      : static_cast<int>(Fault::kLongestWhere) - 1;
    std::snprintf(fault.where, Fault::kLongestWhere, "%.*s", n, place.data());
    return false;
}

}  // namespace facerig
