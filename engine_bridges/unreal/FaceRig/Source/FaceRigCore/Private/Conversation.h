// One character as a client sees it, without a socket: what to send when, and what answers mean.
//
// Samples are counted by the client: an interruption or another session begins a new stretch of the service's own
// count, and `base_` says where. Sound stays in the outbox until it need not be sent again.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "FaceRigCore/Client.h"
#include "FaceRigCore/JitterBuffer.h"
#include "FaceRigCore/Messages.h"
#include "FrameQueue.h"
#include "Outbox.h"
#include "Outgoing.h"

namespace facerig {

// One thread at a time.
class Conversation {
public:
    explicit Conversation(const OpenRequest& opening);

    // --- what the user wants

    template <typename Sample>
    std::int64_t say_sound(const Sample* samples, std::size_t n_samples, bool flushes, Error* error) {
        const std::int64_t begins = out_.add(samples, n_samples, error);
        if (flushes && begins >= 0) flush();
        return begins;
    }
    bool say(std::string_view text, std::string_view voice, Error* error);
    void flush() { awaited_ = out_.flush(); }
    bool direct(const Direction& direction, Error* error);
    void interrupt();
    void close() { closing_ = true; }  // once all sound was sent
    void abandon();                    // end it now: sound that was not sent stays unsent
    bool play(std::int64_t sample, std::int64_t now_ns, Picture& picture);
    void keep_frames(KeepFrames keep) { keep_ = keep; }
    bool next_frame(Frame& frame, std::uint64_t* order) { return frames_.pop(frame, order); }
    bool next_event(Event& event);

    // --- what is known

    bool over() const { return !reason_.empty(); }  // nothing more can come
    bool silent() const { return !awaited_ && out_.empty() && texts_.empty() && reciting_ == 0; }
    bool pointless() const { return closing_ && token_.empty() && silent(); }  // closed before it was open
    CharacterState state() const;
    const OpenRequest& opening() const { return opening_; }
    const std::shared_ptr<const Schema>& schema() const { return schema_; }
    const Outbox& out() const { return out_; }
    const JitterBuffer* buffer() const { return buffer_ ? &*buffer_ : nullptr; }
    std::int64_t session() const { return session_; }  // 0: none is open
    const std::string& token() const { return token_; }
    void forget_token() { token_.clear(); }

    // --- what goes out

    void greet(Outgoing& outgoing) const;  // the message that opens the session, or takes it over
    void due(Outgoing& outgoing);          // messages that may be sent now; they count as sent

    // --- what comes in

    void opened(const Reply& answer);
    void progressed(const Reply& answer);
    void interrupted(std::int64_t epoch, std::int64_t at);
    void heard(const Reply& answer);
    void framed(const FrameView& frame);
    void ended(std::string_view reason);
    void refused(const Reply& answer);
    void lost();  // the connection is gone; the token stays

private:
    struct TextToSay {
        std::int64_t after = 0;
        std::string text, voice;
    };

    void drop();
    void show_as(const Schema& schema, std::uint32_t epoch, bool goes_on);
    void begin_anew();
    void tell_again();
    void sound_due(Outgoing& outgoing);
    void await(const FrameView& frame);
    std::int64_t needed() const { return pulled_ ? played_ : faced_; }  // sound before it has its faces
    std::int64_t step_samples() const;
    Event& happened(EventKind kind);

    OpenRequest opening_;
    Outbox out_;
    std::int64_t session_ = 0;
    std::string token_;
    std::shared_ptr<const Schema> schema_;
    std::string reason_;
    FrameQueue frames_;
    std::deque<Event> events_;
    std::size_t spoken_samples_ = 0;  // that wait among the events
    std::uint64_t order_ = 0;
    std::optional<JitterBuffer> buffer_;
    KeepFrames keep_ = KeepFrames::none;
    bool pulled_ = false;  // by `at`
    std::int64_t epoch_ = 0;
    std::int64_t base_ = 0;  // the client's sample that the session's sample 0 is
    std::int64_t received_ = 0, limit_ = 0, credit_ = 0;
    std::int64_t faced_ = 0;                 // faces came for the sound before this sample
    std::int64_t played_ = -1;               // the sample that the user asked for last
    std::optional<std::int64_t> awaited_;    // the last flush, until its frames came
    bool closing_ = false, close_sent_ = false;
    bool interrupting_ = false, interrupt_sent_ = false;
    std::deque<TextToSay> texts_;
    int reciting_ = 0;  // texts that the service is speaking: own sound waits for their end
    std::deque<Direction> directions_;  // to send
    std::deque<Direction> told_;        // and those to tell again to a session that takes over
};

}  // namespace facerig
