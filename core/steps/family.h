#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/charset/charset.h"
#include "core/steps/pattern.h"
#include "core/steps/registry.h"

// What the files of the families share: reading a step's argument, and making a step of a function.

namespace datong::steps {

/// What a fixed-width column is filled up with on the left: parsed text loses it, written text gets it.
struct Padding {
    std::size_t width{};
    std::string fill = " ";  ///< one ASCII character
};
[[nodiscard]] Parameter pad_parameter();  ///< pad: {width, char}
/// Zeros go between the sign and the digits. Text that is wide enough stays as it is.
[[nodiscard]] std::string padded(std::string text, const Padding& padding);

/// The argument of one step, read by the parameters of its Entry. Everything wrong becomes a mistake M301
/// (M401 for tables and files) at its place, and a harmless value is returned, so that all of them are
/// reported at once.
class Arguments {
public:
    /// The references must outlive the reader.
    Arguments(const Entry& entry, const yaml::Node* argument, const yaml::Node& where, Mistakes& mistakes);

    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] std::string text(std::string_view name);
    [[nodiscard]] std::int64_t whole(std::string_view name, std::int64_t least, std::int64_t most);
    [[nodiscard]] bool flag(std::string_view name);
    [[nodiscard]] std::string choice(std::string_view name);
    [[nodiscard]] std::vector<std::string> texts(std::string_view name);  ///< a list of texts, or one text
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs(std::string_view name);
    [[nodiscard]] std::optional<record::Decimal> decimal(std::string_view name);
    [[nodiscard]] std::optional<record::Date> date(std::string_view name);
    [[nodiscard]] std::optional<Pattern> pattern(std::string_view name);
    [[nodiscard]] std::optional<charset::Charset> charset(std::string_view name);
    [[nodiscard]] Padding padding(std::string_view name);
    /// A table by the name that the mapping gave it.
    [[nodiscard]] std::shared_ptr<const Table> table(std::string_view name, const Surroundings& around);
    /// A table by its path below mappings/.
    [[nodiscard]] std::shared_ptr<const Table> table_file(std::string_view name, const Surroundings& around);
    /// The node behind a parameter; nullptr when it is not given.
    [[nodiscard]] const yaml::Node* node(std::string_view name) const;

    /// Mistakes of a file that the step reads, at their own places.
    void add(const Mistakes& mistakes);
    void mistake(std::string_view name, std::string text_zh, std::string text_en, std::string hint = {},
                 std::string code = "M301");
    [[nodiscard]] bool good() const noexcept { return good_; }

private:
    void check_names();
    [[nodiscard]] const Parameter& parameter(std::string_view name) const;
    /// The scalar of a parameter or its default; nullopt when there is neither or it is no scalar.
    [[nodiscard]] std::optional<std::string> scalar(std::string_view name);
    void wrong_kind(std::string_view name, std::string_view kind_zh, std::string_view kind_en);
    [[nodiscard]] std::string called(std::string_view name) const;

    const Entry& entry_;
    const yaml::Node* argument_;
    const yaml::Node& where_;
    Mistakes& mistakes_;
    const Parameter* alone_{};  ///< the parameter that the whole argument stands for
    bool good_{true};
};

using StepPtr = std::unique_ptr<const Step>;
using Maker = StepPtr (*)(Arguments& arguments, const Surroundings& around);

/// An entry with its `make` (reads the argument, refuses what is unknown) and `fallible` set.
[[nodiscard]] Entry with_maker(Entry entry, Maker maker);

[[nodiscard]] tl::unexpected<Refusal> refuse(std::string_view rule, std::string_view text_zh, std::string_view text_en);
[[nodiscard]] tl::unexpected<Refusal> refuse_type(const Value& value);

/// A number of any type, or the text of one; nullopt for everything else. Money counts in fen.
[[nodiscard]] std::optional<record::Decimal> to_number(const Value& value);

/// The head of an entry from text to text.
[[nodiscard]] Entry text_entry(std::string name, std::string inverse, std::string help_en, std::string help_zh);
[[nodiscard]] Entry with(Entry entry, std::vector<Parameter> parameters, std::vector<Example> examples,
                         std::vector<std::string> more_rules = {});

/// What the step `trim` leaves: no white space on either end, U+3000 and U+FEFF counted as such.
[[nodiscard]] std::string_view without_outer_space(std::string_view text);

/// What a step can take and give, where that is known when it is made.
struct Known {
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
};

/// A step out of a function (Value, const Moment&, Warnings&) -> Stepped.
template <class F>
class FunctionStep final : public Step {
public:
    FunctionStep(F function, Known known) : function_{std::move(function)}, known_{std::move(known)} {}

    [[nodiscard]] Stepped apply(Value&& value, const Moment& moment, Warnings& warnings) const override {
        return function_(std::move(value), moment, warnings);
    }
    [[nodiscard]] std::vector<std::string> known_inputs() const override { return known_.inputs; }
    [[nodiscard]] std::vector<std::string> known_outputs() const override { return known_.outputs; }

private:
    F function_;
    Known known_;
};

template <class F>
[[nodiscard]] StepPtr value_step(F function, Known known = {}) {
    return std::make_unique<const FunctionStep<F>>(std::move(function), std::move(known));
}

/// A step out of a function (std::string) -> Stepped of the text alone.
template <class F>
[[nodiscard]] StepPtr text_step(F function, Known known = {}) {
    return value_step(
        [function = std::move(function)](Value&& value, const Moment&, Warnings&) -> Stepped {
            if (auto* text = std::get_if<std::string>(&value.held)) {
                return function(std::move(*text));
            }
            if (value.type() == Type::bytes || value.type() == Type::list) {
                return refuse_type(value);
            }
            return function(to_text(value));
        },
        std::move(known));
}

/// A check out of a function (const std::string&) -> std::optional<Refusal>; the value passes unchanged.
template <class F>
[[nodiscard]] StepPtr text_check(F function) {
    return value_step([function = std::move(function)](Value&& value, const Moment&, Warnings&) -> Stepped {
        if (value.type() == Type::bytes || value.type() == Type::list) {
            return refuse_type(value);
        }
        const auto* text = std::get_if<std::string>(&value.held);
        std::optional<Refusal> refusal = text != nullptr ? function(*text) : function(to_text(value));
        if (refusal) {
            return tl::unexpected<Refusal>{std::move(*refusal)};
        }
        return value;
    });
}

/// A check out of a function (const std::string&, const Moment&, Warnings&) -> std::optional<Refusal>.
template <class F>
[[nodiscard]] StepPtr moment_check(F function) {
    return value_step(
        [function = std::move(function)](Value&& value, const Moment& moment, Warnings& warnings) -> Stepped {
            if (value.type() == Type::bytes || value.type() == Type::list) {
                return refuse_type(value);
            }
            const auto* text = std::get_if<std::string>(&value.held);
            std::optional<Refusal> refusal =
                text != nullptr ? function(*text, moment, warnings) : function(to_text(value), moment, warnings);
            if (refusal) {
                return tl::unexpected<Refusal>{std::move(*refusal)};
            }
            return value;
        });
}

/// A step that works on the text's code points.
template <class F>
[[nodiscard]] StepPtr points_step(F function) {
    return text_step([function = std::move(function)](const std::string& text) -> Stepped {
        return Value{to_utf8(function(to_code_points(text)))};
    });
}

using List = std::vector<Value>;

/// A step out of a function (List) -> Stepped; a single value is a list of one.
template <class F>
[[nodiscard]] StepPtr list_step(F function) {
    return value_step([function = std::move(function)](Value&& value, const Moment&, Warnings&) -> Stepped {
        if (auto* items = std::get_if<List>(&value.held)) {
            return function(std::move(*items));
        }
        List one;
        one.push_back(std::move(value));
        return function(std::move(one));
    });
}

void drop_nulls(List& items);

// The families. registry.cpp puts them together.
[[nodiscard]] std::vector<Entry> text_entries();
[[nodiscard]] std::vector<Entry> text_part_entries();
[[nodiscard]] std::vector<Entry> normalize_entries();
[[nodiscard]] std::vector<Entry> pattern_entries();
[[nodiscard]] std::vector<Entry> bytes_entries();
[[nodiscard]] std::vector<Entry> escape_entries();
[[nodiscard]] std::vector<Entry> list_entries();
[[nodiscard]] std::vector<Entry> reducer_entries();
[[nodiscard]] std::vector<Entry> number_entries();
[[nodiscard]] std::vector<Entry> rate_entries();
[[nodiscard]] std::vector<Entry> arithmetic_entries();
[[nodiscard]] std::vector<Entry> money_entries();
[[nodiscard]] std::vector<Entry> date_entries();
[[nodiscard]] std::vector<Entry> calendar_entries();
[[nodiscard]] std::vector<Entry> code_entries();
[[nodiscard]] std::vector<Entry> division_entries();
[[nodiscard]] std::vector<Entry> check_entries();
[[nodiscard]] std::vector<Entry> contact_and_vehicle_entries();
[[nodiscard]] std::vector<Entry> identifier_entries();
[[nodiscard]] std::vector<Entry> land_and_licence_entries();
[[nodiscard]] std::vector<Entry> identifier_part_entries();
[[nodiscard]] std::vector<Entry> mask_entries();

}  // namespace datong::steps
