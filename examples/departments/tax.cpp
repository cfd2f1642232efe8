#include <array>
#include <fstream>
#include <sstream>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr int kLookMs = 20;  // how often late replies and lost notices are looked after

std::string read_file(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream{file, std::ios::binary}.rdbuf();
    return text.str();
}

/// As a careful system drops a file: nobody sees it before it is whole.
void drop_file(const fs::path& file, const std::string& content) {
    fs::path building = file;
    building += ".tmp";
    std::ofstream{building, std::ios::binary} << content;
    std::error_code ignored;
    fs::rename(building, file, ignored);
}

/// One record of 120 octets and its line end; columns are of the widths that README.md lists.
std::string record(std::string columns) {
    return fixed_column(std::move(columns), 120) + "\r\n";
}

std::string head(const TaxFile& file, Trouble trouble) {
    const std::string name = trouble == Trouble::wrong_encoding ? file.name : to_gb18030(file.name);
    return record('H' + fixed_column(file.voucher, 20) + fixed_column(file.taxpayer, 20) + fixed_column(name, 60) +
                  file.issued + file.authority);
}

std::string trailer(std::size_t count, std::int64_t total_fen, char flag) {
    return record('T' + fixed_number(static_cast<std::int64_t>(count), 6) + fixed_number(total_fen, 15) + flag);
}

std::string reply_of(const TaxFile& file, Trouble trouble) {
    std::string out = head(file, trouble);
    std::int64_t total = 0;
    for (const TaxItem& item : file.items) {
        std::string line = 'D' + item.code + item.from + item.to + fixed_number(item.basis_fen, 15) +
                           fixed_number(item.rate_of_10000, 6) + fixed_number(item.paid_fen, 15) + item.paid_on;
        out += trouble == Trouble::malformed ? line + "\r\n" : record(std::move(line));
        total += item.paid_fen;
    }
    return out + trailer(file.items.size(), total, file.arrears ? 'Y' : 'N');
}

/// H repeats what was asked, the flag of T is 'X': no such taxpayer.
std::string unknown_taxpayer(const std::string& id, const std::string& name, const std::string& today) {
    return record('H' + fixed_column("", 20) + fixed_column(id, 20) + fixed_column(to_gb18030(name), 60) + today +
                  "19999010000") +
           trailer(0, 0, 'X');
}

std::string answer_to(const Town& town, const std::string& request, Trouble trouble) {
    if (trouble == Trouble::empty_body) {
        return {};
    }
    const std::string id = element_text(request, "SBH");
    const std::string name = element_text(request, "MC");
    for (std::size_t i = 0; i < town.taxes.size(); ++i) {
        const TaxFile& file = town.taxes[i];
        if (comparable_id(file.taxpayer) == comparable_id(id) && comparable_name(file.name) == comparable_name(name)) {
            const std::size_t told = trouble == Trouble::wrong_person ? (i + 1) % town.taxes.size() : i;
            return reply_of(town.taxes[told], trouble);
        }
    }
    return unknown_taxpayer(id, name, "20240630");
}

}  // namespace

TaxOffice::TaxOffice(const Town& town, Faults& faults, fs::path folder)
    : town_{town}, faults_{faults}, folder_{std::move(folder)} {
    fs::create_directories(folder_ / "req");
    fs::create_directories(folder_ / "rep");
    thread_ = std::jthread{[this](const std::stop_token& stop) { watch(stop); }};
}

TaxOffice::~TaxOffice() = default;

void TaxOffice::watch(const std::stop_token& stop) {
    const int notices = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    inotify_add_watch(notices, (folder_ / "req").c_str(), IN_MOVED_TO | IN_CLOSE_WRITE);
    while (!stop.stop_requested()) {
        look();
        pollfd waiting{.fd = notices, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, kLookMs) > 0) {
            std::array<char, 4096> swallowed{};
            while (read(notices, swallowed.data(), swallowed.size()) > 0) {
            }
        }
    }
    close(notices);
}

void TaxOffice::look() {
    const Trouble trouble = faults_.peek(System::tax).trouble;
    for (auto late = late_.begin(); late != late_.end();) {
        const bool due = late->due <= steady_clock::now();
        if (due) {
            drop_file(folder_ / "rep" / late->name, late->content);
        }
        late = due ? late_.erase(late) : std::next(late);
    }
    if (trouble == Trouble::down) {
        return;
    }
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{folder_ / "req", ignored}) {
        if (entry.path().extension() == ".req") {
            serve(entry.path());
        }
    }
}

void TaxOffice::serve(const fs::path& request) {
    const std::string content = read_file(request);
    if (content.empty()) {
        return;  // still being written
    }
    std::error_code ignored;
    fs::remove(request, ignored);
    const Setting setting = faults_.take(System::tax);
    if (setting.trouble == Trouble::hang) {
        return;
    }
    const fs::path reply = folder_ / "rep" / request.stem().concat(".dat");
    const std::string answer = answer_to(town_, content, setting.trouble);
    if (setting.trouble == Trouble::late) {
        late_.push_back({steady_clock::now() + setting.time, reply.filename().string(), answer});
    } else if (setting.trouble == Trouble::partial) {
        std::ofstream{reply, std::ios::binary} << answer.substr(0, answer.size() / 2);
    } else {
        drop_file(reply, answer);
    }
}

}  // namespace datong::departments
