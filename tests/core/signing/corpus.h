#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "core/codec/http_message.h"
#include "core/codec/json.h"
#include "core/record/record.h"

namespace datong::tests {

/// The bytes of tests/data/<name>; throws when there is no such file, which fails the test.
inline std::string data(const std::string& name) {
    std::ifstream in{std::string{DATONG_TEST_DATA "/"} + name, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    if (!in || all.str().empty()) {
        throw std::runtime_error("no test data " + name);
    }
    return all.str();
}

inline record::Record json_data(const std::string& name) {
    auto read = codec::read_json(data(name), {.max_bytes = 4U << 20U, .max_depth = 32, .max_nodes = 1'000'000});
    if (!read) {
        throw std::runtime_error(name + ": " + read.error().detail());
    }
    return std::move(*read);
}

/// A message as it stands on the wire, read without any rule but RFC 9112's lines; folded lines stay folded.
inline codec::HttpMessage http_message(std::string_view wire) {
    codec::HttpMessage message;
    message.scheme = "https";
    const std::size_t head_end = wire.find("\r\n\r\n");
    std::string_view head = wire.substr(0, head_end);
    message.body = head_end == std::string_view::npos ? "" : wire.substr(head_end + 4);
    const std::string_view first = head.substr(0, head.find("\r\n"));
    const auto words = split(first, ' ');
    if (first.starts_with("HTTP/")) {
        message.status = std::stoi(std::string{words.at(1)});
    } else {
        message.method = words.at(0);
        message.target = words.at(1);
    }
    head.remove_prefix(std::min(head.size(), first.size() + 2));
    while (!head.empty()) {
        std::size_t end = head.find("\r\n");
        while (end != std::string_view::npos && end + 2 < head.size() && head[end + 2] == ' ') {
            end = head.find("\r\n", end + 2);
        }
        const std::string_view line = head.substr(0, end);
        const std::size_t colon = line.find(':');
        message.add(std::string{line.substr(0, colon)}, std::string{line.substr(colon + 1)});
        head.remove_prefix(std::min(head.size(), line.size() + 2));
    }
    message.authority = trim_ows(message.field("Host").value_or(""));
    return message;
}

}  // namespace datong::tests
