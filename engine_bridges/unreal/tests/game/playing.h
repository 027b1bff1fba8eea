// Time, sound files and a mixer for the test programs.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

namespace playing {

constexpr std::size_t kBlock = 512;

inline std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A file of 16-bit mono samples, in [-1, 1].
inline std::vector<float> sound_of(const char* path) {
    std::vector<float> sound;
    std::FILE* file = std::fopen(path, "rb");
    std::int16_t sample = 0;
    while (file != nullptr && std::fread(&sample, sizeof sample, 1, file) == 1) {
        sound.push_back(static_cast<float>(sample) / 32768.0F);
    }
    if (file != nullptr) std::fclose(file);
    return sound;
}

// Asks for a block of samples at the pace of a device, on a thread of its own.
class Mixer {
public:
    Mixer(std::int32_t rate, std::function<void()> ask) : thread_([this, rate, ask] {
        const std::int64_t began = now_ns();
        for (std::int64_t block = 1; !over_; ++block) {
            ask();
            const std::int64_t due = began + block * static_cast<std::int64_t>(kBlock) * 1'000'000'000 / rate;
            const std::int64_t left = due - now_ns();
            if (left > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(left));
        }
    }) {}
    ~Mixer() {
        over_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> over_{false};
    std::thread thread_;
};

// Pictures, 60 a second, until something is true. False where it never was.
inline bool pictures_until(double secs, const std::function<void()>& picture, const std::function<bool()>& done) {
    const std::int64_t end = now_ns() + static_cast<std::int64_t>(secs * 1e9);
    while (now_ns() < end) {
        picture();
        if (done()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(16));
    }
    return false;
}

}  // namespace playing
