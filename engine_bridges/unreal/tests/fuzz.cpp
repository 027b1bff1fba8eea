// Any bytes at every reader: facerig_fuzz CORPUS COUNT SEED
//
// CORPUS is a folder of *.bin. Each case is one of them changed, or random bytes; it goes to all readers, what was read
// is used, and frames go to a jitter buffer that is asked for pictures. Sanitizers judge; beyond that no reader may
// allocate for a frame, nor more than a few times the bytes that came. Prints what happened.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "FaceRigCore/Frame.h"
#include "FaceRigCore/JitterBuffer.h"
#include "FaceRigCore/Messages.h"
#include "FaceRigCore/Msgpack.h"
#include "checks.h"
#include "json.h"

namespace {
std::atomic<std::uint64_t> n_allocated_bytes{0};

void* allocated(std::size_t size) {
    n_allocated_bytes += size;
    if (void* room = std::malloc(size == 0 ? 1 : size)) return room;
    std::abort();
}
}  // namespace

void* operator new(std::size_t size) { return allocated(size); }
void* operator new[](std::size_t size) { return allocated(size); }
void operator delete(void* room) noexcept { std::free(room); }
void operator delete[](void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }
void operator delete[](void* room, std::size_t) noexcept { std::free(room); }

namespace {

using facerig::Bytes;
using Random = std::mt19937_64;

constexpr std::uint64_t kBytesPerByte = 64;  // that a reader may allocate: a curve of 3 bytes takes 40, and slack
constexpr std::uint64_t kBytesAtLeast = 4'096;

std::uint64_t below(Random& random, std::uint64_t n) { return n == 0 ? 0 : random() % n; }

// Bytes that mean something to msgpack or to a frame.
constexpr std::uint8_t kTelling[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC4, 0xC6, 0xC7,
                                     0xCA, 0xCB, 0xCF, 0xD3, 0xD4, 0xD9, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xFF, 'F'};

void change(std::vector<std::uint8_t>& data, Random& random) {
    for (std::uint64_t k = 0, n = 1 + below(random, 1 + below(random, 4)); k < n; ++k) {
        const auto at = static_cast<std::ptrdiff_t>(below(random, data.size()));
        switch (data.empty() ? 2 : below(random, 6)) {
            case 0: data[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random()); break;
            case 1: data[static_cast<std::size_t>(at)] = kTelling[below(random, std::size(kTelling))]; break;
            case 2: data.insert(data.begin() + at, kTelling[below(random, std::size(kTelling))]); break;
            case 3: data.erase(data.begin() + at); break;
            case 4: data.resize(static_cast<std::size_t>(at)); break;
            default: data.insert(data.end(), data.begin(), data.begin() + at); break;
        }
    }
}

std::vector<std::uint8_t> made_case(const std::vector<std::vector<std::uint8_t>>& corpus, Random& random) {
    std::vector<std::uint8_t> data;
    if (below(random, 8) == 0) {
        data.resize(below(random, 200));
        for (std::uint8_t& one : data) one = static_cast<std::uint8_t>(random());
    } else {
        data = corpus[below(random, corpus.size())];
        if (below(random, 16) != 0) change(data, random);
    }
    return data;
}

struct Tally {
    std::uint64_t frames = 0, replies = 0, schemas = 0, refused = 0, pictures = 0;
};

class Fuzzer {
public:
    Fuzzer() {
        schema_.curves.resize(2);
        schema_.curves[1].low = -1.0F;
        buffer_.emplace(schema_);
    }

    void one(Bytes data, Random& random) {
        const std::uint64_t before = n_allocated_bytes;
        facerig::Fault fault;
        facerig::FrameView frame;
        const bool framed = facerig::read_frame(data, frame, fault);
        CHECK(n_allocated_bytes == before);
        CHECK(framed != static_cast<bool>(fault));
        const bool replied = facerig::read_reply(data, reply_, fault);
        const bool described = facerig::read_schema(data, read_schema_, fault);
        facerig::MsgpackReader reader(data);
        const bool skipped = reader.skip();
        CHECK(n_allocated_bytes - before <= kBytesAtLeast + kBytesPerByte * data.size);
        CHECK(!replied || skipped);
        CHECK(!(replied && framed) && !(described && framed));
        tally.frames += framed ? 1 : 0;
        tally.replies += replied ? 1 : 0;
        tally.schemas += described ? 1 : 0;
        tally.refused += framed || replied || described ? 0 : 1;
        if (described) use(read_schema_);
        if (replied && reply_.kind == facerig::ReplyKind::opened) use(reply_.schema);
        if (framed) buffer_->put(frame);
        made_up_frame(random);
        picture(random);
    }

    Tally tally;

private:
    // A buffer for a schema that came.
    void use(const facerig::Schema& schema) {
        if (schema.curves.size() > 8) return;
        schema_ = schema;
        buffer_.emplace(schema);
        now_ns_ = 0;
    }

    // Frames that pass as such, in any order and of any epoch, near each other or far apart.
    void made_up_frame(Random& random) {
        float values[8];
        std::uint8_t bytes[sizeof values];
        for (std::size_t at = 0; at < std::size(values); ++at) values[at] = static_cast<float>(below(random, 1000));
        std::copy_n(reinterpret_cast<const std::uint8_t*>(values), sizeof bytes, bytes);
        facerig::FrameView frame;
        frame.values = bytes;
        frame.count = below(random, 50) == 0 ? 3 : static_cast<std::uint32_t>(schema_.curves.size());
        if (frame.count > std::size(values)) return;
        const std::uint64_t wide = below(random, 100) == 0 ? std::uint64_t{1} << 62 : 5'000;
        index_ = below(random, 10) == 0 ? static_cast<std::int64_t>(below(random, wide)) : index_ + 1;
        frame.index = index_;
        frame.flags = static_cast<std::uint8_t>(below(random, 64) == 0 ? random() : below(random, 4) << 2);
        const std::int64_t sample = below(random, 10) == 0 ? static_cast<std::int64_t>(below(random, wide))
                                                           : (index_ % 100'000'000) * 266;
        frame.sample = below(random, 3) == 0 ? -1 : sample;
        frame.epoch = buffer_->epoch() + (below(random, 500) == 0 ? 1 : 0);
        if (below(random, 2'000) == 0) buffer_->restart();
        buffer_->put(frame);
    }

    void picture(Random& random) {
        float values[8] = {};
        now_ns_ += static_cast<std::int64_t>(below(random, below(random, 1'000) == 0 ? std::uint64_t{1} << 40 : 40'000'000));
        const std::int64_t heard = (index_ % 100'000'000) * 266;
        std::int64_t sample = heard + static_cast<std::int64_t>(below(random, 20'000)) - 10'000;
        if (below(random, 20) == 0) sample = static_cast<std::int64_t>(below(random, std::uint64_t{1} << 62));
        const facerig::Shown shown = buffer_->show(now_ns_, below(random, 4) == 0 ? -1 : sample, values);
        CHECK(shown.index >= -1);
        CHECK((shown.index < 0) == (shown.state == facerig::PictureState::rest));
        for (const float value : values) CHECK(std::isfinite(value));
        ++tally.pictures;
    }

    facerig::Schema schema_, read_schema_;
    facerig::Reply reply_;
    std::optional<facerig::JitterBuffer> buffer_;
    std::int64_t index_ = 0, now_ns_ = 0;
};

}  // namespace

int main(int n_arguments, char** arguments) {
    if (n_arguments != 4) {
        std::fprintf(stderr, "usage: facerig_fuzz CORPUS COUNT SEED\n");
        return 2;
    }
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) {
        if (entry.path().extension() == ".bin") names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());  // the same cases everywhere
    std::vector<std::vector<std::uint8_t>> corpus;
    for (const std::string& name : names) {
        const std::string data = file_of(name);
        corpus.emplace_back(data.begin(), data.end());
    }
    if (corpus.empty()) return 2;
    Random random(static_cast<std::uint64_t>(std::atoll(arguments[3])));
    Fuzzer fuzzer;
    const long long count = std::atoll(arguments[2]);
    for (long long k = 0; k < count && failures < 20; ++k) {
        const std::vector<std::uint8_t> data = made_case(corpus, random);
        fuzzer.one({data.data(), data.size()}, random);
        if (failures > 0) std::fprintf(stderr, "in case %lld\n", k);
    }
    const Tally& tally = fuzzer.tally;
    std::printf("{\"cases\": %lld, \"frames\": %llu, \"replies\": %llu, \"schemas\": %llu, \"refused\": %llu, "
                "\"pictures\": %llu, \"failures\": %d}\n",
                count, static_cast<unsigned long long>(tally.frames), static_cast<unsigned long long>(tally.replies),
                static_cast<unsigned long long>(tally.schemas), static_cast<unsigned long long>(tally.refused),
                static_cast<unsigned long long>(tally.pictures), failures);
    return failures == 0 ? 0 : 1;
}
