// The smallest JSON reader, for this repository's own vectors: numbers are kept as text, errors end the program.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace json {

struct Value {
    enum class Kind { null, boolean, number, text, list, map } kind = Kind::null;
    std::string text;  // of a number too; "true" or "false"
    std::vector<Value> items;
    std::vector<std::pair<std::string, Value>> pairs;

    const Value* find(const std::string& key) const {
        for (const auto& one : pairs) {
            if (one.first == key) return &one.second;
        }
        return nullptr;
    }
    const Value& operator[](const std::string& key) const {
        const Value* found = find(key);
        if (found != nullptr) return *found;
        std::fprintf(stderr, "no key %s\n", key.c_str());
        std::exit(2);
    }
    bool null() const { return kind == Kind::null; }
    bool truth() const { return text == "true"; }
    std::int64_t integer() const { return std::strtoll(text.c_str(), nullptr, 10); }
    double number() const { return std::strtod(text.c_str(), nullptr); }
};

class Reader {
public:
    explicit Reader(std::string all) : all_(std::move(all)) {}

    Value value() {
        space();
        const char first = at_ < all_.size() ? all_[at_] : '\0';
        Value read;
        if (first == '{') {
            read.kind = Value::Kind::map;
            each('}', [&] {
                std::string key = string();
                space();
                expect(':');
                read.pairs.emplace_back(std::move(key), value());
            });
        } else if (first == '[') {
            read.kind = Value::Kind::list;
            each(']', [&] { read.items.push_back(value()); });
        } else if (first == '"') {
            read.kind = Value::Kind::text;
            read.text = string();
        } else {
            while (at_ < all_.size() && std::string(",]} \n\r\t").find(all_[at_]) == std::string::npos) {
                read.text += all_[at_++];
            }
            if (read.text.empty()) wrong();
            if (read.text != "null") {
                const bool word = read.text == "true" || read.text == "false";
                read.kind = word ? Value::Kind::boolean : Value::Kind::number;
            }
        }
        return read;
    }

private:
    template <typename Item>
    void each(char end, Item item) {
        ++at_;
        for (space(); at_ < all_.size() && all_[at_] != end; space()) {
            item();
            space();
            if (at_ < all_.size() && all_[at_] == ',') ++at_;
            space();
        }
        expect(end);
    }

    std::string string() {
        expect('"');
        std::string read;
        while (at_ < all_.size() && all_[at_] != '"') {
            if (all_[at_] != '\\') {
                read += all_[at_++];
                continue;
            }
            const char escaped = all_[at_ + 1];
            const std::string from = "nrt\"\\/", to = "\n\r\t\"\\/";
            if (from.find(escaped) == std::string::npos) wrong();
            read += to[from.find(escaped)];
            at_ += 2;
        }
        expect('"');
        return read;
    }

    void space() {
        while (at_ < all_.size() && std::string(" \n\r\t").find(all_[at_]) != std::string::npos) ++at_;
    }
    void expect(char one) {
        if (at_ >= all_.size() || all_[at_] != one) wrong();
        ++at_;
    }
    [[noreturn]] void wrong() const {
        std::fprintf(stderr, "no JSON at byte %zu\n", at_);
        std::exit(2);
    }

    std::string all_;
    std::size_t at_ = 0;
};

}  // namespace json

inline std::string file_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        std::exit(2);
    }
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
