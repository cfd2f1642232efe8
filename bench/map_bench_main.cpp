// The mapping language beside others that could do its work: a land record through ours, libxslt, JSONata and
// hand-written C++; a fixed-width file; compiling; lists and joins twice as long. Processor time, not the clock.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "bench/rivals.h"
#include "core/codec/json.h"
#include "core/codec/soap.h"
#include "core/codec/xml.h"
#include "core/command_line/command_line.h"
#include "core/mapping/mapping.h"

namespace {

using namespace datong;
namespace fs = std::filesystem;
using record::Record;

const std::string kSource = DATONG_SOURCE_DIR;

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        return std::nullopt;
    }
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

/// A file of mappings/, else of the mappings made for this benchmark.
std::optional<std::string> read_mapping_file(std::string_view path) {
    auto text = read_file(kSource + "/mappings/" + std::string{path});
    return text ? text : read_file(kSource + "/bench/mappings/" + std::string{path});
}

double processor_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

/// Processor microseconds of one run, of as many as take about that long.
double time_of(const std::function<void()>& once, double at_least_us) {
    const double begin = processor_us();
    double used = 0;
    int runs = 0;
    do {
        once();
        ++runs;
        used = processor_us() - begin;
    } while (used < at_least_us);
    return used / runs;
}

/// What the table says of one gate.
struct Row {
    std::string what;
    std::string measured;
    double value{};
    double gate{};
    bool at_least{};
    std::string unit;
    bool run{true};
};

std::string number(double value, int places) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(places) << value;
    return std::move(out).str();
}

class Report {
public:
    void add(Row row) { rows_.push_back(std::move(row)); }
    void not_run(std::string what, std::string gate) {
        rows_.push_back({std::move(what), "not run", 0, 0, false, gate, false});
    }

    void print() const {
        std::cout << "| what | measured | ratio or rate | gate | |\n|---|---|---|---|---|\n";
        for (const Row& row : rows_) {
            if (!row.run) {
                std::cout << "| " << row.what << " | not run | | " << row.unit << " | not run |\n";
                continue;
            }
            const bool met = row.at_least ? row.value >= row.gate : row.value <= row.gate;
            const int places = row.value < 10 ? 2 : 0;
            std::cout << "| " << row.what << " | " << row.measured << " | " << number(row.value, places) << row.unit
                      << " | " << (row.at_least ? ">= " : "<= ") << number(row.gate, row.gate < 10 ? 1 : 0) << row.unit
                      << " | " << (met ? "met" : "missed") << " |\n";
        }
    }

private:
    std::vector<Row> rows_;
};

std::shared_ptr<const mapping::Mapping> compiled(std::string_view path) {
    auto made = mapping::compile(path, read_mapping_file, {.test_division = true});
    if (made.mapping == nullptr) {
        std::cerr << path << " does not compile\n";
        for (const Mistake& one : made.mistakes) {
            std::cerr << "  " << one.code << ' ' << one.text_en << '\n';
        }
    }
    return made.mapping;
}

std::chrono::system_clock::time_point moment() {
    return std::chrono::sys_days{std::chrono::year{2024} / 5 / 1} + std::chrono::hours{2};
}

/// One run of a mapping over a whole input; nothing where it is refused.
std::optional<std::string> translate(const mapping::Mapping& mapping, std::string_view bytes, const Record* context) {
    mapping::Input input;
    input.bytes = bytes;
    input.context = context;
    input.now = moment();
    mapping::Output out = mapping.run(input);
    if (out.outcome != mapping::Outcome::ok) {
        for (const mapping::Finding& one : out.errors) {
            std::cerr << one.path << ' ' << one.rule << ' ' << one.text_en << '\n';
        }
        return std::nullopt;
    }
    return std::move(out.wire);
}

// --- the land record

/// JSONata in Node.js, a process of its own for each round: the output, and processor microseconds a record.
class JsonataRival {
public:
    JsonataRival(const std::string& modules, std::string_view soap, double seconds) {
        const auto message = codec::read_soap(soap, false);
        const Record* inner = message ? message->body.find("return") : nullptr;
        const auto record = inner != nullptr ? codec::read_xml(inner->scalar(), true) : fail(Fault::bad_request, "");
        if (!record || !fs::exists(modules + "/node_modules/jsonata")) {
            return;
        }
        const std::string json = modules + "/land-01.json";
        std::ofstream{json} << codec::write_json(record->content);
        command_ = "node " + kSource + "/bench/land_jsonata.mjs " + modules + ' ' + kSource + "/bench/land.jsonata " +
                   json + ' ' + number(seconds, 2) + " 2>/dev/null";
        is_there_ = round() > 0;
    }

    [[nodiscard]] bool is_there() const { return is_there_; }
    [[nodiscard]] const std::string& output() const { return output_; }

    double round() {
        std::ostringstream all;
        FILE* pipe = popen(command_.c_str(), "r");
        char buffer[4096];
        while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
            all << buffer;
        }
        if (pipe == nullptr || pclose(pipe) != 0) {
            return 0;
        }
        std::istringstream lines{std::move(all).str()};
        double records = 0;
        double used_us = 0;
        std::getline(lines, output_);
        lines >> records >> used_us;
        return records > 0 ? used_us / records : 0;
    }

private:
    std::string command_;
    std::string output_;
    bool is_there_{};
};

bool same_output(const std::string& who, const std::optional<std::string>& output, const Record& wanted) {
    const auto record = output ? codec::read_json(*output) : fail(Fault::bad_request, "nothing came");
    if (record && *record == wanted) {
        return true;
    }
    std::cerr << who << " gives another certificate:\n" << output.value_or("nothing") << '\n';
    return false;
}

struct Timed {
    std::string name;
    bench::Translate once;
    double gate{};
    bool at_least{};
    std::vector<double> times{};
    std::vector<double> ratios{};
};

/// @return false when the outputs differ: then nothing is measured.
bool land_record(const std::string& modules, int rounds, Report& report) {
    const auto soap = read_file(kSource + "/mappings/samples/land-01.xml");
    const auto expected = codec::read_json(*read_file(kSource + "/mappings/samples/land-01.expect.json"));
    const auto mapping = compiled("land/realestate-certificate.yaml");
    if (mapping == nullptr || !expected) {
        return false;
    }
    const Record context = *codec::read_json(R"({"department":{"uscc":")" + std::string{bench::kAuthority} + "\"}}");
    std::vector<Timed> all;
    all.push_back({"datong", [&](std::string_view in) { return translate(*mapping, in, &context); }});
    all.push_back({"hand-written C++, same parser", bench::land_by_hand, 1.6, false});
    if (auto xslt = bench::land_by_xslt(kSource + "/bench/land.xsl"); xslt) {
        all.push_back({"libxslt", std::move(xslt), 3, true});
    } else {
        report.not_run("libxslt / datong, time a land record", ">= 3.0");
    }
    for (const Timed& one : all) {
        if (!same_output(one.name, one.once(*soap), *expected)) {
            return false;
        }
    }
    JsonataRival jsonata{modules, *soap, 0.5};
    if (jsonata.is_there() && !same_output("JSONata", jsonata.output(), *expected)) {
        return false;
    }
    std::vector<double> jsonata_times;
    std::vector<double> jsonata_ratios;
    for (int round = 0; round < rounds; ++round) {
        for (Timed& one : all) {
            one.times.push_back(time_of([&] { (void)one.once(*soap); }, 5e4));
            one.ratios.push_back(one.times.back() / all[0].times.back());
        }
        if (jsonata.is_there() && round % 4 == 0) {
            jsonata_times.push_back(jsonata.round());
            jsonata_ratios.push_back(jsonata_times.back() / all[0].times.back());
        }
    }
    const std::string ours = number(median(all[0].times), 1) + " us";
    for (const Timed& one : all) {
        if (one.gate == 0) {
            continue;
        }
        const double ratio = median(one.ratios);
        const std::string both = number(median(one.times), 1) + " us, datong " + ours;
        report.add(one.at_least ? Row{one.name + " / datong, time a land record", both, ratio, one.gate, true, ""}
                                : Row{"datong / " + one.name, both, 1 / ratio, one.gate, false, ""});
    }
    if (jsonata.is_there()) {
        report.add({"JSONata / datong, time a land record (JSONata from JSON)",
                    number(median(jsonata_times), 1) + " us, datong " + ours, median(jsonata_ratios), 8, true, ""});
    } else {
        report.not_run("JSONata / datong, time a land record", ">= 8.0");
    }
    return true;
}

// --- fixed width, lists and joins

/// The sample tax file with its detail records repeated: the trailer says how many and what they sum to.
std::string tax_file(std::size_t details) {
    const std::string sample = *read_file(kSource + "/mappings/samples/tax-01.dat");
    std::istringstream lines{sample};
    std::vector<std::string> line(4);
    for (std::string& one : line) {
        std::getline(lines, one);
    }
    std::string out = line[0] + '\n';
    long long sum = 0;
    for (std::size_t i = 0; i < details; ++i) {
        const std::string& one = line[1 + i % 2];
        out += one + '\n';
        sum += std::stoll(one.substr(43, 15));
    }
    char counts[32];
    std::snprintf(counts, sizeof counts, "%06zu%015lld", details, sum);
    return out + line[3].replace(1, 21, counts) + '\n';
}

/// Units and as many owners, in another order.
std::string joined_record(std::size_t count) {
    Record units = Record::list();
    Record owners = Record::list();
    for (std::size_t i = 0; i < count; ++i) {
        const std::string owner = "owner-" + std::to_string((i * 7919) % count);
        units.add(
            Record::object({{"number", Record::text("unit-" + std::to_string(i))}, {"owner", Record::text(owner)}}));
        owners.add(
            Record::object({{"id", Record::text("owner-" + std::to_string(i))}, {"name", Record::text("示例甲")}}));
    }
    return codec::write_json(Record::object({{"units", std::move(units)}, {"owners", std::move(owners)}}));
}

constexpr std::size_t kMostDetails = 5000;  // what the mapping allows

bool fixed_width(const std::string& path, const std::string& what, double gate, int rounds, Report& report) {
    const auto mapping = compiled(path);
    const std::string file = tax_file(kMostDetails);
    if (mapping == nullptr || !translate(*mapping, file, nullptr)) {
        return false;
    }
    std::vector<double> rates;
    for (int round = 0; round < rounds; ++round) {
        rates.push_back(static_cast<double>(file.size()) /
                        time_of([&] { (void)translate(*mapping, file, nullptr); }, 5e4));
    }
    report.add({what, std::to_string(file.size() / 1024) + " KiB, JSON written", median(rates), gate, true, " MB/s"});
    return true;
}

bool linear(const std::string& path, const std::string& what, std::string (*make)(std::size_t), int rounds,
            Report& report) {
    const auto mapping = compiled(path);
    const std::string one = make(kMostDetails / 2);
    const std::string two = make(kMostDetails);
    if (mapping == nullptr || !translate(*mapping, one, nullptr) || !translate(*mapping, two, nullptr)) {
        return false;
    }
    std::vector<double> ratios;
    double once_us = 0;
    for (int round = 0; round < rounds; ++round) {
        once_us = time_of([&] { (void)translate(*mapping, one, nullptr); }, 3e4);
        ratios.push_back(time_of([&] { (void)translate(*mapping, two, nullptr); }, 3e4) / once_us);
    }
    report.add({what, "2500 in " + number(once_us / 1e3, 1) + " ms", median(ratios), 2.2, false, ""});
    return true;
}

// --- compiling

void compile_times(Report& report) {
    std::vector<std::string> paths;
    for (const auto& one : fs::recursive_directory_iterator{kSource + "/mappings"}) {
        const std::string path = fs::relative(one.path(), kSource + "/mappings").string();
        const auto text = one.path().extension() == ".yaml" ? read_file(one.path().string()) : std::nullopt;
        if (text && text->starts_with("datong: mapping/v1")) {
            paths.push_back(path);
        }
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
        const auto once = [&] { (void)mapping::compile(path, read_mapping_file, {.test_division = true}); };
        std::vector<double> times;
        for (int i = 0; i < 9; ++i) {
            times.push_back(time_of(once, 0) / 1e3);
        }
        report.add({"compile " + path, "median of 9", median(times), 20, false, " ms"});
    }
}

}  // namespace

int main(int argc, char** argv) {
    datong::Command app{"datong-map-bench: the mapping language beside libxslt, JSONata and hand-written C++"};
    int rounds = 21;
    std::string modules = kSource + "/build/npm";
    app.add_option("--rounds", rounds, "of everything, one after the other")->capture_default_str();
    app.add_option("--modules", modules, "where `npm ci` put JSONata")->capture_default_str();
    std::vector<std::string> parts;
    app.add_option("--part", parts, "land, checks, columns, lists, compile; all without");
    if (const auto over = app.parse(argc, argv)) {
        return *over;
    }
    Report report;
    const auto chosen = [&](const char* part) {
        return parts.empty() || std::find(parts.begin(), parts.end(), part) != parts.end();
    };
    if (chosen("land") && !land_record(modules, rounds, report)) {
        std::cerr << "the outputs differ: nothing is measured\n";
        return 1;
    }
    bool good = true;
    if (chosen("checks")) {
        good = fixed_width("tax/clearance.yaml", "fixed width, with steps and checks", 60, rounds, report);
    }
    if (chosen("columns")) {
        good = fixed_width("tax-columns.yaml", "fixed width, columns only", 150, rounds, report) && good;
    }
    if (chosen("lists")) {
        good = linear("tax/clearance.yaml", "twice the list (fixed width)", tax_file, rounds, report) &&
               linear("joined.yaml", "twice the join (JSON)", joined_record, rounds, report) && good;
    }
    if (chosen("compile")) {
        compile_times(report);
    }
    report.print();
    return good ? 0 : 1;
}
