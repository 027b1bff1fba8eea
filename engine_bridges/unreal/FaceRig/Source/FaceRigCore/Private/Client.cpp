#include "FaceRigCore/Client.h"

#include <utility>

#include "ClientCore.h"

namespace facerig {
namespace {

// Whether a session is there to be used; else why not.
bool is_usable(const Conversation& talk, Error* error) {
    if (talk.over() && error != nullptr) {
        *error = {"session", "its session is over", talk.opening().subject, "open it again"};
    }
    return !talk.over();
}

}  // namespace

// --- characters

Character::Character(std::shared_ptr<ClientCore> core, std::shared_ptr<Conversation> talk)
    : core_(std::move(core)), talk_(std::move(talk)) {}

Character::~Character() { close(); }

const std::string& Character::subject() const { return talk_->opening().subject; }

CharacterState Character::state() const {
    const auto held = core_->lock();
    return talk_->state();
}

std::shared_ptr<const Schema> Character::schema() const {
    const auto held = core_->lock();
    return talk_->schema();
}

std::int64_t Character::say_sound(const float* samples, std::size_t n_samples, bool flush, Error* error) {
    const auto held = core_->lock();
    if (!is_usable(*talk_, error)) return -1;
    core_->wake(held);
    return talk_->say_sound(samples, n_samples, flush, error);
}

std::int64_t Character::say_sound(const std::int16_t* samples, std::size_t n_samples, bool flush, Error* error) {
    const auto held = core_->lock();
    if (!is_usable(*talk_, error)) return -1;
    core_->wake(held);
    return talk_->say_sound(samples, n_samples, flush, error);
}

void Character::flush() {
    const auto held = core_->lock();
    talk_->flush();
    core_->wake(held);
}

bool Character::direct(const Direction& direction, Error* error) {
    const auto held = core_->lock();
    core_->wake(held);
    return is_usable(*talk_, error) && talk_->direct(direction, error);
}

bool Character::say(std::string_view text, std::string_view voice, Error* error) {
    const auto held = core_->lock();
    core_->wake(held);
    return is_usable(*talk_, error) && talk_->say(text, voice, error);
}

void Character::interrupt() {
    const auto held = core_->lock();
    talk_->interrupt();
    core_->wake(held);
}

void Character::close() {
    const auto held = core_->lock();
    talk_->close();
    core_->wake(held);
}

bool Character::at(std::int64_t sample, Picture& picture) {
    const auto held = core_->lock();
    return talk_->play(sample, steady_ns(), picture);
}

void Character::keep_frames(KeepFrames keep) {
    const auto held = core_->lock();
    talk_->keep_frames(keep);
}

bool Character::next_frame(Frame& frame, std::uint64_t* order) {
    const auto held = core_->lock();
    return talk_->next_frame(frame, order);
}

bool Character::next_event(Event& event) {
    const auto held = core_->lock();
    return talk_->next_event(event);
}

std::int64_t Character::end() const {
    const auto held = core_->lock();
    return talk_->out().end();
}

double Character::waiting_secs() const {
    const auto held = core_->lock();
    return talk_->out().waiting_secs();
}

bool Character::silent() const {
    const auto held = core_->lock();
    return talk_->silent();
}

std::int64_t Character::latency_samples() const {
    const auto held = core_->lock();
    return talk_->schema() ? talk_->schema()->latency_samples : 0;
}

std::optional<std::int64_t> Character::late_samples() const {
    const auto held = core_->lock();
    return talk_->buffer() != nullptr ? talk_->buffer()->late_samples() : std::nullopt;
}

std::int64_t Character::ahead_samples() const {
    const auto held = core_->lock();
    return talk_->buffer() != nullptr ? talk_->buffer()->ahead_samples() : kNoSample;
}

Counts Character::counts() const {
    const auto held = core_->lock();
    return talk_->buffer() != nullptr ? talk_->buffer()->counts() : Counts();
}

// --- the client

Client::Client(const Address& address) : core_(std::make_shared<ClientCore>(address)) {}

Client::~Client() { close(); }

std::shared_ptr<Character> Client::open(const OpenRequest& request, Error& error) {
    if (core_->failure()) {
        error = core_->failure();
        return nullptr;
    }
    if (!check_open(request, error)) return nullptr;
    std::shared_ptr<Conversation> talk;
    {
        const auto held = core_->lock();
        talk = core_->link(held).open(request);
        core_->wake(held);
    }
    if (!talk) {
        error = {"config", request.subject + " is open already", "open: subject", "close it, or choose another name"};
        return nullptr;
    }
    return std::make_shared<Character>(core_, std::move(talk));
}

bool Client::next_event(Event& event) { return core_->next_event(event); }

bool Client::connected() const { return core_->connected(); }

std::uint64_t Client::losses() const {
    const auto held = core_->lock();
    return core_->link(held).losses();
}

std::uint64_t Client::garbage() const {
    const auto held = core_->lock();
    return core_->link(held).garbage();
}

Error Client::failure() const { return core_->failure(); }

void Client::ask_statistics() {
    const auto held = core_->lock();
    core_->link(held).ask_statistics();
    core_->wake(held);
}

std::vector<std::pair<std::string, double>> Client::statistics() const {
    const auto held = core_->lock();
    return core_->link(held).figures();
}

void Client::reconnect() { core_->reconnect(); }

void Client::close(double timeout_secs) { core_->close(timeout_secs); }

}  // namespace facerig
