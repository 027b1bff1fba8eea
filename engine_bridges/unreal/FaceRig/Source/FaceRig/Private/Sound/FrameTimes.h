// When a frame should be shown, of frames that come unevenly: evenly, by their index.
//
// Free of the engine, pure.
#pragma once

#include <cmath>
#include <cstdint>

namespace facerig {

class FrameTimes {
public:
    // The time of frame `index`, which arrived at `arrival_secs`. Times rise with the indices.
    double at(std::int64_t index, double arrival_secs, double frames_per_sec) {
        const double expected = base_secs_ + static_cast<double>(index - base_index_) / frames_per_sec;
        const double off = arrival_secs - expected;
        const bool jumps = !running_ || index <= base_index_ || std::abs(off) > kJumpSecs;
        base_secs_ = jumps ? arrival_secs : expected + kPull * off;
        base_index_ = index;
        running_ = true;
        return base_secs_;
    }

private:
    static constexpr double kJumpSecs = 0.1;  // the stream stood, or another one began
    static constexpr double kPull = 0.05;     // as much of the jitter is left

    double base_secs_ = 0.0;
    std::int64_t base_index_ = 0;
    bool running_ = false;
};

}  // namespace facerig
