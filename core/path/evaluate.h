#pragma once

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "core/path/program.h"
#include "core/path/query.h"
#include "core/record/record.h"

namespace datong::path {

/// Runs one query over one record, depth first: that gives RFC 9535's order without lists in between.
/// Stops at 100,000 nodes found or 2,000,000 visited, filters included; was_cut() tells it.
class Evaluation {
public:
    /// @param normalise  how Query::read takes texts, and then lists and groups as it does; nullptr: RFC 9535 alone.
    explicit Evaluation(const record::Record& root, const Normalise* normalise = nullptr)
        : root_{root}, normalise_{normalise} {}

    [[nodiscard]] std::vector<const record::Record*> values(const Path& path, const record::Record& current);
    [[nodiscard]] std::vector<const record::Record*> values_or_null(const Path& path, const record::Record& current);
    [[nodiscard]] std::vector<Found> select(const Path& path, const record::Record& current);
    /// Whether the expression holds for a node.
    [[nodiscard]] bool holds_for(const Expression& expression, const record::Record& current);
    /// Counts one visit; false when there were too many.
    [[nodiscard]] bool visit() noexcept { return ++visits_ <= kMaxVisits; }
    /// Whether there was more than it came to: then what it gave, and what a filter said, means nothing.
    [[nodiscard]] bool was_cut() const noexcept { return found_too_many_ || visits_ > kMaxVisits; }
    [[nodiscard]] std::size_t visits() const noexcept { return visits_; }
    [[nodiscard]] bool is_lenient() const noexcept { return normalise_ != nullptr; }
    [[nodiscard]] const Normalise& normalise() const noexcept { return *normalise_; }  ///< where it is lenient
    /// A name stood behind a list of several.
    void note_several() noexcept { met_several_ = true; }
    [[nodiscard]] bool met_several() const noexcept { return met_several_; }
    /// A name stood behind words.
    void note_words() noexcept { met_words_ = true; }
    /// From now on that is no more than a name that is missing.
    void pass_words() noexcept { passes_words_ = true; }
    [[nodiscard]] bool passes_words() const noexcept { return passes_words_; }
    [[nodiscard]] bool met_words() const noexcept { return met_words_; }
    /// Whether a filter compared text that stands beside elements.
    [[nodiscard]] bool met_mixed() const noexcept { return met_mixed_; }

private:
    static constexpr std::size_t kMaxVisits = 2'000'000;

    /// The value of an operand; nullptr is Nothing. What had to be made stands in `made`.
    [[nodiscard]] const record::Record* value_of(const Operand& operand, const record::Record& current,
                                                 record::Record& made);
    /// A record's node as a value: of an XML element of text alone its text.
    [[nodiscard]] const record::Record* leaf_of(const record::Record* node);
    [[nodiscard]] bool compares(const Expression& expression, const record::Record& current);
    /// Whether a query writes a text that is read as null: '' or a null token.
    [[nodiscard]] bool is_null_text(const Operand& operand) const;
    /// What a comparison makes of a record's value, and of a text that the query writes: trimmed, and null where it is
    /// read as null.
    /// @param beside_null  of the two the query writes one, and that is null itself: then both are ''.
    [[nodiscard]] const record::Record* as_read(const Operand& operand, const record::Record* value, bool beside_null,
                                                record::Record& made) const;
    [[nodiscard]] std::string_view text_read(const Operand& operand, const record::Record* value, bool& is_text) const;
    [[nodiscard]] const record::Record* result_of(const Call& call, const record::Record& current,
                                                  record::Record& made);
    [[nodiscard]] bool test(const Operand& operand, const record::Record& current);
    [[nodiscard]] bool matches(const Call& call, const record::Record& current);
    /// @param null_from  of which segment on a name that is missing gives null; none where it is left out.
    [[nodiscard]] std::vector<const record::Record*> first_values(
        const Path& path, const record::Record& current, std::size_t most,
        std::size_t null_from = std::numeric_limits<std::size_t>::max());
    [[nodiscard]] std::vector<const record::Record*> within_limit(std::vector<const record::Record*> found);

    const record::Record& root_;
    const Normalise* normalise_;
    bool met_several_{};
    bool met_words_{};
    bool met_mixed_{};
    bool passes_words_{};
    std::size_t visits_{};
    bool found_too_many_{};
};

}  // namespace datong::path
