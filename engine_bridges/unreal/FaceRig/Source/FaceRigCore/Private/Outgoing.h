// Messages on their way out; their room is used again.
#pragma once

#include <cstddef>
#include <vector>

#include "FaceRigCore/Messages.h"

namespace facerig {

class Outgoing {
public:
    // Room for another message.
    Message& add() {
        if (size_ == messages_.size()) messages_.emplace_back();
        return messages_[size_++];
    }
    std::size_t size() const { return size_; }
    const Message& operator[](std::size_t at) const { return messages_[at]; }
    void clear() { size_ = 0; }

private:
    std::vector<Message> messages_;
    std::size_t size_ = 0;
};

}  // namespace facerig
