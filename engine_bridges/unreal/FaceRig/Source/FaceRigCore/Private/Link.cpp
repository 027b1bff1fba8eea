#include "Link.h"

#include <algorithm>

#include "FaceRigCore/Wire.h"

namespace facerig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kPingNs = wire::client::kPingMs * kNsPerMs;
constexpr std::int64_t kRetryNs = wire::client::kRetryMs * kNsPerMs;
constexpr std::int64_t kSchemaNs = wire::client::kSchemaWaitMs * kNsPerMs;

bool is_out_of_step(std::string_view code) {
    const auto& codes = wire::client::kOutOfStep;
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

Link::Talk Link::open(const OpenRequest& opening) {
    Character& one = characters_[opening.subject];
    if (one.talk) return nullptr;
    one.talk = std::make_shared<Conversation>(opening);
    queue_.push_back(one.talk);
    return one.talk;
}

bool Link::over() const {
    return std::all_of(characters_.begin(), characters_.end(), [](const auto& one) {
        return one.second.talk->over();
    });
}

void Link::abandon() {
    for (auto& one : characters_) one.second.talk->abandon();
}

// --- what goes out

void Link::due(std::int64_t now_ns, Outgoing& outgoing) {
    if (statistics_asked_) write_ask_statistics(outgoing.add());
    statistics_asked_ = false;
    greet(now_ns, outgoing);
    for (auto& [subject, one] : characters_) {
        if (!one.deaf_since || now_ns - *one.deaf_since >= kSchemaNs) one.talk->due(outgoing);
    }
    forget_those_over();
    if (!ping_ns_ || now_ns - *ping_ns_ >= kPingNs) {
        if (ping_ns_) write_ping(0, outgoing.add());
        ping_ns_ = now_ns;
    }
}

void Link::greet(std::int64_t now_ns, Outgoing& outgoing) {
    while (!greeted_ && !queue_.empty() && now_ns >= retry_ns_) {
        const Talk talk = queue_.front();
        queue_.pop_front();
        if (talk->over()) continue;
        if (talk->pointless()) {
            talk->ended("client");
            continue;
        }
        greeted_ = talk;
        talk->greet(outgoing);
    }
}

void Link::forget_those_over() {
    for (auto one = characters_.begin(); one != characters_.end();) {
        if (one->second.talk->over()) {
            queue_.erase(std::remove(queue_.begin(), queue_.end(), one->second.talk), queue_.end());
            one = characters_.erase(one);
        } else {
            ++one;
        }
    }
}

// --- what comes in

void Link::answered(Bytes data, std::int64_t now_ns) {
    Fault fault;
    if (!read_reply(data, reply_, fault)) {
        ++garbage_;
    } else if (reply_.kind == ReplyKind::statistics) {
        figures_ = reply_.figures;
    } else if (reply_.kind == ReplyKind::opened) {
        opened(reply_, now_ns);
    } else if (reply_.kind == ReplyKind::error && reply_.session == 0) {
        not_opened(reply_, now_ns);
    } else if (reply_.kind != ReplyKind::pong) {
        told(reply_, now_ns);
    }
}

void Link::published(std::string_view topic, Bytes data) {
    if (!topic.empty() && topic.back() == '\0') topic.remove_suffix(1);
    const auto one = characters_.find(topic);
    if (one == characters_.end()) return;
    Fault fault;
    if (looks_like_frame(data)) {
        FrameView frame;
        if (!read_frame(data, frame, fault)) {
            ++garbage_;
            return;
        }
        one->second.talk->framed(frame);
    } else {
        Schema schema;
        if (!read_schema(data, schema, fault)) {
            ++garbage_;
            return;
        }
    }
    one->second.heard = true;
    one->second.deaf_since.reset();
}

void Link::lost(std::int64_t now_ns) {
    ++losses_;
    queue_.clear();
    for (auto& [subject, one] : characters_) {
        one.talk->lost();
        one.heard = false;
        one.deaf_since.reset();
        if (!one.talk->over()) queue_.push_back(one.talk);
    }
    greeted_.reset();
    retry_ns_ = now_ns;
}

void Link::opened(const Reply& answer, std::int64_t now_ns) {
    const auto one = characters_.find(answer.schema.subject);
    if (one == characters_.end() || one->second.talk->session() != 0 || one->second.talk->over()) {
        ++garbage_;
        return;
    }
    const Talk talk = one->second.talk;
    if (greeted_ == talk) {
        greeted_.reset();
    } else {
        queue_.erase(std::remove(queue_.begin(), queue_.end(), talk), queue_.end());
    }
    talk->opened(answer);
    if (!one->second.heard) one->second.deaf_since = now_ns;
}

void Link::not_opened(const Reply& answer, std::int64_t now_ns) {
    const Talk talk = std::move(greeted_);
    greeted_.reset();
    if (!talk) {
        ++garbage_;
    } else if (answer.code == wire::client::kLater) {
        try_later(talk, now_ns);
    } else if (!talk->token().empty()) {  // it cannot go on: the service is another one, or has given it up
        talk->forget_token();
        queue_.push_front(talk);
    } else if (!talk->schema()) {  // it was never open
        talk->refused(answer);
        talk->ended("refused");
    } else {  // it was open, and will be again when there is room
        try_later(talk, now_ns);
    }
}

void Link::try_later(const Talk& talk, std::int64_t now_ns) {
    queue_.push_back(talk);
    retry_ns_ = now_ns + kRetryNs;
}

void Link::told(const Reply& answer, std::int64_t now_ns) {
    const auto one = std::find_if(characters_.begin(), characters_.end(), [&](const auto& entry) {
        return entry.second.talk->session() == answer.session;
    });
    if (answer.session == 0 || one == characters_.end()) return;  // of one that was closed meanwhile
    const Talk talk = one->second.talk;
    if (answer.kind == ReplyKind::progress) {
        talk->progressed(answer);
    } else if (answer.kind == ReplyKind::interrupted) {
        talk->interrupted(answer.epoch, answer.at);
    } else if (answer.kind == ReplyKind::spoken) {
        talk->heard(answer);
    } else if (answer.kind == ReplyKind::error && !is_out_of_step(answer.code)) {
        talk->refused(answer);
    } else if (answer.kind == ReplyKind::error || answer.reason == "shutdown") {  // or there will be another
        talk->lost();
        try_later(talk, now_ns);
    } else {
        talk->ended(answer.reason);
    }
}

}  // namespace facerig
