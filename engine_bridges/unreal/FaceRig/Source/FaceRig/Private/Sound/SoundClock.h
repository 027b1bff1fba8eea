// Which sample of a device's output is heard now. The mixer asks for blocks ahead of time and unevenly; the face needs
// the sample that sounds at the time of its picture.
//
// Free of the engine, pure: no threads, no clock of its own.
#pragma once

#include <cstdint>

namespace facerig {

class SoundClock {
public:
    // latency_secs: from the mixer's question for a sample until it is heard.
    SoundClock(std::int32_t sample_rate, double latency_secs);

    // The mixer asks for `count` more samples.
    void rendered(std::int64_t count, std::int64_t now_ns);

    // How many of the samples that were asked for have been heard; never falls, and stands where nobody asks.
    std::int64_t heard(std::int64_t now_ns);

    std::int64_t total() const { return total_; }  // samples that were asked for

private:
    double predicted(std::int64_t now_ns) const;

    double rate_, latency_;  // samples a second; samples
    double base_ = 0.0;      // heard at base_ns_
    std::int64_t base_ns_ = 0;
    double heard_ = 0.0;
    std::int64_t total_ = 0;
    bool running_ = false;
};

}  // namespace facerig
