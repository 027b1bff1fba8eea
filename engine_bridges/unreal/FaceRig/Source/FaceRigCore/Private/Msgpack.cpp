#include "FaceRigCore/Msgpack.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "Utf8.h"

namespace facerig {
namespace {

// The first bytes of values. Source: the msgpack specification, "formats".
constexpr std::uint8_t kNil = 0xC0, kFalse = 0xC2, kTrue = 0xC3, kFloat32 = 0xCA, kFloat64 = 0xCB;
constexpr std::uint8_t kBytes8 = 0xC4, kText8 = 0xD9, kArray16 = 0xDC, kMap16 = 0xDE;
constexpr std::uint8_t kUnsigned8 = 0xCC, kUnsigned64 = 0xCF, kSigned8 = 0xD0, kSigned64 = 0xD3;
constexpr std::uint8_t kFixMap = 0x80, kFixArray = 0x90, kFixText = 0xA0, kNegative = 0xE0;

bool is_fixed(std::uint8_t tag, std::uint8_t kind) {  // a length of four bits in the tag (five of a text)
    return (tag & (kind == kFixText ? 0xE0 : 0xF0)) == kind;
}

}  // namespace

// --- writing

void MsgpackWriter::head(std::uint8_t tag, std::uint64_t value, int n_bytes) {
    into_.push_back(tag);
    for (int k = n_bytes - 1; k >= 0; --k) into_.push_back(static_cast<std::uint8_t>(value >> (8 * k)));
}

void MsgpackWriter::map(std::uint32_t pairs) {
    if (pairs < 16) {
        into_.push_back(static_cast<std::uint8_t>(kFixMap | pairs));
    } else {
        const bool two = pairs <= 0xFFFF;
        head(two ? kMap16 : kMap16 + 1, pairs, two ? 2 : 4);
    }
}

void MsgpackWriter::array(std::uint32_t items) {
    if (items < 16) {
        into_.push_back(static_cast<std::uint8_t>(kFixArray | items));
    } else {
        const bool two = items <= 0xFFFF;
        head(two ? kArray16 : kArray16 + 1, items, two ? 2 : 4);
    }
}

void MsgpackWriter::text(std::string_view value) {
    const std::size_t n = value.size();
    if (n < 32) {
        into_.push_back(static_cast<std::uint8_t>(kFixText | n));
    } else if (n <= 0xFFFF) {
        head(n <= 0xFF ? kText8 : kText8 + 1, n, n <= 0xFF ? 1 : 2);
    } else {
        head(kText8 + 2, n, 4);
    }
    into_.insert(into_.end(), value.begin(), value.end());
}

void MsgpackWriter::bytes(Bytes value) {
    const std::size_t n = value.size;
    if (n <= 0xFFFF) {
        head(n <= 0xFF ? kBytes8 : kBytes8 + 1, n, n <= 0xFF ? 1 : 2);
    } else {
        head(kBytes8 + 2, n, 4);
    }
    into_.insert(into_.end(), value.data, value.data + n);
}

void MsgpackWriter::integer(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (value >= -32 && value < 128) {
        into_.push_back(static_cast<std::uint8_t>(bits));
        return;
    }
    for (int power = 0; power < 4; ++power) {  // the shortest of 1, 2, 4 and 8 bytes
        const int n_bits = 8 << power;
        const bool fits = value >= 0 ? power == 3 || bits >> n_bits == 0
                                     : power == 3 || value >= -(std::int64_t{1} << (n_bits - 1));
        if (fits) {
            head(static_cast<std::uint8_t>((value >= 0 ? kUnsigned8 : kSigned8) + power), bits, 1 << power);
            return;
        }
    }
}

void MsgpackWriter::number(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    head(kFloat64, bits, 8);
}

void MsgpackWriter::boolean(bool value) { into_.push_back(value ? kTrue : kFalse); }

// --- reading

MsgpackKind MsgpackReader::peek() const {
    if (at_ == end_) return MsgpackKind::none;
    const std::uint8_t tag = *at_;
    if (tag < kFixMap || tag >= kNegative) return MsgpackKind::integer;
    if (tag < kFixArray) return MsgpackKind::map;
    if (tag < kFixText) return MsgpackKind::array;
    if (tag < kNil) return MsgpackKind::text;
    if (tag == kNil) return MsgpackKind::nil;
    if (tag == kFalse || tag == kTrue) return MsgpackKind::boolean;
    if (tag >= kBytes8 && tag < kBytes8 + 3) return MsgpackKind::bytes;
    if (tag == kFloat32 || tag == kFloat64) return MsgpackKind::number;
    if (tag >= kUnsigned8 && tag <= kSigned64) return MsgpackKind::integer;
    if (tag >= kText8 && tag < kArray16) return MsgpackKind::text;
    if (tag >= kArray16 && tag < kMap16) return MsgpackKind::array;
    return tag >= kMap16 ? MsgpackKind::map : MsgpackKind::none;  // none: an extension
}

std::uint64_t MsgpackReader::big_endian(std::size_t offset, std::size_t n_bytes) const {
    std::uint64_t value = 0;
    for (std::size_t k = 0; k < n_bytes; ++k) value = value << 8 | at_[offset + k];
    return value;
}

bool MsgpackReader::nil() {
    if (peek() != MsgpackKind::nil) return false;
    ++at_;
    return true;
}

bool MsgpackReader::boolean(bool& value) {
    if (peek() != MsgpackKind::boolean) return false;
    value = *at_++ == kTrue;
    return true;
}

bool MsgpackReader::integer(std::int64_t& value) {
    if (peek() != MsgpackKind::integer) return false;
    const std::uint8_t tag = *at_;
    if (tag < kFixMap || tag >= kNegative) {
        value = static_cast<std::int8_t>(tag);
        ++at_;
        return true;
    }
    const bool with_sign = tag >= kSigned8;
    const std::size_t n_bytes = std::size_t{1} << (tag - (with_sign ? kSigned8 : kUnsigned8));
    if (left() <= n_bytes) return false;
    std::uint64_t bits = big_endian(1, n_bytes);
    if (tag == kUnsigned64 && bits >> 63 != 0) return false;  // no field is so large
    if (with_sign && n_bytes < 8 && bits >> (8 * n_bytes - 1) != 0) bits |= ~std::uint64_t{0} << (8 * n_bytes);
    value = static_cast<std::int64_t>(bits);
    at_ += 1 + n_bytes;
    return true;
}

bool MsgpackReader::number(double& value) {
    if (peek() == MsgpackKind::integer) {
        std::int64_t whole = 0;
        if (!integer(whole)) return false;
        value = static_cast<double>(whole);
        return true;
    }
    if (peek() != MsgpackKind::number) return false;
    const std::size_t n_bytes = *at_ == kFloat32 ? 4 : 8;
    if (left() <= n_bytes) return false;
    const std::uint64_t bits = big_endian(1, n_bytes);
    double read = 0.0;
    if (n_bytes == 4) {
        const auto half = static_cast<std::uint32_t>(bits);
        float single = 0.0F;
        std::memcpy(&single, &half, sizeof single);
        read = static_cast<double>(single);
    } else {
        std::memcpy(&read, &bits, sizeof read);
    }
    if (!std::isfinite(read)) return false;
    value = read;
    at_ += 1 + n_bytes;
    return true;
}

bool MsgpackReader::taken(std::size_t head_bytes, std::size_t size, Bytes& value) {
    if (left() < head_bytes || left() - head_bytes < size) return false;
    value = {at_ + head_bytes, size};
    at_ += head_bytes + size;
    return true;
}

bool MsgpackReader::text(std::string_view& value) {
    if (peek() != MsgpackKind::text) return false;
    const std::uint8_t* start = at_;
    Bytes read;
    bool whole = false;
    if (is_fixed(*at_, kFixText)) {
        whole = taken(1, *at_ & 0x1F, read);
    } else {
        const std::size_t n_bytes = std::size_t{1} << (*at_ - kText8);
        whole = left() > n_bytes && taken(1 + n_bytes, static_cast<std::size_t>(big_endian(1, n_bytes)), read);
    }
    if (!whole) return false;
    const std::string_view view(reinterpret_cast<const char*>(read.data), read.size);
    if (utf8_length(view) == kNotUtf8) {
        at_ = start;
        return false;
    }
    value = view;
    return true;
}

bool MsgpackReader::bytes(Bytes& value) {
    if (peek() != MsgpackKind::bytes) return false;
    const std::size_t n_bytes = std::size_t{1} << (*at_ - kBytes8);
    return left() > n_bytes && taken(1 + n_bytes, static_cast<std::size_t>(big_endian(1, n_bytes)), value);
}

bool MsgpackReader::counted(std::uint8_t fixed, std::uint8_t two, std::size_t least, std::uint32_t& count) {
    std::size_t head_bytes = 1;
    std::uint64_t n = *at_ & 0x0F;
    if (!is_fixed(*at_, fixed)) {
        const std::size_t n_bytes = *at_ == two ? 2 : 4;
        if (left() <= n_bytes) return false;
        n = big_endian(1, n_bytes);
        head_bytes += n_bytes;
    }
    if (n * least > left() - head_bytes) return false;  // each needs so many bytes
    count = static_cast<std::uint32_t>(n);
    at_ += head_bytes;
    return true;
}

bool MsgpackReader::array(std::uint32_t& items) {
    return peek() == MsgpackKind::array && counted(kFixArray, kArray16, 1, items);
}

bool MsgpackReader::map(std::uint32_t& pairs) {
    return peek() == MsgpackKind::map && counted(kFixMap, kMap16, 2, pairs);
}

bool MsgpackReader::skip() {
    std::uint64_t waiting[kDeepest + 1] = {1};  // values, by depth, that are still to come
    for (int depth = 0; depth >= 0;) {
        if (waiting[depth] == 0) {
            --depth;
            continue;
        }
        --waiting[depth];
        const MsgpackKind kind = peek();
        if (kind == MsgpackKind::array || kind == MsgpackKind::map) {
            std::uint32_t n = 0;
            if (depth == kDeepest || !(kind == MsgpackKind::map ? map(n) : array(n))) return false;
            waiting[++depth] = kind == MsgpackKind::map ? std::uint64_t{2} * n : n;
        } else if (!plain(kind)) {
            return false;
        }
    }
    return true;
}

bool MsgpackReader::plain(MsgpackKind kind) {
    bool yes = false;
    std::int64_t whole = 0;
    double real = 0.0;
    std::string_view letters;
    Bytes raw;
    switch (kind) {
        case MsgpackKind::nil: return nil();
        case MsgpackKind::boolean: return boolean(yes);
        case MsgpackKind::integer: return integer(whole);
        case MsgpackKind::number: return number(real);
        case MsgpackKind::text: return text(letters);
        case MsgpackKind::bytes: return bytes(raw);
        default: return false;
    }
}

}  // namespace facerig
