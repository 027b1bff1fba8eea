// A client of the service: sound in, faces out. Over libzmq, with a thread of its own.
//
//     facerig::Client client(address);
//     auto anna = client.open(request, error);                 // does not wait
//     std::int64_t begins = anna->say_sound(line, n_samples);  // at once, when the line is chosen
//     anna->at(begins + heard, picture);                       // each picture, while the mixer plays `heard`
//
// All calls may be made from any thread, and none waits for the network. After a lost connection the client
// opens another and goes on where it was: nothing is heard twice and nothing is left out. Queues are bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "FaceRigCore/Error.h"
#include "FaceRigCore/Export.h"
#include "FaceRigCore/Frame.h"
#include "FaceRigCore/JitterBuffer.h"
#include "FaceRigCore/Messages.h"

namespace facerig {

// CURVE keys, each 40 characters of Z85: the service's public one, and the client's own pair. All or none.
struct CurveKeys {
    std::string server, public_key, secret_key;

    bool empty() const { return server.empty() && public_key.empty() && secret_key.empty(); }
};

// Where a service is: tcp://host or tcp://host:port, with the port of its control socket. curves_port 0: the
// next one.
struct Address {
    std::string service = "tcp://127.0.0.1";
    std::int32_t curves_port = 0;
    CurveKeys keys;
};

// Whether the service could be there. False with the way out in `error`.
FACERIGCORE_API bool check_address(const Address& address, Error& error);

// A face: `values` in the order of the schema's curves.
struct Picture : Shown {
    std::vector<float> values;
};

enum class EventKind {
    connected,    // of the client: the service is there
    lost,         // the connection broke; another is opened (of the client and of each of its characters)
    refused,      // `error`: a wish that cannot be met, or (of the client) keys that the service does not know
    opened,       // a session has begun; also anew, after the service was another one
    resumed,      // the session goes on after a lost connection: the service has its sound up to `at`
    schema,       // what frames mean has changed
    interrupted,  // `epoch` counts from now on, and its sound begins at `at`
    spoken,       // `sound` of the service's voice, from sample `at` on; `last` of its text
    closed,       // the session is over; `reason`: client, idle, replaced, fault, shutdown, refused
};

// What happened. Samples are the client's. `order`: events and frames of a character in the order in which they
// came.
struct Event {
    EventKind kind = EventKind::lost;
    std::uint64_t order = 0;
    std::uint32_t epoch = 0;
    std::int64_t at = 0;
    std::vector<std::int16_t> sound;
    bool last = false;
    std::string reason;
    Error error;
};

enum class CharacterState { opening, open, lost, over };

// Which frames are kept for `next_frame`, besides those that `at` draws from.
enum class KeepFrames { none, with_sound, all };

class ClientCore;
class Conversation;

// One character of a service. Samples are counted from 0 at `open` and never go back.
class FACERIGCORE_API Character {
public:
    Character(std::shared_ptr<ClientCore> core, std::shared_ptr<Conversation> talk);  // use Client::open
    ~Character();  // ends the session, once all its sound is sent
    Character(const Character&) = delete;
    Character& operator=(const Character&) = delete;

    const std::string& subject() const;
    CharacterState state() const;
    std::shared_ptr<const Schema> schema() const;  // null before it is open

    // Speak a sound: mono, float in [-1, 1] or 16 bit, in the rate of `open`. It is sent as fast as the
    // service wants it. flush: the sentence ends here. Gives the sample it begins at; -1 with an `error`
    // where the session is over, the sound is none, or more than ten minutes of it wait.
    std::int64_t say_sound(const float* samples, std::size_t n_samples, bool flush = true, Error* error = nullptr);
    std::int64_t say_sound(const std::int16_t* samples, std::size_t n_samples, bool flush = true,
                           Error* error = nullptr);
    void flush();                                                // the sentence is over
    bool direct(const Direction& direction, Error* error = nullptr);  // false: an error, and nothing is sent
    bool say(std::string_view text, std::string_view voice = {}, Error* error = nullptr);
    void interrupt();  // stop now: the mouth comes to rest, what was not played is dropped here and there
    void close();      // end the session once all sound is sent

    // The face for the sample that plays now, between frames as well; kNoSample: no sound plays. Ask once a
    // picture. False before the session was first open.
    bool at(std::int64_t sample, Picture& picture);

    void keep_frames(KeepFrames keep);

    // Every frame as it comes, if they are kept, and every event; false where none is there. Those that nobody
    // reads are bounded: the oldest goes.
    bool next_frame(Frame& frame, std::uint64_t* order = nullptr);
    bool next_event(Event& event);

    std::int64_t end() const;         // the sample that the next sound begins at
    double waiting_secs() const;      // of sound that is yet to be sent
    bool silent() const;              // all that was said, up to the last flush, has come back as frames
    std::int64_t latency_samples() const;  // a face needs sound that is so much later
    std::int64_t ahead_samples() const;  // of the newest face, as JitterBuffer has it
    std::optional<std::int64_t> late_samples() const;  // as JitterBuffer has it
    Counts counts() const;

private:
    std::shared_ptr<ClientCore> core_;
    std::shared_ptr<Conversation> talk_;
};

class FACERIGCORE_API Client {
public:
    explicit Client(const Address& address);  // connects in the background; see `failure`
    ~Client();                                // as `close`
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Begin a session for a character. Does not wait: `opened`, `refused` or `closed` come as events of it.
    // Null with an `error` for a request that is wrong or a subject that is open.
    std::shared_ptr<Character> open(const OpenRequest& request, Error& error);

    bool next_event(Event& event);  // of the connection
    bool connected() const;
    std::uint64_t losses() const;   // how often the connection was lost
    std::uint64_t garbage() const;  // messages that could not be read
    Error failure() const;          // why it cannot work at all: an address or keys that are none

    // Ask for the service's figures; the newest that came.
    void ask_statistics();
    std::vector<std::pair<std::string, double>> statistics() const;

    void reconnect();  // drop the connection and open another, as after a loss: the network was changed
    void close(double timeout_secs = 1.0);  // end all sessions; sound that was not sent stays unsent

private:
    std::shared_ptr<ClientCore> core_;
};

}  // namespace facerig
