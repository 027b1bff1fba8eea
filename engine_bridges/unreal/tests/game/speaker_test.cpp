// Sound and face on one clock, against a real service, without the engine.
//
//     facerig_speaker_test CONTROL_PORT CURVES_PORT SOUND.s16      (16 kHz)
//
// Prints figures as JSON; exit code: how many checks failed.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "FaceRigCore/Client.h"
#include "Speaker.h"
#include "checks.h"
#include "playing.h"

namespace {

using facerig::EventKind;

constexpr std::int32_t kRate = 48'000, kSoundRate = 16'000;
constexpr double kPatience = 60.0;

// What a picture showed, and of which sample.
struct Seen {
    std::int64_t sample, index;
    facerig::PictureState state;
};

class Player {
public:
    // Patient: a sentence begins once all of its faces are there, however busy the machine is.
    Player(facerig::Client& client, const std::string& subject, bool patient) {
        facerig::OpenRequest request;
        request.subject = subject;
        request.sample_rate = kRate;
        request.rig = "arkit";
        request.pace = "burst";
        facerig::Error error;
        auto character = client.open(request, error);
        CHECK(character != nullptr);
        if (character == nullptr) return;
        character->keep_frames(facerig::KeepFrames::with_sound);
        speaker = std::make_unique<facerig::Speaker>(character, kRate, facerig::SoundDelay{patient ? 60.0 : 0.05, patient ? 600.0 : 5.0, 0.03});
        const auto queue = speaker->shared_sound();
        mixer = std::make_unique<playing::Mixer>(kRate, [this, queue] {
            std::int16_t block[playing::kBlock];
            const std::size_t sounds = queue->pull(block, playing::kBlock, playing::now_ns());
            const std::lock_guard<std::mutex> lock(mutex);
            heard.insert(heard.end(), block, block + sounds);
        });
    }
    ~Player() { mixer.reset(); }

    void picture() {
        facerig::Picture shown;
        const std::int64_t now = playing::now_ns();
        facerig::Event event;
        while (speaker->next_event(now, event)) {
            happened.insert(event.kind);
            if (event.error) std::fprintf(stderr, "%s\n", event.error.text().c_str());
        }
        facerig::Frame frame;
        while (speaker->character().next_frame(frame)) samples[frame.index] = frame.sample;
        if (speaker->picture(now, shown)) {
            seen.push_back({speaker->sound().playing(now), shown.index, shown.state});
        }
    }

    bool until(const std::function<bool()>& done) {
        return playing::pictures_until(kPatience, [this] { picture(); }, done);
    }

    std::size_t n_heard() {
        const std::lock_guard<std::mutex> lock(mutex);
        return heard.size();
    }

    std::unique_ptr<facerig::Speaker> speaker;
    std::set<EventKind> happened;
    std::map<std::int64_t, std::int64_t> samples;  // of the frames, by index
    std::vector<Seen> seen;
    std::mutex mutex;
    std::vector<std::int16_t> heard;
    std::unique_ptr<playing::Mixer> mixer;
};

// Of the pictures of speech: the frame that is shown must be the one that lies at or before the sample that is heard.
int wrong_faces(const Player& player) {
    int wrong = 0;
    for (const Seen& one : player.seen) {
        if (one.sample < 0 || one.state != facerig::PictureState::speech) continue;
        const auto at = player.samples.find(one.index);
        if (at == player.samples.end()) continue;
        const auto next = std::next(at);
        wrong += at->second > one.sample + kRate / 100;
        wrong += next != player.samples.end() && next->second < one.sample - kRate / 100;
    }
    return wrong;
}

std::size_t n_speech(const Player& player) {
    return static_cast<std::size_t>(std::count_if(player.seen.begin(), player.seen.end(), [](const Seen& one) {
        return one.state == facerig::PictureState::speech;
    }));
}

// A whole line at once: all of it is heard, its faces with it; and the mouth knows when it is over.
void line(Player& player, const std::vector<float>& sound) {
    facerig::Error error;
    CHECK(player.speaker->append(sound.data(), sound.size(), kSoundRate, playing::now_ns(), error));
    player.speaker->finish(playing::now_ns());
    CHECK(player.speaker->speaking());
    CHECK(player.until([&] { return !player.speaker->speaking(); }));
    CHECK(player.n_heard() == 3 * sound.size());
    CHECK(player.speaker->sound().starved() == 0);
    CHECK(player.speaker->delay_secs() > 0.02);
    CHECK(n_speech(player) > 10);
    CHECK(player.until([&] { return player.speaker->character().silent(); }));
    CHECK(wrong_faces(player) == 0);
}

// Sound as it comes, 20 ms at a time, and cut off in the midst: silence at once, and the next line is heard whole.
void cut_off(Player& player, const std::vector<float>& sound) {
    facerig::Error error;
    const std::size_t before = player.n_heard(), chunk = kSoundRate / 50;
    std::size_t given = 0;
    const std::int64_t began = playing::now_ns();
    CHECK(player.until([&] {
        while (given < sound.size() && playing::now_ns() - began > static_cast<std::int64_t>(given) * 1'000'000'000 / kSoundRate) {
            CHECK(player.speaker->append(sound.data() + given, std::min(chunk, sound.size() - given), kSoundRate, playing::now_ns(), error));
            given += chunk;
        }
        return player.n_heard() - before > kRate / 2 || given >= sound.size();
    }));
    player.speaker->interrupt();
    CHECK(player.speaker->sound().waiting_samples() == 0);
    player.picture();
    CHECK(player.seen.back().sample == -1);
    CHECK(player.until([&] { return player.happened.count(EventKind::interrupted) > 0; }));
    const std::size_t cut = player.n_heard();
    CHECK(player.speaker->append(sound.data(), sound.size() / 2, kSoundRate, playing::now_ns(), error));
    player.speaker->finish(playing::now_ns());
    CHECK(player.until([&] { return !player.speaker->speaking(); }));
    CHECK(player.n_heard() - cut == 3 * (sound.size() / 2));
    CHECK(wrong_faces(player) == 0);
}

// The connection breaks while it speaks: the voice goes on, and so does the face, once there is another one.
void reconnect(facerig::Client& client, Player& player, const std::vector<float>& sound) {
    facerig::Error error;
    CHECK(player.speaker->append(sound.data(), sound.size(), kSoundRate, playing::now_ns(), error));
    player.speaker->finish(playing::now_ns());
    const std::size_t before = player.n_heard();
    CHECK(player.until([&] { return player.n_heard() > before; }));
    client.reconnect();
    CHECK(player.until([&] { return !player.speaker->speaking(); }));
    CHECK(player.until([&] { return player.happened.count(EventKind::resumed) > 0; }));
    CHECK(player.n_heard() - before == 3 * sound.size());
    CHECK(wrong_faces(player) == 0);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 100;
    facerig::Address address;
    address.service = std::string("tcp://127.0.0.1:") + argv[1];
    address.curves_port = std::atoi(argv[2]);
    const std::vector<float> sound = playing::sound_of(argv[3]);
    CHECK(sound.size() > kSoundRate);
    {
        facerig::Client client(address);
        Player player(client, "whole lines", true), streams(client, "streams", false);
        if (player.speaker == nullptr || streams.speaker == nullptr) return failures;
        CHECK(player.until([&] { return player.happened.count(EventKind::opened) > 0; }));
        CHECK(streams.until([&] { return streams.happened.count(EventKind::opened) > 0; }));
        line(player, sound);
        const double delay_ms = 1e3 * player.speaker->delay_secs();
        cut_off(streams, sound);
        const double streamed_ms = 1e3 * streams.speaker->delay_secs();
        reconnect(client, player, sound);
        std::printf("{\"line_delay_ms\": %.1f, \"streamed_delay_ms\": %.1f, \"pictures\": %zu}\n", delay_ms, streamed_ms,
                    player.seen.size());
    }
    return std::min(failures, 99);
}
