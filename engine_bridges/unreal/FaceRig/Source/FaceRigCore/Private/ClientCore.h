// What a client and its characters share: a `Link` with sockets under it, and the thread that turns it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "Link.h"
#include "Sockets.h"

namespace facerig {

// The thread's own: connection, and what is on its way.
class ClientCore {
public:
    explicit ClientCore(const Address& address);
    ~ClientCore();
    ClientCore(const ClientCore&) = delete;
    ClientCore& operator=(const ClientCore&) = delete;

    // Nobody else changes anything while this is held.
    using Lock = std::unique_lock<std::mutex>;
    Lock lock() const { return Lock(mutex_); }
    Link& link(const Lock&) { return link_; }
    const Link& link(const Lock&) const { return link_; }
    void wake(const Lock&);  // something is to be sent

    bool next_event(Event& event);
    bool connected() const { return connected_; }
    const Error& failure() const { return failure_; }
    void reconnect();
    void close(double timeout_secs);

private:
    struct Connection {
        Connection(const ZmqContext& context, const Endpoints& endpoints, const CurveKeys& keys);

        ZmqSocket control, curves;
        ZmqMonitor monitor;
        std::set<std::string> subjects;  // that it hears
        bool good;
    };

    void run();
    void turn();
    void hear_news();
    void send_due();
    void hear_subjects(const Lock&);
    void open_connection();
    void happened(EventKind kind);

    Endpoints endpoints_;
    CurveKeys keys_;
    Error failure_;
    ZmqContext context_;
    std::unique_ptr<ZmqWaker> waker_;
    std::unique_ptr<Connection> connection_;
    Outgoing outgoing_;
    bool stuck_ = false;    // nobody reads what is sent
    bool refusing_ = false;  // the other side does not take the keys, and that was told

    mutable std::mutex mutex_;
    std::condition_variable changed_;  // some session is over, or the thread ends
    Link link_;
    std::deque<Event> events_;
    bool awake_ = false;    // the thread was woken, and has not looked yet
    bool drop_ = false;     // the connection, and open another
    bool stopping_ = false;

    std::atomic<bool> connected_{false}, running_{true};
    std::thread thread_;
};

}  // namespace facerig
