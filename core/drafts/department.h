#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/drafts/items.h"

namespace datong::drafts {

/// What is known of a department that shall be connected.
struct DepartmentWish {
    std::string id;         ///< [a-z][a-z0-9-]*
    std::string title;      ///< "示例市残疾人联合会"
    std::string adapter;    ///< "rest", "soap", "sql", "exchange_table", "file", "frame" or "queue"
    std::string operation;  ///< as the department calls it; [A-Za-z][A-Za-z0-9_-]*
    std::string service;    ///< [a-z][a-z0-9-]*
    std::string division;   ///< of the gateway, such as "999900"
    std::string sample;     ///< a reply as the department sends it; empty: made of `items`
    std::vector<Item> items;
    std::vector<std::string> take;  ///< paths down to the record; empty: guessed
    std::string person_id;          ///< path of the field with the person's id number; empty: guessed
    std::string person_name;        ///< and of their name
    std::string from;               ///< first and last day of the sandbox grant: "2026-03-01"
    std::string to;
    bool has_sandbox_consumer{};  ///< there is one already
};

struct DraftFile {
    std::string path;  ///< with '/', below config/ or mappings/
    std::string text;
};

/// A remark for whoever goes on from here.
struct Remark {
    std::string zh;
    std::string en;
};

struct DepartmentDraft {
    std::vector<DraftFile> config;
    std::vector<DraftFile> mappings;
    std::vector<std::string> keys;  ///< names of the key pairs that the files speak of
    std::vector<Remark> remarks;
};

/// The adapters that there are skeletons for.
[[nodiscard]] const std::vector<std::string>& drafted_adapters();

/// A skeleton that passes `datong check` and `datong map test` as it is: department with source, service with its
/// request and response mapping, code tables, source and unified schemas, tests, a sample question, a joint-test case,
/// and a grant for a sandbox consumer. Guesses are marked as such.
/// @return Fault::bad_request with what to do: no record in the sample, no field that names the person (person_id),
///         a real person's number in the sample.
[[nodiscard]] Result<DepartmentDraft> draft_department(const DepartmentWish& wish);

}  // namespace datong::drafts
