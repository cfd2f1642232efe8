#pragma once

#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/form.h"

namespace datong::profiles {

/// The form in which gjzwfwpt's gateway is also called: POST {gateway}/gateway/httpproxy with access_key, format,
/// request_id, sign, timestamp, version and biz_content, the last a JSON text.
///
/// The names and the answer ({code: "1" for good, biz_data}) are seen; what `sign` covers is not. One client puts
/// the secret itself there, which shows it to everybody on the way: that is not offered. So what is signed is a
/// setting, by default sid, rid and timestamp as in the header form.
struct FormCall {
    std::string access_key;
    std::string rid;
    std::string sid;
    std::string timestamp;   ///< Unix time in milliseconds, decimal
    std::string request_id;  ///< a UUID
    std::string content;     ///< biz_content
};

/// Parts of the text that is signed, in order: any of access_key, rid, sid, timestamp, request_id, content.
using FormParts = std::vector<std::string>;
[[nodiscard]] const FormParts& default_form_parts();
[[nodiscard]] bool is_form_part(const std::string& name);

[[nodiscard]] std::string form_base(const FormCall& call, const FormParts& parts);
/// Base64 of HMAC-SHA256.
[[nodiscard]] std::string form_sign(const FormCall& call, const FormParts& parts, const Secret& secret);
[[nodiscard]] Status form_verify(const FormCall& call, const FormParts& parts, const Secret& secret,
                                 const std::string& sign);
/// The seven fields, in the platform's order.
[[nodiscard]] std::vector<codec::FormField> form_fields(const FormCall& call, const std::string& sign);

}  // namespace datong::profiles
