#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/schema.h"
#include "core/record/record.h"

namespace datong::sources {

/// One way in which replies are no longer what they were, or not what the source schema says.
struct Change {
    enum class Kind {
        new_field,  ///< not in the source schema; without a schema: not in the replies so far
        gone,       ///< was there nearly always, and now is not
        new_code,   ///< a value that the schema does not have among the field's codes
        new_type,   ///< text where a number was, a list where one value was
        null_rate,  ///< empty much more or much less often than it was
    };
    Kind kind{Kind::new_field};
    std::string path;    ///< "QLRS.QLR.QLBL"; lists don't show
    std::string detail;  ///< a code, a type, "3 % -> 95 %"; empty for none
    std::string since;   ///< RFC 3339, when it was seen first
    std::uint64_t times{};
};
[[nodiscard]] std::string_view name_of(Change::Kind kind);

/// What the replies of one operation look like (指纹): paths, types, how often each is empty. Values are kept only of
/// fields that the schema declares as codes, and of them only what looks like a code (eight ASCII letters and digits at
/// most), so that a shifted column brings no name in here. Departments use names of persons as names of fields; so one
/// that the schema does not have stands as "*" until it came in twenty different replies of two hundred, as a field
/// does and a person does not; below an object that the schema does not have, for ever. So do names with six digits in
/// a row, or over 64 octets. What may become a field is in memory only. At most 1,000 paths and 200 changes. One thread
/// at a time.
class Fingerprint {
public:
    /// @param version  of the mapping and its schema; with another one the changes are judged anew.
    void judge_by(std::string_view version);
    /// Adds one reply, as the mapping reads it when all layers are taken off.
    /// @param schema  nullptr: none; then fields are known once twenty replies were seen.
    /// @param now     RFC 3339.
    /// @return what was noticed for the first time.
    std::vector<Change> add(const record::Record& reply, const mapping::Shape* schema, std::string_view now);

    [[nodiscard]] std::uint64_t replies() const noexcept { return replies_; }
    [[nodiscard]] std::vector<Change> changes() const;
    [[nodiscard]] record::Record to_record() const;
    /// @return Fault::bad_request when it is none of ours.
    [[nodiscard]] static Result<Fingerprint> from_record(const record::Record& state);

private:
    static constexpr std::size_t kMostFields = 1'000;
    static constexpr std::size_t kMostUnknown = 64;  ///< names below one object; more are data used for names
    static constexpr int kMostDepth = 32;
    static constexpr std::uint64_t kLearning = 20;  ///< sightings before something counts as usual
    static constexpr std::uint64_t kRare = 200;     ///< objects in which a name comes so often, or is no field's

    struct Window {
        std::uint64_t seen{};
        std::uint64_t empty{};
    };
    struct Field {
        std::uint64_t seen{};             ///< how often it stood there, empty or not
        std::uint64_t objects{};          ///< how often it was an object itself
        std::uint64_t parent_at_first{};  ///< objects of its parent when it was seen first
        std::uint64_t parent_at_last{};   ///< and last
        unsigned types{};                 ///< bits by record::Kind
        Window usual;                     ///< its first hundred
        Window now;                       ///< its newest hundred, while it fills
        std::size_t unknown_members{};    ///< names below it that no schema has
    };
    /// A name that no schema has, and that may be a person's.
    struct Candidate {
        Field field{};
        std::vector<std::size_t> replies{};  ///< digests of the different ones that had it
    };
    /// What one add() brings along.
    struct Notice {
        std::string_view now;
        const record::Record* reply{};
        bool has_schema{};
        bool is_silent{};  ///< what is looked at has no name yet
        std::vector<Change> fresh{};
        std::optional<std::size_t> digest{};  ///< of the reply
        int depth{};
    };

    void visit(const record::Record& node, const std::string& path, const mapping::Shape* schema, Notice& notice);
    void visit_object(const record::Record& node, const std::string& path, const mapping::Shape* schema,
                      Notice& notice);
    void note_member(const record::Member& member, const std::string& path, const mapping::Shape* parent_shape,
                     Notice& notice);
    void note_unnamed(const record::Member& member, const std::string& path, const mapping::Shape* parent_shape,
                      bool is_new, Notice& notice);
    [[nodiscard]] bool learn(const record::Member& member, const std::string& path, bool& is_new, Notice& notice);
    [[nodiscard]] Candidate* candidate(const std::string& path, const std::string& name);
    void note_value(Field& field, const record::Record& value, const std::string& path, const mapping::Shape* shape,
                    Notice& notice);
    void note_rate(Field& field, bool is_empty, const std::string& path, Notice& notice);
    void look_for_gone(const std::string& parent, Notice& notice);
    void change(Change::Kind kind, const std::string& path, std::string detail, Notice& notice);

    std::string version_;
    std::uint64_t replies_{};
    std::map<std::string, Field, std::less<>> fields_;  ///< by path; "" is the record itself
    std::map<std::string, std::map<std::string, Candidate, std::less<>>, std::less<>> candidates_;  ///< by parent, name
    std::size_t candidate_count_{};
    std::map<std::string, Change, std::less<>> changes_;
};

}  // namespace datong::sources
