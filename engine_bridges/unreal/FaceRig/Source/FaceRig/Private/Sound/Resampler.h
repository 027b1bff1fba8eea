// Sound of one rate in another, piece by piece: a windowed sinc, exact in time.
//
// Free of the engine, pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace facerig {

class Resampler {
public:
    Resampler(std::int32_t from_hz, std::int32_t to_hz);

    // Take sound; what can be said of it yet is appended to `out`.
    void feed(const float* samples, std::size_t n_samples, std::vector<float>& out);

    // The sound is over: the rest of it, as if silence followed. Begins anew.
    void flush(std::vector<float>& out);

    std::int32_t from_hz() const { return static_cast<std::int32_t>(from_); }

private:
    void make(std::int64_t until, std::vector<float>& out);
    float value(std::int64_t whole, double share) const;

    const std::int64_t from_, to_;
    const double cutoff_;       // of the input's half rate
    const std::int64_t half_;   // samples of the input on either side of one of the output
    std::vector<float> kernel_;  // kPhases a sample, from the middle outwards
    std::vector<float> held_;   // of the input, from sample first_ on
    std::int64_t first_ = 0, taken_ = 0, made_ = 0;
};

// The mean of the channels of interleaved sound.
std::vector<float> as_mono(const float* samples, std::size_t n_frames, std::size_t n_channels);

}  // namespace facerig
