#include "FaceRigCore/JitterBuffer.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>
#include <vector>

#include "FaceRigCore/Wire.h"
#include "FrameClock.h"
#include "FrameStore.h"

namespace facerig {
namespace {

namespace rule = wire::jitter;

std::int64_t samples_in(std::int64_t ms, std::int64_t sample_rate) { return ms * sample_rate / 1000; }

// A face between two, as 32-bit floats have it.
void draw_between(const float* one, const float* other, double share, std::vector<float>& into) {
    const auto weight = static_cast<float>(share);
    for (std::size_t at = 0; at < into.size(); ++at) into[at] = one[at] + weight * (other[at] - one[at]);
}

}  // namespace

struct JitterBuffer::Inner {
    explicit Inner(const Schema& schema)
        : clock{schema.sample_rate, schema.fps_numerator, schema.fps_denominator},
          hold(samples_in(rule::kHoldMs, schema.sample_rate)),
          bridge(samples_in(rule::kBridgeMs, schema.sample_rate)),
          behind(samples_in(rule::kBehindMs, schema.sample_rate)),
          sound(static_cast<std::uint32_t>(schema.curves.size()), rule::kMostSounding),
          idle(static_cast<std::uint32_t>(schema.curves.size()), rule::kMostIdle),
          rest(schema.curves.size()), drawn(rest), last_values(rest), fade_from(rest) {
        for (std::size_t at = 0; at < rest.size(); ++at) {
            rest[at] = (std::min)((std::max)(0.0F, schema.curves[at].low), schema.curves[at].high);
        }
    }

    // What the rules say: the values are in `drawn`.
    struct Target {
        std::int64_t index = -1;
        int step = 1;
        PictureState state = PictureState::rest;
    };

    // --- frames in

    bool put(const FrameView& frame) {
        if (frame.epoch < epoch || frame.count != rest.size()) {
            ++counts.stale;
            return false;
        }
        if (frame.epoch > epoch) interrupted(frame.epoch);
        if (any && (frame.index <= highest - rule::kKnown || is_known(frame.index))) {
            ++counts.twice;
            return false;
        }
        count(frame.index, frame.step());
        if (frame.sample >= 0) {
            counts.dropped += sound.insert(frame) ? 1 : 0;
        } else {
            idle.insert(frame);
        }
        return true;
    }

    void interrupted(std::uint32_t new_epoch) {
        if (new_epoch > epoch) {
            forget();
            epoch = new_epoch;
        }
    }

    void forget() {
        sound.clear();
        idle.clear();
        known.reset();
        any = anchored = false;
        covered = 0;
        newest_idle = -1;
        newest_idle_ns = 0;
        broken = true;
        n_late = 0;
    }

    bool is_known(std::int64_t index) const {
        return index <= highest && known[static_cast<std::size_t>(index % rule::kKnown)];
    }

    // A frame stands for the indices since the one before it.
    void count(std::int64_t index, int step) {
        ++counts.received;
        const std::int64_t began = index - step + 1;
        if (!any) {
            lowest = began;
            highest = began - 1;
        }
        const std::int64_t before = any ? highest - lowest + 1 - covered : 0;
        for (std::int64_t k = (std::max)(highest + 1, index - rule::kKnown + 1); k <= index; ++k) {
            known[static_cast<std::size_t>((k % rule::kKnown + rule::kKnown) % rule::kKnown)] = false;
        }
        known[static_cast<std::size_t>(index % rule::kKnown)] = true;
        any = true;
        covered += step;
        lowest = (std::min)(lowest, began);
        highest = (std::max)(highest, index);
        counts.lost += highest - lowest + 1 - covered - before;
    }

    // --- faces out

    Shown show(std::int64_t at_ns, std::int64_t sample, float* values) {
        const std::int64_t now_ns = shown ? (std::max)(at_ns, last_ns) : at_ns;
        Target target;
        if (sample < 0 || !speaking(sample, target)) target = living(now_ns);
        if (shown && (broken || jumps(target, now_ns))) {
            fade_from.swap(last_values);
            fade_since_ns = last_ns;
            fading = true;
        }
        broken = false;
        fade(now_ns);
        shown = true;
        last = target;
        last_ns = now_ns;
        last_values = drawn;
        std::copy(drawn.begin(), drawn.end(), values);
        return {target.index, target.state};
    }

    // The face of a sample of the sound; false where no frame is near.
    bool speaking(std::int64_t sample, Target& target) {
        measure(sample);
        trim(sample);
        const std::size_t n_before = sound.up_to_sample(sample);
        if (n_before == 0) return false;
        const KeptFrame& one = sound[n_before - 1];
        const KeptFrame* following = n_before < sound.size() ? &sound[n_before] : nullptr;
        const std::int64_t since = sample - one.sample;
        if (following != nullptr && together(one, *following)) {
            const double share = static_cast<double>(since) / static_cast<double>(following->sample - one.sample);
            draw_between(sound.values(one), sound.values(*following), share, drawn);
            target = {one.index, following->step(), PictureState::speech};
            return true;
        }
        target = {one.index, one.step(), PictureState::speech};
        if (!clock.less(since, clock.scaled_samples(one.step()))) {  // what should follow is late
            const std::int64_t wait = clock.scaled_samples(one.step() - 1) + hold * clock.frames;
            if (one.last() || clock.more(since, wait) || is_over(one)) return false;
            ++counts.held;
            target.state = PictureState::held;
        }
        copy_of(sound, one);
        return true;
    }

    // The face while no sound plays: idle frames by the clock, a few frames late where they come unevenly.
    Target living(std::int64_t now_ns) {
        if (!idle.empty() && idle.back().index != newest_idle) {
            newest_idle = idle.back().index;
            newest_idle_ns = now_ns;
        }
        if (idle.empty() || now_ns - newest_idle_ns > rule::kIdleStaleNs) {
            drawn = rest;
            return {};
        }
        const FrameClock::Position held = held_position(now_ns);
        const std::size_t n_before = (std::max)(idle.up_to_index(held.whole), std::size_t{1});
        const KeptFrame& one = idle[n_before - 1];
        const bool between = one.index < held.whole || (one.index == held.whole && held.share > 0.0);
        if (one.index == newest_idle || !between) return idle_one(one);
        const KeptFrame& following = idle[n_before];
        if (following.index - one.index > rule::kIdleBehind * following.step()) return idle_one(following);
        const double share = (static_cast<double>(held.whole - one.index) + held.share) /
                             static_cast<double>(following.index - one.index);
        draw_between(idle.values(one), idle.values(following), share, drawn);
        return {one.index, following.step(), PictureState::idle};
    }

    // Where idle life stands: it runs by the clock, and is held near the newest frame.
    FrameClock::Position held_position(std::int64_t now_ns) {
        const int step = idle.back().step();
        const std::int64_t earliest = newest_idle - rule::kIdleBehind * step;
        FrameClock::Position held{newest_idle - step, 0.0};
        if (anchored) {
            held = clock.frames_in(now_ns - anchor_ns);
            held.whole += anchor;
        }
        const bool early = held.whole < earliest;
        const bool beyond = held.whole > newest_idle || (held.whole == newest_idle && held.share > 0.0);
        if (early || beyond) held = {early ? earliest : newest_idle, 0.0};
        if (!anchored || early || beyond) {
            anchored = true;
            anchor = held.whole;
            anchor_ns = now_ns;
        }
        return held;
    }

    Target idle_one(const KeptFrame& frame) {
        copy_of(idle, frame);
        return {frame.index, frame.step(), PictureState::idle};
    }

    void copy_of(const FrameStore& store, const KeptFrame& frame) {
        const float* from = store.values(frame);
        std::copy(from, from + drawn.size(), drawn.begin());
    }

    // Whether as much sound lies between two frames as time, and not too much.
    bool together(const KeptFrame& one, const KeptFrame& following) const {
        const std::int64_t samples = following.sample - one.sample;
        return samples > 0 && samples <= bridge && clock.together(following.index - one.index, samples);
    }

    // Whether idle life has gone on after a frame: its sound was the last.
    bool is_over(const KeptFrame& frame) const { return !idle.empty() && idle.back().index > frame.index; }

    // Whether a face follows the last one by more or less than the time between them.
    bool jumps(const Target& target, std::int64_t now_ns) const {
        const bool rests = target.state == PictureState::rest;
        if (rests != (last.state == PictureState::rest)) return true;
        if (rests) return false;
        const std::int64_t further = target.index - last.index;
        const std::int64_t most = rule::kJump * (std::max)(target.step, last.step);
        return further < -most || further - most > clock.frames_in(now_ns - last_ns).whole;
    }

    void fade(std::int64_t now_ns) {
        if (!fading) return;
        const double share = static_cast<double>(now_ns - fade_since_ns) / rule::kFadeNs;
        fading = share < 1.0;
        if (fading) draw_between(fade_from.data(), drawn.data(), share, drawn);
    }

    // Forget frames far behind what plays, but keep the one before, to draw from.
    void trim(std::int64_t sample) {
        const std::int64_t oldest = sample - behind;
        if (sound.size() < 2 || sound[1].sample > oldest) return;
        const std::size_t n_before = sound.up_to_sample(oldest);
        if (n_before > 1) sound.drop_front(n_before - 1);
    }

    // By how much the sound that plays is ahead of what came of it.
    void measure(std::int64_t sample) {
        if (sound.empty() || sound.back().last() || is_over(sound.back())) return;
        late[n_late++ % late.size()] = sample - sound.back().sample;
    }

    FrameClock clock;
    std::int64_t hold, bridge, behind;  // samples
    std::uint32_t epoch = 0;
    Counts counts;
    FrameStore sound, idle;
    std::vector<float> rest, drawn, last_values, fade_from;

    std::bitset<rule::kKnown> known;  // indices that came, of the last so many up to `highest`
    bool any = false;                 // of this epoch
    std::int64_t lowest = 0, highest = -1;
    std::int64_t covered = 0;  // indices from the lowest to the highest that frames stand for

    bool anchored = false;  // idle life stood at index `anchor` at `anchor_ns`
    std::int64_t anchor = 0, anchor_ns = 0;
    std::int64_t newest_idle = -1, newest_idle_ns = 0;  // index of the newest idle frame, and since when it is

    bool shown = false;  // the picture `last` was, with `last_values`
    Target last;
    std::int64_t last_ns = 0;
    bool fading = false;
    std::int64_t fade_since_ns = 0;
    bool broken = false;  // the next picture follows no other
    std::array<std::int64_t, rule::kLateness> late{};
    std::size_t n_late = 0;
};

JitterBuffer::JitterBuffer(const Schema& schema) : inner_(std::make_unique<Inner>(schema)) {}
JitterBuffer::~JitterBuffer() = default;
JitterBuffer::JitterBuffer(JitterBuffer&&) noexcept = default;
JitterBuffer& JitterBuffer::operator=(JitterBuffer&&) noexcept = default;

bool JitterBuffer::put(const FrameView& frame) { return inner_->put(frame); }

void JitterBuffer::interrupted(std::uint32_t epoch) { inner_->interrupted(epoch); }

void JitterBuffer::restart(std::uint32_t epoch) {
    inner_->forget();
    inner_->epoch = epoch;
}

Shown JitterBuffer::show(std::int64_t now_ns, std::int64_t sample, float* values) {
    return inner_->show(now_ns, sample, values);
}

std::uint32_t JitterBuffer::count() const { return static_cast<std::uint32_t>(inner_->rest.size()); }

std::uint32_t JitterBuffer::epoch() const { return inner_->epoch; }

Counts JitterBuffer::counts() const { return inner_->counts; }

std::optional<std::int64_t> JitterBuffer::late_samples() const {
    const std::size_t n = (std::min)(inner_->n_late, inner_->late.size());
    if (n == 0) return std::nullopt;
    return *std::max_element(inner_->late.begin(), inner_->late.begin() + static_cast<std::ptrdiff_t>(n));
}

std::int64_t JitterBuffer::ahead_samples() const {
    return inner_->sound.empty() ? -1 : inner_->sound.back().sample;
}

}  // namespace facerig
