// The scenario of tests/bridges/README.md: facerig_scenario CONTROL_PORT CURVES_PORT SOUND.s16 SUBJECT [burst]

#include <algorithm>
#include <cstring>

#include "programs.h"

namespace {

using namespace programs;
using facerig::EventKind;

constexpr std::int64_t kDirectAt = 16'000, kFirstEnd = 32'000, kSecondEnd = 48'000, kThirdEnd = 64'000;
constexpr std::int64_t kNearEnd = 600;  // samples from the last frame to the end of its sound, at most

std::uint32_t crc32_of(const std::vector<float>& values) {  // as zlib has it
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const float value : values) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        for (int k = 0; k < 4; ++k) {
            crc ^= bits >> (8 * k) & 0xFFU;
            for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1U)));
        }
    }
    return ~crc;
}

class Teller {
public:
    Teller(facerig::Character& character, bool in_burst) : character_(character), in_burst_(in_burst) {}

    // Print what has come since the last time, in its order.
    void tell() {
        for (;;) {
            frame_there_ = frame_there_ || character_.next_frame(frame_, &frame_order_);
            event_there_ = event_there_ || character_.next_event(event_);
            if (!frame_there_ && !event_there_) break;
            if (frame_there_ && (!event_there_ || frame_order_ < event_.order)) {
                tell_frame();
            } else {
                tell_event();
            }
        }
        std::fflush(stdout);
    }

    int n_opened = 0, n_resumed = 0, n_interrupted = 0, n_frames = 0;
    bool closed = false;
    std::int64_t begins = 0;  // the sample that the last epoch begins at

    bool has_last(std::int64_t end) const { return end - kNearEnd < last_sample_ && last_sample_ < end; }

private:
    void tell_frame() {
        frame_there_ = false;
        ++n_frames;
        if (frame_.last()) last_sample_ = frame_.sample;
        std::printf("{\"frame\": [%u, %lld, %lld, %u, %u]}\n", frame_.epoch, static_cast<long long>(frame_.index),
                    static_cast<long long>(frame_.sample), unsigned{frame_.flags}, crc32_of(frame_.values));
    }

    void tell_event() {
        event_there_ = false;
        const auto at = static_cast<long long>(event_.at);
        switch (event_.kind) {
            case EventKind::opened:
            case EventKind::resumed: {
                const bool resumed = event_.kind == EventKind::resumed;
                ++(resumed ? n_resumed : n_opened);
                std::printf("{\"event\": \"%s\", \"epoch\": %u, \"received\": %lld}\n",
                            resumed ? "resumed" : "opened", event_.epoch, at);
                break;
            }
            case EventKind::interrupted:
                ++n_interrupted;
                begins = event_.at;
                std::printf("{\"event\": \"interrupted\", \"epoch\": %u, \"at\": %lld}\n", event_.epoch, at);
                break;
            case EventKind::lost:
                if (!in_burst_) std::printf("{\"event\": \"lost\"}\n");
                break;
            case EventKind::closed:
                closed = true;
                std::printf("{\"event\": \"closed\", \"reason\": \"%s\"}\n", event_.reason.c_str());
                break;
            case EventKind::refused: give_up(event_.error.text());
            default: break;
        }
    }

    facerig::Character& character_;
    bool in_burst_;
    facerig::Frame frame_;
    facerig::Event event_;
    std::uint64_t frame_order_ = 0;
    bool frame_there_ = false, event_there_ = false;
    std::int64_t last_sample_ = -1;
};

void direct(facerig::Character& character) {
    facerig::Direction joy;
    joy.at = kDirectAt;
    joy.emotion = "joy:0.8";
    facerig::Error error;
    if (!character.direct(joy, &error)) give_up(error.text());
}

// Samples of the file in real time.
void speak(facerig::Character& character, Teller& teller, const std::vector<std::int16_t>& sound, std::int64_t begin,
           std::int64_t end) {
    const std::int64_t start_ns = now_ns();
    for (std::int64_t at = begin; at < end; at += kPiece) {
        const std::int64_t due_ns = start_ns + (at - begin) * kNs / kRateHz;
        until([&] { return now_ns() >= due_ns; }, [&] { teller.tell(); }, "time");
        if (at == kDirectAt) direct(character);
        facerig::Error error;
        const auto n = static_cast<std::size_t>((std::min)(kPiece, end - at));
        if (character.say_sound(sound.data() + at, n, false, &error) < 0) give_up(error.text());
    }
    teller.tell();
}

void converse(facerig::Client& client, facerig::Character& character, Teller& teller,
              const std::vector<std::int16_t>& sound) {
    const auto tell = [&] { teller.tell(); };
    until([&] { return teller.n_opened == 1 && teller.n_frames > 0; }, tell, "opened");  // it hears the curves, too
    speak(character, teller, sound, 0, kFirstEnd);
    character.interrupt();
    until([&] { return teller.n_interrupted == 1; }, tell, "interrupted");
    speak(character, teller, sound, kFirstEnd, kSecondEnd);
    client.reconnect();
    until([&] { return teller.n_resumed == 1; }, tell, "resumed");
    speak(character, teller, sound, kSecondEnd, kThirdEnd);
    character.flush();
    const std::int64_t end = teller.begins + kThirdEnd - kFirstEnd;
    until([&] { return teller.has_last(end); }, tell, "the last frame");
}

void say_line(facerig::Character& character, Teller& teller, const std::vector<std::int16_t>& sound) {
    const auto tell = [&] { teller.tell(); };
    until([&] { return teller.n_opened == 1; }, tell, "opened");
    direct(character);
    facerig::Error error;
    if (character.say_sound(sound.data(), static_cast<std::size_t>(kThirdEnd), true, &error) < 0) {
        give_up(error.text());
    }
    until([&] { return teller.has_last(kThirdEnd); }, tell, "the last frame");
}

}  // namespace

int main(int n_arguments, char** arguments) {
    if (n_arguments < 5) give_up("usage: facerig_scenario CONTROL_PORT CURVES_PORT SOUND.s16 SUBJECT [burst]");
    const bool in_burst = n_arguments > 5 && std::strcmp(arguments[5], "burst") == 0;
    const std::vector<std::int16_t> sound = sound_of(arguments[3]);
    if (sound.size() < static_cast<std::size_t>(kThirdEnd)) give_up("the sound is shorter than 4 s");
    facerig::OpenRequest request = opening(arguments[4]);
    request.pace = in_burst ? "burst" : "realtime";
    request.alive = !in_burst;
    facerig::Client client(local(arguments[1], arguments[2]));
    facerig::Error error;
    const auto character = client.open(request, error);
    if (!character) give_up(error.text());
    character->keep_frames(facerig::KeepFrames::all);
    Teller teller(*character, in_burst);
    if (in_burst) {
        say_line(*character, teller, sound);
    } else {
        converse(client, *character, teller, sound);
    }
    character->close();
    until([&] { return teller.closed; }, [&] { teller.tell(); }, "closed");
    return 0;
}
