#include "core/seals/anchor.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/evidence/files.h"

namespace datong::seals {

std::string to_json(const Anchor& anchor) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("seal", anchor.seal).member("jws", anchor.jws).close_object();
    return out + '\n';
}

Result<Anchor> read_anchor(std::string_view text) {
    const auto read = codec::read_json(text);
    const auto seal = read ? to_whole_number(read->text_of("seal")) : std::nullopt;
    if (!seal || *seal == 0 || read->text_of("jws").empty()) {
        return fail(Fault::bad_request, "no anchor: seal and jws are needed");
    }
    return Anchor{.seal = *seal, .jws = read->text_of("jws")};
}

Status write_anchor(const std::string& file, const Anchor& anchor) {
    const std::string folder = std::filesystem::path{file}.parent_path().string();
    const std::string unfinished = file + ".tmp";
    const auto files = evidence::system_files();
    auto opened = files->open_to_append(unfinished);
    if (!opened) {
        return fail(Fault::unavailable, opened.error().detail());
    }
    Status done =
        files->cut(*opened, 0).and_then([&] { return files->append(*opened, to_json(anchor)); }).and_then([&] {
            return files->make_durable(*opened);
        });
    files->close(*opened);
    if (done && std::rename(unfinished.c_str(), file.c_str()) != 0) {
        done = fail(Fault::unavailable, "rename " + file + ": " + std::generic_category().message(errno));
    }
    done = done ? files->make_durable_folder(folder.empty() ? "." : folder) : std::move(done);
    return done ? Status{} : fail(Fault::unavailable, done.error().detail());
}

}  // namespace datong::seals
