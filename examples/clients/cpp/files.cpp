#include "examples/clients/cpp/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/signing/certificate.h"
#include "examples/clients/cpp/report.h"

namespace datong::client {
namespace {

using record::Record;

constexpr std::size_t kMostName = 200;  // file systems take 255

bool is_name_character(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9') || c == U'_' || c == U'-' ||
           (c >= U'\u3400' && c <= U'\u9FFF');
}

bool is_name_part(std::string_view part) {
    const std::u32string all = to_code_points(part);
    return is_utf8(part) && !all.empty() && std::all_of(all.begin(), all.end(), is_name_character);
}

std::string_view extension_of(std::string_view media_type) {
    using Row = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Row, 7> kKnown{{{"application/pdf", "pdf"},
                                         {"application/ofd", "ofd"},
                                         {"application/zip", "zip"},
                                         {"image/png", "png"},
                                         {"image/jpeg", "jpg"},
                                         {"image/tiff", "tif"},
                                         {"image/vnd.dwg", "dwg"}}};
    const auto found =
        std::find_if(kKnown.begin(), kKnown.end(), [&](const Row& row) { return row.first == media_type; });
    return found != kKnown.end() ? found->second : "bin";
}

Error system_error(const std::string& what) {
    return {Fault::unavailable, what + ": " + std::strerror(errno)};
}

/// A file descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int number) : number_{number} {}
    ~Descriptor() { static_cast<void>(close_now()); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    /// @return whether all that was written is there.
    [[nodiscard]] bool close_now() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

private:
    int number_;
};

bool write_all(int to, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t written = ::write(to, octets.data(), octets.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        octets.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

/// Writes a file that is not there yet, for its owner alone; what could not be written whole is taken away again.
Status write_new(const std::string& folder, const std::string& name, std::string_view octets) {
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return fail(system_error(folder));
    }
    const Descriptor place{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (place.number() < 0) {
        return fail(system_error(folder));
    }
    Descriptor file{::openat(place.number(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             S_IRUSR | S_IWUSR)};
    if (file.number() < 0) {
        return errno == EEXIST ? fail(Fault::bad_request, name + " is there already, and is not written over")
                               : fail(system_error(name));
    }
    if (!write_all(file.number(), octets) || ::fsync(file.number()) != 0 || !file.close_now()) {
        const Error why = system_error(name);
        static_cast<void>(::unlinkat(place.number(), name.c_str(), 0));
        return fail(why);
    }
    return {};
}

/// The octets of a file that stands in the content. @return nullopt for one that does not.
std::optional<std::string> inlined(const Record& answer, std::string_view path) {
    const Record* at = answer.find("content");
    for (const std::string_view step : split(path.substr(std::min<std::size_t>(1, path.size())), '/')) {
        const auto index = at != nullptr && at->is_list() ? to_whole_number(step) : std::nullopt;
        at = at == nullptr                          ? nullptr
             : !at->is_list()                       ? at->find(step)
             : index && *index < at->items().size() ? &at->items()[static_cast<std::size_t>(*index)]
                                                    : nullptr;
    }
    return at != nullptr && at->is_text() ? from_base64(at->scalar()) : std::nullopt;
}

/// One run over the files of an answer.
class Keeping {
public:
    Keeping(const Options& options, const Endpoint& endpoint, std::ostream& words, const FetchFile& fetch)
        : options_{options}, endpoint_{endpoint}, words_{words}, fetch_{fetch} {}

    /// @param answer  of one service, whose certificate is good.
    void keep_all(const Record& answer, std::string_view owner) {
        const Record* files = answer.find("files");
        for (const Record& file : files != nullptr ? files->items() : Record::List{}) {
            const auto name = file_name(owner, file.text_of("path"), file.text_of("media_type"));
            const auto kept = name ? keep(answer, file, *name) : fail(name.error());
            if (kept) {
                tell_trouble(words_, "文件已存", "file kept: " + *name);
            } else {
                all_kept_ = false;
                tell_trouble(words_, "文件未存",
                             "file NOT kept: " + file.text_of("path") + ": " + kept.error().detail());
            }
        }
    }
    [[nodiscard]] bool all_kept() const { return all_kept_; }

private:
    /// @param file  as the issuer signed it: path, media type, length and SHA-256.
    Status keep(const Record& answer, const Record& file, const std::string& name) {
        auto octets = octets_of(answer, file);
        if (!octets) {
            return fail(std::move(octets.error()));
        }
        const Record* length = file.find("length");
        if (length == nullptr || length->scalar() != std::to_string(octets->size()) ||
            to_hex(crypto::sha256(*octets)) != file.text_of("sha256")) {
            return fail(Fault::signature_invalid,
                        "it is not the file that the issuer signed: length or SHA-256 differ");
        }
        return write_new(options_.files, name, *octets);
    }

    Result<std::string> octets_of(const Record& answer, const Record& file) {
        if (auto there = inlined(answer, file.text_of("path"))) {
            return std::move(*there);
        }
        auto target = file_target(endpoint_, file.text_of("url"));
        return target ? fetch_(std::move(*target)) : fail(std::move(target.error()));
    }

    const Options& options_;
    const Endpoint& endpoint_;
    std::ostream& words_;
    const FetchFile& fetch_;
    bool all_kept_{true};
};

}  // namespace

Result<std::string> file_name(std::string_view owner, std::string_view path, std::string_view media_type) {
    std::string name{owner.substr(0, owner.find('@'))};
    bool is_good = is_name_part(name) && path.starts_with('/');
    for (const std::string_view part : split(path.substr(is_good ? 1 : 0), '/')) {
        is_good = is_good && is_name_part(part);
        name.append(".").append(part);
    }
    name.append(".").append(extension_of(media_type));
    if (!is_good || name.size() > kMostName) {
        return fail(Fault::bad_request, "where it stands makes no name for a file");
    }
    return name;
}

Result<std::string> file_target(const Endpoint& endpoint, std::string_view url) {
    constexpr std::string_view kBegin = "/v1/exchanges/";
    constexpr std::string_view kThen = "/files/";
    constexpr std::size_t kUuid = 36;
    const std::string_view id = url.substr(std::min(kBegin.size(), url.size()), kUuid);
    const std::string_view rest = url.substr(std::min(kBegin.size() + kUuid, url.size()));
    const bool is_good = url.starts_with(kBegin) && id.size() == kUuid &&
                         id.find_first_not_of("0123456789abcdef-") == std::string_view::npos &&
                         rest.starts_with(kThen) && to_whole_number(rest.substr(kThen.size()));
    if (!is_good) {
        return fail(Fault::bad_request, "its address is none of the gateway's");
    }
    return endpoint.base_path + std::string{url};
}

bool keep_files(const Options& options, std::ostream& words, const Record& answer, const Trust& trust,
                const FetchFile& fetch) {
    const auto endpoint = read_url(options.url);
    if (!endpoint) {
        return false;
    }
    const auto find_key = [&trust](const signing::Issuer& issuer, std::string_view keyid) {
        return trust.issuer_key(issuer, keyid);
    };
    Keeping keeping{options, *endpoint, words, fetch};
    if (answer.find("requirements") == nullptr) {
        if (const auto check = signing::check_certificate(answer, find_key); check && check->is_good()) {
            keeping.keep_all(answer, answer.text_of("service"));
        }
        return keeping.all_kept();
    }
    const auto checks = signing::check_matter(answer, find_key);
    std::size_t at = 0;
    for (const Record& requirement : answer.find("requirements")->items()) {
        const Record* materials = requirement.find("materials");
        for (const Record& material : materials != nullptr ? materials->items() : Record::List{}) {
            if (checks && at < checks->size() && (*checks)[at].is_good()) {  // in the same order
                keeping.keep_all(*material.find("answer"), (*checks)[at].material);
            }
            ++at;
        }
    }
    return keeping.all_kept();
}

}  // namespace datong::client
