#include "FaceRigCore/Observer.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>

#include "Sockets.h"

namespace facerig {
namespace {

constexpr int kObserverWaitMs = 200;       // that the thread waits at most
constexpr std::size_t kMostSubjects = 4'096;  // that are known at a time

}  // namespace

ObserverListener::~ObserverListener() = default;

class Observer::Core {
public:
    Core(const Address& address, const std::vector<std::string>& subjects, ObserverListener& listener)
        : listener_(listener), socket_(context_, SocketKind::subscriber), monitor_(context_, socket_),
          waker_(context_) {
        Endpoints endpoints;
        if (!endpoints_of(address, endpoints, failure)) return;
        for (const std::string& subject : subjects) socket_.subscribe(subject + '\0');
        if (subjects.empty()) socket_.subscribe("");
        if (!socket_.connect(endpoints.curves, address.keys)) {
            failure = {"config", "cannot connect to " + endpoints.curves, "connect", "give a host that can be found"};
            return;
        }
        thread_ = std::thread([this] { run(); });
    }

    ~Core() {
        if (!thread_.joinable()) return;
        stopping_ = true;
        waker_.wake();
        thread_.join();
    }

    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Error failure;
    std::atomic<std::uint64_t> garbage{0}, stale{0};

private:
    struct Subject {
        Schema schema;
        std::uint32_t epoch = 0;
        bool fresh = true;  // its schema came after its last frame: any epoch may follow
    };

    void run() {
        while (!stopping_) {
            void* const sockets[] = {socket_.handle(), monitor_.handle(), waker_.handle()};
            wait_for(sockets, std::size(sockets), kObserverWaitMs);
            waker_.taken();
            hear();
            for (auto news = monitor_.next(); news != ZmqMonitor::News::none; news = monitor_.next()) {
                if (news != ZmqMonitor::News::refused) listener_.on_connection(news == ZmqMonitor::News::connected);
            }
        }
    }

    void hear() {
        ZmqMessage topic, data;
        bool more = false;
        while (!stopping_ && topic.receive(socket_.handle(), more)) {
            if (more && data.receive_last(socket_.handle())) published(topic.text(), data.bytes());
        }
    }

    void published(std::string_view topic, Bytes data) {
        const bool good = looks_like_frame(data) ? framed(topic, data) : described(topic, data);
        if (!good) ++garbage;
    }

    bool described(std::string_view topic, Bytes data) {
        Fault fault;
        Schema schema;
        if (!read_schema(data, schema, fault) || topic != std::string_view(schema.subject + '\0')) return false;
        if (subjects_.size() >= kMostSubjects) subjects_.erase(subjects_.begin());
        Subject& one = subjects_[std::string(topic)];
        one.schema = std::move(schema);
        one.fresh = true;
        listener_.on_schema(one.schema);
        return true;
    }

    bool framed(std::string_view topic, Bytes data) {
        Fault fault;
        FrameView frame;
        if (!read_frame(data, frame, fault)) return false;
        const auto found = subjects_.find(topic);
        if (found == subjects_.end()) return true;  // its schema is on the way
        Subject& one = found->second;
        if ((!one.fresh && frame.epoch < one.epoch) || frame.count != one.schema.curves.size()) {
            ++stale;
            return true;
        }
        one.epoch = frame.epoch;
        one.fresh = false;
        listener_.on_frame(one.schema, frame);
        return true;
    }

    ObserverListener& listener_;
    ZmqContext context_;
    ZmqSocket socket_;
    ZmqMonitor monitor_;
    ZmqWaker waker_;
    std::map<std::string, Subject, std::less<>> subjects_;  // by topic
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

Observer::Observer(const Address& address, const std::vector<std::string>& subjects, ObserverListener& listener)
    : core_(std::make_unique<Core>(address, subjects, listener)) {}

Observer::~Observer() = default;

std::uint64_t Observer::garbage() const { return core_->garbage; }

std::uint64_t Observer::stale() const { return core_->stale; }

Error Observer::failure() const { return core_->failure; }

}  // namespace facerig
