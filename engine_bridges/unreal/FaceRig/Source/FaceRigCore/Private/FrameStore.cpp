#include "FrameStore.h"

namespace facerig {

std::size_t FrameStore::up_to(std::int64_t FrameHead::*key, std::int64_t limit) const {
    std::size_t low = 0, high = size_;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (limit < (*this)[middle].*key) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

bool FrameStore::insert(const FrameView& frame) {
    if (size_ == ring_.size()) grow();
    if (free_.empty()) add_block();
    const std::size_t at = up_to_index(frame.index);
    KeptFrame kept;
    static_cast<FrameHead&>(kept) = frame;
    kept.slot = free_.back();
    free_.pop_back();
    frame.copy_to(blocks_[kept.slot / kBlock].get() + std::size_t{n_values_} * (kept.slot % kBlock));
    ++size_;
    if (2 * at >= size_) {  // the shorter side makes room
        for (std::size_t k = size_ - 1; k > at; --k) place(k) = place(k - 1);
    } else {
        head_ = (head_ + ring_.size() - 1) & (ring_.size() - 1);
        for (std::size_t k = 0; k < at; ++k) place(k) = place(k + 1);
    }
    place(at) = kept;
    if (size_ <= most_) return false;
    drop_front(1);
    return true;
}

void FrameStore::drop_front(std::size_t n) {
    for (; n > 0 && size_ > 0; --n, --size_) {
        free_.push_back(place(0).slot);
        head_ = (head_ + 1) & (ring_.size() - 1);
    }
}

void FrameStore::grow() {
    std::vector<KeptFrame> wider(ring_.empty() ? kBlock : 2 * ring_.size());
    for (std::size_t at = 0; at < size_; ++at) wider[at] = (*this)[at];
    ring_.swap(wider);
    head_ = 0;
    free_.reserve(ring_.size());
}

void FrameStore::add_block() {
    const auto first = static_cast<std::uint32_t>(blocks_.size()) * kBlock;
    blocks_.push_back(std::make_unique<float[]>(std::size_t{kBlock} * n_values_));
    for (std::uint32_t k = kBlock; k > 0; --k) free_.push_back(first + k - 1);
}

}  // namespace facerig
