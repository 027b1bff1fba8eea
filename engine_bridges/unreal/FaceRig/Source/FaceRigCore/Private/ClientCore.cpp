#include "ClientCore.h"

#include <chrono>
#include <utility>

#include "FaceRigCore/Wire.h"

namespace facerig {
namespace {

constexpr int kTurnMs = 100;  // that the thread waits at most: pings and retries need no more
constexpr int kMostATurn = 2'000;  // messages that are taken before others get their turn
constexpr int kLingerMs = 500;     // that the last words get to leave
constexpr std::size_t kMostClientEvents = 256;  // that nobody has read

Bytes bytes_of(const Message& message) { return {message.data(), message.size()}; }

std::string topic_of(const std::string& subject) { return subject + '\0'; }

}  // namespace

ClientCore::Connection::Connection(const ZmqContext& context, const Endpoints& endpoints, const CurveKeys& keys)
    : control(context, SocketKind::dealer), curves(context, SocketKind::subscriber), monitor(context, control),
      good(true) {
    good = curves.connect(endpoints.curves, keys) && control.connect(endpoints.control, keys);
}

ClientCore::ClientCore(const Address& address) : keys_(address.keys) {
    if (!endpoints_of(address, endpoints_, failure_)) return;
    waker_ = std::make_unique<ZmqWaker>(context_);
    open_connection();
    if (!connection_->good) {
        failure_ = {"config", "cannot connect to " + endpoints_.control, "connect",
                    keys_.empty() ? "give a host that can be found" : "use a libzmq that was built with CURVE"};
        return;
    }
    thread_ = std::thread([this] { run(); });
}

ClientCore::~ClientCore() { close(0.0); }

void ClientCore::wake(const Lock&) {
    if (awake_ || !waker_) return;
    awake_ = true;
    waker_->wake();
}

bool ClientCore::next_event(Event& event) {
    const Lock held = lock();
    if (events_.empty()) return false;
    event = std::move(events_.front());
    events_.pop_front();
    return true;
}

void ClientCore::reconnect() {
    const Lock held = lock();
    drop_ = true;
    wake(held);
}

void ClientCore::close(double timeout_secs) {
    if (!thread_.joinable()) return;
    {
        Lock held = lock();
        link_.abandon();
        wake(held);
        const auto done = [this] { return link_.over() || !connected_; };  // or nobody is there to answer
        changed_.wait_for(held, std::chrono::duration<double>(timeout_secs), done);
        stopping_ = true;
        wake(held);
    }
    thread_.join();
    connected_ = false;
}

// --- the thread

void ClientCore::run() {
    for (bool running = true; running;) {
        void* const sockets[] = {connection_->control.handle(), connection_->curves.handle(),
                                 connection_->monitor.handle(), waker_->handle()};
        wait_for(sockets, std::size(sockets), kTurnMs);
        {
            const Lock held = lock();
            waker_->taken();
            awake_ = false;
        }
        turn();
        const Lock held = lock();
        running = !stopping_;
        changed_.notify_all();
    }
    connection_->control.linger(kLingerMs);
    connection_.reset();
}

void ClientCore::turn() {
    const std::int64_t now_ns = steady_ns();
    ZmqMessage topic, data;
    bool more = false;  // frames first: those that left before an answer was given count before it
    for (int n = 0; n < kMostATurn && topic.receive(connection_->curves.handle(), more); ++n) {
        if (!more || !data.receive_last(connection_->curves.handle())) continue;
        const Lock held = lock();
        link_.published(topic.text(), data.bytes());
    }
    for (int n = 0; n < kMostATurn && data.receive_last(connection_->control.handle()); ++n) {
        const Lock held = lock();
        link_.answered(data.bytes(), now_ns);
    }
    hear_news();
    send_due();
}

// Whether the connection is there; where it broke, another one is opened.
void ClientCore::hear_news() {
    bool broken = stuck_;
    for (auto news = connection_->monitor.next(); news != ZmqMonitor::News::none; news = connection_->monitor.next()) {
        broken = broken || news == ZmqMonitor::News::lost;
        if (news == ZmqMonitor::News::connected) {
            connected_ = true;
            refusing_ = false;
            happened(EventKind::connected);
        } else if (news == ZmqMonitor::News::refused && !refusing_) {
            refusing_ = true;
            happened(EventKind::refused);
        }
    }
    {
        const Lock held = lock();
        broken = broken || drop_;
        drop_ = false;
        if (broken) link_.lost(steady_ns());
    }
    if (broken) {
        connected_ = stuck_ = false;
        happened(EventKind::lost);
        open_connection();
    }
}

void ClientCore::send_due() {
    {
        const Lock held = lock();
        hear_subjects(held);
        outgoing_.clear();
        link_.due(steady_ns(), outgoing_);
    }
    for (std::size_t at = 0; at < outgoing_.size(); ++at) {
        stuck_ = !connection_->control.send(bytes_of(outgoing_[at])) || stuck_;
    }
}

// The frames of those that are talked about.
void ClientCore::hear_subjects(const Lock&) {
    std::set<std::string>& heard = connection_->subjects;
    link_.each_subject([&](const std::string& subject) {
        if (heard.insert(subject).second) connection_->curves.subscribe(topic_of(subject));
    });
    for (auto one = heard.begin(); one != heard.end();) {
        if (link_.hears(*one)) {
            ++one;
        } else {
            connection_->curves.unsubscribe(topic_of(*one));
            one = heard.erase(one);
        }
    }
}

void ClientCore::open_connection() {
    connection_.reset();
    connection_ = std::make_unique<Connection>(context_, endpoints_, keys_);
}

void ClientCore::happened(EventKind kind) {
    const Lock held = lock();
    if (events_.size() >= kMostClientEvents) events_.pop_front();
    Event& one = events_.emplace_back();
    one.kind = kind;
    if (kind == EventKind::refused) {
        one.error = {"keys", "the service at " + endpoints_.control + " does not take this connection", "connect",
                     keys_.empty() ? "give the keys that its operator has" : "see that it allows this key"};
    }
}

}  // namespace facerig
