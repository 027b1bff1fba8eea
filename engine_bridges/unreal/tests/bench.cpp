// The benchmark of tests/bridges/README.md: facerig_bench decode PACKET_FILE COUNT
//                                           facerig_bench listen CONTROL_PORT CURVES_PORT SOUND.s16 SECONDS [SUBJECT]
// and, of this language alone:              facerig_bench buffer PACKET_FILE COUNT
// which also puts each frame into the jitter buffer and draws a picture.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <new>

#include "FaceRigCore/Frame.h"
#include "FaceRigCore/JitterBuffer.h"
#include "programs.h"

namespace {
std::atomic<std::uint64_t> n_allocations{0};  // of this whole process

void* allocated(std::size_t size) {
    ++n_allocations;
    if (void* room = std::malloc(size == 0 ? 1 : size)) return room;
    programs::give_up("no memory");
}
}  // namespace

void* operator new(std::size_t size) { return allocated(size); }
void* operator new[](std::size_t size) { return allocated(size); }
void operator delete(void* room) noexcept { std::free(room); }
void operator delete[](void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }
void operator delete[](void* room, std::size_t) noexcept { std::free(room); }

namespace {

using namespace programs;

constexpr std::int64_t kAheadPieces = 10;  // 200 ms in hand
constexpr std::int64_t kWaySamples = 1'600;
constexpr std::int64_t kPicturesHz = 60;
constexpr std::int64_t kWarmNs = 2 * kNs;  // after which allocations count

volatile float sink;  // what is computed is used

// COUNT rounds of `work` after a tenth to warm up, and what they cost.
template <typename Work>
void measure(std::int64_t count, Work work) {
    for (std::int64_t k = 0; k < count / 10; ++k) work(k);
    const std::uint64_t before = n_allocations;
    const std::int64_t start_ns = now_ns();
    for (std::int64_t k = 0; k < count; ++k) work(count / 10 + k);
    const double secs = static_cast<double>(now_ns() - start_ns) / static_cast<double>(kNs);
    const auto made = static_cast<double>(n_allocations - before);
    std::printf("{\"frames_per_sec\": %.0f, \"allocations_per_frame\": %g}\n", static_cast<double>(count) / secs,
                made / static_cast<double>(count));
}

facerig::Bytes bytes_of(const std::string& data) {
    return {reinterpret_cast<const std::uint8_t*>(data.data()), data.size()};
}

void decode(const std::string& packet, std::int64_t count) {
    std::vector<float> values(65'536);
    measure(count, [&](std::int64_t) {
        facerig::FrameView frame;
        facerig::Fault fault;
        if (!facerig::read_frame(bytes_of(packet), frame, fault)) give_up(fault.what);
        frame.copy_to(values.data());
        sink = values[0];
    });
}

// As a game would: each frame is read, put, and shown while its sample plays.
void buffer(const std::string& packet, std::int64_t count) {
    facerig::FrameView frame;
    facerig::Fault fault;
    if (!facerig::read_frame(bytes_of(packet), frame, fault)) give_up(fault.what);
    facerig::Schema schema;
    schema.sample_rate = kRateHz;
    schema.curves.resize(frame.count);
    facerig::JitterBuffer jitter(schema);
    std::vector<float> values(frame.count + 1);
    measure(count, [&](std::int64_t k) {
        if (!facerig::read_frame(bytes_of(packet), frame, fault)) give_up(fault.what);
        frame.index = k;
        frame.sample = k * kRateHz / kPicturesHz;
        jitter.put(frame);
        jitter.show(k * kNs / kPicturesHz, frame.sample - 2 * kRateHz / kPicturesHz, values.data());
        sink = values[0];
    });
    if (jitter.counts().lost != 0 || jitter.counts().dropped != 0) give_up("frames were lost");
}

// --- listening

struct Heard {
    std::int64_t n_frames = 0, n_pictures = 0;
    std::int64_t first_index = 0, first_sample = 0, last_index = 0, last_sample = 0;
    std::vector<double> late_ms;

    void frame(const facerig::Frame& one, std::int64_t arrived_ns, std::int64_t first_ns, std::int64_t latency) {
        if (n_frames++ == 0) {
            first_index = one.index;
            first_sample = one.sample;
        }
        last_index = one.index;
        last_sample = one.sample;
        const std::int64_t plays_ns = first_ns + (one.sample + latency) * kNs / kRateHz;
        late_ms.push_back(static_cast<double>(arrived_ns - plays_ns) / 1e6);
    }

    double late(double share) {
        if (late_ms.empty()) return 0.0;
        std::sort(late_ms.begin(), late_ms.end());
        return late_ms[static_cast<std::size_t>(std::floor(share * static_cast<double>(late_ms.size() - 1) + 0.5))];
    }

    std::int64_t drift() const {
        const double frames = static_cast<double>(last_index - first_index);
        const double samples = static_cast<double>(last_sample - first_sample);
        return static_cast<std::int64_t>(samples - frames * static_cast<double>(kRateHz) / static_cast<double>(kPicturesHz));
    }
};

void listen(const facerig::Address& address, const std::string& sound_file, double secs, const std::string& subject) {
    const std::vector<std::int16_t> sound = sound_of(sound_file);
    if (sound.size() < static_cast<std::size_t>(kPiece)) give_up("the sound is too short");
    facerig::Client client(address);
    facerig::Error error;
    const auto character = client.open(opening(subject), error);
    if (!character) give_up(error.text());
    character->keep_frames(facerig::KeepFrames::all);
    facerig::Frame frame;
    bool alive = false;
    until([&] { return alive; }, [&] { alive = character->next_frame(frame); }, "opened");
    character->keep_frames(facerig::KeepFrames::with_sound);
    const std::int64_t latency = character->latency_samples();
    Heard heard;
    heard.late_ms.reserve(static_cast<std::size_t>(secs * 70.0) + 1'000);
    facerig::Picture picture;
    const std::int64_t first_ns = now_ns();
    const auto end_ns = first_ns + static_cast<std::int64_t>(secs * static_cast<double>(kNs));
    std::int64_t k = 0, place = 0;
    std::uint64_t warm = 0;
    std::int64_t n_warm = 0;
    for (std::int64_t at_ns = first_ns; at_ns < end_ns; at_ns = now_ns()) {
        while (k < kAheadPieces || at_ns >= first_ns + (k - kAheadPieces) * kPiece * kNs / kRateHz) {
            if (place + kPiece > static_cast<std::int64_t>(sound.size())) place = 0;
            if (character->say_sound(sound.data() + place, kPiece, false, &error) < 0) give_up(error.text());
            place += kPiece;
            ++k;
        }
        while (character->next_frame(frame)) {
            if (frame.sample >= 0) heard.frame(frame, now_ns(), first_ns, latency);
        }
        if (at_ns >= first_ns + heard.n_pictures * kNs / kPicturesHz) {
            const std::int64_t plays = (at_ns - first_ns) * kRateHz / kNs - latency - kWaySamples;
            character->at(plays < 0 ? facerig::kNoSample : plays, picture);
            ++heard.n_pictures;
        }
        if (n_warm == 0 && at_ns - first_ns > kWarmNs) {
            warm = n_allocations;
            n_warm = heard.n_frames;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    const double made = static_cast<double>(n_allocations - warm) / static_cast<double>(heard.n_frames - n_warm);
    const facerig::Counts counts = character->counts();
    std::printf("{\"frames\": %lld, \"pictures\": %lld, \"gaps\": %lld, \"held\": %lld, \"drift_samples\": %lld, "
                "\"latency_ms\": {\"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}, \"allocations_per_frame\": %g}\n",
                static_cast<long long>(heard.n_frames), static_cast<long long>(heard.n_pictures),
                static_cast<long long>(counts.lost), static_cast<long long>(counts.held),
                static_cast<long long>(heard.drift()), heard.late(0.5), heard.late(0.99), heard.late(1.0),
                made);
    client.close();
}

}  // namespace

int main(int n_arguments, char** arguments) {
    const std::string mode = n_arguments > 1 ? arguments[1] : "";
    if (mode == "decode" && n_arguments == 4) {
        decode(file_of(arguments[2]), std::atoll(arguments[3]));
    } else if (mode == "buffer" && n_arguments == 4) {
        buffer(file_of(arguments[2]), std::atoll(arguments[3]));
    } else if (mode == "listen" && n_arguments >= 6) {
        listen(local(arguments[2], arguments[3]), arguments[4], std::atof(arguments[5]),
               n_arguments > 6 ? arguments[6] : "bench");
    } else {
        give_up("usage: facerig_bench decode PACKET_FILE COUNT | buffer PACKET_FILE COUNT | "
                "listen CONTROL_PORT CURVES_PORT SOUND.s16 SECONDS [SUBJECT]");
    }
    return 0;
}
