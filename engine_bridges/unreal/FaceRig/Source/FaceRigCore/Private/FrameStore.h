// Frames that are kept, in the order of their indices. Room once taken is used again.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "FaceRigCore/Frame.h"

namespace facerig {

// A kept frame: what it says of itself, and where its values are.
struct KeptFrame : FrameHead {
    std::uint32_t slot = 0;
};

// At most `most` frames of `n_values` each.
class FrameStore {
public:
    FrameStore(std::uint32_t n_values, std::size_t most) : n_values_(n_values), most_(most) {}

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const KeptFrame& operator[](std::size_t at) const { return ring_[(head_ + at) & (ring_.size() - 1)]; }
    const KeptFrame& back() const { return (*this)[size_ - 1]; }
    const float* values(const KeptFrame& frame) const {
        return blocks_[frame.slot / kBlock].get() + std::size_t{n_values_} * (frame.slot % kBlock);
    }

    // How many frames, counted from the first, have an index (a sample) of at most `limit`. Where samples do
    // not rise with indices, as only a service that is wrong has them, it is a place like any other.
    std::size_t up_to_index(std::int64_t limit) const { return up_to(&FrameHead::index, limit); }
    std::size_t up_to_sample(std::int64_t limit) const { return up_to(&FrameHead::sample, limit); }

    bool insert(const FrameView& frame);  // true if the oldest had to go for it
    void drop_front(std::size_t n);
    void clear() { drop_front(size_); }

private:
    static constexpr std::uint32_t kBlock = 32;  // frames that room is taken for at a time

    std::size_t up_to(std::int64_t FrameHead::*key, std::int64_t limit) const;
    KeptFrame& place(std::size_t at) { return ring_[(head_ + at) & (ring_.size() - 1)]; }
    void grow();
    void add_block();

    std::uint32_t n_values_;
    std::size_t most_;
    std::vector<KeptFrame> ring_;  // a power of two
    std::size_t head_ = 0, size_ = 0;
    std::vector<std::unique_ptr<float[]>> blocks_;
    std::vector<std::uint32_t> free_;  // slots
};

}  // namespace facerig
