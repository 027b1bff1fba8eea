// Frames that wait to be read one by one: the oldest goes where too many do. Room once taken is used again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "FaceRigCore/Frame.h"

namespace facerig {

class FrameQueue {
public:
    static constexpr std::size_t kMost = 36'000;  // 10 minutes at 60 a second

    bool empty() const { return size_ == 0; }
    void clear() { head_ = size_ = 0; }

    void push(const FrameView& frame, std::uint64_t order) {
        if (size_ == waiting_.size() && size_ < kMost) grow();
        if (size_ == waiting_.size()) pop_front();
        Waiting& last = waiting_[(head_ + size_++) % waiting_.size()];
        static_cast<FrameHead&>(last.frame) = frame;
        last.order = order;
        last.frame.values.resize(frame.count);
        frame.copy_to(last.frame.values.data());
    }

    // The oldest frame; its values are swapped with those of `frame`.
    bool pop(Frame& frame, std::uint64_t* order) {
        if (size_ == 0) return false;
        Waiting& oldest = waiting_[head_];
        if (order != nullptr) *order = oldest.order;
        static_cast<FrameHead&>(frame) = oldest.frame;
        frame.values.swap(oldest.frame.values);
        pop_front();
        return true;
    }

private:
    struct Waiting {
        Frame frame;
        std::uint64_t order = 0;
    };

    void pop_front() {
        head_ = (head_ + 1) % waiting_.size();
        --size_;
    }

    void grow() {
        std::vector<Waiting> wider(waiting_.empty() ? 16 : (std::min)(2 * waiting_.size(), kMost));
        for (std::size_t at = 0; at < size_; ++at) wider[at] = std::move(waiting_[(head_ + at) % waiting_.size()]);
        waiting_.swap(wider);
        head_ = 0;
    }

    std::vector<Waiting> waiting_;
    std::size_t head_ = 0, size_ = 0;
};

}  // namespace facerig
