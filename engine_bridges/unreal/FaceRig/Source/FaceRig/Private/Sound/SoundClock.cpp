#include "SoundClock.h"

#include <algorithm>
#include <cmath>

namespace facerig {
namespace {

// rule                          why
constexpr double kPull = 0.05;  // of a block's deviation: mixers ask some ms early or late, crystals drift by 0.01 %
constexpr double kJump = 0.1;   // s: more than any unevenness; the device was stopped
constexpr double kNs = 1e-9;

}  // namespace

SoundClock::SoundClock(std::int32_t sample_rate, double latency_secs)
    : rate_(sample_rate), latency_(latency_secs * sample_rate) {}

double SoundClock::predicted(std::int64_t now_ns) const {
    return base_ + static_cast<double>(now_ns - base_ns_) * kNs * rate_;
}

void SoundClock::rendered(std::int64_t count, std::int64_t now_ns) {
    const double due = static_cast<double>(total_) - latency_;
    const double expected = predicted(now_ns);
    const double off = due - expected;
    const bool jumps = !running_ || std::abs(off) > kJump * rate_;
    base_ = jumps ? due : expected + kPull * off;
    base_ns_ = now_ns;
    running_ = true;
    total_ += std::max<std::int64_t>(count, 0);
}

std::int64_t SoundClock::heard(std::int64_t now_ns) {
    if (running_) heard_ = std::max(heard_, std::min(predicted(now_ns), static_cast<double>(total_)));
    return static_cast<std::int64_t>(heard_);
}

}  // namespace facerig
