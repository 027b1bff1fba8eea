// Sound between the game, which gives it, and the mixer, which plays it; started when its faces are there.
//
//     queue.append(at, sound, now_ns);                 // the game, whenever there is some
//     queue.look(now_ns, faces_until);                 // the game, once a picture
//     std::int64_t sample = queue.playing(now_ns);     // the game: the sample that is heard
//     queue.pull(into, count, now_ns);                 // the mixer's thread
//
// Free of the engine. Samples are those of `Character`: absolute, mono, in the session's rate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "SoundClock.h"

namespace facerig {

struct SoundDelay {
    double margin_secs = 0.05;    // faces must be so far ahead of the sound before it starts: for the network's jitter
    double patience_secs = 0.5;   // without any face the sound starts after this: a voice matters more than lips
    double output_secs = 0.07;    // from the mixer's question for a sample until it is heard
};

enum class SoundState { silent, waiting, playing };

class SoundQueue {
public:
    SoundQueue(std::int32_t sample_rate, const SoundDelay& delay);

    // --- the game's thread

    // Sound from sample `at` on. What lies before the end of what is there is left out.
    void append(std::int64_t at, std::vector<float> sound, std::int64_t now_ns);
    void end();   // the sentence is over: it need not be waited for
    void drop();  // be silent now, over 5 ms; what was given is forgotten

    // Start what has waited enough; faces have come up to sample `faces_until` (-1: none).
    void look(std::int64_t now_ns, std::int64_t faces_until);

    // The sample that is heard now; -1 where none is.
    std::int64_t playing(std::int64_t now_ns);

    SoundState state() const;
    bool done() const;                     // nothing waits, and all that was played has been heard
    std::int64_t waiting_samples() const;  // given, and not yet played
    std::uint64_t starved() const;         // how often a sentence stood still because its sound had not come

    // --- the mixer's thread

    // The next `count` samples, silence where there are none. Gives how many are sound.
    std::size_t pull(std::int16_t* into, std::size_t count, std::int64_t now_ns);

private:
    struct Piece {
        std::int64_t at;
        std::vector<float> sound;
        std::size_t taken;
    };
    // What the device was given from its sample `begins` on: sound from sample `sample` on, or silence.
    struct Span {
        std::int64_t begins, count, sample;
        bool hold;  // silence in the midst of a sentence
    };
    static constexpr std::size_t kSpans = 64;
    static constexpr std::int64_t kSilence = -1;

    std::size_t fade(std::int16_t* into, std::size_t count);
    std::size_t copy(std::int16_t* into, std::size_t count);
    void note(std::int64_t count, std::int64_t sample, bool hold);
    std::int64_t left() const;

    mutable std::mutex mutex_;
    const std::int32_t rate_;
    const SoundDelay delay_;
    SoundClock clock_;
    std::deque<Piece> pieces_;
    std::array<Span, kSpans> spans_{};
    std::size_t newest_ = 0;            // of spans_
    std::vector<float> tail_;           // fades out after `drop`
    std::size_t tail_taken_ = 0;
    SoundState state_ = SoundState::silent;
    std::int64_t end_ = 0;              // the sample after the newest
    std::int64_t waits_since_ns_ = 0;
    std::int64_t forgotten_ = 0;        // of the device's samples: what was played before is no more
    std::int64_t last_ = kSilence;      // the sample that was played last
    bool ended_ = true;
    std::uint64_t starved_ = 0;
};

}  // namespace facerig
