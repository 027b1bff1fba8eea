// Samples that a service names: sums of them stay far within 64 bits, whatever it says.
#pragma once

#include <cstdint>

#include "FaceRigCore/Wire.h"

namespace facerig {

constexpr std::int64_t kMostSamples = wire::limit::kAtMost;

// A sum, held within the samples that there can be. Both lie within them.
inline std::int64_t plus(std::int64_t one, std::int64_t other) {
    if (other > 0) return one > kMostSamples - other ? kMostSamples : one + other;
    return one < -kMostSamples - other ? -kMostSamples : one + other;
}

}  // namespace facerig
