#pragma once

#include <cstddef>
#include <string>

#include "adapters/plugin/include/datong/adapter_abi.h"
#include "core/adapter/adapter.h"

namespace datong::adapters::plugin {

/// Takes what a plug-in gives during one call, and believes none of it. Used by the call's one thread.
class Answer {
public:
    /// @param most  bytes of body, or of all names and values together; rows and fields count 16 each.
    explicit Answer(std::size_t most) : most_{most} {}
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    /// The functions that the plug-in calls; good as long as this is.
    [[nodiscard]] datong_answer border();

    /// What came of the call.
    /// @param outcome  as returned, perhaps no member of datong_outcome.
    /// @return Fault by the outcome; department_invalid when the answer breaks the ABI or the limit, or
    ///         there is none though the outcome says so.
    [[nodiscard]] Result<adapter::Reply> finish(int outcome);
    /// The same of a probe or open, where there is nothing but the outcome.
    [[nodiscard]] Status finish_without_reply(int outcome) const;
    /// What it explained: printable UTF-8, at most 500 bytes.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
    int take_body(std::int32_t status, datong_bytes content_type, datong_bytes octets);
    int take_row(datong_bytes set, const datong_field* fields, std::size_t count);
    int take_why(datong_bytes why);
    /// Notes the first thing that is wrong. @return what the border returns for it.
    int spoil(const char* what);
    int spoil_by_size();
    [[nodiscard]] Error spoilt() const;
    [[nodiscard]] bool has_room(std::size_t more);

    std::size_t most_;
    std::size_t taken_{};
    bool has_body_{};
    bool has_rows_{};
    const char* spoilt_{};
    bool is_over_{};  ///< and it is the size alone
    std::string why_;
    adapter::Reply reply_;
};

}  // namespace datong::adapters::plugin
