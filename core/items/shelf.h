#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/items/library.h"

namespace datong::items {

/// One import that was kept.
struct Edition {
    int number{};        ///< from 1
    std::string at;      ///< RFC 3339
    std::string digest;  ///< hex SHA-256 of the library's lines
    std::size_t items{};
    std::size_t materials{};
    std::size_t broken{};  ///< rows that were left out
};

/// Every import of the item library, each whole and never altered: a folder with NNNNNN.jsonl (the library) and
/// NNNNNN.json (what is known of it).
class Shelf {
public:
    explicit Shelf(std::string folder) : folder_{std::move(folder)} {}

    /// In order of their numbers; none where the folder is missing.
    /// @return Fault::internal naming the file that can't be read.
    [[nodiscard]] Result<std::vector<Edition>> editions() const;
    /// @return Fault::bad_request when there is no such edition, or its digest does not fit.
    [[nodiscard]] Result<Library> read(int number) const;
    /// Puts a library behind the last edition, durably; nothing where the last one is the same.
    /// @param at  RFC 3339. @return the new edition; nullopt: nothing had changed.
    [[nodiscard]] Result<std::optional<Edition>> put(const Library& library, std::size_t broken, const std::string& at);

private:
    [[nodiscard]] std::string path_of(int number, const char* ending) const;
    std::string folder_;
};

}  // namespace datong::items
