// When a frame should be shown, of frames that come unevenly: evenly, by their index.
//
// Free of the engine, pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace facerig {

class FrameTimes {
public:
    // The time of frame `index`, which arrived at `arrival_secs`. Times rise from call to call.
    double at(std::int64_t index, double arrival_secs, double frames_per_sec) {
        const double expected = base_secs_ + static_cast<double>(index - base_index_) / frames_per_sec;
        const double off = arrival_secs - expected;
        const bool jumps = !running_ || index <= base_index_ || std::abs(off) > kJumpSecs;
        const double time = jumps ? arrival_secs : expected + kPull * off;
        base_secs_ = running_ ? std::max(time, base_secs_ + kLeastSecs) : time;
        base_index_ = index;
        running_ = true;
        return base_secs_;
    }

private:
    static constexpr double kJumpSecs = 0.1;  // the stream stood, or another one began
    static constexpr double kPull = 0.05;     // as much of the jitter is left
    static constexpr double kLeastSecs = 1e-6;  // between two frames, where many come at once

    double base_secs_ = 0.0;
    std::int64_t base_index_ = 0;
    bool running_ = false;
};

}  // namespace facerig
