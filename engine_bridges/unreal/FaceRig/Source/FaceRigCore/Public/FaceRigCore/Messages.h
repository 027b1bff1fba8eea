// The messages of PROTOCOL.md: those of a client are written, those of the service are read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "FaceRigCore/Error.h"
#include "FaceRigCore/Export.h"

namespace facerig {

// --- what a client says

// Of a session that begins. Fields that are not named here mean what PROTOCOL.md says of `open`.
struct OpenRequest {
    std::string subject;             // name of the character
    std::int32_t sample_rate = 16000;  // of its sound, Hz
    std::string encoding = "s16";    // of the sound on the wire: s16 or f32
    std::string fps = "60";          // 60, 29.97, 30000/1001
    std::string rig = "livelink";    // whose curves come: livelink, arkit, metahuman, ...
    std::string pace = "realtime";   // realtime: frames leave when their sound plays; burst: at once
    std::string model = "live";
    std::int64_t seed = 0;
    std::string mode = "speak";      // speak or listen
    std::string emotion;             // joy:0.6, a mixture, or plain words
    bool alive = true;               // frames come in silence too
    std::int32_t detail = 1;         // 1, 2 or 4: every so many frames come
};

// A change of how a character acts; what is not set stays as it is.
struct Direction {
    std::int64_t at = -1;  // sample of its sound; -1: now
    std::optional<std::string> emotion;
    std::optional<std::array<double, 3>> gaze_point;  // metres: left, up, ahead of the eyes
    std::optional<std::string> gaze_word;             // "camera" or "none"; not both of them
    bool blink = false;
    std::optional<std::string> mode;      // speak or listen
    std::optional<std::string> attitude;  // of a listener: positive, neutral, negative
    std::optional<std::vector<std::pair<std::string, double>>> layers;  // strength by name
    std::optional<std::string> style;                                   // a style file's text (TOML)
    std::optional<double> transition_secs;
    std::optional<std::int32_t> detail;
};

// Whether the service will take a message: ranges, patterns, lengths and UTF-8. False with the field and the
// way out in `error`.
FACERIGCORE_API bool check_open(const OpenRequest& request, Error& error);
FACERIGCORE_API bool check_direction(const Direction& direction, Error& error);
FACERIGCORE_API bool check_say(std::string_view text, std::string_view voice, Error& error);

// Messages as bytes, of fields that were checked. What `into` held is gone; its room is used again.
using Message = std::vector<std::uint8_t>;
FACERIGCORE_API void write_open(const OpenRequest& request, Message& into);
FACERIGCORE_API void write_resume(std::string_view token, Message& into);
FACERIGCORE_API void write_audio(std::int64_t session, std::int64_t epoch, std::int64_t at, Bytes sound,
                                 Message& into);
FACERIGCORE_API void write_direct(std::int64_t session, const Direction& direction, Message& into);
FACERIGCORE_API void write_say(std::int64_t session, std::string_view text, std::string_view voice, Message& into);
FACERIGCORE_API void write_interrupt(std::int64_t session, Message& into);
FACERIGCORE_API void write_flush(std::int64_t session, Message& into);
FACERIGCORE_API void write_close(std::int64_t session, Message& into);
FACERIGCORE_API void write_ping(std::int64_t number, Message& into);
FACERIGCORE_API void write_ask_statistics(Message& into);

// --- what the service says

// A curve of the rig: its name and range.
struct Curve {
    std::string name;
    float low = 0.0F, high = 1.0F;
};

// What the values of frames mean, in their order.
struct Schema {
    std::string subject, rig;
    std::int64_t fps_numerator = 60, fps_denominator = 1;
    std::int64_t sample_rate = 16000;
    std::int64_t latency_samples = 0;  // a frame's sound must have come so much further
    std::vector<Curve> curves;
};

FACERIGCORE_API bool operator==(const Schema& one, const Schema& other);
inline bool operator!=(const Schema& one, const Schema& other) { return !(one == other); }

enum class ReplyKind { opened, progress, spoken, interrupted, closed, pong, statistics, error };

// An answer of the service. Each kind uses the fields that PROTOCOL.md gives it; the others keep the value
// they have here. Views lie in the bytes that were read.
struct Reply {
    ReplyKind kind = ReplyKind::pong;
    std::int64_t session = 0;
    std::int64_t epoch = 0;
    std::int64_t at = 0;
    std::int64_t received = 0, animated = 0, credit = 0;
    std::int64_t number = 0, clock_ns = 0;
    bool last = false;
    std::string_view token, reason = "client";
    std::string_view code, what, where, fix;  // of an error
    Bytes data;                               // of `spoken`: 16-bit mono
    Schema schema;                            // of `opened`
    std::vector<std::pair<std::string, double>> figures;
};

// Read an answer. Any bytes give an answer, or false and what is wrong with them.
FACERIGCORE_API bool read_reply(Bytes data, Reply& reply, Fault& fault);

// Read a schema, as the curves' socket sends it.
FACERIGCORE_API bool read_schema(Bytes data, Schema& schema, Fault& fault);

}  // namespace facerig
