#include "FaceRigCore/Frame.h"

#include "FaceRigCore/Wire.h"
#include "Faults.h"

namespace facerig {
namespace {

constexpr std::size_t kHeader = wire::frame::kHeaderBytes;

std::uint64_t little_endian(const std::uint8_t* from, int n_bytes) {
    std::uint64_t value = 0;
    for (int k = n_bytes - 1; k >= 0; --k) value = value << 8 | from[k];
    return value;
}

void add_little_endian(std::vector<std::uint8_t>& into, std::uint64_t value, int n_bytes) {
    for (int k = 0; k < n_bytes; ++k) into.push_back(static_cast<std::uint8_t>(value >> (8 * k)));
}

bool all_finite(const FrameView& frame) {
    for (std::uint32_t at = 0; at < frame.count; ++at) {
        const std::uint8_t* high = frame.values + std::size_t{4} * at + 2;
        if ((high[1] & 0x7F) == 0x7F && (high[0] & 0x80) != 0) return false;  // an exponent of all ones
    }
    return true;
}

}  // namespace

bool FrameHead::last() const { return (flags & wire::frame::kLast) != 0; }

bool FrameHead::idle() const { return (flags & wire::frame::kIdle) != 0; }

int FrameHead::step() const {
    return wire::frame::kSteps[static_cast<std::size_t>((flags & wire::frame::kStep) >> wire::frame::kStepShift)];
}

bool looks_like_frame(Bytes data) {
    constexpr std::string_view magic = wire::frame::kMagic;
    return data.size >= magic.size() && std::memcmp(data.data, magic.data(), magic.size()) == 0;
}

bool read_frame(Bytes data, FrameView& frame, Fault& fault) {
    if (data.size < kHeader || !looks_like_frame(data)) {
        return fail(fault, "the bytes are no frame of curves", "frame", "check the topic");
    }
    const std::uint8_t* from = data.data;
    if (from[wire::frame::kVersionAt] != wire::kVersion) {
        return fail(fault, "this version is not known here", "frame.version", "use a library of the service's version");
    }
    FrameView read;
    read.flags = from[wire::frame::kFlagsAt];
    read.count = static_cast<std::uint32_t>(little_endian(from + wire::frame::kCountAt, 2));
    read.epoch = static_cast<std::uint32_t>(little_endian(from + wire::frame::kEpochAt, 4));
    const std::uint64_t index = little_endian(from + wire::frame::kIndexAt, 8);
    const std::uint64_t sample = little_endian(from + wire::frame::kSampleAt, 8);
    read.index = static_cast<std::int64_t>(index);
    read.sample = static_cast<std::int64_t>(sample);
    read.values = from + wire::frame::kValuesAt;
    if (read.count > wire::kMostCurves || data.size != kHeader + std::size_t{4} * read.count) {
        return fail(fault, "the bytes do not hold so many values", "frame.count", "send 28 + 4 * count bytes");
    }
    constexpr auto most = static_cast<std::uint64_t>(wire::limit::kAtMost);
    if (index > most) return fail(fault, "this index is none", "frame.index", "count from 0");
    if (read.sample < wire::frame::kSilence || (read.sample >= 0 && sample > most)) {
        return fail(fault, "this sample is none", "frame.sample", "send -1 in silence");
    }
    if (!all_finite(read)) return fail(fault, "a value is not finite", "frame.values", "send numbers");
    frame = read;
    return true;
}

void write_frame(const Frame& frame, std::vector<std::uint8_t>& into) {
    into.assign(wire::frame::kMagic.begin(), wire::frame::kMagic.end());
    into.push_back(static_cast<std::uint8_t>(wire::kVersion));
    into.push_back(frame.flags);
    add_little_endian(into, frame.values.size(), 2);
    add_little_endian(into, frame.epoch, 4);
    add_little_endian(into, static_cast<std::uint64_t>(frame.index), 8);
    add_little_endian(into, static_cast<std::uint64_t>(frame.sample), 8);
    for (const float value : frame.values) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        add_little_endian(into, bits, 4);
    }
}

}  // namespace facerig
