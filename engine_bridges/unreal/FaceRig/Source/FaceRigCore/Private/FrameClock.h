// A frame rate and a sample rate, exactly: no product is rounded, and none overflows.
//
// Holds for rates from 1 to 1000 frames a second as fractions of numbers up to 10^9 and 10^6, and sample rates up
// to 10^6 (`read_schema` sees to that); samples, indices and times may be any from 0 to 2^63 - 1.
#pragma once

#include <cstdint>

namespace facerig {

struct FrameClock {
    std::int64_t sample_rate = 0;
    std::int64_t frames = 0, secs = 1;  // so many frames in so many seconds

    // Samples of so many frames, as a share of `frames`.
    std::int64_t scaled_samples(int n_frames) const { return n_frames * sample_rate * secs; }

    // Whether samples, as such a share, are less, or more.
    bool less(std::int64_t samples, std::int64_t scaled) const { return samples <= (scaled - 1) / frames; }
    bool more(std::int64_t samples, std::int64_t scaled) const { return samples > scaled / frames; }

    // Whether `n_frames` and `samples` (few: at most a second) differ by at most a frame.
    bool together(std::int64_t n_frames, std::int64_t samples) const {
        const std::int64_t step = scaled_samples(1), scaled = samples * frames;
        return n_frames - 1 <= scaled / step && n_frames + 1 >= (scaled + step - 1) / step;
    }

    // Frames in a time: whole ones, and the share of one that is left.
    struct Position {
        std::int64_t whole = 0;
        double share = 0.0;
    };
    Position frames_in(std::int64_t ns) const {
        constexpr std::int64_t kNs = 1'000'000'000;
        const std::int64_t all_secs = ns / kNs, rounds = all_secs / secs;
        const std::int64_t billionths = (ns % kNs) * frames;
        const std::int64_t scaled = (all_secs % secs) * frames + billionths / kNs;
        const double left = static_cast<double>(scaled % secs) +
                            static_cast<double>(billionths % kNs) / static_cast<double>(kNs);
        return {rounds * frames + scaled / secs, left / static_cast<double>(secs)};
    }
};

}  // namespace facerig
