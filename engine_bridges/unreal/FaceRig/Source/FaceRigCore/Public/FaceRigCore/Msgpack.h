// The msgpack that the protocol needs: bounded, and total on any bytes. No extensions, no NaN.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "FaceRigCore/Error.h"
#include "FaceRigCore/Export.h"

namespace facerig {

// Appends values to bytes. Lengths must be those of the heads that were written: nobody checks.
class FACERIGCORE_API MsgpackWriter {
public:
    explicit MsgpackWriter(std::vector<std::uint8_t>& into) : into_(into) {}

    void map(std::uint32_t pairs);
    void array(std::uint32_t items);
    void text(std::string_view value);
    void bytes(Bytes value);
    void integer(std::int64_t value);
    void number(double value);
    void boolean(bool value);

private:
    void head(std::uint8_t tag, std::uint64_t value, int n_bytes);

    std::vector<std::uint8_t>& into_;
};

enum class MsgpackKind { nil, boolean, integer, number, text, bytes, array, map, none };

// Reads values from bytes, one after the other. Each call gives the next value, or false where that is
// something else, is cut off, is not UTF-8, not finite, or says that more follows than there are bytes.
class FACERIGCORE_API MsgpackReader {
public:
    static constexpr int kDeepest = 16;  // maps and arrays within each other

    explicit MsgpackReader(Bytes data) : at_(data.data), end_(data.data + data.size) {}

    MsgpackKind peek() const;
    bool nil();
    bool boolean(bool& value);
    bool integer(std::int64_t& value);
    bool number(double& value);  // also of an integer
    bool text(std::string_view& value);
    bool bytes(Bytes& value);
    bool array(std::uint32_t& items);
    bool map(std::uint32_t& pairs);
    bool skip();  // one value, whatever is in it

    bool at_end() const { return at_ == end_; }

private:
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    std::uint64_t big_endian(std::size_t offset, std::size_t n_bytes) const;
    bool counted(std::uint8_t fixed, std::uint8_t two, std::size_t least, std::uint32_t& count);
    bool taken(std::size_t head_bytes, std::size_t size, Bytes& value);
    bool plain(MsgpackKind kind);  // passes a value that holds no others

    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

}  // namespace facerig
