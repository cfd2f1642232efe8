#include "core/access/folder.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "core/base/durable_file.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/signing/jws.h"

namespace datong::access {
namespace {

using Entries = std::set<std::pair<std::string, std::string>>;

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return in ? std::optional{std::string{std::istreambuf_iterator<char>{in}, {}}} : std::nullopt;
}

/// A roll, and whether the key that signs now signed it.
struct Signed {
    catalogue::Roll roll{};
    bool by_key_of_now = true;
};

/// The roll that is there; an empty one where it is not ours.
Signed roll_in(const std::string& roll_file, const RollSigner& signer) {
    const auto text = read_file(roll_file);
    auto roll = text ? catalogue::read_roll(*text, signer.find_key) : fail(Fault::bad_request, "none");
    if (!roll) {
        return {};
    }
    const auto jws = signing::read_jws(*text);
    return {.roll = std::move(*roll), .by_key_of_now = signer.keyid.empty() || (jws && jws->keyid() == signer.keyid)};
}

Status write_roll(const std::string& roll_file, const Entries& entries, const RollSigner& signer) {
    const auto jws = signer.sign(entries);
    return jws ? replace_file(roll_file, *jws) : fail(jws.error());
}

/// @return whether anything was written.
Result<bool> write_files(const std::string& folder, const GrantFiles& grants, const Entries& before) {
    bool is_changed = false;
    for (const auto& [name, text] : grants) {
        if (read_file(folder + name) == text) {
            continue;
        }
        if (auto written = replace_file(folder + name, text); !written) {
            return fail(std::move(written.error()));
        }
        is_changed = true;
    }
    for (const auto& [name, digest] : before) {
        std::error_code error;
        if (!grants.contains(name) && std::filesystem::remove(folder + name, error)) {
            is_changed = true;
        }
        if (error) {
            return fail(Fault::internal, folder + name + ": " + error.message());
        }
    }
    return is_changed;
}

}  // namespace

Result<bool> publish(const std::string& folder, const GrantFiles& grants, const RollSigner& signer) {
    const std::string roll_file = folder + std::string{catalogue::kRollFile};
    Entries wanted;
    for (const auto& [name, text] : grants) {
        wanted.emplace(name, to_hex(crypto::sha256(text)));
    }
    const Signed there = roll_in(roll_file, signer);
    const Entries& before = there.roll.grants;
    Entries both = before;
    both.insert(wanted.begin(), wanted.end());
    if (both != before) {
        if (auto written = write_roll(roll_file, both, signer); !written) {
            return fail(std::move(written.error()));
        }
    }
    auto is_changed = write_files(folder, grants, before);
    const bool is_signed =
        both == wanted && (both != before || (there.roll.number == signer.last && there.by_key_of_now));
    if (!is_changed || (is_signed && both == before)) {
        return is_changed;
    }
    if (!is_signed) {
        if (auto written = write_roll(roll_file, wanted, signer); !written) {
            return fail(std::move(written.error()));
        }
    }
    return true;
}

}  // namespace datong::access
