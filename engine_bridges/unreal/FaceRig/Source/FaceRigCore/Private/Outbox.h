// Sound on its way to the service: kept until nobody can ask for it again, with the ends of sentences in it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "FaceRigCore/Error.h"

namespace facerig {

// Samples are counted by the client, from 0 on and never back.
class Outbox {
public:
    Outbox(const std::string& encoding, std::int64_t sample_rate);

    std::int64_t first() const { return first_; }  // the earliest sample that is kept
    std::int64_t sent() const { return sent_; }    // the next to send
    std::int64_t end() const;                      // the next to come
    double waiting_secs() const;                   // of sound that is yet to be sent
    bool empty() const { return sent_ == end() && flushes_.empty(); }  // nothing to send

    // Take sound; gives the sample that it begins at, or -1 for what is none and what is too much.
    std::int64_t add(const float* samples, std::size_t n_samples, Error* error);
    std::int64_t add(const std::int16_t* samples, std::size_t n_samples, Error* error);
    std::int64_t flush();  // the sentence ends here

    // The next sound before sample `limit`, or the end of a sentence (`flush`); false where nothing is due. It
    // counts as sent; the bytes last until the next call.
    struct Piece {
        bool flush = false;
        std::int64_t begins = 0;
        Bytes sound;
    };
    bool due(std::int64_t limit, Piece& piece);

    void drop();  // forget what was not sent, and what was: nobody will ask for it

    // The service's own voice spoke up to `sample`; sound that is yet to be sent follows it, by so many samples
    // later.
    std::int64_t skip(std::int64_t sample);

    // Go on from what was received. A flush at its end is sent again: it may be lost, and twice does no harm.
    void send_again(std::int64_t received);

    // Let go of sound that was received and lies before sample `needed`.
    void forget(std::int64_t received, std::int64_t needed);

private:
    bool has_room(std::size_t n_samples, Error* error) const;
    void make_room(std::size_t n_samples);
    void erase_before(std::int64_t sample);

    bool as_floats_;
    std::int64_t width_, rate_;  // bytes a sample, samples a second
    std::int64_t first_ = 0, sent_ = 0;
    std::vector<std::uint8_t> sound_;
    std::size_t gone_ = 0;             // bytes at its beginning that are forgotten
    std::deque<std::int64_t> flushes_;  // to send
    std::deque<std::int64_t> flushed_;  // sent, and perhaps not received
};

}  // namespace facerig
