// A character that speaks in a game: its sound goes to the service and, delayed, to the mixer; its face is the one of
// the sample that is heard.
//
//     speaker.append(chunk, n, 44100, now_ns, error);   // sound, of any rate
//     speaker.picture(now_ns, picture);                 // once a picture
//     speaker.sound().pull(into, n, now_ns);            // the mixer's thread
//
// Free of the engine; all but `sound().pull` on one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "FaceRigCore/Client.h"
#include "Resampler.h"
#include "SoundClock.h"
#include "SoundQueue.h"

namespace facerig {

class Speaker {
public:
    Speaker(std::shared_ptr<Character> character, std::int32_t sample_rate, const SoundDelay& delay);

    // Speak: mono sound in [-1, 1] of `rate_hz`. False with an error where it is none, or the session is over.
    bool append(const float* samples, std::size_t n_samples, std::int32_t rate_hz, std::int64_t now_ns, Error& error);
    void finish(std::int64_t now_ns);  // the sentence is over
    bool say(std::string_view text, std::string_view voice, Error& error);
    void interrupt();

    // Sound that is heard already, from somebody else's player: its face comes late, by the look-ahead and the margin,
    // or by more where faces come late themselves. Nothing else can be spoken until `finish`.
    bool tap(const float* samples, std::size_t n_samples, std::int32_t rate_hz, std::int64_t now_ns, Error& error);
    bool tapping() const { return tap_.has_value(); }
    double tap_late_secs() const { return tap_ ? tap_->shown_late_secs : 0.0; }

    // The face of now. False before the session was first open.
    bool picture(std::int64_t now_ns, Picture& picture);

    // What happened; the voice of the service is played before it is told.
    bool next_event(std::int64_t now_ns, Event& event);

    // Whether something is said: sent, waiting or heard.
    bool speaking() const;

    // How long after it was given the first sample of the last sentence was heard; 0 before any.
    double delay_secs() const { return delay_secs_; }

    std::int32_t sample_rate() const { return sample_rate_; }
    Character& character() { return *character_; }
    const Character& character() const { return *character_; }
    SoundQueue& sound() { return *sound_; }
    std::shared_ptr<SoundQueue> shared_sound() const { return sound_; }

private:
    struct Waiting {  // for the end of a text of the service's voice
        std::vector<float> sound;
        bool finish;
    };
    struct Tap {
        Resampler resampler;
        SoundClock clock;
        std::int64_t end;  // the sample after the newest
        double late_secs;  // at the least, and as of the last picture
        double shown_late_secs;
    };
    struct Beginning {  // of a sentence: its first sample, and when it was given
        std::int64_t sample, given_ns;
    };
    bool give(std::vector<float> sound, std::int64_t now_ns, Error& error);
    bool fits(const float* samples, std::size_t n_samples, std::int32_t rate_hz, Error& error) const;
    void play(std::int64_t at, std::vector<float> sound, std::int64_t now_ns);
    void heard(const Event& event, std::int64_t now_ns);
    void go_on(std::int64_t now_ns);
    std::int64_t tapped(std::int64_t now_ns);
    std::size_t waiting_samples() const;

    std::shared_ptr<Character> character_;
    std::shared_ptr<SoundQueue> sound_;
    const std::int32_t sample_rate_;
    const SoundDelay delay_;
    std::optional<Resampler> resampler_;
    std::optional<Tap> tap_;
    std::deque<Waiting> waiting_;
    std::int64_t texts_ = 0;  // that the service has yet to speak
    std::optional<Beginning> beginning_;  // of the sentence that is to be heard next
    bool fresh_ = true;                   // what is given next begins a sentence
    std::int64_t sample_ = kNoSample;     // heard in the last picture
    double delay_secs_ = 0.0;
};

}  // namespace facerig
