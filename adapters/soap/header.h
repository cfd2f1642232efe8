#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/adapter/settings.h"
#include "core/charset/charset.h"
#include "core/envelope/security.h"
#include "core/envelope/signature.h"
#include "core/envelope/tree.h"
#include "core/outbound/scheme.h"

namespace datong::adapters::soap {

/// What a source's settings put into the Header of every call: constant blocks, and WS-Security. Immutable; may be used
/// from many threads.
class Header {
public:
    [[nodiscard]] static std::vector<adapter::Setting> settings();
    [[nodiscard]] static Header make(const adapter::Settings& settings, const adapter::Tools& tools,
                                     Mistakes& mistakes);

    [[nodiscard]] bool is_empty() const { return blocks_.empty() && !secures_; }

    /// The mapping's envelope with the header in it, in the same charset, which its XML declaration says.
    /// @param envelope  octets of `charset`.
    /// @return Fault::internal when the mapping made no envelope of that charset.
    [[nodiscard]] Result<std::string> put_into(std::string envelope, charset::Charset charset,
                                               const envelope::Moment& moment) const;

    /// One more block, made for this call, behind those that are there.
    [[nodiscard]] Result<std::string> add(std::string envelope, charset::Charset charset,
                                          const outbound::SoapBlock& block) const;

    [[nodiscard]] std::vector<adapter::Warning> warnings() const;

private:
    [[nodiscard]] static Result<envelope::Tree> read(const std::string& envelope, charset::Charset charset);
    [[nodiscard]] Result<std::string> write(const envelope::Tree& tree, charset::Charset charset) const;

    struct Block {
        std::string name;
        std::string uri;
        adapter::Settings::Map values;
    };

    void read_signer(const adapter::Settings& settings, const adapter::Tools& tools, Mistakes& mistakes);

    std::vector<Block> blocks_;
    bool secures_{};
    bool is_plain_http_{};
    envelope::Security security_;
    std::optional<envelope::Signer> signer_;
    std::string charset_name_;
};

}  // namespace datong::adapters::soap
