// A client that does what it is told on stdin, for tests that break its connection:
//
//     facerig_talk SERVICE CURVES_PORT [SERVER_KEY PUBLIC_KEY SECRET_KEY]
//
// A command a line, words between blanks; for each an answer on stdout, one JSON object a line:
//
//     open SUBJECT RATE FPS PACE ALIVE    counted SUBJECT BEGIN N FLUSH    floats SUBJECT VALUE ...
//     file SUBJECT PATH N FLUSH           flush|interrupt|close|drop SUBJECT
//     direct SUBJECT AT EMOTION           say SUBJECT TEXT                 at SUBJECT SAMPLE
//     events|frames|info SUBJECT          await SUBJECT KIND SECS          observe [SUBJECT ...]
//     observed                            reconnect                        statistics
//     client                              shutdown

#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>

#include "FaceRigCore/Observer.h"
#include "programs.h"

namespace {

using namespace programs;
using facerig::Event;
using facerig::EventKind;

const char* const kKinds[] = {"connected", "lost",        "refused", "opened", "resumed",
                              "schema",    "interrupted", "spoken",  "closed"};
const char* const kStates[] = {"opening", "open", "lost", "over"};
const char* const kPictures[] = {"speech", "held", "idle", "rest"};

std::string quoted(const std::string& text) {
    std::string all = "\"";
    for (const char one : text) {
        if (one == '"' || one == '\\') all += '\\';
        if (static_cast<unsigned char>(one) >= 0x20) all += one;
    }
    return all + "\"";
}

std::string problem(const facerig::Error& error) { return "{\"error\": " + quoted(error.text()) + "}"; }

std::string told(const Event& event) {
    std::ostringstream out;
    out << "{\"event\": \"" << kKinds[static_cast<int>(event.kind)] << "\", \"epoch\": " << event.epoch
        << ", \"at\": " << event.at << ", \"order\": " << event.order;
    if (event.kind == EventKind::spoken) out << ", \"n\": " << event.sound.size() << ", \"last\": " << event.last;
    if (event.kind == EventKind::closed) out << ", \"reason\": " << quoted(event.reason);
    if (event.kind == EventKind::refused) out << ", \"error\": " << quoted(event.error.text());
    out << "}";
    return out.str();
}

template <typename Source>
std::string events_of(Source& source, const char* until_kind = nullptr, double secs = 0.0) {
    std::string all;
    const std::int64_t end_ns = now_ns() + static_cast<std::int64_t>(secs * static_cast<double>(kNs));
    bool found = false;
    do {
        for (Event event; !found && source.next_event(event);) {
            if (!all.empty()) all += ", ";
            all += told(event);
            found = until_kind != nullptr && std::strcmp(kKinds[static_cast<int>(event.kind)], until_kind) == 0;
        }
        if (!found && now_ns() < end_ns) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (!found && now_ns() < end_ns);
    return "{\"events\": [" + all + "]}";
}

// Counts what it hears.
class Hearer : public facerig::ObserverListener {
public:
    void on_schema(const facerig::Schema& schema) override {
        const std::lock_guard<std::mutex> held(mutex_);
        ++heard_[schema.subject].n_schemas;
    }
    void on_frame(const facerig::Schema& schema, const facerig::FrameView& frame) override {
        const std::lock_guard<std::mutex> held(mutex_);
        Heard& one = heard_[schema.subject];
        ++one.n_frames;
        one.in_order = one.in_order && frame.epoch >= one.epoch && frame.count == schema.curves.size();
        one.epoch = frame.epoch;
    }
    void on_connection(bool connected) override {
        const std::lock_guard<std::mutex> held(mutex_);
        connected_ = connected;
    }
    std::string text() const {
        const std::lock_guard<std::mutex> held(mutex_);
        std::ostringstream out;
        out << "{\"connected\": " << (connected_ ? "true" : "false");
        for (const auto& [subject, one] : heard_) {
            out << ", " << quoted(subject) << ": [" << one.n_schemas << ", " << one.n_frames << ", " << one.epoch << ", "
                << (one.in_order ? "true" : "false") << "]";
        }
        out << "}";
        return out.str();
    }

private:
    struct Heard {
        int n_schemas = 0, n_frames = 0;
        std::uint32_t epoch = 0;
        bool in_order = true;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Heard> heard_;
    bool connected_ = false;
};

class Talker {
public:
    explicit Talker(const facerig::Address& address) : address_(address), client_(address) {}

    std::string answer(const std::string& line) {
        std::istringstream words(line);
        std::string command, subject;
        words >> command;
        if (command == "client") return state_of_client();
        if (command == "reconnect") client_.reconnect();
        if (command == "statistics") client_.ask_statistics();
        if (command == "shutdown") client_.close();
        if (command == "observe") {
            std::vector<std::string> subjects;
            while (words >> subject) subjects.push_back(subject);
            observer_ = std::make_unique<facerig::Observer>(address_, subjects, hearer_);
        }
        if (command == "observed") return hearer_.text();
        if (!(words >> subject)) return "{}";
        if (command == "open") return open(subject, words);
        const auto found = characters_.find(subject);
        if (found == characters_.end()) return "{\"error\": \"no such character\"}";
        if (command == "drop") {
            characters_.erase(found);
            return "{}";
        }
        return answer_of(*found->second, command, words);
    }

private:
    std::string open(const std::string& subject, std::istringstream& words) {
        facerig::OpenRequest request;
        request.subject = subject;
        int is_alive = 1;
        words >> request.sample_rate >> request.fps >> request.pace >> is_alive;
        request.alive = is_alive != 0;
        facerig::Error error;
        auto character = client_.open(request, error);
        if (!character) return problem(error);
        character->keep_frames(facerig::KeepFrames::all);
        characters_[subject] = std::move(character);
        return "{}";
    }

    std::string answer_of(facerig::Character& one, const std::string& command, std::istringstream& words) {
        if (command == "events") return events_of(one);
        if (command == "frames") return frames_of(one);
        if (command == "info") return info_of(one);
        if (command == "counted" || command == "file" || command == "floats") return speak(one, command, words);
        if (command == "flush") one.flush();
        if (command == "interrupt") one.interrupt();
        if (command == "close") one.close();
        facerig::Error error;
        if (command == "await") {
            std::string kind;
            double secs = 0.0;
            words >> kind >> secs;
            return events_of(one, kind.c_str(), secs);
        }
        if (command == "direct") {
            facerig::Direction direction;
            direction.emotion.emplace();
            words >> direction.at >> *direction.emotion;
            one.direct(direction, &error);
        }
        if (command == "say") {
            std::string text;
            std::getline(words >> std::ws, text);
            one.say(text, {}, &error);
        }
        if (command == "at") {
            facerig::Picture picture;
            std::int64_t sample = facerig::kNoSample;
            words >> sample;
            if (!one.at(sample, picture)) return "{\"error\": \"is not open\"}";
            std::ostringstream out;
            out << "{\"index\": " << picture.index << ", \"state\": \"" << kPictures[static_cast<int>(picture.state)]
                << "\", \"value\": " << picture.values[0] << "}";
            return out.str();
        }
        return error ? problem(error) : "{}";
    }

    static std::string speak(facerig::Character& one, const std::string& command, std::istringstream& words) {
        facerig::Error error;
        std::int64_t begins = -1;
        if (command == "floats") {
            std::vector<float> sound;
            for (std::string word; words >> word;) sound.push_back(std::strtof(word.c_str(), nullptr));
            begins = one.say_sound(sound.data(), sound.size(), false, &error);
        } else {
            std::string path;
            std::int64_t first = 0, n = 0;
            int flushes = 0;
            command == "file" ? words >> path >> n >> flushes : words >> first >> n >> flushes;
            std::vector<std::int16_t> sound;
            if (command == "file") sound = sound_of(path);
            sound.resize(static_cast<std::size_t>(n));
            for (std::size_t at = 0; command == "counted" && at < sound.size(); ++at) {
                sound[at] = static_cast<std::int16_t>((first + static_cast<std::int64_t>(at)) % 30'000);
            }
            begins = one.say_sound(sound.data(), sound.size(), flushes != 0, &error);
        }
        return error ? problem(error) : "{\"begins\": " + std::to_string(begins) + "}";
    }

    static std::string frames_of(facerig::Character& one) {
        std::ostringstream out;
        out << "{\"frames\": [";
        const char* comma = "";
        std::uint64_t order = 0;
        for (facerig::Frame frame; one.next_frame(frame, &order); comma = ", ") {
            out << comma << "[" << frame.epoch << ", " << frame.index << ", " << frame.sample << ", "
                << unsigned{frame.flags} << ", " << frame.values[0] << ", " << order << "]";
        }
        out << "]}";
        return out.str();
    }

    static std::string info_of(const facerig::Character& one) {
        const facerig::Counts counts = one.counts();
        const auto schema = one.schema();
        std::ostringstream out;
        out << "{\"state\": \"" << kStates[static_cast<int>(one.state())] << "\", \"end\": " << one.end()
            << ", \"silent\": " << (one.silent() ? "true" : "false") << ", \"waiting\": " << one.waiting_secs()
            << ", \"latency\": " << one.latency_samples() << ", \"ahead\": " << one.ahead_samples()
            << ", \"late\": " << (one.late_samples() ? std::to_string(*one.late_samples()) : "null")
            << ", \"received\": " << counts.received << ", \"lost\": " << counts.lost << ", \"stale\": " << counts.stale
            << ", \"twice\": " << counts.twice << ", \"dropped\": " << counts.dropped
            << ", \"curves\": " << (schema ? schema->curves.size() : 0) << "}";
        return out.str();
    }

    std::string state_of_client() {
        std::ostringstream out;
        out << "{\"connected\": " << (client_.connected() ? "true" : "false") << ", \"losses\": " << client_.losses()
            << ", \"garbage\": " << client_.garbage() << ", \"failure\": " << quoted(client_.failure().text())
            << ", \"figures\": " << client_.statistics().size()
            << ", \"observed_garbage\": " << (observer_ ? observer_->garbage() : 0)
            << ", \"told\": " << events_of(client_) << "}";
        return out.str();
    }

    facerig::Address address_;
    facerig::Client client_;
    std::map<std::string, std::shared_ptr<facerig::Character>> characters_;
    Hearer hearer_;
    std::unique_ptr<facerig::Observer> observer_;
};

}  // namespace

int main(int n_arguments, char** arguments) {
    if (n_arguments < 3) give_up("usage: facerig_talk SERVICE CURVES_PORT [SERVER_KEY PUBLIC_KEY SECRET_KEY]");
    facerig::Address address;
    address.service = arguments[1];
    address.curves_port = std::atoi(arguments[2]);
    if (n_arguments > 5) address.keys = {arguments[3], arguments[4], arguments[5]};
    Talker talker(address);
    for (std::string line; std::getline(std::cin, line);) std::cout << talker.answer(line) << std::endl;
    return 0;
}
