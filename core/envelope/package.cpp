#include "core/envelope/package.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::envelope {
namespace {

constexpr std::string_view kRoot = "envelope@datong";

std::string part_head(const std::string& boundary, std::string_view content_id, std::string_view media_type) {
    std::string out = "--" + boundary + "\r\nContent-Type: ";
    out.append(media_type).append("\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <").append(content_id);
    return out + ">\r\n\r\n";
}

}  // namespace

std::string include_of(std::string_view content_id) {
    return R"(<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:)" + std::string{content_id} +
           R"("></xop:Include>)";
}

Package pack(std::string_view envelope, std::string_view version, const std::vector<PackagedFile>& files) {
    constexpr std::size_t kOctets = 18;
    // nobody who makes a file knows it, so that no file can hold it
    const std::string boundary = "datong-" + to_base64url(crypto::random_bytes(kOctets));
    const std::string type = version == "1.2" ? "application/soap+xml" : "text/xml";
    Package made{.content_type = "multipart/related; type=\"application/xop+xml\"; boundary=\"" + boundary +
                                 "\"; start=\"<" + std::string{kRoot} + ">\"; start-info=\"" + type + '"',
                 .begin = part_head(boundary, kRoot, "application/xop+xml; charset=UTF-8; type=\"" + type + '"')};
    made.begin.append(envelope).append("\r\n");
    std::string between;
    for (const PackagedFile& file : files) {
        between += part_head(boundary, file.content_id, file.media_type);
        if (made.rest.empty()) {
            made.begin += between;
        } else {
            made.rest.push_back(std::make_shared<const std::string>(std::move(between)));
        }
        made.rest.push_back(file.octets);
        between = "\r\n";
    }
    made.rest.push_back(std::make_shared<const std::string>("\r\n--" + boundary + "--\r\n"));
    return made;
}

}  // namespace datong::envelope
