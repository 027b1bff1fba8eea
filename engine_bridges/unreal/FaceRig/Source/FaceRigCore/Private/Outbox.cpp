#include "Outbox.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "Bounded.h"

namespace facerig {
namespace {

constexpr std::int64_t kLongestSoundSecs = 600;  // that may wait to be sent: 58 MB at 48 kHz
constexpr std::int64_t kLongestPastSecs = 600;   // that was received and not played, and is still kept
constexpr std::int64_t kPiecesPerSec = 4;        // of sound in messages: 24 kB each at 48 kHz

std::int64_t refuse_sound(Error* error, const char* code, const char* what, const char* fix) {
    if (error != nullptr) *error = {code, what, "say_sound", fix};
    return -1;
}

void add_bytes(std::vector<std::uint8_t>& into, std::uint32_t bits, std::int64_t n_bytes) {
    for (std::int64_t k = 0; k < n_bytes; ++k) into.push_back(static_cast<std::uint8_t>(bits >> (8 * k)));
}

std::uint32_t bits_of(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

std::uint32_t bits_of(std::int16_t value) { return static_cast<std::uint16_t>(value); }

}  // namespace

Outbox::Outbox(const std::string& encoding, std::int64_t sample_rate)
    : as_floats_(encoding == "f32"), width_(as_floats_ ? 4 : 2), rate_(sample_rate) {}

std::int64_t Outbox::end() const {
    return first_ + static_cast<std::int64_t>(sound_.size() - gone_) / width_;
}

double Outbox::waiting_secs() const {
    return static_cast<double>(end() - sent_) / static_cast<double>(rate_);
}

bool Outbox::has_room(std::size_t n_samples, Error* error) const {
    const std::int64_t most = kLongestSoundSecs * rate_ - (end() - sent_);
    if (most >= 0 && n_samples <= static_cast<std::uint64_t>(most) && end() < kMostSamples - most) return true;
    refuse_sound(error, "config", "more than 600 s of sound wait", "send it as it is needed");
    return false;
}

std::int64_t Outbox::add(const float* samples, std::size_t n_samples, Error* error) {
    if (!has_room(n_samples, error)) return -1;
    for (std::size_t at = 0; at < n_samples; ++at) {
        if (!std::isfinite(samples[at])) {
            return refuse_sound(error, "audio", "the sound holds NaN or Inf", "send finite samples");
        }
    }
    const std::int64_t begins = end();
    make_room(n_samples);
    for (std::size_t at = 0; at < n_samples; ++at) {
        const float value = (std::min)((std::max)(samples[at], -1.0F), 1.0F);
        const auto whole = static_cast<std::int16_t>(std::nearbyint(value * 32767.0F));
        add_bytes(sound_, as_floats_ ? bits_of(value) : bits_of(whole), width_);
    }
    return begins;
}

std::int64_t Outbox::add(const std::int16_t* samples, std::size_t n_samples, Error* error) {
    if (!has_room(n_samples, error)) return -1;
    const std::int64_t begins = end();
    make_room(n_samples);
    for (std::size_t at = 0; at < n_samples; ++at) {
        const float value = static_cast<float>(samples[at]) / 32768.0F;
        add_bytes(sound_, as_floats_ ? bits_of(value) : bits_of(samples[at]), width_);
    }
    return begins;
}

void Outbox::make_room(std::size_t n_samples) {
    const std::size_t needed = sound_.size() + n_samples * static_cast<std::size_t>(width_);
    if (needed > sound_.capacity()) sound_.reserve((std::max)(needed, 2 * sound_.capacity()));
}

std::int64_t Outbox::flush() {
    if (flushes_.empty() || flushes_.back() != end()) flushes_.push_back(end());  // twice says nothing more
    return end();
}

bool Outbox::due(std::int64_t limit, Piece& piece) {
    if (!flushes_.empty() && flushes_.front() <= sent_) {
        flushed_.push_back(flushes_.front());
        flushes_.pop_front();
        piece = {true, sent_, {}};
        return true;
    }
    std::int64_t stop = (std::min)({end(), limit, sent_ + rate_ / kPiecesPerSec});
    if (!flushes_.empty()) stop = (std::min)(stop, flushes_.front());
    if (stop <= sent_) return false;
    const std::size_t start = gone_ + static_cast<std::size_t>((sent_ - first_) * width_);
    piece = {false, sent_, {sound_.data() + start, static_cast<std::size_t>((stop - sent_) * width_)}};
    sent_ = stop;
    return true;
}

void Outbox::drop() {
    first_ = sent_;
    sound_.clear();
    gone_ = 0;
    flushes_.clear();
    flushed_.clear();
}

std::int64_t Outbox::skip(std::int64_t sample) {
    const std::int64_t further = (std::max)(std::int64_t{0}, sample - sent_);
    if (further > 0) {
        erase_before(sent_);
        first_ = sent_ = sample;
        for (std::int64_t& at : flushes_) at += further;
        flushed_.clear();
    }
    return further;
}

void Outbox::send_again(std::int64_t received) {
    sent_ = (std::min)((std::max)(received, first_), end());
    while (!flushed_.empty()) {
        if (flushed_.back() >= received) flushes_.push_front(flushed_.back());
        flushed_.pop_back();
    }
}

void Outbox::forget(std::int64_t received, std::int64_t needed) {
    while (!flushed_.empty() && flushed_.front() < received) flushed_.pop_front();
    const std::int64_t past = (std::max)(needed, received - kLongestPastSecs * rate_);
    const std::int64_t keep = (std::max)(first_, (std::min)({received, past, sent_}));
    if (keep - first_ >= rate_) erase_before(keep);  // a second at a time
}

void Outbox::erase_before(std::int64_t sample) {
    gone_ += static_cast<std::size_t>((sample - first_) * width_);
    first_ = sample;
    if (2 * gone_ >= sound_.size()) {
        sound_.erase(sound_.begin(), sound_.begin() + static_cast<std::ptrdiff_t>(gone_));
        gone_ = 0;
    }
}

}  // namespace facerig
