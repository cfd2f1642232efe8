#pragma once

#include <string>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::journeys {

/// A consumer: signs as the native profile says and calls over TLS. One object, one thread.
class Platform {
public:
    Platform(std::string url, std::string keys_folder, std::string consumer);

    /// Shows this client certificate on its connections: NAME.chain.pem and NAME.key.pem of the keys' folder.
    void show_certificate(const std::string& name);

    [[nodiscard]] const std::string& url() const { return url_; }

    /// A signed POST with this body, ready to be sent or to be tampered with.
    [[nodiscard]] codec::HttpMessage prepare(const std::string& target, const std::string& body) const;
    /// A signed GET, without a body.
    [[nodiscard]] codec::HttpMessage prepare_get(const std::string& target) const;
    [[nodiscard]] codec::HttpMessage send(codec::HttpMessage request) const;
    [[nodiscard]] codec::HttpMessage call(const std::string& target, const record::Record& body) const;

    /// Verifies the answer's signature, its digest and that it answers this request.
    [[nodiscard]] Status check_signature(const codec::HttpMessage& answer, const codec::HttpMessage& request) const;

private:
    [[nodiscard]] codec::HttpMessage signed_now(codec::HttpMessage request) const;
    std::string url_;
    std::string keys_;
    std::string consumer_;
    std::string certificate_;
};

[[nodiscard]] std::string read_file(const std::string& path);
void write_text(const std::string& path, const std::string& text);
[[nodiscard]] record::Record json_of(const codec::HttpMessage& message);

}  // namespace datong::journeys
