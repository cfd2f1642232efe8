#include "adapters/file/names.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace datong::adapters::file {
namespace {

using adapter::Ask;
using adapter::Errand;
using adapter::Pattern;

constexpr std::size_t kMostNameBytes = 200;  // of the 255 that a file system takes, with room for ".tmp"

/// A field's part of a name: no separator, no control character, nothing that hides the file.
bool is_plain(std::string_view part) {
    const auto is_bad = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/' || c == '\\' || c == ':' || c == '*' ||
               c == '?' || c == '"' || c == '<' || c == '>' || c == '|';
    };
    return !part.empty() && is_utf8(part) && std::ranges::none_of(part, is_bad) &&
           part.find("..") == std::string_view::npos;
}

bool is_file_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
           !ascii_lower(name).ends_with(".tmp") && name.size() <= kMostNameBytes;
}

std::string value_of(const std::string& name, const Ask& what, const Errand& errand) {
    return name == "exchange" ? errand.exchange : what.fields.text_of(name);
}

/// @return the name in the folder's charset; Fault::request_invalid, naming the field only.
Result<std::string> name_for(const Pattern& pattern, const Ask& what, const Errand& errand, charset::Charset charset) {
    auto name = pattern.fill([&](const std::string& place) -> Result<std::string> {
        std::string value = value_of(place, what, errand);
        if (!is_plain(value)) {
            return fail(Fault::request_invalid, "field " + place + " can't stand in a file name");
        }
        return value;
    });
    if (!name) {
        return fail(std::move(name.error()));
    }
    auto encoded = charset::encode(*name, charset);
    if (!encoded || !is_file_name(*encoded)) {
        return fail(Fault::request_invalid, "the fields make no file name");
    }
    return std::move(*encoded);
}

Result<std::string> content_for(const Operation& operation, const Ask& what, const Errand& errand) {
    auto text = operation.holds.fill(
        [&](const std::string& place) -> Result<std::string> { return value_of(place, what, errand); });
    if (!text) {
        return fail(std::move(text.error()));
    }
    auto encoded = charset::encode(*text, operation.holds_charset);
    if (!encoded) {
        return fail(Fault::request_invalid, "a field of holds can't be written in the replies' charset");
    }
    return std::move(*encoded);
}

}  // namespace

Result<Letter> letter_for(const Operation& operation, const Ask& what, const Errand& errand, charset::Charset names) {
    auto request = name_for(operation.request, what, errand, names);
    auto reply = name_for(operation.reply, what, errand, names);
    auto holds = operation.by_value ? content_for(operation, what, errand) : Result<std::string>{std::string{}};
    for (const auto* part : {&request, &reply, &holds}) {
        if (!*part) {
            return fail(part->error());
        }
    }
    return Letter{
        .request = std::move(*request), .reply = std::move(*reply), .holds = std::move(*holds), .id = errand.exchange};
}

std::string own_pattern(const Pattern& request, charset::Charset names) {
    const auto text = request.fill([](const std::string&) -> Result<std::string> { return std::string{"*"}; });
    const auto encoded = text ? charset::encode(*text, names) : charset::encode("", names);
    return encoded.value_or("");
}

bool Awaited::add(const std::string& key) {
    const std::scoped_lock lock{mutex_};
    return keys_.insert(key).second;
}

void Awaited::remove(const std::string& key) {
    const std::scoped_lock lock{mutex_};
    keys_.erase(key);
}

}  // namespace datong::adapters::file
