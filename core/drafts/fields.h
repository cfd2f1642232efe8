#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/drafts/items.h"
#include "core/record/record.h"

namespace datong::drafts {

/// One field of a department's record, and what becomes of it in the skeleton.
struct Field {
    std::string path;    ///< from the record or the list's item: "HOLDER.XM"
    std::string target;  ///< "xm"
    std::string label;
    std::string type;        ///< of the source schema: "text", "integer", "decimal", "boolean"
    std::string date_form;   ///< "yyyyMMdd"; empty: no date
    std::string class_name;  ///< "sensitive", "personal"; empty: internal
    std::string value;       ///< in the sample
    bool required{};
    bool looks_like_id{};  ///< a resident id or a unified social credit code
    std::vector<std::pair<std::string, std::string>> codes;
    std::string table;  ///< name of its code table; empty: none
};

/// A list of objects in the record.
struct FieldList {
    std::string path;
    std::string target;
    std::vector<Field> fields;
};

struct Fields {
    std::vector<Field> fields;
    std::vector<FieldList> lists;
    std::vector<std::string> skipped;  ///< paths that the skeleton leaves out: lists of values, names that are no path
};

/// The fields of a sample's record. What the department's own table says of an item (label, type, codes, required)
/// goes before what the value looks like.
[[nodiscard]] Fields fields_of(const record::Record& record, const std::vector<Item>& items);

/// A record with a synthetic value for every item, of the reserved division 9999xx.
[[nodiscard]] record::Record synthetic_record(const std::vector<Item>& items);

/// Whether a text is an id number of a real division: 18 digits with a birth date in them, or a unified social credit
/// code, not of 9999xx.
[[nodiscard]] bool is_real_id(std::string_view text);

}  // namespace datong::drafts
