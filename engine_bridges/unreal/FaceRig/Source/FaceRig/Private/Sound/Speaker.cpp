#include "Speaker.h"

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

}  // namespace

Speaker::Speaker(std::shared_ptr<Character> character, std::int32_t sample_rate, const SoundDelay& delay)
    : character_(std::move(character)),
      sound_(std::make_shared<SoundQueue>(sample_rate, delay)),
      sample_rate_(sample_rate) {}

bool Speaker::append(const float* samples, std::size_t n_samples, std::int32_t rate_hz, std::int64_t now_ns,
                     Error& error) {
    if (rate_hz < 4'000 || rate_hz > 384'000) {
        error = {"config", std::to_string(rate_hz) + " Hz is no rate of a sound", "append", "give 4000 to 384000"};
        return false;
    }
    if (!finite(samples, n_samples)) {  // a resampler would smear them
        error = {"config", "the sound holds NaN or Inf", "append", "send finite samples"};
        return false;
    }
    std::vector<float> sound;
    if (resampler_ && resampler_->from_hz() != rate_hz) {
        resampler_->flush(sound);
        resampler_.reset();
    }
    if (!resampler_) resampler_.emplace(rate_hz, sample_rate_);
    resampler_->feed(samples, n_samples, sound);
    return give(std::move(sound), now_ns, error);
}

void Speaker::finish(std::int64_t now_ns) {
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
    if (!character_->say(text, voice, &error)) return false;
    ++texts_;
    return true;
}

void Speaker::interrupt() {
    character_->interrupt();
    sound_->drop();
    waiting_.clear();
    resampler_.reset();
    beginning_.reset();
    texts_ = 0;
    fresh_ = true;
}

bool Speaker::picture(std::int64_t now_ns, Picture& picture) {
    sound_->look(now_ns, character_->ahead_samples());
    sample_ = sound_->playing(now_ns);
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
    return texts_ > 0 || !waiting_.empty() || !sound_->done() || sample_ != kNoSample;
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
