#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/frame/part.h"
#include "core/adapter/settings.h"
#include "core/base/result.h"

namespace datong::adapters::frame {

/// How the frames of one direction are built: checked once, then only read. Octets throughout; no part
/// knows a charset.
class Layout {
public:
    /// Gives the value of a field of the request; nullptr when nobody says one.
    using ValueOf = std::function<const std::string*(const std::string& name)>;

    Layout() = default;
    /// The settings of one part.
    [[nodiscard]] static std::vector<adapter::Setting> part_settings();
    /// @param setting  "request" or "reply": the map of parts, in the order of the wire.
    /// @return of use only when no mistake was added.
    [[nodiscard]] static Layout read(const adapter::Settings& settings, std::string_view setting, Mistakes& mistakes);

    /// @param key  of the mac parts.
    /// @return the frame; Fault::request_invalid for a value that is no printable ASCII or longer than its
    ///         field, and for a body whose length does not fit into its length part.
    [[nodiscard]] Result<std::string> write(const ValueOf& value_of, std::string_view body, std::string_view key) const;

    /// Octets to read before rest_size() can say how many follow. Without a length part 0: the frame ends
    /// where the department closes the connection.
    [[nodiscard]] std::size_t head_size() const { return head_size_; }
    /// @param head  head_size() octets.
    /// @return how many octets follow; Fault::department_invalid when the length is no number, or less than
    ///         the fixed parts need.
    [[nodiscard]] Result<std::size_t> rest_size(std::string_view head) const;

    /// @param frame  whole.
    /// @return its body; Fault::department_invalid when a constant differs, octets are missing or too many,
    ///         the length is not that of the parts it counts, or a check value is wrong.
    [[nodiscard]] Result<std::string> body_of(std::string_view frame, std::string_view key) const;

    /// What stands in a field, without what fills it up.
    /// @param frame  whole, as body_of takes it.
    [[nodiscard]] std::string field_of(std::string_view frame, std::string_view name) const;

    [[nodiscard]] bool has_mac() const;
    [[nodiscard]] std::vector<std::string> field_names() const;

private:
    friend class LayoutReader;

    [[nodiscard]] std::string mac_of(const Part& part, const std::vector<std::string_view>& octets,
                                     std::string_view key) const;
    [[nodiscard]] Result<std::size_t> number_in(const Part& part, std::string_view octets) const;
    [[nodiscard]] Result<std::string> written_length(const Part& part, const std::vector<std::string>& octets) const;
    [[nodiscard]] Status check_part(const Part& part, const std::vector<std::string_view>& octets,
                                    std::string_view key) const;
    [[nodiscard]] std::size_t sum_of_sizes(const std::vector<std::size_t>& places) const;

    std::vector<Part> parts_;
    std::size_t length_at_{};  ///< place of the length part; parts_.size() without one
    std::size_t head_size_{};
    std::size_t fixed_size_{};  ///< of all parts but the body
};

}  // namespace datong::adapters::frame
