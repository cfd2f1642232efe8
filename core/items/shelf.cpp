#include "core/items/shelf.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/durable_file.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"

namespace datong::items {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 6;

Result<std::string> read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    return in.is_open() && !in.bad() ? Result<std::string>{std::move(bytes)}
                                     : fail(Fault::internal, path + ": can't be read");
}

std::size_t count_of(const record::Record& at, std::string_view name) {
    const record::Record* value = at.find(name);
    return value != nullptr && value->is_number() ? to_whole_number(value->scalar()).value_or(0) : 0;
}

std::string write(const Edition& edition) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("at", edition.at).member("digest", edition.digest).member("items", edition.items);
    json.member("materials", edition.materials).member("broken", edition.broken).close_object();
    return out + '\n';
}

}  // namespace

std::string Shelf::path_of(int number, const char* ending) const {
    std::string digits = std::to_string(number);
    digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
    return folder_ + '/' + digits + ending;
}

Result<std::vector<Edition>> Shelf::editions() const {
    std::vector<Edition> all;
    for (int number = 1; fs::exists(path_of(number, ".json")); ++number) {
        const std::string path = path_of(number, ".json");
        const auto text = read_file(path);
        const auto read = text ? codec::read_json(*text) : fail(text.error());
        if (!read || !read->is_object()) {
            return fail(Fault::internal, path + ": is no edition of the item library");
        }
        all.push_back({.number = number,
                       .at = read->text_of("at"),
                       .digest = read->text_of("digest"),
                       .items = count_of(*read, "items"),
                       .materials = count_of(*read, "materials"),
                       .broken = count_of(*read, "broken")});
    }
    return all;
}

Result<Library> Shelf::read(int number) const {
    const auto known = editions();
    if (!known) {
        return fail(known.error());
    }
    if (number < 1 || static_cast<std::size_t>(number) > known->size()) {
        return fail(Fault::bad_request, "there is no edition " + std::to_string(number) + " in " + folder_);
    }
    const std::string path = path_of(number, ".jsonl");
    const auto lines = read_file(path);
    if (!lines) {
        return fail(lines.error());
    }
    if (to_hex(crypto::sha256(*lines)) != known->at(static_cast<std::size_t>(number) - 1).digest) {
        return fail(Fault::bad_request, path + ": was altered: its digest is another one");
    }
    return read_library(*lines);
}

Result<std::optional<Edition>> Shelf::put(const Library& library, std::size_t broken, const std::string& at) {
    const auto known = editions();
    if (!known) {
        return fail(known.error());
    }
    const std::string lines = write_library(library);
    const Edition edition{.number = static_cast<int>(known->size()) + 1,
                          .at = at,
                          .digest = to_hex(crypto::sha256(lines)),
                          .items = library.size(),
                          .materials = count_materials(library),
                          .broken = broken};
    if (!known->empty() && known->back().digest == edition.digest) {
        return std::optional<Edition>{};
    }
    // The library first: an edition is known by its second file.
    if (auto kept = replace_file(path_of(edition.number, ".jsonl"), lines); !kept) {
        return fail(std::move(kept.error()));
    }
    if (auto kept = replace_file(path_of(edition.number, ".json"), write(edition)); !kept) {
        return fail(std::move(kept.error()));
    }
    return std::optional{edition};
}

}  // namespace datong::items
