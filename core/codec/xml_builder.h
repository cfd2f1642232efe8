#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/codec/xml.h"
#include "core/record/record.h"

namespace datong::codec {

/// Builds the Record of one document from a parser's events, in the shape that read_xml promises.
/// Finished children wait on one stack until their parent ends, so that each object is allocated once.
class XmlBuilder {
public:
    explicit XmlBuilder(const XmlLimits& limits);

    /// All return false when a limit is passed; reason() says which.
    /// @param name  stays valid, at the same address for the same name, until the document ends.
    [[nodiscard]] bool start(std::string_view name, std::string_view uri);
    [[nodiscard]] bool attribute(std::string_view name, std::string value);
    void text(std::string_view part);
    void end();

    [[nodiscard]] const char* reason() const noexcept { return reason_; }
    [[nodiscard]] std::optional<XmlRoot>& root() noexcept { return root_; }

private:
    struct Child {
        std::string_view name;
        bool is_attribute{};
        record::Record value;
    };
    struct Open {
        std::string_view name;
        std::size_t first_child{};
        std::size_t attributes{};
        std::string text;
    };

    [[nodiscard]] std::string_view qualified(std::string_view name, std::string_view uri);
    [[nodiscard]] bool refuse(const char* reason);
    [[nodiscard]] bool count_node();
    [[nodiscard]] record::Record content_of(Open& element);
    void move_children(record::Record::Object& members, std::size_t first, std::size_t last);

    const XmlLimits& limits_;
    std::map<std::pair<const char*, std::size_t>, std::string> qualified_;  ///< by name's address and namespace
    std::vector<Open> open_;
    std::vector<Child> children_;
    std::size_t nodes_{};
    const char* reason_{};
    std::string root_name_;
    std::string root_uri_;
    std::optional<XmlRoot> root_;
};

}  // namespace datong::codec
