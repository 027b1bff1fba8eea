// The plugin's sound without the engine: clock, queue, resampler, frame times. A mixer is played by calls at made-up
// times. Exit code: how many checks failed.

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include "FrameTimes.h"
#include "Resampler.h"
#include "SoundClock.h"
#include "SoundQueue.h"
#include "checks.h"

namespace {

using facerig::SoundState;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int32_t kRate = 48'000;
constexpr std::size_t kBlock = 1024;
constexpr double kPi = 3.14159265358979323846;

std::int64_t block_ns(std::int64_t n_blocks) {
    return n_blocks * static_cast<std::int64_t>(kBlock) * 1'000'000'000 / kRate;
}

std::vector<float> ramp(std::size_t n_samples, float first = 0.0F) {
    std::vector<float> sound(n_samples);
    for (std::size_t at = 0; at < n_samples; ++at) sound[at] = (first + static_cast<float>(at)) / 32767.0F;
    return sound;
}

// A mixer asks in blocks, up to 8 ms early or late, for an hour on a crystal that is 0.01 % fast: the clock stays
// within 4 ms of what is really heard, and never goes back.
void clock_is_even() {
    facerig::SoundClock clock(kRate, 0.05);
    std::srand(7);
    std::int64_t before = 0;
    double worst_ms = 0.0;
    const double fast = 1.0001;
    for (std::int64_t block = 0; block < 3'600 * kRate / static_cast<std::int64_t>(kBlock); ++block) {
        const auto due_ns = static_cast<std::int64_t>(static_cast<double>(block_ns(block)) / fast);
        const std::int64_t asked_ns = due_ns + (std::rand() % 17 - 8) * kMs;
        clock.rendered(kBlock, asked_ns > 0 ? asked_ns : 0);
        const std::int64_t now_ns = due_ns + 9 * kMs;
        const std::int64_t heard = clock.heard(now_ns);
        CHECK(heard >= before);
        before = heard;
        if (block < 200) continue;  // it settles
        const double really = (static_cast<double>(now_ns) * 1e-9 * fast - 0.05) * kRate;
        worst_ms = std::fmax(worst_ms, std::abs(static_cast<double>(heard) - really) / kRate * 1e3);
    }
    CHECK(worst_ms < 4.0);
}

// A device that stops stands at what it was given; where it goes on, nothing is skipped.
void clock_stands_with_its_device() {
    facerig::SoundClock clock(kRate, 0.05);
    for (std::int64_t block = 0; block < 50; ++block) clock.rendered(kBlock, block_ns(block));
    CHECK(clock.heard(block_ns(50) + 1'000 * kMs) == clock.total());
    CHECK(clock.heard(block_ns(50) + 9'000 * kMs) == clock.total());
    const std::int64_t total = clock.total(), again_ns = block_ns(50) + 10'000 * kMs;
    clock.rendered(kBlock, again_ns);
    CHECK(clock.heard(again_ns + 50 * kMs) <= total + 10);
    CHECK(clock.heard(again_ns + 60 * kMs) - total > kRate / 200);
}

struct Mixer {
    facerig::SoundQueue& queue;
    std::int64_t blocks = 0;
    std::vector<std::int16_t> heard{};

    std::size_t ask() {
        std::vector<std::int16_t> block(kBlock);
        const std::size_t sounds = queue.pull(block.data(), block.size(), block_ns(blocks++));
        heard.insert(heard.end(), block.begin(), block.end());
        return sounds;
    }
    std::int64_t now_ns() const { return block_ns(blocks); }
};

facerig::SoundDelay delays() { return {0.05, 0.5, 0.02}; }

// Sound waits for its faces and is then played whole, in order; what is heard lies `output_secs` behind.
void queue_waits_for_faces() {
    facerig::SoundQueue queue(kRate, delays());
    Mixer mixer{queue};
    mixer.ask();
    CHECK(queue.playing(mixer.now_ns()) == -1);
    queue.append(100, ramp(30'000), mixer.now_ns());
    queue.end();
    queue.look(mixer.now_ns(), 100 + kRate / 20 - 1);
    CHECK(queue.state() == SoundState::waiting);
    CHECK(mixer.ask() == 0);
    queue.look(mixer.now_ns(), 100 + kRate / 20);
    CHECK(queue.state() == SoundState::playing);
    std::size_t sounds = 0;
    const std::size_t silence = mixer.heard.size();
    std::int64_t before = -1, jumps = 0;
    for (int block = 0; block < 40; ++block) {
        sounds += mixer.ask();
        const std::int64_t now = queue.playing(mixer.now_ns());
        if (now < 0) continue;
        jumps += before >= 0 && std::abs(now - before - static_cast<std::int64_t>(kBlock)) > 2;
        before = now;
    }
    CHECK(sounds == 30'000 && jumps == 0);
    CHECK(queue.done() && queue.playing(mixer.now_ns()) == -1 && queue.starved() == 0);
    for (std::size_t at = 0; at < 30'000; ++at) CHECK(mixer.heard[silence + at] == static_cast<std::int16_t>(at));
}

// A sentence that is shorter than the margin waits for the faces that it has.
void queue_knows_short_sentences() {
    facerig::SoundQueue queue(kRate, {60.0, 600.0, 0.02});
    queue.append(100, ramp(20'000), 0);
    queue.look(0, 20'100);
    CHECK(queue.state() == SoundState::waiting);  // more of it may come
    queue.end();
    queue.look(0, 20'100 - kRate / 10 - 1);
    CHECK(queue.state() == SoundState::waiting);
    queue.look(0, 20'100 - kRate / 10);
    CHECK(queue.state() == SoundState::playing);
}

// Without a face a voice is still heard, after its patience.
void queue_is_patient_only_so_long() {
    facerig::SoundQueue queue(kRate, delays());
    queue.append(0, ramp(10), 0);
    queue.look(499 * kMs, -1);
    CHECK(queue.state() == SoundState::waiting);
    queue.look(500 * kMs, -1);
    CHECK(queue.state() == SoundState::playing);
}

// A sentence whose sound comes late stands still for a moment, waits for a margin again, and loses nothing.
void queue_starves_and_goes_on() {
    facerig::SoundQueue queue(kRate, delays());
    Mixer mixer{queue};
    queue.append(0, ramp(kBlock), 0);
    queue.look(0, kRate);
    mixer.ask();
    mixer.ask();
    CHECK(queue.starved() == 1 && queue.state() == SoundState::silent);
    for (int block = 0; block < 4; ++block) mixer.ask();
    CHECK(queue.playing(mixer.now_ns()) == static_cast<std::int64_t>(kBlock) - 1);  // it stands
    for (int block = 0; block < 20; ++block) mixer.ask();
    CHECK(queue.playing(mixer.now_ns()) == -1);  // it is silent
    queue.append(kBlock, ramp(2 * kBlock, kBlock), mixer.now_ns());
    queue.look(mixer.now_ns(), 2 * kBlock);
    CHECK(queue.state() == SoundState::waiting);
    queue.look(mixer.now_ns(), kBlock + kRate / 20);
    CHECK(mixer.ask() == kBlock && mixer.ask() == kBlock && mixer.ask() == 0);
    CHECK(mixer.heard[26 * kBlock] == static_cast<std::int16_t>(kBlock));
}

// Cut off: no click, no face of what is forgotten, and the next sound begins where the character has it begin.
void queue_is_cut() {
    facerig::SoundQueue queue(kRate, delays());
    Mixer mixer{queue};
    queue.append(0, std::vector<float>(kRate, 0.5F), 0);
    queue.look(0, 2 * kRate);
    for (int block = 0; block < 10; ++block) mixer.ask();
    CHECK(queue.playing(mixer.now_ns()) > 0);
    queue.drop();
    CHECK(queue.playing(mixer.now_ns()) == -1 && queue.waiting_samples() == 0);
    const std::size_t cut = mixer.heard.size();
    CHECK(mixer.ask() == kRate / 200);
    for (std::size_t at = cut; at < mixer.heard.size(); ++at) CHECK(std::abs(mixer.heard[at] - mixer.heard[at - 1]) < 100);
    CHECK(mixer.heard.back() == 0 && queue.done() && queue.starved() == 0);
    queue.append(500, ramp(4'000), mixer.now_ns());
    queue.end();
    queue.look(mixer.now_ns(), 4'500);
    for (int block = 0; block < 2; ++block) mixer.ask();
    const std::int64_t now = queue.playing(mixer.now_ns());
    CHECK(now >= 500 && now < 4'500);
}

// Another sentence begins further on: the clock follows; while it waits the face is not that of the last one.
void queue_jumps_between_sentences() {
    facerig::SoundQueue queue(kRate, delays());
    Mixer mixer{queue};
    queue.append(0, ramp(kBlock), 0);
    queue.end();
    queue.look(0, kRate);
    for (int block = 0; block < 5; ++block) mixer.ask();
    queue.append(70'000, ramp(kBlock), mixer.now_ns());
    for (int block = 0; block < 5; ++block) mixer.ask();
    CHECK(queue.playing(mixer.now_ns()) == -1);
    queue.end();
    queue.look(mixer.now_ns(), 80'000);
    mixer.ask();
    CHECK(queue.playing(mixer.now_ns()) >= 70'000);
}

// Two threads, as in a game: nothing is lost or torn.
void queue_between_threads() {
    facerig::SoundQueue queue(kRate, delays());
    std::atomic<bool> over{false};
    std::vector<std::int16_t> heard;
    std::thread mixer([&] {
        std::vector<std::int16_t> block(64);
        std::int64_t now_ns = 0;
        while (!over || queue.waiting_samples() > 0) {
            const std::size_t sounds = queue.pull(block.data(), block.size(), now_ns += kMs);
            heard.insert(heard.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(sounds));
        }
    });
    for (std::int64_t piece = 0; piece < 300; ++piece) {
        queue.append(piece * 100, ramp(100, static_cast<float>(piece * 100)), piece * kMs);
        queue.look(piece * kMs + 2'000 * kMs, 1'000'000);
        (void)queue.playing(piece * kMs);
    }
    queue.end();
    for (int look = 0; queue.waiting_samples() > 0 && look < 1'000'000; ++look) queue.look(10'000 * kMs, 1'000'000);
    over = true;
    mixer.join();
    CHECK(heard.size() == 30'000);
    for (std::size_t at = 0; at < heard.size(); ++at) CHECK(heard[at] == static_cast<std::int16_t>(at));
}

std::vector<float> tone(std::int32_t rate, double hz, double secs) {
    std::vector<float> sound(static_cast<std::size_t>(rate * secs));
    for (std::size_t at = 0; at < sound.size(); ++at) {
        sound[at] = static_cast<float>(0.5 * std::sin(2.0 * kPi * hz * static_cast<double>(at) / rate));
    }
    return sound;
}

// A tone of one rate is the same tone of another, at the same times, however it is cut; what the new rate cannot hold
// is gone.
void resampler_keeps_time(std::int32_t from, std::int32_t to) {
    const std::vector<float> sound = tone(from, 1'000.0, 0.5), ideal = tone(to, 1'000.0, 0.5);
    std::vector<float> whole, cut;
    facerig::Resampler one(from, to), other(from, to);
    one.feed(sound.data(), sound.size(), whole);
    one.flush(whole);
    std::size_t at = 0;
    while (at < sound.size()) {
        const std::size_t some = std::min<std::size_t>(1 + at % 977, sound.size() - at);
        other.feed(sound.data() + at, some, cut);
        at += some;
    }
    other.flush(cut);
    CHECK(whole == cut);
    CHECK(std::abs(static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(ideal.size())) <= 1);
    const std::size_t edge = static_cast<std::size_t>(to) / 100;
    float worst = 0.0F;
    for (std::size_t n = edge; n + edge < ideal.size(); ++n) worst = std::fmax(worst, std::abs(whole[n] - ideal[n]));
    CHECK(worst < 1e-3F);
}

void resampler_stops_what_cannot_be_held() {
    const std::vector<float> high = tone(48'000, 11'000.0, 0.5);
    std::vector<float> out;
    facerig::Resampler down(48'000, 16'000);
    down.feed(high.data(), high.size(), out);
    for (std::size_t n = 200; n < out.size(); ++n) CHECK(std::abs(out[n]) < 1e-3F);
}

void mono_is_the_mean() {
    const std::vector<float> stereo{0.5F, 0.25F, -0.5F, 0.5F, 1.0F, 1.0F};
    CHECK((facerig::as_mono(stereo.data(), 3, 2) == std::vector<float>{0.375F, 0.0F, 1.0F}));
}

// Frames that arrive up to 12 ms late are shown evenly; a gap keeps its length; another stream begins anew.
void frame_times_are_even() {
    facerig::FrameTimes times;
    std::srand(3);
    double before = -1.0, worst = 0.0;
    for (std::int64_t index = 0; index < 600; ++index) {
        const double time = times.at(index, static_cast<double>(index) / 60.0 + (std::rand() % 12) * 1e-3, 60.0);
        if (index > 60) worst = std::fmax(worst, std::abs(time - before - 1.0 / 60.0));
        CHECK(time > before);
        before = time;
    }
    CHECK(worst < 0.8e-3);
    CHECK(std::abs(times.at(604, before + 5.0 / 60.0, 60.0) - before - 5.0 / 60.0) < 1e-3);
    CHECK(times.at(0, 99.0, 60.0) == 99.0);
    before = 99.0;
    for (std::int64_t index = 1; index < 100; ++index) {  // a burst
        const double time = times.at(index, 99.0, 60.0);
        CHECK(time > before && time < 99.2);
        before = time;
    }
}

}  // namespace

int main() {
    clock_is_even();
    clock_stands_with_its_device();
    queue_waits_for_faces();
    queue_knows_short_sentences();
    queue_is_patient_only_so_long();
    queue_starves_and_goes_on();
    queue_is_cut();
    queue_jumps_between_sentences();
    queue_between_threads();
    resampler_keeps_time(44'100, 48'000);
    resampler_keeps_time(22'050, 48'000);
    resampler_keeps_time(48'000, 16'000);
    resampler_keeps_time(48'000, 48'000);
    resampler_stops_what_cannot_be_held();
    mono_is_the_mean();
    frame_times_are_even();
    return failures > 100 ? 100 : failures;
}
