// Faces of a service's characters, whoever speaks for them: for a program that only shows (a Live Link source).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "FaceRigCore/Client.h"
#include "FaceRigCore/Export.h"
#include "FaceRigCore/Frame.h"
#include "FaceRigCore/Messages.h"

namespace facerig {

// Who hears. All calls come from the observer's thread, one at a time; what they are given lasts as long as the
// call. They must not destroy the observer.
class FACERIGCORE_API ObserverListener {
public:
    virtual ~ObserverListener();
    virtual void on_schema(const Schema& schema) = 0;  // a character is there, or its frames mean something else
    virtual void on_frame(const Schema& schema, const FrameView& frame) = 0;  // never of an epoch that is over
    virtual void on_connection(bool connected) = 0;
};

class FACERIGCORE_API Observer {
public:
    // subjects: whom to hear; none: everybody. The listener must live longer than the observer.
    Observer(const Address& address, const std::vector<std::string>& subjects, ObserverListener& listener);
    ~Observer();  // no call is made after it
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    std::uint64_t garbage() const;  // messages that could not be read
    std::uint64_t stale() const;    // frames of an epoch that is over
    Error failure() const;          // why it cannot work at all

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace facerig
