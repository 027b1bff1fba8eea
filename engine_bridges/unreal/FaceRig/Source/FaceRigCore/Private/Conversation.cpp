#include "Conversation.h"

#include <algorithm>
#include <utility>

#include "Bounded.h"

namespace facerig {
namespace {

constexpr std::size_t kMostDirections = 64;   // that are told again to a session that takes over
constexpr std::size_t kMostWishes = 1'024;    // that wait to be sent
constexpr std::size_t kMostTexts = 256;       // that wait to be said
constexpr std::size_t kMostEvents = 4'096;    // that nobody has read
constexpr std::size_t kMostSpoken = 600 * 48'000;  // samples of the service's voice that nobody has read

// What was told before, and one thing more.
void add_direction(Direction& past, const Direction& one) {
    const auto take = [](auto& into, const auto& from) {
        if (from) into = from;
    };
    take(past.emotion, one.emotion);
    if (one.gaze_point || one.gaze_word) {
        past.gaze_point = one.gaze_point;
        past.gaze_word = one.gaze_word;
    }
    take(past.mode, one.mode);
    take(past.attitude, one.attitude);
    take(past.layers, one.layers);
    take(past.style, one.style);
    take(past.transition_secs, one.transition_secs);
    take(past.detail, one.detail);
}

}  // namespace

Conversation::Conversation(const OpenRequest& opening)
    : opening_(opening), out_(opening.encoding, opening.sample_rate) {}

// --- what the user wants

bool Conversation::say(std::string_view text, std::string_view voice, Error* error) {
    Error problem;
    if (texts_.size() >= kMostTexts) {
        problem = {"config", "too many texts wait", "say", "wait for their sound"};
    } else if (check_say(text, voice, problem)) {
        texts_.push_back({out_.end(), std::string(text), std::string(voice)});
        return true;
    }
    if (error != nullptr) *error = std::move(problem);
    return false;
}

bool Conversation::direct(const Direction& direction, Error* error) {
    Error problem;
    if (directions_.size() >= kMostWishes) {
        problem = {"config", "too many directions wait", "direct", "wait for the connection"};
    } else if (check_direction(direction, problem)) {
        directions_.push_back(direction);
        return true;
    }
    if (error != nullptr) *error = std::move(problem);
    return false;
}

void Conversation::interrupt() {
    drop();
    frames_.clear();
    if (interrupting_ || (session_ == 0 && token_.empty())) {
        return;  // one is on its way, and its epoch has heard nothing yet; or nobody has heard anything
    }
    interrupting_ = true;
    interrupt_sent_ = false;
    if (buffer_) buffer_->interrupted(static_cast<std::uint32_t>(epoch_ + 1));
}

void Conversation::abandon() {
    drop();
    close();
}

void Conversation::drop() {
    out_.drop();
    texts_.clear();
    reciting_ = 0;
    awaited_.reset();
    const auto is_spoken = [](const Event& one) { return one.kind == EventKind::spoken; };
    events_.erase(std::remove_if(events_.begin(), events_.end(), is_spoken), events_.end());
    spoken_samples_ = 0;
}

bool Conversation::play(std::int64_t sample, std::int64_t now_ns, Picture& picture) {
    played_ = (std::max)(played_, sample);
    pulled_ = true;
    if (!buffer_) return false;
    picture.values.resize(buffer_->count());
    static_cast<Shown&>(picture) = buffer_->show(now_ns, sample, picture.values.data());
    return true;
}

bool Conversation::next_event(Event& event) {
    if (events_.empty()) return false;
    event = std::move(events_.front());
    events_.pop_front();
    spoken_samples_ -= event.sound.size();
    return true;
}

Event& Conversation::happened(EventKind kind) {
    while (!events_.empty() && (events_.size() >= kMostEvents || spoken_samples_ > kMostSpoken)) {
        spoken_samples_ -= events_.front().sound.size();
        events_.pop_front();
    }
    Event& one = events_.emplace_back();
    one.kind = kind;
    one.order = ++order_;
    one.epoch = static_cast<std::uint32_t>(epoch_);
    return one;
}

CharacterState Conversation::state() const {
    if (over()) return CharacterState::over;
    if (session_ != 0) return CharacterState::open;
    return schema_ ? CharacterState::lost : CharacterState::opening;
}

// --- what goes out

void Conversation::greet(Outgoing& outgoing) const {
    if (token_.empty()) {
        write_open(opening_, outgoing.add());
    } else {
        write_resume(token_, outgoing.add());
    }
}

void Conversation::due(Outgoing& outgoing) {
    if (session_ == 0 || over()) return;
    if (interrupting_) {
        if (!interrupt_sent_) write_interrupt(session_, outgoing.add());
        interrupt_sent_ = true;
        return;
    }
    for (; !directions_.empty(); directions_.pop_front()) {
        Direction one = directions_.front();
        if (told_.size() >= kMostDirections) told_.pop_front();
        told_.push_back(one);
        if (one.at >= 0) one.at = (std::max)(std::int64_t{0}, plus(one.at, -base_));
        write_direct(session_, one, outgoing.add());
    }
    sound_due(outgoing);
    if (closing_ && reciting_ == 0 && !close_sent_ && out_.empty()) {
        close_sent_ = true;
        write_close(session_, outgoing.add());
    }
}

// Sound, up to the next text, and that text: what was said first is heard first.
void Conversation::sound_due(Outgoing& outgoing) {
    if (reciting_ == 0) {
        const std::int64_t limit = texts_.empty() ? limit_ : (std::min)(limit_, texts_.front().after);
        for (Outbox::Piece piece; out_.due(limit, piece);) {
            if (piece.flush) {
                write_flush(session_, outgoing.add());
            } else {
                write_audio(session_, epoch_, plus(piece.begins, -base_), piece.sound, outgoing.add());
            }
        }
    }
    for (; !texts_.empty() && texts_.front().after <= out_.sent(); texts_.pop_front()) {
        ++reciting_;
        write_say(session_, texts_.front().text, texts_.front().voice, outgoing.add());
    }
}

// --- what comes in

void Conversation::opened(const Reply& answer) {
    const bool goes_on = answer.token == token_;
    if (!goes_on) begin_anew();
    session_ = answer.session;
    token_.assign(answer.token);
    show_as(answer.schema, static_cast<std::uint32_t>(answer.epoch), goes_on);
    if (interrupting_ && answer.epoch > epoch_) interrupted(answer.epoch, answer.received);
    epoch_ = answer.epoch;
    interrupt_sent_ = false;
    reciting_ = 0;  // whether its end came is not known
    received_ = plus(base_, answer.received);
    credit_ = (std::max)(credit_, answer.credit);
    limit_ = plus(received_, answer.credit);
    out_.send_again(received_);
    tell_again();
    happened(goes_on ? EventKind::resumed : EventKind::opened).at = received_;
}

void Conversation::show_as(const Schema& schema, std::uint32_t epoch, bool goes_on) {
    if (!buffer_ || *schema_ != schema) {
        if (schema_) happened(EventKind::schema);
        schema_ = std::make_shared<const Schema>(schema);
        buffer_.emplace(schema);
        buffer_->interrupted(epoch);
    } else if (!goes_on) {
        buffer_->restart(epoch);
    }
}

// The next session hears the sound that has no face yet; what was played is not played again.
void Conversation::begin_anew() {
    base_ = faced_ = (std::min)((std::max)(out_.first(), needed()), out_.end());
    interrupting_ = false;
}

// Samples of a frame, about.
std::int64_t Conversation::step_samples() const {
    return schema_ ? schema_->sample_rate * schema_->fps_denominator / schema_->fps_numerator : 0;
}

// A session that takes over must know what was told before.
void Conversation::tell_again() {
    Direction past;
    bool any = false;
    std::deque<Direction> again;
    for (Direction& one : told_) {
        if (one.at < out_.sent()) {
            add_direction(past, one);
            any = true;
        } else {
            again.push_back(std::move(one));
        }
    }
    told_.clear();
    directions_.insert(directions_.begin(), again.begin(), again.end());
    if (any) directions_.push_front(past);
}

void Conversation::progressed(const Reply& answer) {
    if (answer.epoch != epoch_ || interrupting_) return;
    const std::int64_t received = plus(base_, answer.received);
    received_ = (std::max)(received_, received);
    limit_ = plus(received, answer.credit);
    out_.forget(received_, needed());
}

void Conversation::interrupted(std::int64_t epoch, std::int64_t at) {
    if (epoch <= epoch_) return;
    const std::int64_t first = out_.first();
    epoch_ = epoch;
    base_ = first - at;
    received_ = faced_ = first;
    limit_ = plus(first, credit_);  // nothing waits there
    interrupting_ = false;
    if (buffer_) buffer_->interrupted(static_cast<std::uint32_t>(epoch));
    happened(EventKind::interrupted).at = first;
}

void Conversation::heard(const Reply& answer) {
    if (answer.epoch != epoch_ || interrupting_ || answer.data.size % 2 != 0) return;
    const std::int64_t at = plus(base_, answer.at);
    const auto n = static_cast<std::int64_t>(answer.data.size / 2);
    Event& event = happened(EventKind::spoken);
    event.at = at;
    event.last = answer.last;
    event.sound.resize(answer.data.size / 2);
    for (std::size_t k = 0; k < event.sound.size(); ++k) {
        const unsigned bits = answer.data.data[2 * k] | static_cast<unsigned>(answer.data.data[2 * k + 1]) << 8;
        event.sound[k] = static_cast<std::int16_t>(static_cast<std::uint16_t>(bits));
    }
    spoken_samples_ += event.sound.size();
    const bool yet = awaited_ && *awaited_ > out_.sent();
    const std::int64_t further = out_.skip(plus(at, n));
    if (yet) *awaited_ += further;
    for (TextToSay& one : texts_) one.after += further;
    if (answer.last) {
        reciting_ = (std::max)(0, reciting_ - 1);
        awaited_ = (std::max)(awaited_.value_or(0), plus(at, n));
    }
}

void Conversation::framed(const FrameView& came) {
    if (!buffer_ || over()) return;
    FrameView frame = came;
    const bool sounds = came.sample >= 0;
    if (sounds) frame.sample = (std::max)(std::int64_t{0}, plus(came.sample, base_));
    if (!buffer_->put(frame)) return;
    if (sounds) faced_ = (std::max)(faced_, plus(frame.sample, step_samples()));
    await(frame);
    const bool kept = keep_ == KeepFrames::all || (keep_ == KeepFrames::with_sound && sounds);
    if (kept) frames_.push(frame, ++order_);
}

// Whether the frames up to the last flush are here: the last of it, or life after it.
void Conversation::await(const FrameView& frame) {
    if (!awaited_ || out_.sent() < *awaited_) return;
    const bool close_by = faced_ >= *awaited_ - step_samples();
    if (close_by && (frame.last() || frame.sample < 0)) awaited_.reset();
}

void Conversation::ended(std::string_view reason) {
    reason_.assign(reason.empty() ? std::string_view("client") : reason);
    session_ = 0;
    token_.clear();
    happened(EventKind::closed).reason = reason_;
}

void Conversation::refused(const Reply& answer) {
    if (answer.code == "voice") reciting_ = 0;
    Error& error = happened(EventKind::refused).error;
    error = {std::string(answer.code), std::string(answer.what),
             answer.where.empty() ? opening_.subject : std::string(answer.where), std::string(answer.fix)};
    if (error.code.empty()) error.code = "protocol";
}

void Conversation::lost() {
    if (session_ != 0) happened(EventKind::lost);
    session_ = 0;
    close_sent_ = false;
}

}  // namespace facerig
