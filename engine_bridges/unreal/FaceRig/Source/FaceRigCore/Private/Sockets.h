// The sockets of a client over libzmq, and whether anybody is at the other end. Only Sockets.cpp sees zmq.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "FaceRigCore/Client.h"
#include "FaceRigCore/Messages.h"

namespace facerig {

// Where a service's two sockets are.
struct Endpoints {
    std::string control, curves;
};
bool endpoints_of(const Address& address, Endpoints& endpoints, Error& error);

// ZeroMQ's threads and sockets; outlives all that is made of it.
class ZmqContext {
public:
    ZmqContext();
    ~ZmqContext();
    ZmqContext(const ZmqContext&) = delete;
    ZmqContext& operator=(const ZmqContext&) = delete;

    void* handle() const { return context_; }

private:
    void* context_;
};

// A message that came, as long as this is there or until the next one.
class ZmqMessage {
public:
    ZmqMessage();
    ~ZmqMessage();
    ZmqMessage(const ZmqMessage&) = delete;
    ZmqMessage& operator=(const ZmqMessage&) = delete;

    Bytes bytes() const;
    std::string_view text() const;
    bool receive(void* socket, bool& more);  // false where none is there
    bool receive_last(void* socket);         // of a message of one part or several, the last one

private:
    alignas(8) unsigned char message_[64];  // a zmq_msg_t
};

enum class SocketKind { dealer, subscriber, pair };

// One socket; one thread uses it.
class ZmqSocket {
public:
    ZmqSocket(const ZmqContext& context, SocketKind kind);
    ~ZmqSocket();
    ZmqSocket(const ZmqSocket&) = delete;
    ZmqSocket& operator=(const ZmqSocket&) = delete;

    void* handle() const { return socket_; }
    bool connect(const std::string& endpoint, const CurveKeys& keys);  // false where that cannot be one
    bool bind(const std::string& endpoint);
    bool join(const std::string& endpoint);  // one of this process
    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);
    bool send(Bytes data);  // false where the queue is full: nobody reads
    void linger(int ms);    // what is queued gets so long to leave once it is closed

private:
    void set(int option, int value);

    void* socket_;
};

// What becomes of a socket's connection.
class ZmqMonitor {
public:
    ZmqMonitor(const ZmqContext& context, ZmqSocket& of);
    ~ZmqMonitor();
    ZmqMonitor(const ZmqMonitor&) = delete;
    ZmqMonitor& operator=(const ZmqMonitor&) = delete;

    enum class News { none, connected, lost, refused };
    News next();  // `lost`: of a connection that was one; `refused`: keys that the other side does not take
    void* handle() const { return events_.handle(); }

private:
    ZmqSocket& of_;
    ZmqSocket events_;
    bool connected_ = false;
};

// Wakes a thread that polls.
class ZmqWaker {
public:
    explicit ZmqWaker(const ZmqContext& context);

    void wake();   // from one thread at a time
    void taken();  // in the thread that polls
    void* handle() const { return inner_.handle(); }

private:
    std::string endpoint_;
    ZmqSocket inner_, outer_;
};

// Wait until a message is at one of them, or so long. Null handles are passed over.
void wait_for(void* const* sockets, std::size_t n_sockets, int timeout_ms);

std::int64_t steady_ns();  // a clock that never goes back

}  // namespace facerig
