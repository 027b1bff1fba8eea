// What the test programs share: a connection to a service on this machine, and sound from a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "FaceRigCore/Client.h"
#include "json.h"

namespace programs {

constexpr std::int64_t kNs = 1'000'000'000;
constexpr std::int64_t kRateHz = 16'000;
constexpr std::int64_t kPiece = 320;  // samples
constexpr double kPatienceSecs = 30.0;

[[noreturn]] inline void give_up(const std::string& why) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

inline std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline facerig::Address local(const char* control_port, const char* curves_port) {
    facerig::Address address;
    address.service = std::string("tcp://127.0.0.1:") + control_port;
    address.curves_port = std::atoi(curves_port);
    return address;
}

inline std::vector<std::int16_t> sound_of(const std::string& path) {
    const std::string bytes = file_of(path);
    std::vector<std::int16_t> sound(bytes.size() / 2);
    for (std::size_t at = 0; at < sound.size(); ++at) {
        const unsigned low = static_cast<unsigned char>(bytes[2 * at]);
        const unsigned high = static_cast<unsigned char>(bytes[2 * at + 1]);
        sound[at] = static_cast<std::int16_t>(static_cast<std::uint16_t>(low | high << 8));
    }
    return sound;
}

inline facerig::OpenRequest opening(const std::string& subject) {
    facerig::OpenRequest request;
    request.subject = subject;
    request.sample_rate = static_cast<std::int32_t>(kRateHz);
    request.rig = "arkit";
    request.seed = 7;
    return request;
}

// Until something is so, with `turn` in between; gives up where it never is.
inline void until(const std::function<bool()>& is_so, const std::function<void()>& turn, const char* what,
                  double secs = kPatienceSecs) {
    const std::int64_t end_ns = now_ns() + static_cast<std::int64_t>(secs * static_cast<double>(kNs));
    for (turn(); !is_so(); turn()) {
        if (now_ns() > end_ns) give_up(std::string(what) + ": not in time");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace programs
