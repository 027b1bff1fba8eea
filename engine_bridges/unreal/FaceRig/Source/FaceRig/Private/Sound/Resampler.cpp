#include "Resampler.h"

#include <algorithm>
#include <cmath>

namespace facerig {
namespace {

// setting                              why
constexpr std::int64_t kZeros = 24;     // of the sinc on either side: 100 dB a tenth above the cutoff
constexpr std::int64_t kPhases = 512;   // table entries a zero; lines between them: below 16 bit
constexpr double kBeta = 8.0;           // Kaiser's: side lobes at -80 dB
constexpr double kPassed = 0.95;        // of the smaller half rate
constexpr double kPi = 3.14159265358979323846;

double bessel(double x) {  // of order 0
    double sum = 1.0, term = 1.0;
    for (int k = 1; k < 40; ++k) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

}  // namespace

Resampler::Resampler(std::int32_t from_hz, std::int32_t to_hz)
    : from_(from_hz),
      to_(to_hz),
      cutoff_(kPassed * std::min(1.0, static_cast<double>(to_hz) / from_hz)),
      half_(static_cast<std::int64_t>(std::ceil(static_cast<double>(kZeros) / cutoff_))) {
    kernel_.resize(static_cast<std::size_t>(half_ * kPhases + 2));
    for (std::size_t at = 0; at < kernel_.size(); ++at) {
        const double x = static_cast<double>(at) / kPhases;  // samples of the input
        const double edge = std::min(1.0, x / static_cast<double>(half_));
        const double window = bessel(kBeta * std::sqrt(1.0 - edge * edge)) / bessel(kBeta);
        const double angle = kPi * cutoff_ * x;
        kernel_[at] = static_cast<float>(cutoff_ * (at == 0 ? 1.0 : std::sin(angle) / angle) * window);
    }
}

void Resampler::feed(const float* samples, std::size_t n_samples, std::vector<float>& out) {
    if (from_ == to_) {
        out.insert(out.end(), samples, samples + n_samples);
        return;
    }
    held_.insert(held_.end(), samples, samples + n_samples);
    taken_ += static_cast<std::int64_t>(n_samples);
    make(taken_ - half_, out);
    const std::int64_t needed = made_ * from_ / to_ - half_;  // the first that the next one hears
    if (needed > first_) {
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(std::min(needed, taken_) - first_));
        first_ = std::min(needed, taken_);
    }
}

void Resampler::flush(std::vector<float>& out) {
    if (from_ != to_) make(taken_, out);
    held_.clear();
    first_ = taken_ = made_ = 0;
}

// All samples of the output that lie before sample `until` of the input.
void Resampler::make(std::int64_t until, std::vector<float>& out) {
    while (made_ * from_ < until * to_) {
        const std::int64_t position = made_ * from_;
        out.push_back(value(position / to_, static_cast<double>(position % to_) / static_cast<double>(to_)));
        ++made_;
    }
}

float Resampler::value(std::int64_t whole, double share) const {
    double sum = 0.0;
    const std::int64_t begin = std::max(whole - half_ + 1, first_);
    const std::int64_t end = std::min(whole + half_ + 1, taken_);
    for (std::int64_t at = begin; at < end; ++at) {
        const double x = std::abs(static_cast<double>(at - whole) - share) * kPhases;
        const auto entry = static_cast<std::size_t>(x);
        if (entry + 1 >= kernel_.size()) continue;
        const double between = x - static_cast<double>(entry);
        const double weight = kernel_[entry] + between * static_cast<double>(kernel_[entry + 1] - kernel_[entry]);
        sum += weight * static_cast<double>(held_[static_cast<std::size_t>(at - first_)]);
    }
    return static_cast<float>(sum);
}

std::vector<float> as_mono(const float* samples, std::size_t n_frames, std::size_t n_channels) {
    if (n_channels <= 1) return std::vector<float>(samples, samples + n_frames);
    std::vector<float> mono(n_frames);
    for (std::size_t frame = 0; frame < n_frames; ++frame) {
        float sum = 0.0F;
        for (std::size_t channel = 0; channel < n_channels; ++channel) sum += samples[frame * n_channels + channel];
        mono[frame] = sum / static_cast<float>(n_channels);
    }
    return mono;
}

}  // namespace facerig
