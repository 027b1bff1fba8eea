// What all languages share, read by this one: facerig_vectors GOLDENS
//
// The golden packets (GOLDENS/packets) are read or written and must mean what index.json says; the jitter buffer must
// show what GOLDENS/jitter expects. Prints how many of each there were; exit code 1 where something was wrong.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "FaceRigCore/Frame.h"
#include "FaceRigCore/JitterBuffer.h"
#include "FaceRigCore/Messages.h"
#include "FaceRigCore/Wire.h"
#include "checks.h"
#include "json.h"

namespace {

using facerig::Bytes;
using json::Value;

Bytes bytes_of(const std::string& data) {
    return {reinterpret_cast<const std::uint8_t*>(data.data()), data.size()};
}

std::string from_hex(const std::string& digits) {
    std::string data;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
        data += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
    }
    return data;
}

// --- requests: what is written must be the golden bytes

facerig::OpenRequest open_of(const Value& of) {
    facerig::OpenRequest one;
    one.subject = of["subject"].text;
    one.sample_rate = static_cast<std::int32_t>(of["sample_rate"].integer());
    one.encoding = of["encoding"].text;
    one.fps = of["fps"].text;
    one.rig = of["rig"].text;
    one.pace = of["pace"].text;
    one.model = of["model"].text;
    one.seed = of["seed"].integer();
    one.mode = of["mode"].text;
    one.emotion = of["emotion"].text;
    one.alive = of["alive"].truth();
    one.detail = static_cast<std::int32_t>(of["detail"].integer());
    return one;
}

facerig::Direction direction_of(const Value& of) {
    facerig::Direction one;
    one.at = of["at"].integer();
    const auto text = [&](const char* key, std::optional<std::string>& into) {
        if (!of[key].null()) into = of[key].text;
    };
    text("emotion", one.emotion);
    if (of["gaze"].kind == Value::Kind::list) {
        const auto& items = of["gaze"].items;
        one.gaze_point = {items[0].number(), items[1].number(), items[2].number()};
    } else {
        text("gaze", one.gaze_word);
    }
    one.blink = of["blink"].truth();
    text("mode", one.mode);
    text("attitude", one.attitude);
    if (!of["layers"].null()) {
        one.layers.emplace();
        for (const auto& [name, strength] : of["layers"].pairs) one.layers->emplace_back(name, strength.number());
    }
    text("style", one.style);
    if (!of["transition_secs"].null()) one.transition_secs = of["transition_secs"].number();
    if (!of["detail"].null()) one.detail = static_cast<std::int32_t>(of["detail"].integer());
    return one;
}

bool write(const Value& of, facerig::Message& into) {
    const std::string type = of["type"].text;
    const auto session = [&] { return of["session"].integer(); };
    facerig::Error error;
    bool good = true;
    if (type == "open") {
        good = facerig::check_open(open_of(of), error) || of["encoding"].text == "opus";
        facerig::write_open(open_of(of), into);
    } else if (type == "resume") {
        facerig::write_resume(of["token"].text, into);
    } else if (type == "audio") {
        const std::string sound = from_hex(of["data"].text);
        facerig::write_audio(session(), of["epoch"].integer(), of["at"].integer(), bytes_of(sound), into);
    } else if (type == "direct") {
        good = facerig::check_direction(direction_of(of), error);
        facerig::write_direct(session(), direction_of(of), into);
    } else if (type == "say") {
        good = facerig::check_say(of["text"].text, of["voice"].text, error);
        facerig::write_say(session(), of["text"].text, of["voice"].text, into);
    } else if (type == "interrupt") {
        facerig::write_interrupt(session(), into);
    } else if (type == "flush") {
        facerig::write_flush(session(), into);
    } else if (type == "close") {
        facerig::write_close(session(), into);
    } else if (type == "ping") {
        facerig::write_ping(of["number"].integer(), into);
    } else if (type == "statistics") {
        facerig::write_ask_statistics(into);
    } else {
        return false;
    }
    if (!good) std::fprintf(stderr, "%s\n", error.text().c_str());
    return good;
}

// --- answers, schemas, frames: what is read must be what they say

void check_schema(const facerig::Schema& read, const Value& of) {
    CHECK(read.subject == of["subject"].text);
    CHECK(read.rig == of["rig"].text);
    CHECK(read.fps_numerator == of["fps"].items[0].integer());
    CHECK(read.fps_denominator == of["fps"].items[1].integer());
    CHECK(read.sample_rate == of["sample_rate"].integer());
    CHECK(read.latency_samples == of["latency_samples"].integer());
    CHECK(read.curves.size() == of["curves"].items.size());
    for (std::size_t at = 0; at < (std::min)(read.curves.size(), of["curves"].items.size()); ++at) {
        const Value& curve = of["curves"].items[at];
        CHECK(read.curves[at].name == curve["name"].text);
        CHECK(std::abs(static_cast<double>(read.curves[at].low) - curve["low"].number()) < 1e-6);
        CHECK(std::abs(static_cast<double>(read.curves[at].high) - curve["high"].number()) < 1e-6);
    }
}

void check_reply(const facerig::Reply& read, const Value& of) {
    const auto integer = [&](const char* key, std::int64_t value) {
        if (of.find(key) != nullptr) CHECK(of[key].integer() == value);
    };
    integer("session", read.session);
    integer("epoch", read.epoch);
    integer("at", read.at);
    integer("received", read.received);
    integer("animated", read.animated);
    integer("credit", read.credit);
    integer("number", read.number);
    integer("clock_ns", read.clock_ns);
    const auto text = [&](const char* key, std::string_view value) {
        if (of.find(key) != nullptr) CHECK(of[key].text == value);
    };
    text("token", read.token);
    text("reason", read.reason);
    text("code", read.code);
    text("what", read.what);
    text("where", read.where);
    text("fix", read.fix);
    if (const Value* data = of.find("data")) {
        const std::string expected = from_hex(data->text);
        CHECK(expected == std::string(reinterpret_cast<const char*>(read.data.data), read.data.size));
    }
    if (of.find("last") != nullptr) CHECK(of["last"].truth() == read.last);
    if (of.find("schema") != nullptr) check_schema(read.schema, of["schema"]);
    if (const Value* figures = of.find("figures")) {
        CHECK(figures->pairs.size() == read.figures.size());
        for (const auto& [name, value] : read.figures) CHECK(std::abs((*figures)[name].number() - value) < 1e-9);
    }
}

void check_frame(const facerig::FrameView& read, const Value& of, const std::string& data) {
    CHECK(read.epoch == static_cast<std::uint32_t>(of["epoch"].integer()));
    CHECK(read.index == of["index"].integer());
    CHECK(read.sample == of["sample"].integer());
    CHECK(read.flags == of["flags"].integer());
    CHECK(read.count == of["values"].items.size());
    facerig::Frame own;
    static_cast<facerig::FrameHead&>(own) = read;
    own.values.resize(read.count);
    read.copy_to(own.values.data());
    for (std::uint32_t at = 0; at < read.count; ++at) {
        CHECK(std::abs(static_cast<double>(own.values[at]) - of["values"].items[at].number()) < 1e-6);
    }
    std::vector<std::uint8_t> again;
    facerig::write_frame(own, again);
    CHECK(std::string(again.begin(), again.end()) == data);
}

void check_packet(const std::string& name, const Value& of, const std::string& data) {
    const int before = failures;
    const std::string kind = of["kind"].text;
    const bool refused = of.find("refused") != nullptr;
    facerig::Fault fault;
    facerig::Reply reply;
    facerig::Schema schema;
    facerig::FrameView frame;
    if (refused) {  // whatever it is read as
        CHECK(!facerig::read_reply(bytes_of(data), reply, fault));
        CHECK(!facerig::read_schema(bytes_of(data), schema, fault));
        CHECK(!facerig::read_frame(bytes_of(data), frame, fault));
        CHECK(fault && std::strlen(fault.where) < sizeof fault.where);
    } else if (kind == "request") {
        facerig::Message written;
        CHECK(write(of["message"], written));
        CHECK(std::string(written.begin(), written.end()) == data);
    } else if (kind == "reply") {
        CHECK(facerig::read_reply(bytes_of(data), reply, fault));
        check_reply(reply, of["message"]);
    } else if (of.find("frame") != nullptr) {
        CHECK(facerig::looks_like_frame(bytes_of(data)) && facerig::read_frame(bytes_of(data), frame, fault));
        check_frame(frame, of["frame"], data);
    } else {
        CHECK(!facerig::looks_like_frame(bytes_of(data)) && facerig::read_schema(bytes_of(data), schema, fault));
        check_schema(schema, of["message"]);
    }
    if (failures > before) std::fprintf(stderr, "in packet %s (%s at %s)\n", name.c_str(),
                                        fault ? fault.what : "no fault", fault.where);
}

// --- the jitter buffer

void put(facerig::JitterBuffer& buffer, const Value& event) {
    const Value& of = event["put"];
    std::vector<std::uint8_t> bytes;
    facerig::Frame frame;
    frame.epoch = static_cast<std::uint32_t>(of["epoch"].integer());
    frame.index = of["index"].integer();
    frame.sample = of["sample"].integer();
    frame.flags = static_cast<std::uint8_t>(of["flags"].integer());
    for (const Value& value : of["values"].items) frame.values.push_back(static_cast<float>(value.number()));
    const Value* times = event.find("times");
    for (std::int64_t k = 0, n = times != nullptr ? times->integer() : 1; k < n; ++k) {
        facerig::write_frame(frame, bytes);
        facerig::FrameView view;
        facerig::Fault fault;
        CHECK(facerig::read_frame({bytes.data(), bytes.size()}, view, fault));
        buffer.put(view);
        if (times == nullptr) return;
        frame.index += event["raise"]["index"].integer();
        frame.sample += event["raise"]["sample"].integer();
    }
}

void show(facerig::JitterBuffer& buffer, const Value& of, const Value& expected) {
    static const char* const kStates[] = {"speech", "held", "idle", "rest"};
    std::vector<float> values(buffer.count());
    const std::int64_t sample = of["sample"].null() ? facerig::kNoSample : of["sample"].integer();
    const facerig::Shown shown = buffer.show(of["now_ns"].integer(), sample, values.data());
    CHECK(shown.index == expected["index"].integer());
    CHECK(expected["state"].text == kStates[static_cast<int>(shown.state)]);
    CHECK(values.size() == expected["values"].items.size());
    for (std::size_t at = 0; at < values.size(); ++at) {
        CHECK(std::abs(static_cast<double>(values[at]) - expected["values"].items[at].number()) <= 1e-5);
    }
}

void check_jitter(const std::string& name, const Value& of) {
    const int before = failures;
    facerig::Schema schema;
    schema.sample_rate = of["sample_rate"].integer();
    schema.fps_numerator = of["fps"].items[0].integer();
    schema.fps_denominator = of["fps"].items[1].integer();
    schema.curves.resize(static_cast<std::size_t>(of["curves"].integer()));
    facerig::JitterBuffer buffer(schema);
    for (std::size_t at = 0; at < of["events"].items.size() && failures == before; ++at) {
        const Value& event = of["events"].items[at];
        if (event.find("put") != nullptr) put(buffer, event);
        if (const Value* picture = event.find("show")) show(buffer, *picture, event["expect"]);
        if (const Value* epoch = event.find("interrupted")) {
            buffer.interrupted(static_cast<std::uint32_t>(epoch->integer()));
        }
        if (const Value* epoch = event.find("restart")) buffer.restart(static_cast<std::uint32_t>(epoch->integer()));
        if (const Value* late = event.find("late_samples")) {
            const auto known = buffer.late_samples();
            CHECK(late->null() ? !known : known && *known == late->integer());
        }
        if (failures > before) std::fprintf(stderr, "in %s, event %zu\n", name.c_str(), at);
    }
    const facerig::Counts counts = buffer.counts();
    const Value& expected = of["counts"];
    CHECK(counts.received == expected["received"].integer());
    CHECK(counts.lost == expected["lost"].integer());
    CHECK(counts.stale == expected["stale"].integer());
    CHECK(counts.twice == expected["twice"].integer());
    CHECK(counts.dropped == expected["dropped"].integer());
    CHECK(counts.held == expected["held"].integer());
    if (failures > before) std::fprintf(stderr, "in %s\n", name.c_str());
}

// What no vector can hold: values are clamped into ranges at rest, and requests that are wrong say where.
void check_alone() {
    facerig::Schema schema;
    schema.curves = {{"a", 0.25F, 1.0F}, {"b", -1.0F, -0.5F}, {"c", -1.0F, 1.0F}};
    facerig::JitterBuffer buffer(schema);
    float values[3] = {9.0F, 9.0F, 9.0F};
    CHECK(buffer.show(0, facerig::kNoSample, values).state == facerig::PictureState::rest);
    CHECK(std::abs(values[0] - 0.25F) + std::abs(values[1] + 0.5F) + std::abs(values[2]) < 1e-9F);
    facerig::Error error;
    facerig::OpenRequest request;
    for (const char* subject : {"", "=anna", "a/b", "a\\b", "a\x7F", "\xC3", "-a"}) {
        request.subject = subject;
        CHECK(!facerig::check_open(request, error) && error.where == "open: subject");
    }
    request.subject = "Zo\xC3\xAB";
    CHECK(facerig::check_open(request, error));
    request.encoding = "opus";
    CHECK(!facerig::check_open(request, error) && error.where == "open: encoding" && error.fix == "use one of s16, f32");
    facerig::Direction direction;
    direction.transition_secs = std::nan("");
    CHECK(!facerig::check_direction(direction, error) && error.where == "direct: transition_secs");
    direction = facerig::Direction();
    direction.gaze_point = {0.0, 0.0, 2e6};
    CHECK(!facerig::check_direction(direction, error) && error.where == "direct: gaze");
}

}  // namespace

int main(int n_arguments, char** arguments) {
    if (n_arguments != 2) {
        std::fprintf(stderr, "usage: facerig_vectors GOLDENS\n");
        return 2;
    }
    const std::filesystem::path goldens = arguments[1];
    const Value index = json::Reader(file_of((goldens / "packets" / "index.json").string())).value();
    for (const auto& [name, of] : index.pairs) {
        check_packet(name, of, file_of((goldens / "packets" / (name + ".bin")).string()));
    }
    std::size_t n_buffers = 0;
    for (const auto& entry : std::filesystem::directory_iterator(goldens / "jitter")) {
        if (entry.path().extension() != ".json") continue;
        check_jitter(entry.path().filename().string(), json::Reader(file_of(entry.path().string())).value());
        ++n_buffers;
    }
    check_alone();
    std::printf("{\"packets\": %zu, \"jitter\": %zu, \"failures\": %d}\n", index.pairs.size(), n_buffers, failures);
    return failures == 0 ? 0 : 1;
}
