#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace datong::adapters::file {

/// One call's request and how its reply is known. Names are plain, encoded, without '/'.
struct Letter {
    std::string request;  ///< file name
    std::string reply;    ///< file name; with `holds` a pattern in which '*' stands for anything
    std::string holds;    ///< octets that the reply's content has and no other's; empty: the name tells
    std::string id{};     ///< the exchange's, which stands in `holds`

    /// What no two calls may wait for at once.
    [[nodiscard]] const std::string& key() const { return holds.empty() ? reply : holds; }
};

/// Where a department's system and the gateway lay files for each other. All on one file system.
struct Folders {
    std::string out;   ///< requests
    std::string in;    ///< replies
    std::string done;  ///< replies that were read; empty: they are removed
    std::string late;  ///< replies that nobody waits for; empty: they are removed
};

/// What both sides have agreed on.
struct Rules {
    Folders folders;
    std::chrono::milliseconds settle{};     ///< a reply that has not changed for so long is whole
    std::string reply_flag;                 ///< with NAME lies NAME + this when it is whole; empty: by `settle`
    std::string request_flag;               ///< laid behind a request; empty: none
    std::chrono::milliseconds late{};       ///< so long may a given-up reply still come
    std::size_t max_reply{};                ///< octets
    std::chrono::seconds clean{};           ///< own requests that nobody fetched for so long go; 0: never
    std::vector<std::string> own_requests;  ///< patterns of their names
};

}  // namespace datong::adapters::file
