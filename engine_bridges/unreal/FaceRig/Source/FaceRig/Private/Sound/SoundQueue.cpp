#include "SoundQueue.h"

#include <algorithm>
#include <cmath>

namespace facerig {
namespace {

// rule                            why
constexpr double kFadeSecs = 0.005;  // of a sound that is cut: a step clicks
constexpr double kLastSecs = 0.1;    // the last face of a sentence lies so far before its end, at the most
constexpr double kHoldSecs = 0.25;   // a face stands while its sound is late; then the character is only silent

std::int16_t as_int16(float value) {
    return static_cast<std::int16_t>(std::lrint(32767.0F * std::clamp(value, -1.0F, 1.0F)));
}

}  // namespace

SoundQueue::SoundQueue(std::int32_t sample_rate, const SoundDelay& delay)
    : rate_(sample_rate), delay_(delay), clock_(sample_rate, delay.output_secs) {}

// --- the game's thread

void SoundQueue::append(std::int64_t at, std::vector<float> sound, std::int64_t now_ns) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::int64_t end = at + static_cast<std::int64_t>(sound.size());
    if (end <= end_ || sound.empty()) return;
    const std::size_t known = at < end_ ? static_cast<std::size_t>(end_ - at) : 0;
    pieces_.push_back({at, std::move(sound), known});
    end_ = end;
    ended_ = false;
    if (state_ == SoundState::silent) {
        state_ = SoundState::waiting;
        waits_since_ns_ = now_ns;
    }
}

void SoundQueue::end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    if (left() == 0) last_ = kSilence;
}

void SoundQueue::drop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    tail_.clear();
    tail_taken_ = 0;
    if (state_ == SoundState::playing) {
        const auto longest = static_cast<std::size_t>(kFadeSecs * rate_);
        for (const Piece& piece : pieces_) {
            for (std::size_t at = piece.taken; at < piece.sound.size() && tail_.size() < longest; ++at) {
                const float share = 1.0F - static_cast<float>(tail_.size() + 1) / static_cast<float>(longest);
                tail_.push_back(piece.sound[at] * share);
            }
        }
    }
    pieces_.clear();
    end_ = 0;  // `Character` goes on where it has sent to, which lies before what waited here
    state_ = SoundState::silent;
    ended_ = true;
    last_ = kSilence;
    forgotten_ = clock_.total();
}

void SoundQueue::look(std::int64_t now_ns, std::int64_t faces_until) {
    const std::lock_guard<std::mutex> lock(mutex_);
    while (!pieces_.empty() && pieces_.front().taken == pieces_.front().sound.size()) pieces_.pop_front();
    if (state_ != SoundState::waiting || pieces_.empty()) return;
    const std::int64_t first = pieces_.front().at + static_cast<std::int64_t>(pieces_.front().taken);
    std::int64_t wanted = first + static_cast<std::int64_t>(delay_.margin_secs * rate_);
    if (ended_) wanted = std::min(wanted, std::max(first, end_ - static_cast<std::int64_t>(kLastSecs * rate_)));
    const bool faced = faces_until >= wanted;
    const bool patient = static_cast<double>(now_ns - waits_since_ns_) < 1e9 * delay_.patience_secs;
    if (faced || !patient) state_ = SoundState::playing;
}

std::int64_t SoundQueue::playing(std::int64_t now_ns) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::int64_t heard = clock_.heard(now_ns);
    if (heard < forgotten_) return kSilence;
    for (std::size_t back = 0; back < kSpans; ++back) {
        const Span& span = spans_[(newest_ + kSpans - back) % kSpans];
        if (span.count == 0 || heard < span.begins) continue;
        if (heard >= span.begins + span.count) {  // the device stands
            if (back > 0 || span.sample == kSilence) return kSilence;
            return span.hold ? span.sample : span.sample + span.count - 1;
        }
        if (!span.hold) return span.sample == kSilence ? kSilence : span.sample + (heard - span.begins);
        return static_cast<double>(heard - span.begins) < kHoldSecs * rate_ ? span.sample : kSilence;
    }
    return kSilence;
}

SoundState SoundQueue::state() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return state_;
}

bool SoundQueue::done() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return state_ == SoundState::silent && tail_taken_ == tail_.size();
}

std::int64_t SoundQueue::waiting_samples() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return left();
}

std::uint64_t SoundQueue::starved() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return starved_;
}

std::int64_t SoundQueue::left() const {
    std::int64_t left = 0;
    for (const Piece& piece : pieces_) left += static_cast<std::int64_t>(piece.sound.size() - piece.taken);
    return left;
}

// --- the mixer's thread

std::size_t SoundQueue::pull(std::int16_t* into, std::size_t count, std::int64_t now_ns) {
    const std::lock_guard<std::mutex> lock(mutex_);
    clock_.rendered(static_cast<std::int64_t>(count), now_ns);
    std::size_t done = fade(into, count);
    if (state_ == SoundState::playing) {
        const std::size_t sounds = copy(into + done, count - done);
        done += sounds;
        if (done < count && left() == 0) {  // over, or waiting for more
            state_ = SoundState::silent;
            if (ended_) last_ = kSilence;
            else ++starved_;
        }
    }
    if (done < count) {
        std::fill(into + done, into + count, std::int16_t{0});
        const bool hold = !ended_ && last_ != kSilence;
        note(static_cast<std::int64_t>(count - done), hold ? last_ : kSilence, hold);
    }
    return done;
}

std::size_t SoundQueue::fade(std::int16_t* into, std::size_t count) {
    const std::size_t some = std::min(count, tail_.size() - tail_taken_);
    for (std::size_t at = 0; at < some; ++at) into[at] = as_int16(tail_[tail_taken_ + at]);
    tail_taken_ += some;
    if (some > 0) note(static_cast<std::int64_t>(some), kSilence, false);
    return some;
}

std::size_t SoundQueue::copy(std::int16_t* into, std::size_t count) {
    std::size_t done = 0;
    for (Piece& piece : pieces_) {
        const std::size_t some = std::min(count - done, piece.sound.size() - piece.taken);
        if (some == 0) continue;
        for (std::size_t at = 0; at < some; ++at) into[done + at] = as_int16(piece.sound[piece.taken + at]);
        const std::int64_t sample = piece.at + static_cast<std::int64_t>(piece.taken);
        note(static_cast<std::int64_t>(some), sample, false);
        last_ = sample + static_cast<std::int64_t>(some) - 1;
        piece.taken += some;
        done += some;
    }
    return done;
}

void SoundQueue::note(std::int64_t count, std::int64_t sample, bool hold) {
    Span& last = spans_[newest_];
    const std::int64_t begins = last.begins + last.count;
    const bool same_silence = last.hold == hold && last.sample == sample && (hold || sample == kSilence);
    const bool goes_on = !hold && !last.hold && sample != kSilence && last.sample != kSilence &&
                         last.sample + last.count == sample;
    if (last.count > 0 && (same_silence || goes_on)) {
        last.count += count;
        return;
    }
    newest_ = (newest_ + 1) % kSpans;
    spans_[newest_] = {begins, count, sample, hold};
}

}  // namespace facerig
