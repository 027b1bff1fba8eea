// A client's side of one service, without sockets: who is opened when, whose an answer is, what a loss means.
//
// One `open` or `resume` is under way at a time, so that an answer without a session is known to be its own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "Conversation.h"
#include "Outgoing.h"

namespace facerig {

// The conversations of a client. One thread at a time; `now_ns` never goes back.
class Link {
public:
    using Talk = std::shared_ptr<Conversation>;
    using Figures = std::vector<std::pair<std::string, double>>;

    // Begin to talk about a character. Null for a subject that is open.
    Talk open(const OpenRequest& opening);

    void ask_statistics() { statistics_asked_ = true; }
    const Figures& figures() const { return figures_; }
    std::uint64_t garbage() const { return garbage_; }  // messages of the service that could not be read
    std::uint64_t losses() const { return losses_; }
    bool over() const;     // of every character
    void abandon();        // end them all
    template <typename Hears>
    void each_subject(Hears hears) const {  // whom to hear
        for (const auto& one : characters_) hears(one.first);
    }
    bool hears(const std::string& subject) const { return characters_.count(subject) != 0; }

    void due(std::int64_t now_ns, Outgoing& outgoing);  // messages that may be sent now; they count as sent

    void answered(Bytes data, std::int64_t now_ns);        // from the control socket
    void published(std::string_view topic, Bytes data);    // the two parts from the curves' socket
    void lost(std::int64_t now_ns);  // everybody is taken over, by token, once there is another connection

private:
    struct Character {
        Talk talk;
        bool heard = false;                      // something came of it from the curves' socket
        std::optional<std::int64_t> deaf_since;  // it is open, and nothing came yet
    };

    void opened(const Reply& answer, std::int64_t now_ns);
    void not_opened(const Reply& answer, std::int64_t now_ns);
    void told(const Reply& answer, std::int64_t now_ns);
    void try_later(const Talk& talk, std::int64_t now_ns);
    void greet(std::int64_t now_ns, Outgoing& outgoing);
    void forget_those_over();

    std::map<std::string, Character, std::less<>> characters_;  // by subject
    Figures figures_;
    std::uint64_t garbage_ = 0, losses_ = 0;
    Talk greeted_;
    std::deque<Talk> queue_;
    std::int64_t retry_ns_ = 0;
    std::optional<std::int64_t> ping_ns_;
    bool statistics_asked_ = false;
    Reply reply_;  // the last; its room is used again
};

}  // namespace facerig
