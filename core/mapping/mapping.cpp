#include "core/mapping/mapping.h"

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/codec/csv.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/mapping/checker.h"
#include "core/mapping/engine.h"
#include "core/mapping/reader.h"
#include "core/mapping/tests_runner.h"

namespace datong::mapping {
namespace {

using ast::Report;

/// The most items that any list may have.
std::size_t most_items(const std::vector<ast::List>& lists, std::size_t usual) {
    for (const ast::List& one : lists) {
        usual = std::max({usual, one.max.value_or(0), most_items(one.lists, 0)});
    }
    return usual;
}

/// One compile: every file that it reads is remembered for the digest.
class Compile {
public:
    Compile(std::string_view path, const ReadFile& read, const CompileOptions& options) : path_{path}, read_{read} {
        around_.test_division = options.test_division;
        around_.read_file = [this](std::string_view file) { return read_once(file); };
    }

    Compiled run() {
        const auto root = parse(path_, {path_, 0, 0}, "M108");
        if (root) {
            file_ = read_file(*root, mistakes_);
            build();
        }
        Compiled out;
        if (!has_errors(mistakes_)) {
            program_->digest = digest();
            out.mapping = std::make_shared<const Mapping>(std::move(program_));
        }
        out.mistakes = std::move(mistakes_);
        return out;
    }

private:
    std::optional<std::string> read_once(std::string_view file) {
        if (const auto found = files_.find(file); found != files_.end()) {
            return found->second;
        }
        auto text = read_(file);
        if (text) {
            files_.emplace(file, *text);
        }
        return text;
    }

    std::optional<yaml::Node> parse(const std::string& file, const Position& where, std::string code) {
        const auto text = read_once(file);
        if (!text) {
            Report{mistakes_}(where, std::move(code), "读不到文件 '" + file + "'",
                              "can't read the file '" + file + "'");
            return std::nullopt;
        }
        auto node = yaml::parse(*text, file, true);
        if (!node) {
            mistakes_.insert(mistakes_.end(), node.error().begin(), node.error().end());
            return std::nullopt;
        }
        return std::move(*node);
    }

    bool load_schema(const ast::Text& from, Shape& shape) {
        if (from.text.empty()) {
            return false;
        }
        const auto node = parse(from.text, from.where, "M401");
        if (!node) {
            return false;
        }
        shape = read_schema(*node, from.text.ends_with(".json"), mistakes_);
        return true;
    }

    /// The schema as it was written, for who describes the service to others; null for another kind of file.
    void load_record(const std::string& file, record::Record& into) {
        const auto found = files_.find(file);
        if (found == files_.end() || !file.ends_with(".json")) {
            return;
        }
        auto record = codec::read_json(found->second);
        if (!record) {
            Report{mistakes_}({file, 0, 0}, "M101", "不是有效的 JSON", "not JSON: " + record.error().detail());
            return;
        }
        into = std::move(*record);
    }

    void load_tables() {
        for (const ast::Table& one : file_.tables) {
            auto csv = read_once(one.file.text);
            if (!csv) {
                Report{mistakes_}(one.file.where, "M401", "读不到代码表 '" + one.file.text + "'",
                                  "can't read the table '" + one.file.text + "'");
                around_.bad_tables.insert(one.name);
                continue;
            }
            auto table = has_key(*csv, one.key) ? steps::Table::parse(*csv, one.file.text, one.key_column())
                                                : tl::unexpected{Mistakes{}};
            if (!table) {
                mistakes_.insert(mistakes_.end(), table.error().begin(), table.error().end());
                around_.bad_tables.insert(one.name);
                continue;
            }
            around_.tables.emplace(one.name, std::make_shared<const steps::Table>(std::move(*table)));
        }
    }

    /// The column of the codes must be there; said where the mapping names it.
    bool has_key(const std::string& csv, const ast::Text& key) {
        const auto rows = codec::read_csv(csv);
        if (key.text.empty() || !rows || rows->empty()) {
            return true;  // the table's own reader says what is wrong
        }
        const auto& columns = rows->front();
        const bool there = std::find(columns.begin(), columns.end(), key.text) != columns.end();
        if (!there) {
            Report{mistakes_}(key.where, "M401", "代码表没有列 '" + key.text + "'",
                              "the table has no column '" + key.text + "'", nearest(key.text, columns).value_or(""));
        }
        return there;
    }

    void load_source_shape() {
        Mapping::Program& program = *program_;
        const bool has_schema = load_schema(file_.source.schema, program.source_shape);
        program.has_source_shape = shape_source(program.source, program.source_shape, has_schema, mistakes_);
    }

    void build() {
        program_ = std::make_shared<Mapping::Program>();
        Mapping::Program& program = *program_;
        program.id = file_.id;
        program.version = file_.version;
        program.title = file_.title;
        program.normalise = {file_.defaults.trim, file_.defaults.empty_as_null, file_.defaults.null_tokens};
        program.unknown_privacy = privacy_by_name(file_.defaults.class_name).value_or(Privacy::sensitive);
        ast::Defaults bounds = file_.defaults;
        bounds.max_items =
            file_.source.format == "fixed" ? most_items(file_.lists, bounds.max_items) : bounds.max_items;
        program.source = compile_source(file_.source, bounds, mistakes_);
        program.target = compile_target(file_.target, mistakes_);
        load_source_shape();
        const bool has_target = load_schema(file_.target.schema, program.target_shape);
        if (has_target) {
            shape_target(program.target, program.target_shape, mistakes_);
        }
        load_record(file_.source.schema.text, program.source_schema);
        load_record(file_.target.schema.text, program.target_schema);
        load_tables();
        around_.masking = file_.defaults.masking;
        if (has_target) {
            Checker{file_, around_, program, mistakes_}.all();
        }
        if (file_.reversible && !has_errors(mistakes_)) {
            program.reverse = compile_reverse(file_, program, around_, mistakes_);
        }
        if (file_.tests != nullptr) {
            check_tests(*file_.tests, mistakes_);
        }
    }

    std::string digest() const {
        crypto::Sha256 sum;
        for (const auto& [name, text] : files_) {
            sum.add(name + '\n' + std::to_string(text.size()) + '\n');
            sum.add(text);
        }
        return to_hex(sum.finish());
    }

    std::string path_;
    const ReadFile& read_;
    steps::Surroundings around_;
    std::map<std::string, std::string, std::less<>> files_;
    ast::File file_;
    std::shared_ptr<Mapping::Program> program_;
    Mistakes mistakes_;
};

/// "/holders/0/idNo" -> "/holders/*/idNo"
std::string starred(std::string_view pointer) {
    std::string out;
    for (const std::string_view part : split(pointer.substr(0, pointer.size()), '/')) {
        out += (out.empty() && part.empty()) ? "" : "/";
        out += to_whole_number(part) ? std::string_view{"*"} : part;
    }
    return out;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok:
            return "ok";
        case Outcome::not_found:
            return "not_found";
        case Outcome::rejected:
            return "rejected";
        case Outcome::retry:
            return "retry";
        case Outcome::invalid:
            return "invalid";
        case Outcome::malformed:
            break;
    }
    return "malformed";
}

Mapping::Mapping(std::shared_ptr<const Program> program) : program_{std::move(program)} {
}

const std::string& Mapping::id() const {
    return program_->id;
}
const std::string& Mapping::version() const {
    return program_->version;
}
const std::string& Mapping::title() const {
    return program_->title;
}
const std::string& Mapping::digest() const {
    return program_->digest;
}
const std::string& Mapping::target_format() const {
    return program_->target.format;
}
const std::string& Mapping::source_format() const {
    return program_->source.format;
}
const record::Record& Mapping::source_schema() const {
    return program_->source_schema;
}
const record::Record& Mapping::target_schema() const {
    return program_->target_schema;
}

std::string Mapping::class_of(std::string_view pointer) const {
    auto privacy = privacy_at(program_->target_shape, pointer);
    if (const auto said = program_->row_classes.find(starred(pointer));
        !privacy && said != program_->row_classes.end()) {
        privacy = said->second;
    }
    return privacy ? std::string{name_of(*privacy)} : std::string{};
}

Output Mapping::run(const Input& input) const {
    return run_program(*program_, input);
}

bool Mapping::is_reversible() const {
    return program_->reverse != nullptr;
}

Output Mapping::run_reverse(const Input& input) const {
    if (program_->reverse != nullptr) {
        return mapping::run_reverse(*program_, input);
    }
    Output out;
    out.outcome = Outcome::malformed;
    Finding finding;
    finding.rule = "reverse.none";
    finding.text_zh = "该映射没有声明 reverse: true";
    finding.text_en = "the mapping does not say reverse: true";
    out.errors.push_back(std::move(finding));
    return out;
}

Compiled compile(std::string_view path, const ReadFile& read, const CompileOptions& options) {
    return Compile{path, read, options}.run();
}

}  // namespace datong::mapping
