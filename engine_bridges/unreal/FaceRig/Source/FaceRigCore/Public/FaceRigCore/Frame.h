// A frame of curves as it came: read in place, nothing is copied or allocated.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "FaceRigCore/Error.h"
#include "FaceRigCore/Export.h"

namespace facerig {

// What a frame says of itself. `sample`: of the sound that it belongs to, -1 in silence that nobody sent.
struct FrameHead {
    std::uint32_t epoch = 0;
    std::int64_t index = 0;
    std::int64_t sample = -1;
    std::uint8_t flags = 0;

    FACERIGCORE_API bool last() const;  // of the sound before a flush
    FACERIGCORE_API bool idle() const;  // nobody speaks
    FACERIGCORE_API int step() const;   // indices that the frame before lies back, 1 to 4
};

// A frame in the bytes of a message, and as long as those are there.
struct FrameView : FrameHead {
    const std::uint8_t* values = nullptr;  // little-endian float32 [count], not aligned
    std::uint32_t count = 0;

    float value(std::uint32_t at) const {
        const std::uint8_t* from = values + std::size_t{4} * at;
        std::uint32_t bits = 0;
        for (int k = 3; k >= 0; --k) bits = bits << 8 | from[k];
        float read = 0.0F;
        std::memcpy(&read, &bits, sizeof read);
        return read;
    }

    void copy_to(float* into) const {
        for (std::uint32_t at = 0; at < count; ++at) into[at] = value(at);
    }
};

// A frame of one's own.
struct Frame : FrameHead {
    std::vector<float> values;
};

// Whether bytes are a frame, as opposed to a schema (both come from the curves' socket).
FACERIGCORE_API bool looks_like_frame(Bytes data);

// Read a frame. Any bytes give a frame with finite values, or false and what is wrong with them.
FACERIGCORE_API bool read_frame(Bytes data, FrameView& frame, Fault& fault);

// Write a frame, for tests and tools.
FACERIGCORE_API void write_frame(const Frame& frame, std::vector<std::uint8_t>& into);

}  // namespace facerig
