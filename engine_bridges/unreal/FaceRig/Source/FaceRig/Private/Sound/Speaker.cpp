#include "Speaker.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace facerig {
namespace {

constexpr std::int64_t kLongestWaitSecs = 600;  // of sound for the end of a text; as much as `Character` keeps unsent

bool finite(const float* samples, std::size_t n_samples) {
    for (std::size_t at = 0; at < n_samples; ++at) {
        if (!std::isfinite(samples[at])) return false;
    }
    return true;
}

bool untapped(bool tapping, Error& error) {
    if (tapping) error = {"config", "a submix is listened to", "speak", "stop listening to it first"};
    return !tapping;
}

}  // namespace

Speaker::Speaker(std::shared_ptr<Character> character, std::int32_t sample_rate, const SoundDelay& delay)
    : character_(std::move(character)),
      sound_(std::make_shared<SoundQueue>(sample_rate, delay)),
      sample_rate_(sample_rate),
      delay_(delay) {}

bool Speaker::fits(const float* samples, std::size_t n_samples, std::int32_t rate_hz, Error& error) const {
    if (rate_hz < 4'000 || rate_hz > 384'000) {
        error = {"config", std::to_string(rate_hz) + " Hz is no rate of a sound", "append", "give 4000 to 384000"};
        return false;
    }
    if (!finite(samples, n_samples)) {  // a resampler would smear them
        error = {"config", "the sound holds NaN or Inf", "append", "send finite samples"};
        return false;
    }
    return true;
}

bool Speaker::append(const float* samples, std::size_t n_samples, std::int32_t rate_hz, std::int64_t now_ns,
                     Error& error) {
    if (!fits(samples, n_samples, rate_hz, error) || !untapped(tap_.has_value(), error)) return false;
    std::vector<float> sound;
    if (resampler_ && resampler_->from_hz() != rate_hz) {
        resampler_->flush(sound);
        resampler_.reset();
    }
    if (!resampler_) resampler_.emplace(rate_hz, sample_rate_);
    resampler_->feed(samples, n_samples, sound);
    return give(std::move(sound), now_ns, error);
}

bool Speaker::tap(const float* samples, std::size_t n_samples, std::int32_t rate_hz, std::int64_t now_ns,
                  Error& error) {
    if (!fits(samples, n_samples, rate_hz, error)) return false;
    if (!tap_ && speaking()) {
        error = {"config", "the character is speaking", "tap", "interrupt it, or wait for its end"};
        return false;
    }
    if (tap_ && tap_->resampler.from_hz() != rate_hz) tap_.reset();
    const double late_secs = static_cast<double>(character_->latency_samples()) / sample_rate_ + delay_.margin_secs;
    if (!tap_) {
        tap_.emplace(Tap{Resampler(rate_hz, sample_rate_), SoundClock(sample_rate_, late_secs), 0, late_secs, late_secs});
    }
    std::vector<float> sound;
    tap_->resampler.feed(samples, n_samples, sound);
    if (sound.empty()) return true;
    const std::int64_t begins = character_->say_sound(sound.data(), sound.size(), false, &error);
    if (begins < 0) return false;
    tap_->end = begins + static_cast<std::int64_t>(sound.size());
    tap_->clock.rendered(static_cast<std::int64_t>(sound.size()), now_ns);
    return true;
}

// The sample of a tap whose face is shown now: one that has a face.
std::int64_t Speaker::tapped(std::int64_t now_ns) {
    const std::int64_t due = tap_->end - tap_->clock.total() + tap_->clock.heard(now_ns);
    const std::int64_t shown = std::min(due, character_->ahead_samples());
    if (shown < 0) return kNoSample;
    tap_->shown_late_secs = tap_->late_secs + static_cast<double>(due - shown) / sample_rate_;
    return shown;
}

void Speaker::finish(std::int64_t now_ns) {
    tap_.reset();
    if (resampler_) {
        std::vector<float> rest;
        resampler_->flush(rest);
        Error ignored;  // of a session that is over: whoever appended was told
        give(std::move(rest), now_ns, ignored);
    }
    if (texts_ > 0) {
        waiting_.push_back({{}, true});
        return;
    }
    character_->flush();
    sound_->end();
    fresh_ = true;
}

bool Speaker::say(std::string_view text, std::string_view voice, Error& error) {
    if (!untapped(tap_.has_value(), error)) return false;
    if (!character_->say(text, voice, &error)) return false;
    ++texts_;
    return true;
}

void Speaker::interrupt() {
    character_->interrupt();
    sound_->drop();
    waiting_.clear();
    resampler_.reset();
    tap_.reset();
    beginning_.reset();
    texts_ = 0;
    fresh_ = true;
}

bool Speaker::picture(std::int64_t now_ns, Picture& picture) {
    sound_->look(now_ns, character_->ahead_samples());
    sample_ = sound_->playing(now_ns);
    if (tap_) sample_ = tapped(now_ns);
    if (beginning_ && sample_ >= beginning_->sample) {
        const auto since = static_cast<double>(sample_ - beginning_->sample) / sample_rate_;
        delay_secs_ = static_cast<double>(now_ns - beginning_->given_ns) * 1e-9 - since;
        beginning_.reset();
    }
    return character_->at(sample_, picture);
}

bool Speaker::next_event(std::int64_t now_ns, Event& event) {
    if (!character_->next_event(event)) return false;
    if (event.kind == EventKind::spoken) heard(event, now_ns);
    const bool silent = event.kind == EventKind::closed || event.kind == EventKind::lost ||
                        (event.kind == EventKind::refused && event.error.code == "voice");
    if (silent && texts_ > 0) {  // the rest of the text will not come
        texts_ = 0;
        sound_->end();
        go_on(now_ns);
    }
    return true;
}

bool Speaker::speaking() const {
    return texts_ > 0 || !waiting_.empty() || !sound_->done() || (sample_ != kNoSample && !tap_);
}

bool Speaker::give(std::vector<float> sound, std::int64_t now_ns, Error& error) {
    if (sound.empty()) return true;
    if (texts_ > 0) {
        if (waiting_samples() + sound.size() > static_cast<std::size_t>(kLongestWaitSecs * sample_rate_)) {
            error = {"config", "too much sound waits for the end of a text", "append", "wait for the text's end"};
            return false;
        }
        waiting_.push_back({std::move(sound), false});
        return true;
    }
    const std::int64_t begins = character_->say_sound(sound.data(), sound.size(), false, &error);
    if (begins < 0) return false;
    play(begins, std::move(sound), now_ns);
    return true;
}

void Speaker::play(std::int64_t at, std::vector<float> sound, std::int64_t now_ns) {
    if (fresh_) {
        beginning_ = Beginning{at, now_ns};
        fresh_ = false;
    }
    sound_->append(at, std::move(sound), now_ns);
}

// The service's voice.
void Speaker::heard(const Event& event, std::int64_t now_ns) {
    std::vector<float> sound(event.sound.size());
    for (std::size_t at = 0; at < sound.size(); ++at) sound[at] = static_cast<float>(event.sound[at]) / 32768.0F;
    play(event.at, std::move(sound), now_ns);
    if (!event.last) return;
    sound_->end();
    fresh_ = true;
    if (texts_ > 0) --texts_;
    go_on(now_ns);
}

// What waited for the end of a text is said.
void Speaker::go_on(std::int64_t now_ns) {
    while (texts_ == 0 && !waiting_.empty()) {
        Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        Error ignored;  // of a session that is over: it is told as an event
        if (next.finish) {
            character_->flush();
            sound_->end();
            fresh_ = true;
        } else {
            give(std::move(next.sound), now_ns, ignored);
        }
    }
}

std::size_t Speaker::waiting_samples() const {
    std::size_t waiting = 0;
    for (const Waiting& one : waiting_) waiting += one.sound.size();
    return waiting;
}

}  // namespace facerig
