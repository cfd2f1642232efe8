#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/base/result.h"

namespace datong::descriptions {

/// Something that a person must fill in or look at, for a description does not say it.
struct Gap {
    std::string text_zh;
    std::string text_en;
};

/// A value, or a group of values, of a department's interface as its description says it.
struct Shape {
    std::string name;
    std::string label;         ///< what the description says about it, one line
    std::string type{"text"};  ///< of source/v1; "object" has members
    bool many{};               ///< comes any number of times
    bool nullable{};
    std::vector<std::string> codes;
    std::size_t max_length{};  ///< characters; 0: not said
    std::vector<Shape> members;

    [[nodiscard]] bool is_object() const { return type == "object"; }
};

struct Operation {
    std::string name;
    std::string label;
    Shape input;   ///< an object
    Shape output;  ///< an object
    std::vector<Gap> gaps;

    // SOAP
    std::string version{"1.1"};
    std::string action;                                      ///< SOAPAction
    std::string element;                                     ///< name of Body's child
    std::string uri;                                         ///< its namespace
    std::string style{"rpc"};                                ///< as docs/mapping.md has it: rpc, rpc-encoded, document
    std::vector<std::pair<std::string, std::string>> types;  ///< of rpc-encoded, where not "string"
    std::string take;            ///< the one member of the answer that holds the record; empty: the answer itself
    bool data_set{};             ///< the answer is a .NET DataSet, whose columns the description does not say
    std::vector<Shape> headers;  ///< header blocks that are wanted, with `label` their namespace

    // REST
    std::string method;
    std::string path;                ///< with {NAME}
    std::vector<std::string> query;  ///< fields that stand in the query
    bool json_body{};
};

/// What a description says of one interface.
struct Interface {
    bool is_soap{};
    std::string url;  ///< empty: it does not say
    std::vector<Operation> operations;
};

struct Choice {
    std::string service;    ///< of a WSDL; empty: the only one
    std::string port;       ///< of a WSDL; empty: the first one over SOAP
    std::string operation;  ///< empty: all
};

/// A file beside the description, by a name that location.h made.
using ReadNear = std::function<Result<std::string>(const std::string& name)>;

/// The most that is read, whatever the description says.
inline constexpr std::size_t kMostBytes = 4U << 20;  ///< of one file
inline constexpr std::size_t kMostFiles = 64;
inline constexpr std::size_t kMostFields = 1000;  ///< of one operation
inline constexpr int kDeepest = 12;               ///< levels of a record

/// I101 too large, I102 not what it should be (a DTD among them), I103 a file that may not or can't be read, I104
/// imports that go round or are too many, I105 what is wanted is not in it.
[[nodiscard]] Mistake mistake(const std::string& file, std::string code, const std::string& text_zh,
                              const std::string& text_en, const std::string& hint = {});

/// Counts the fields of one operation while its shapes are made.
struct Budget {
    std::size_t fields{};
    [[nodiscard]] bool spend() { return ++fields <= kMostFields; }
};

/// A text on one line, without control characters, so that it can end no line and no comment.
/// @param most  characters that are kept.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most = 80);
inline constexpr std::size_t kMostOfAGap = 500;  ///< characters

}  // namespace datong::descriptions
