// What the service says: read, and checked as far as somebody relies on it.
#include <algorithm>
#include <array>

#include "FaceRigCore/Messages.h"
#include "FaceRigCore/Msgpack.h"
#include "FaceRigCore/Wire.h"
#include "Faults.h"
#include "Utf8.h"

namespace facerig {
namespace {

namespace field = wire::field;
namespace limit = wire::limit;

constexpr std::size_t kMessageBytes = wire::kLargestMessage + 4096;
constexpr std::int64_t kAnyInteger = limit::kAtMost;  // where the protocol has no bound: sums stay in 64 bits
constexpr std::size_t kMostFigures = 4096;
constexpr std::int64_t kMostRate = 1'000'000;  // Hz, and frames in so many seconds: what FrameClock holds for
constexpr std::int64_t kFastestFps = 1000;
constexpr const char* kSeeProtocol = "see PROTOCOL.md";

// A field of an answer; `integer` or `text` says where it goes, the others are read by name.
struct FieldRule {
    ReplyKind kind;
    std::string_view key;
    bool needed;
    std::int64_t least, most;
    std::int64_t Reply::*integer;
    std::string_view Reply::*text;
};

constexpr std::int64_t kSamples = limit::kAtMost, kEpochs = limit::kEpochMost, kIds = limit::kSessionMost;

constexpr FieldRule kRules[] = {
    // kind                   key                needed least        most         integer            text
    {ReplyKind::opened,       field::kSession,   true,  1,           kIds,        &Reply::session,   nullptr},
    {ReplyKind::opened,       field::kToken,     true,  0,           0,           nullptr,           &Reply::token},
    {ReplyKind::opened,       field::kSchema,    true,  0,           0,           nullptr,           nullptr},
    {ReplyKind::opened,       field::kEpoch,     false, 0,           kEpochs,     &Reply::epoch,     nullptr},
    {ReplyKind::opened,       field::kReceived,  false, 0,           kSamples,    &Reply::received,  nullptr},
    {ReplyKind::opened,       field::kCredit,    true,  0,           kAnyInteger, &Reply::credit,    nullptr},
    {ReplyKind::progress,     field::kSession,   true,  1,           kIds,        &Reply::session,   nullptr},
    {ReplyKind::progress,     field::kEpoch,     false, 0,           kEpochs,     &Reply::epoch,     nullptr},
    {ReplyKind::progress,     field::kReceived,  false, 0,           kSamples,    &Reply::received,  nullptr},
    {ReplyKind::progress,     field::kAnimated,  false, 0,           kSamples,    &Reply::animated,  nullptr},
    {ReplyKind::progress,     field::kCredit,    false, -kAnyInteger, kAnyInteger, &Reply::credit,   nullptr},
    {ReplyKind::spoken,       field::kSession,   true,  1,           kIds,        &Reply::session,   nullptr},
    {ReplyKind::spoken,       field::kEpoch,     false, 0,           kEpochs,     &Reply::epoch,     nullptr},
    {ReplyKind::spoken,       field::kAt,        true,  0,           kSamples,    &Reply::at,        nullptr},
    {ReplyKind::spoken,       field::kData,      true,  0,           0,           nullptr,           nullptr},
    {ReplyKind::spoken,       field::kLast,      false, 0,           0,           nullptr,           nullptr},
    {ReplyKind::interrupted,  field::kSession,   true,  1,           kIds,        &Reply::session,   nullptr},
    {ReplyKind::interrupted,  field::kEpoch,     true,  0,           kEpochs,     &Reply::epoch,     nullptr},
    {ReplyKind::interrupted,  field::kAt,        true,  0,           kSamples,    &Reply::at,        nullptr},
    {ReplyKind::closed,       field::kSession,   true,  1,           kIds,        &Reply::session,   nullptr},
    {ReplyKind::closed,       field::kReason,    false, 0,           0,           nullptr,           &Reply::reason},
    {ReplyKind::pong,         field::kNumber,    false, -kAnyInteger, kAnyInteger, &Reply::number,   nullptr},
    {ReplyKind::pong,         field::kClockNs,   false, -kAnyInteger, kAnyInteger, &Reply::clock_ns, nullptr},
    {ReplyKind::statistics,   field::kFigures,   true,  0,           0,           nullptr,           nullptr},
    {ReplyKind::error,        field::kCode,      true,  0,           0,           nullptr,           &Reply::code},
    {ReplyKind::error,        field::kWhat,      true,  0,           0,           nullptr,           &Reply::what},
    {ReplyKind::error,        field::kWhere,     false, 0,           0,           nullptr,           &Reply::where},
    {ReplyKind::error,        field::kFix,       false, 0,           0,           nullptr,           &Reply::fix},
    {ReplyKind::error,        field::kSession,   false, 0,           kIds,        &Reply::session,   nullptr},
};

constexpr std::pair<std::string_view, ReplyKind> kTags[] = {
    {wire::tag::kOpened, ReplyKind::opened},           {wire::tag::kProgress, ReplyKind::progress},
    {wire::tag::kSpoken, ReplyKind::spoken},           {wire::tag::kInterrupted, ReplyKind::interrupted},
    {wire::tag::kClosed, ReplyKind::closed},           {wire::tag::kPong, ReplyKind::pong},
    {wire::tag::kStatistics, ReplyKind::statistics},   {wire::tag::kError, ReplyKind::error},
};

bool integer_of(MsgpackReader& reader, std::int64_t least, std::int64_t most, std::string_view key,
                std::int64_t& value, Fault& fault) {
    std::int64_t read = 0;
    if (!reader.integer(read)) return fail(fault, "expected an integer", key, kSeeProtocol);
    if (read < least || read > most) return fail(fault, "the integer is out of range", key, kSeeProtocol);
    value = read;
    return true;
}

bool text_of(MsgpackReader& reader, std::string_view key, std::string_view& value, Fault& fault) {
    return reader.text(value) || fail(fault, "expected text in UTF-8", key, kSeeProtocol);
}

bool string_of(MsgpackReader& reader, std::string_view key, std::size_t longest, std::string& value, Fault& fault) {
    std::string_view read;
    if (!text_of(reader, key, read, fault)) return false;
    if (utf8_length(read) > longest) return fail(fault, "the text is too long", key, kSeeProtocol);
    value.assign(read);
    return true;
}

bool float_of(MsgpackReader& reader, std::string_view key, float& value, Fault& fault) {
    double read = 0.0;
    if (!reader.number(read)) return fail(fault, "expected a finite number", key, kSeeProtocol);
    if (read < limit::kLowLeast || read > limit::kHighMost) {
        return fail(fault, "the number is out of range", key, kSeeProtocol);
    }
    value = static_cast<float>(read);
    return true;
}

bool is_token(std::string_view text) {  // source: wire::limit::kTokenPattern
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool key_of(MsgpackReader& reader, std::string_view& key, Fault& fault) {
    return reader.text(key) || fail(fault, "a key is no text", "message", kSeeProtocol);
}

// --- schemas

bool curve_of(MsgpackReader& reader, Curve& curve, Fault& fault) {
    std::uint32_t pairs = 0;
    bool named = false;
    if (!reader.map(pairs)) return fail(fault, "expected a map", "curves", kSeeProtocol);
    curve = Curve();
    for (; pairs > 0; --pairs) {
        std::string_view key;
        bool good = key_of(reader, key, fault);
        if (!good) return false;
        if (key == field::kName) {
            good = named = string_of(reader, "curves.name", limit::kNameLongest, curve.name, fault);
        } else if (key == field::kLow || key == field::kHigh) {
            good = float_of(reader, key, key == field::kLow ? curve.low : curve.high, fault);
        } else {
            return fail(fault, "this key is not known", key, kSeeProtocol);
        }
        if (!good) return false;
    }
    return named || fail(fault, "this key is missing", "curves.name", kSeeProtocol);
}

bool curves_of(MsgpackReader& reader, std::vector<Curve>& curves, Fault& fault) {
    std::uint32_t n = 0;
    if (!reader.array(n) || n > limit::kCurvesMostItems) {
        return fail(fault, "expected a list of at most 2000 curves", "curves", kSeeProtocol);
    }
    curves.resize(n);
    return std::all_of(curves.begin(), curves.end(), [&](Curve& one) { return curve_of(reader, one, fault); });
}

bool fps_of(MsgpackReader& reader, Schema& schema, Fault& fault) {
    std::uint32_t n = 0;
    if (!reader.array(n) || n != 2) return fail(fault, "expected a list of 2 integers", "fps", kSeeProtocol);
    if (!integer_of(reader, 1, kFastestFps * kMostRate, "fps", schema.fps_numerator, fault) ||
        !integer_of(reader, 1, kMostRate, "fps", schema.fps_denominator, fault)) {
        return false;
    }
    if (schema.fps_numerator < schema.fps_denominator ||
        schema.fps_numerator > kFastestFps * schema.fps_denominator) {
        return fail(fault, "this is no frame rate", "fps", "send 1 to 1000 frames a second");
    }
    return true;
}

bool schema_field(MsgpackReader& reader, std::string_view key, Schema& schema, unsigned& seen, Fault& fault) {
    if (key == field::kSubject) {
        seen |= 1U;
        return string_of(reader, key, limit::kSubjectLongest, schema.subject, fault);
    }
    if (key == field::kRig) {
        seen |= 2U;
        return string_of(reader, key, kMessageBytes, schema.rig, fault);
    }
    if (key == field::kFps) {
        seen |= 4U;
        return fps_of(reader, schema, fault);
    }
    if (key == field::kSampleRate) {
        seen |= 8U;
        return integer_of(reader, 1, kMostRate, key, schema.sample_rate, fault);
    }
    if (key == field::kLatencySamples) {
        seen |= 16U;
        return integer_of(reader, 0, kAnyInteger, key, schema.latency_samples, fault);
    }
    if (key == field::kCurves) {
        seen |= 32U;
        return curves_of(reader, schema.curves, fault);
    }
    return fail(fault, "this key is not known", key, kSeeProtocol);
}

bool schema_of(MsgpackReader& reader, Schema& schema, Fault& fault) {
    std::uint32_t pairs = 0;
    unsigned seen = 0;
    if (!reader.map(pairs)) return fail(fault, "expected a map", "schema", kSeeProtocol);
    for (; pairs > 0; --pairs) {
        std::string_view key, type;
        if (!key_of(reader, key, fault)) return false;
        if (key == field::kType) {
            if (!text_of(reader, key, type, fault)) return false;
            if (type != wire::tag::kSchema) return fail(fault, "expected a schema", key, kSeeProtocol);
        } else if (!schema_field(reader, key, schema, seen, fault)) {
            return false;
        }
    }
    return seen == 63U || fail(fault, "a key is missing", "schema", kSeeProtocol);
}

// --- answers

bool figures_of(MsgpackReader& reader, Reply& reply, Fault& fault) {
    std::uint32_t pairs = 0;
    if (!reader.map(pairs) || pairs > kMostFigures) {
        return fail(fault, "expected a map of figures", field::kFigures, kSeeProtocol);
    }
    for (; pairs > 0; --pairs) {
        std::string_view name;
        double value = 0.0;
        if (!key_of(reader, name, fault)) return false;
        if (!reader.number(value)) return fail(fault, "expected a finite number", name, kSeeProtocol);
        reply.figures.emplace_back(name, value);
    }
    return true;
}

bool field_of(MsgpackReader& reader, const FieldRule& rule, Reply& reply, Fault& fault) {
    if (rule.integer != nullptr) {
        return integer_of(reader, rule.least, rule.most, rule.key, reply.*rule.integer, fault);
    }
    if (rule.text != nullptr) {
        if (!text_of(reader, rule.key, reply.*rule.text, fault)) return false;
        return rule.key != field::kToken || is_token(reply.token) ||
               fail(fault, "this is no token", rule.key, kSeeProtocol);
    }
    if (rule.key == field::kSchema) return schema_of(reader, reply.schema, fault);
    if (rule.key == field::kFigures) return figures_of(reader, reply, fault);
    if (rule.key == field::kLast) {
        return reader.boolean(reply.last) || fail(fault, "expected true or false", rule.key, kSeeProtocol);
    }
    return (reader.bytes(reply.data) && reply.data.size <= limit::kDataLongest) ||
           fail(fault, "expected bytes, 1048576 at most", rule.key, kSeeProtocol);
}

// What kind of message a map is, wherever in it that stands.
bool type_of(MsgpackReader reader, std::string_view& type, Fault& fault) {
    std::uint32_t pairs = 0;
    if (!reader.map(pairs)) return fail(fault, "expected a map", "message", kSeeProtocol);
    bool found = false;
    for (; pairs > 0; --pairs) {
        std::string_view key;
        if (!key_of(reader, key, fault)) return false;
        if (key == field::kType) {
            found = true;
            if (!text_of(reader, key, type, fault)) return false;
        } else if (!reader.skip()) {
            return fail(fault, "the value is cut off or no msgpack", key, kSeeProtocol);
        }
    }
    if (!reader.at_end()) return fail(fault, "bytes follow the message", "message", "send one a message");
    return found || fail(fault, "this key is missing", field::kType, kSeeProtocol);
}

bool fields_of(MsgpackReader reader, Reply& reply, Fault& fault) {
    std::uint32_t pairs = 0, seen = 0;
    if (!reader.map(pairs)) return fail(fault, "expected a map", "message", kSeeProtocol);
    for (; pairs > 0; --pairs) {
        std::string_view key;
        if (!key_of(reader, key, fault)) return false;
        const auto* rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const FieldRule& one) {
            return one.kind == reply.kind && one.key == key;
        });
        if (key == field::kType) {
            if (!reader.skip()) return false;
        } else if (rule == std::end(kRules)) {
            return fail(fault, "this key is not known", key, kSeeProtocol);
        } else if (!field_of(reader, *rule, reply, fault)) {
            return false;
        } else {
            seen |= std::uint32_t{1} << (rule - std::begin(kRules));
        }
    }
    for (std::size_t at = 0; at < std::size(kRules); ++at) {
        if (kRules[at].kind == reply.kind && kRules[at].needed && (seen >> at & 1U) == 0) {
            return fail(fault, "this key is missing", kRules[at].key, kSeeProtocol);
        }
    }
    return true;
}

static_assert(std::size(kRules) <= 32, "a bit for each");

}  // namespace

bool operator==(const Schema& one, const Schema& other) {
    const auto same = [](const Curve& a, const Curve& b) {
        return a.name == b.name && !(a.low < b.low || a.low > b.low) && !(a.high < b.high || a.high > b.high);
    };
    return one.subject == other.subject && one.rig == other.rig && one.fps_numerator == other.fps_numerator &&
           one.fps_denominator == other.fps_denominator && one.sample_rate == other.sample_rate &&
           one.latency_samples == other.latency_samples &&
           std::equal(one.curves.begin(), one.curves.end(), other.curves.begin(), other.curves.end(), same);
}

bool read_reply(Bytes data, Reply& reply, Fault& fault) {
    if (data.size > kMessageBytes) return fail(fault, "the message is too long", "message", kSeeProtocol);
    std::string_view type;
    const MsgpackReader reader(data);
    if (!type_of(reader, type, fault)) return false;
    const auto* tag = std::find_if(std::begin(kTags), std::end(kTags), [&](const auto& one) {
        return one.first == type;
    });
    if (tag == std::end(kTags)) return fail(fault, "this type is not known", type, kSeeProtocol);
    reply = Reply();
    reply.kind = tag->second;
    return fields_of(reader, reply, fault);
}

bool read_schema(Bytes data, Schema& schema, Fault& fault) {
    if (data.size > kMessageBytes) return fail(fault, "the message is too long", "message", kSeeProtocol);
    std::string_view type;
    MsgpackReader reader(data);
    if (!type_of(reader, type, fault)) return false;
    if (type != wire::tag::kSchema) return fail(fault, "expected a schema", field::kType, kSeeProtocol);
    return schema_of(reader, schema, fault);
}

}  // namespace facerig
