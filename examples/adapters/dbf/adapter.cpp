// The adapter itself: what datong/adapter_abi.h asks for, around Table.
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <datong/adapter_abi.h>

#include "charset.h"
#include "settings.h"
#include "table.h"

namespace dbf {
namespace {

constexpr std::size_t kRecordsBetweenLooks = 4'096;  ///< at the clock

datong_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

std::string_view view(datong_bytes bytes) {
    return bytes.size == 0 ? std::string_view{} : std::string_view{bytes.data, bytes.size};
}

bool is_past(std::uint64_t deadline_ms) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000 >=
           deadline_ms;
}

datong_outcome explain(const datong_answer& answer, datong_outcome outcome, std::string_view why) {
    answer.explain(answer.context, bytes_of(why));
    return outcome;
}

/// A column that decides, and the cells that it may have.
struct Condition {
    Column column;
    std::vector<std::string> values;
};

/// One call's look at one set.
class Look {
public:
    Look(const Settings& settings, const Set& set, const datong_ask& ask, const datong_answer& answer)
        : settings_{settings}, set_{set}, ask_{ask}, answer_{answer} {}

    datong_outcome run() {
        Table table{settings_.folder + '/' + set_.file, settings_.max_file};
        std::vector<Condition> conditions;
        for (const auto& [name, fields] : set_.where) {
            auto condition = condition_of(table, name, fields);
            if (!condition) {
                return explain(answer_, DATONG_BAD_ASK, why_);
            }
            conditions.push_back(std::move(*condition));
        }
        name_columns(table);
        // the set is there, even when no row of it is
        if (answer_.row(answer_.context, bytes_of(set_.name), nullptr, 0) != 0) {
            return DATONG_INVALID;
        }
        datong_outcome outcome = DATONG_ANSWERED;
        std::size_t seen = 0;
        std::size_t rows = 0;
        table.scan([&](std::string_view record) {
            if (++seen % kRecordsBetweenLooks == 0 && is_past(ask_.deadline_ms)) {
                outcome = DATONG_TIMEOUT;
            } else if (matches(record, conditions)) {
                outcome = ++rows > set_.max_rows ? explain(answer_, DATONG_INVALID, "more rows than max_rows")
                                                 : emit(table, record);
            }
            return outcome == DATONG_ANSWERED;
        });
        return outcome;
    }

private:
    std::optional<Condition> condition_of(const Table& table, const std::string& name,
                                          const std::vector<std::string>& fields) {
        for (const Column& column : table.columns()) {
            if (convert(column.name, settings_.charset, "UTF-8") != name) {
                continue;
            }
            Condition condition{column, {}};
            for (const std::string& field : fields) {
                if (!add_value(condition, field)) {
                    return std::nullopt;
                }
            }
            return condition;
        }
        why_ = "the table has no column " + name;
        return std::nullopt;
    }

    /// A value is compared with whole cells only, so nothing in it can mean more than itself. One that the
    /// charset does not have, or that is empty, is in no cell.
    bool add_value(Condition& condition, const std::string& name) {
        for (std::size_t i = 0; i < ask_.field_count; ++i) {
            const datong_field& field = ask_.fields[i];
            if (view(field.name) != name) {
                continue;
            }
            auto value = field.kind == DATONG_RAW ? std::optional<std::string>{view(field.value)}
                                                  : convert(view(field.value), "UTF-8", settings_.charset);
            if (value && !value->empty()) {
                condition.values.push_back(std::move(*value));
            }
            return true;
        }
        why_ = "the question has no field " + name;
        return false;
    }

    void name_columns(const Table& table) {
        for (const Column& column : table.columns()) {
            auto name = convert(column.name, settings_.charset, "UTF-8");
            if (!name) {
                throw Trouble{false, "a column's name is not in the charset"};
            }
            names_.push_back(std::move(*name));
        }
    }

    static bool matches(std::string_view record, const std::vector<Condition>& conditions) {
        for (const Condition& condition : conditions) {
            bool is_one = false;
            for (const std::string& value : condition.values) {
                is_one = is_one || Table::cell(record, condition.column) == value;
            }
            if (!is_one) {
                return false;
            }
        }
        return true;
    }

    datong_outcome emit(const Table& table, std::string_view record) {
        std::vector<datong_field> fields;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            const Column& column = table.columns()[i];
            if (std::string_view{"CNFDL"}.find(column.type) == std::string_view::npos) {
                continue;  // memos and pictures stand in other files
            }
            const std::string_view cell = Table::cell(record, column);
            const bool is_null = cell.empty() || (column.type == 'L' && cell == "?");
            fields.push_back({bytes_of(names_[i]), bytes_of(is_null ? std::string_view{} : cell),
                              is_null ? std::uint32_t{DATONG_NULL} : std::uint32_t{DATONG_RAW}, 0});
        }
        return answer_.row(answer_.context, bytes_of(set_.name), fields.data(), fields.size()) == 0 ? DATONG_ANSWERED
                                                                                                    : DATONG_INVALID;
    }

    const Settings& settings_;
    const Set& set_;
    const datong_ask& ask_;
    const datong_answer& answer_;
    std::vector<std::string> names_;
    std::string why_;
};

/// No exception leaves a plug-in.
template <class Work>
datong_outcome guarded(const datong_answer& answer, Work work) {
    try {
        return work();
    } catch (const Trouble& trouble) {
        return explain(answer, trouble.is_down ? DATONG_DOWN : DATONG_INVALID, trouble.why);
    } catch (const std::exception&) {
        return explain(answer, DATONG_DOWN, "not enough memory, or an error of the library");
    }
}

int open_source(datong_bytes settings_json, const datong_answer* answer, void** instance) {
    try {
        *instance = std::make_unique<Settings>(read_settings(view(settings_json))).release();  // close_source frees it
        return 0;
    } catch (const std::exception& why) {
        answer->explain(answer->context, bytes_of(why.what()));
        return 1;
    }
}

datong_outcome ask_source(void* instance, const datong_ask* ask, const datong_answer* answer) {
    const auto& settings = *static_cast<const Settings*>(instance);
    return guarded(*answer, [&] {
        const auto operation = settings.operations.find(view(ask->operation));
        if (operation == settings.operations.end()) {
            return explain(*answer, DATONG_BAD_ASK, "no such operation");
        }
        datong_outcome outcome = DATONG_ANSWERED;
        for (const Set& set : operation->second) {
            outcome = outcome == DATONG_ANSWERED ? Look{settings, set, *ask, *answer}.run() : outcome;
        }
        return outcome;
    });
}

/// Opens each table and reads its header.
datong_outcome probe_source(void* instance, std::uint64_t, const datong_answer* answer) {
    const auto& settings = *static_cast<const Settings*>(instance);
    return guarded(*answer, [&] {
        for (const auto& [name, sets] : settings.operations) {
            for (const Set& set : sets) {
                const Table table{settings.folder + '/' + set.file, settings.max_file};
            }
        }
        return DATONG_ANSWERED;
    });
}

void close_source(void* instance) {
    std::unique_ptr<Settings>{static_cast<Settings*>(instance)}.reset();
}

}  // namespace
}  // namespace dbf

DATONG_ADAPTER_EXPORT const datong_adapter_api* datong_adapter_entry(void) {
    static const datong_adapter_api api{sizeof(datong_adapter_api),
                                        DATONG_ADAPTER_ABI_VERSION,
                                        0,
                                        dbf::bytes_of("dbf"),
                                        dbf::bytes_of("1.0.0"),
                                        dbf::bytes_of(dbf::kSettingsSchema),
                                        dbf::open_source,
                                        dbf::ask_source,
                                        dbf::probe_source,
                                        dbf::close_source};
    return &api;
}
