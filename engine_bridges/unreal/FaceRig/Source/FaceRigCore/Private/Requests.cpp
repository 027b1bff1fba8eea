// What a client says: checked, and written.
#include <cmath>

#include "FaceRigCore/Messages.h"
#include "FaceRigCore/Msgpack.h"
#include "FaceRigCore/Wire.h"
#include "Utf8.h"

namespace facerig {
namespace {

namespace field = wire::field;
namespace limit = wire::limit;

bool refuse(Error& error, const std::string& what, const std::string& where, const std::string& fix) {
    error = {"config", what, where, fix};
    return false;
}

template <typename Value, typename Allowed>
bool one_of(const Value& value, const Allowed& allowed, const std::string& where, Error& error) {
    std::string names;
    for (const auto& one : allowed) {
        if (value == one) return true;
        if (!names.empty()) names += ", ";
        if constexpr (std::is_same_v<Value, std::string>) {
            names += one;
        } else {
            names += std::to_string(one);
        }
    }
    return refuse(error, "this value is not known", where, "use one of " + names);
}

bool text_fits(std::string_view text, std::size_t shortest, std::size_t longest, const std::string& where,
               Error& error) {
    const std::size_t n = utf8_length(text);
    if (n == kNotUtf8) return refuse(error, "the text is not UTF-8", where, "convert it");
    if (n >= shortest && n <= longest) return true;
    return refuse(error, "the text has " + std::to_string(n) + " characters", where,
                  "use " + std::to_string(shortest) + " to " + std::to_string(longest));
}

bool number_fits(double value, double least, double most, const std::string& where, Error& error) {
    if (std::isfinite(value) && value >= least && value <= most) return true;
    return refuse(error, "the number is out of range", where,
                  "use " + std::to_string(least) + " to " + std::to_string(most));
}

// Characters that nothing in a subject is, and its first neither. Source: wire::limit::kSubjectPattern.
bool subject_fits(std::string_view subject, Error& error) {
    if (!text_fits(subject, limit::kSubjectShortest, limit::kSubjectLongest, "open: subject", error)) return false;
    bool good = std::string_view("=+@-").find(subject[0]) == std::string_view::npos;
    for (const char one : subject) {
        const auto code = static_cast<unsigned char>(one);
        good = good && code >= 0x20 && code != 0x7F && one != '/' && one != '\\';
    }
    return good || refuse(error, "the name cannot be used", "open: subject",
                          "begin with no - = + or @, and use no slash and no control character");
}

// Source: wire::limit::kRigPattern.
bool rig_fits(std::string_view rig, Error& error) {
    bool good = text_fits(rig, 1, limit::kRigLongest, "open: rig", error);
    if (!good) return false;
    for (std::size_t at = 0; at < rig.size(); ++at) {
        const char one = rig[at];
        const bool plain = (one >= 'a' && one <= 'z') || (one >= '0' && one <= '9');
        good = good && (plain || (at > 0 && (one == '_' || one == '-')));
    }
    return good || refuse(error, "there is no such rig", "open: rig", "use livelink, arkit, metahuman, ...");
}

bool fps_fits(std::string_view fps, Error& error) {
    const bool known = !fps.empty() && fps.find_first_not_of("0123456789./") == std::string_view::npos;
    return (known && fps.size() <= limit::kFpsLongest) ||
           refuse(error, "this is no frame rate", "open: fps", "use 60, 29.97 or 30000/1001");
}

bool layers_fit(const std::vector<std::pair<std::string, double>>& layers, Error& error) {
    if (layers.size() > limit::kLayersMostItems) {
        return refuse(error, "too many layers", "direct: layers",
                      "use " + std::to_string(limit::kLayersMostItems) + " at most");
    }
    for (const auto& [name, strength] : layers) {
        if (!text_fits(name, 0, limit::kEmotionLongest, "direct: layers", error) ||
            !number_fits(strength, limit::kLayersLeast, limit::kLayersMost, "direct: layers", error)) {
            return false;
        }
    }
    return true;
}

bool gaze_fits(const Direction& direction, Error& error) {
    const std::string where = "direct: gaze";
    if (direction.gaze_point && direction.gaze_word) {
        return refuse(error, "two gazes at once", where, "give a point or a word");
    }
    if (direction.gaze_word) return text_fits(*direction.gaze_word, 0, limit::kGazeLongest, where, error);
    if (!direction.gaze_point) return true;
    for (const double value : *direction.gaze_point) {
        if (!number_fits(value, limit::kGazeLeast, limit::kGazeMost, where, error)) return false;
    }
    return true;
}

std::uint32_t count_of(const std::vector<std::pair<std::string, double>>& layers) {
    return static_cast<std::uint32_t>(layers.size());
}

// A map that knows how long it is once all is in it: 15 keys at most.
class MapWriter {
public:
    MapWriter(Message& into, std::string_view type) : into_(into), out(into) {
        into.clear();
        out.map(0);
        key(field::kType).text(type);
    }

    MsgpackWriter& key(std::string_view name) {
        ++into_[0];
        out.text(name);
        return out;
    }
    void text(std::string_view name, std::string_view value, std::string_view absent) {
        if (value != absent) key(name).text(value);
    }
    void integer(std::string_view name, std::int64_t value, std::int64_t absent) {
        if (value != absent) key(name).integer(value);
    }
    void text(std::string_view name, const std::optional<std::string>& value) {
        if (value) key(name).text(*value);
    }

private:
    Message& into_;
    MsgpackWriter out;
};

void write_of_session(std::string_view type, std::int64_t session, Message& into) {
    MapWriter(into, type).key(field::kSession).integer(session);
}

}  // namespace

bool check_open(const OpenRequest& request, Error& error) {
    static constexpr std::string_view kEncodings[] = {"s16", "f32"};  // what this library sends
    if (!subject_fits(request.subject, error) || !rig_fits(request.rig, error)) return false;
    if (request.sample_rate < limit::kSampleRateLeast || request.sample_rate > limit::kSampleRateMost) {
        return refuse(error, std::to_string(request.sample_rate) + " Hz", "open: sample_rate",
                      "use " + std::to_string(limit::kSampleRateLeast) + " to " +
                          std::to_string(limit::kSampleRateMost));
    }
    if (request.seed < 0) return refuse(error, "the seed is below 0", "open: seed", "use 0 or more");
    return one_of(request.encoding, kEncodings, "open: encoding", error) && fps_fits(request.fps, error) &&
           one_of(request.pace, wire::choice::kPace, "open: pace", error) &&
           one_of(request.model, wire::choice::kModel, "open: model", error) &&
           one_of(request.mode, wire::choice::kMode, "open: mode", error) &&
           one_of(request.detail, wire::choice::kDetail, "open: detail", error) &&
           text_fits(request.emotion, 0, limit::kEmotionLongest, "open: emotion", error);
}

bool check_direction(const Direction& direction, Error& error) {
    if (direction.at < limit::kDirectAtLeast || direction.at > limit::kAtMost) {
        return refuse(error, "this sample is none", "direct: at", "use -1 for now");
    }
    const auto fits = [&](const std::optional<std::string>& text, std::size_t longest, const char* where) {
        return !text || text_fits(*text, 0, longest, where, error);
    };
    if (!fits(direction.emotion, limit::kEmotionLongest, "direct: emotion") || !gaze_fits(direction, error) ||
        !fits(direction.attitude, limit::kEmotionLongest, "direct: attitude") ||
        !fits(direction.style, limit::kStyleLongest, "direct: style")) {
        return false;
    }
    return (!direction.mode || one_of(*direction.mode, wire::choice::kMode, "direct: mode", error)) &&
           (!direction.layers || layers_fit(*direction.layers, error)) &&
           (!direction.transition_secs ||
            number_fits(*direction.transition_secs, limit::kTransitionSecsLeast, limit::kTransitionSecsMost,
                        "direct: transition_secs", error)) &&
           (!direction.detail || one_of(*direction.detail, wire::choice::kDetail, "direct: detail", error));
}

bool check_say(std::string_view text, std::string_view voice, Error& error) {
    return text_fits(text, limit::kTextShortest, limit::kTextLongest, "say: text", error) &&
           text_fits(voice, 0, limit::kVoiceLongest, "say: voice", error);
}

void write_open(const OpenRequest& request, Message& into) {
    namespace absent = wire::absent;
    MapWriter map(into, wire::tag::kOpen);
    map.key(field::kSubject).text(request.subject);
    map.integer(field::kSampleRate, request.sample_rate, absent::kOpenSampleRate);
    map.text(field::kEncoding, request.encoding, absent::kOpenEncoding);
    map.text(field::kFps, request.fps, absent::kOpenFps);
    map.text(field::kRig, request.rig, absent::kOpenRig);
    map.text(field::kPace, request.pace, absent::kOpenPace);
    map.text(field::kModel, request.model, absent::kOpenModel);
    map.integer(field::kSeed, request.seed, 0);
    map.text(field::kMode, request.mode, absent::kOpenMode);
    map.text(field::kEmotion, request.emotion, "");
    if (!request.alive) map.key(field::kAlive).boolean(false);
    map.integer(field::kDetail, request.detail, absent::kOpenDetail);
}

void write_resume(std::string_view token, Message& into) {
    MapWriter(into, wire::tag::kResume).key(field::kToken).text(token);
}

void write_audio(std::int64_t session, std::int64_t epoch, std::int64_t at, Bytes sound, Message& into) {
    into.reserve(sound.size + 128);
    MapWriter map(into, wire::tag::kAudio);
    map.key(field::kSession).integer(session);
    map.integer(field::kEpoch, epoch, 0);
    map.key(field::kAt).integer(at);
    map.key(field::kData).bytes(sound);
}

void write_direct(std::int64_t session, const Direction& direction, Message& into) {
    MapWriter map(into, wire::tag::kDirect);
    map.key(field::kSession).integer(session);
    map.integer(field::kAt, direction.at, wire::absent::kDirectAt);
    map.text(field::kEmotion, direction.emotion);
    if (direction.gaze_point) {
        MsgpackWriter& out = map.key(field::kGaze);
        out.array(3);
        for (const double value : *direction.gaze_point) out.number(value);
    }
    map.text(field::kGaze, direction.gaze_word);
    if (direction.blink) map.key(field::kBlink).boolean(true);
    map.text(field::kMode, direction.mode);
    map.text(field::kAttitude, direction.attitude);
    if (direction.layers) {
        MsgpackWriter& out = map.key(field::kLayers);
        out.map(count_of(*direction.layers));
        for (const auto& [name, strength] : *direction.layers) {
            out.text(name);
            out.number(strength);
        }
    }
    map.text(field::kStyle, direction.style);
    if (direction.transition_secs) map.key(field::kTransitionSecs).number(*direction.transition_secs);
    if (direction.detail) map.key(field::kDetail).integer(*direction.detail);
}

void write_say(std::int64_t session, std::string_view text, std::string_view voice, Message& into) {
    MapWriter map(into, wire::tag::kSay);
    map.key(field::kSession).integer(session);
    map.key(field::kText).text(text);
    map.text(field::kVoice, voice, "");
}

void write_interrupt(std::int64_t session, Message& into) {
    write_of_session(wire::tag::kInterrupt, session, into);
}

void write_flush(std::int64_t session, Message& into) { write_of_session(wire::tag::kFlush, session, into); }

void write_close(std::int64_t session, Message& into) { write_of_session(wire::tag::kClose, session, into); }

void write_ping(std::int64_t number, Message& into) {
    MapWriter(into, wire::tag::kPing).integer(field::kNumber, number, 0);
}

void write_ask_statistics(Message& into) { MapWriter(into, wire::tag::kStatistics); }

}  // namespace facerig
