#include "Sockets.h"

#if defined(_WIN32) && !defined(NOMINMAX)
#define NOMINMAX  // zmq.h includes the system's headers
#endif
#include <zmq.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <utility>

#include "FaceRigCore/Wire.h"

namespace facerig {
namespace {

constexpr int kQueuedMessages = 10'000;
constexpr std::size_t kKeyLength = 40;
constexpr std::size_t kMostPolled = 8;
// The alphabet of CURVE keys as text. Source: ZeroMQ RFC 32/Z85.
constexpr std::string_view kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

zmq_msg_t* message_of(unsigned char* bytes) { return reinterpret_cast<zmq_msg_t*>(bytes); }

bool refuse_address(Error& error, const std::string& what, const char* where, const char* fix) {
    error = {"config", what, where, fix};
    return false;
}

bool port_of(std::string_view digits, int& port) {
    if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return false;
    }
    port = 0;
    for (const char digit : digits) port = 10 * port + (digit - '0');
    return port > 0 && port < 65'536;
}

bool keys_fit(const CurveKeys& keys, Error& error) {
    if (keys.empty()) return true;
    for (const std::string* key : {&keys.server, &keys.public_key, &keys.secret_key}) {
        if (key->size() != kKeyLength || key->find_first_not_of(kZ85) != std::string::npos) {
            const char* which = key == &keys.server ? "keys.server"
                                : key == &keys.public_key ? "keys.public_key"
                                                          : "keys.secret_key";
            return refuse_address(error, "is no CURVE key", which,
                                  "give 40 characters of Z85, as the service's operator has them");
        }
    }
    return true;
}

}  // namespace

bool endpoints_of(const Address& address, Endpoints& endpoints, Error& error) {
    constexpr std::string_view scheme = "tcp://";
    const std::string_view all = address.service;
    bool good = all.substr(0, scheme.size()) == scheme && all.find('\0') == std::string_view::npos;
    std::string_view host = good ? all.substr(scheme.size()) : std::string_view();
    int port = wire::kControlPort;
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && host.back() != ']') {
        good = good && port_of(host.substr(colon + 1), port);
        host = host.substr(0, colon);
    }
    const int curves = address.curves_port == 0 ? port + 1 : address.curves_port;
    if (!good || host.empty() || curves <= 0 || curves >= 65'536) {
        return refuse_address(error, "'" + address.service + "' is no address of a service", "connect",
                              "give tcp://127.0.0.1 or tcp://host:port");
    }
    const std::string start = std::string(scheme) + std::string(host) + ":";
    endpoints = {start + std::to_string(port), start + std::to_string(curves)};
    return keys_fit(address.keys, error);
}

bool check_address(const Address& address, Error& error) {
    Endpoints endpoints;
    return endpoints_of(address, endpoints, error);
}

// --- context

ZmqContext::ZmqContext() : context_(zmq_ctx_new()) {}

ZmqContext::~ZmqContext() { zmq_ctx_term(context_); }

// --- messages

ZmqMessage::ZmqMessage() : message_() {
    static_assert(sizeof(message_) >= sizeof(zmq_msg_t) && alignof(zmq_msg_t) <= 8, "room for a message");
    zmq_msg_init(message_of(message_));
}

ZmqMessage::~ZmqMessage() { zmq_msg_close(message_of(message_)); }

Bytes ZmqMessage::bytes() const {
    zmq_msg_t* message = message_of(const_cast<unsigned char*>(message_));  // libzmq knows no const here
    return {static_cast<const std::uint8_t*>(zmq_msg_data(message)), zmq_msg_size(message)};
}

std::string_view ZmqMessage::text() const {
    const Bytes all = bytes();
    return {reinterpret_cast<const char*>(all.data), all.size};
}

bool ZmqMessage::receive(void* socket, bool& more) {
    if (zmq_msg_recv(message_of(message_), socket, ZMQ_DONTWAIT) < 0) return false;
    more = zmq_msg_more(message_of(message_)) != 0;
    return true;
}

bool ZmqMessage::receive_last(void* socket) {
    bool more = true;
    bool any = false;
    while (more && receive(socket, more)) any = true;
    return any;
}

// --- sockets

ZmqSocket::ZmqSocket(const ZmqContext& context, SocketKind kind)
    : socket_(zmq_socket(context.handle(), kind == SocketKind::dealer       ? ZMQ_DEALER
                                           : kind == SocketKind::subscriber ? ZMQ_SUB
                                                                            : ZMQ_PAIR)) {
    set(ZMQ_LINGER, 0);
    if (kind == SocketKind::pair) return;
    set(ZMQ_HEARTBEAT_IVL, wire::client::kHeartbeatMs);
    set(ZMQ_HEARTBEAT_TIMEOUT, 3 * wire::client::kHeartbeatMs);
    set(ZMQ_RECONNECT_IVL, wire::client::kReconnectMs);
    set(ZMQ_RECONNECT_IVL_MAX, wire::client::kLongestReconnectMs);
    set(ZMQ_SNDHWM, kQueuedMessages);
    set(ZMQ_RCVHWM, kQueuedMessages);
    const std::int64_t largest = 2 * std::int64_t{wire::kLargestMessage};
    zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &largest, sizeof largest);
}

ZmqSocket::~ZmqSocket() { zmq_close(socket_); }

void ZmqSocket::set(int option, int value) { zmq_setsockopt(socket_, option, &value, sizeof value); }

bool ZmqSocket::connect(const std::string& endpoint, const CurveKeys& keys) {
    bool good = true;
    if (!keys.empty()) {
        const std::pair<int, const std::string*> options[] = {{ZMQ_CURVE_SERVERKEY, &keys.server},
                                                              {ZMQ_CURVE_PUBLICKEY, &keys.public_key},
                                                              {ZMQ_CURVE_SECRETKEY, &keys.secret_key}};
        for (const auto& [option, key] : options) {
            good = zmq_setsockopt(socket_, option, key->c_str(), key->size() + 1) == 0 && good;
        }
    }
    return good && zmq_connect(socket_, endpoint.c_str()) == 0;
}

bool ZmqSocket::bind(const std::string& endpoint) { return zmq_bind(socket_, endpoint.c_str()) == 0; }

bool ZmqSocket::join(const std::string& endpoint) { return zmq_connect(socket_, endpoint.c_str()) == 0; }

void ZmqSocket::subscribe(std::string_view topic) {
    zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size());
}

void ZmqSocket::unsubscribe(std::string_view topic) {
    zmq_setsockopt(socket_, ZMQ_UNSUBSCRIBE, topic.data(), topic.size());
}

bool ZmqSocket::send(Bytes data) { return zmq_send(socket_, data.data, data.size, ZMQ_DONTWAIT) >= 0; }

void ZmqSocket::linger(int ms) { set(ZMQ_LINGER, ms); }

// --- news of connections

ZmqMonitor::ZmqMonitor(const ZmqContext& context, ZmqSocket& of) : of_(of), events_(context, SocketKind::pair) {
    static std::atomic<unsigned> n_monitors{0};
    const std::string endpoint = "inproc://facerig-monitor-" + std::to_string(++n_monitors);
    constexpr int kinds = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    zmq_socket_monitor(of_.handle(), endpoint.c_str(), kinds);
    events_.join(endpoint);
}

ZmqMonitor::~ZmqMonitor() { zmq_socket_monitor(of_.handle(), nullptr, 0); }

ZmqMonitor::News ZmqMonitor::next() {
    ZmqMessage message;
    for (bool more = false; message.receive(events_.handle(), more);) {
        std::uint16_t event = 0;
        if (message.bytes().size >= sizeof event) std::memcpy(&event, message.bytes().data, sizeof event);
        while (more && message.receive(events_.handle(), more)) continue;  // the endpoint
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            connected_ = true;
            return News::connected;
        }
        if (event != ZMQ_EVENT_DISCONNECTED) return News::refused;
        if (connected_) {  // a handshake that failed is no loss: libzmq tries again
            connected_ = false;
            return News::lost;
        }
    }
    return News::none;
}

// --- waking

namespace {
std::string waker_endpoint() {
    static std::atomic<unsigned> n_wakers{0};
    return "inproc://facerig-waker-" + std::to_string(++n_wakers);
}
}  // namespace

ZmqWaker::ZmqWaker(const ZmqContext& context)
    : endpoint_(waker_endpoint()), inner_(context, SocketKind::pair), outer_(context, SocketKind::pair) {
    inner_.bind(endpoint_);
    outer_.join(endpoint_);
}

void ZmqWaker::wake() { outer_.send({reinterpret_cast<const std::uint8_t*>("."), 1}); }

void ZmqWaker::taken() {
    ZmqMessage message;
    for (bool more = false; message.receive(inner_.handle(), more);) continue;
}

void wait_for(void* const* sockets, std::size_t n_sockets, int timeout_ms) {
    zmq_pollitem_t items[kMostPolled];
    int n = 0;
    for (std::size_t at = 0; at < n_sockets && at < kMostPolled; ++at) {
        if (sockets[at] == nullptr) continue;
        items[n++] = {sockets[at], 0, ZMQ_POLLIN, 0};
    }
    zmq_poll(items, n, timeout_ms);
}

std::int64_t steady_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace facerig
