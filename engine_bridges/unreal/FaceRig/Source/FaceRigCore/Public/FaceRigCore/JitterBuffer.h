// Which face to show for the sample that is playing now: the rules of PROTOCOL.md, "The jitter buffer".
//
//     buffer.put(frame);                                   // as frames come, in any order
//     Shown shown = buffer.show(now_ns, sample, values);   // once a picture
//
// Pure: no sockets, no threads, no clock of its own; one thread at a time. Nothing is allocated for a frame
// once as many are kept as ever will be.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "FaceRigCore/Export.h"
#include "FaceRigCore/Frame.h"
#include "FaceRigCore/Messages.h"

namespace facerig {

inline constexpr std::int64_t kNoSample = -1;  // no sound plays

// speech: a face of the sound; held: the frame that should follow is late; idle: no sound plays; rest:
// nothing came.
enum class PictureState { speech, held, idle, rest };

// What a picture shows. `index`: of the frame at or before it, -1 at rest.
struct Shown {
    std::int64_t index = -1;
    PictureState state = PictureState::rest;
};

// What became of frames: `lost` never came (counted in indices), `stale` were of an epoch that is over or of
// another rig, `twice` came before, `dropped` found the buffer full; `held`: pictures that had to show an older
// frame.
struct Counts {
    std::int64_t received = 0, lost = 0, stale = 0, twice = 0, dropped = 0, held = 0;
};

class FACERIGCORE_API JitterBuffer {
public:
    explicit JitterBuffer(const Schema& schema);
    ~JitterBuffer();
    JitterBuffer(JitterBuffer&&) noexcept;
    JitterBuffer& operator=(JitterBuffer&&) noexcept;
    JitterBuffer(const JitterBuffer&) = delete;
    JitterBuffer& operator=(const JitterBuffer&) = delete;

    // Take a frame; false if it is of no use: of an epoch that is over, a second time, another rig's.
    bool put(const FrameView& frame);

    // The epoch that counts from now on: what came of older ones is forgotten, and not shown again.
    void interrupted(std::uint32_t epoch);

    // Another session goes on with this character: indices and epochs begin anew, the face does not jump.
    void restart(std::uint32_t epoch = 0);

    // The face at `now_ns` (a clock that never goes back) while `sample` plays (kNoSample: none does), into
    // `values`, which has room for `count()`.
    Shown show(std::int64_t now_ns, std::int64_t sample, float* values);

    std::uint32_t count() const;  // curves
    std::uint32_t epoch() const;
    Counts counts() const;

    // By how much the sound that plays is ahead of the newest frame, at worst in the last pictures: a raw tap
    // must be delayed by so much. Negative: so much is in hand. None: no sound played.
    std::optional<std::int64_t> late_samples() const;

    // The sample of the newest frame with sound; -1 before any.
    std::int64_t ahead_samples() const;

private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace facerig
