#include "adapters/soap/soap_adapter.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "adapters/soap/header.h"
#include "core/adapter/http_source.h"
#include "core/adapter/settings.h"
#include "core/codec/http_message.h"
#include "core/crypto/digest.h"
#include "core/envelope/attachments.h"
#include "core/envelope/multipart.h"
#include "core/outbound/sign_settings.h"
#include "core/outbound/signed_source.h"

namespace datong::adapters::soap {
namespace {

using adapter::Ask;
using adapter::Errand;
using adapter::Reply;
using adapter::Setting;
using adapter::Settings;
using outbound::SignedSource;

/// The header lines that an operation always has.
struct Operation {
    std::string path;
    std::string content_type;
    std::string soap_action;  ///< with its quotes; empty: no such header
    std::string service;      ///< to the platform that wants calls signed
    bool keeps_parts{};       ///< attachments come beside the envelope
};

using Operations = std::map<std::string, Operation, std::less<>>;

/// Source: SOAP 1.1, 6.1.1 (SOAPAction, quoted); SOAP 1.2 Part 2, 7.1.4 and RFC 3902 (action parameter).
codec::HttpMessage request_for(const Operation& operation, std::string envelope) {
    codec::HttpMessage request;
    request.method = "POST";
    request.target = operation.path;
    request.set("Content-Type", operation.content_type);
    if (!operation.soap_action.empty()) {
        request.set("SOAPAction", operation.soap_action);
    }
    request.body = std::move(envelope);
    return request;
}

/// A reply with attachments as one envelope; any other as it came.
/// @param keeps_parts  they stand beside it, and their names in it.
Result<Reply> without_parts(Reply reply, bool keeps_parts) {
    if (!envelope::is_multipart(reply.content_type)) {
        return reply;
    }
    auto message = envelope::read_multipart(reply.content_type, reply.body);
    auto text =
        keeps_parts ? message.and_then(envelope::name_attachments) : message.and_then(envelope::inline_attachments);
    if (!text) {
        return fail(std::move(text.error()).within("soap"));
    }
    reply.body = std::move(*text);
    for (std::size_t i = 0; keeps_parts && i < message->parts.size(); ++i) {
        if (i != message->root) {
            reply.parts.push_back({.id = std::to_string(i), .octets = std::move(message->parts[i].body)});
        }
    }
    reply.content_type = "text/xml; charset=utf-8";
    return reply;
}

class SoapAdapter final : public adapter::Adapter {
public:
    SoapAdapter(std::unique_ptr<SignedSource> source, Operations operations, Header header, charset::Charset charset,
                const Clock& clock)
        : source_{std::move(source)},
          operations_{std::move(operations)},
          header_{std::move(header)},
          charset_{charset},
          clock_{clock} {}

    /// A status 500 with a Fault is an answer too: the mapping's unwrap judges.
    boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        if (!what.file.empty()) {
            co_return co_await source_->fetch_file(std::move(what.file), what.most, errand.deadline);
        }
        const auto operation = operations_.find(what.operation);
        if (operation == operations_.end()) {
            co_return fail(Fault::internal, "soap has no operation " + what.operation);
        }
        Result<std::string> octets = std::move(what.body);
        if (!header_.is_empty()) {
            const envelope::Moment moment{.at = clock_.now(), .nonce = crypto::random_bytes(kNonceBytes)};
            octets = header_.put_into(std::move(*octets), charset_, moment);
        }
        if (!octets) {
            co_return fail(std::move(octets.error()));
        }
        auto request = request_for(operation->second, std::move(*octets));
        SignedSource::PutBlock put_block = [this](std::string envelope, const outbound::SoapBlock& block) {
            return header_.add(std::move(envelope), charset_, block);
        };
        auto reply = co_await source_->send(std::move(request), operation->second.service, std::move(errand),
                                            std::move(put_block));
        if (!reply) {
            co_return fail(std::move(reply.error()));
        }
        co_return without_parts(std::move(*reply), operation->second.keeps_parts);
    }

    bool fetches_files() const override { return source_->fetches_files(); }

    boost::asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        auto reached = co_await source_->probe(errand.deadline);
        if (reached && *reached == adapter::Contact::anonymous && !header_.is_empty()) {
            co_return adapter::Contact::reachable;  // what stands in the SOAP header is judged with a call
        }
        co_return reached;
    }

    std::vector<adapter::Warning> warnings() const override {
        std::vector<adapter::Warning> all = source_->warnings();
        for (adapter::Warning& warning : header_.warnings()) {
            all.push_back(std::move(warning));
        }
        return all;
    }

private:
    static constexpr std::size_t kNonceBytes = 16;

    std::unique_ptr<SignedSource> source_;
    Operations operations_;
    Header header_;
    charset::Charset charset_;
    const Clock& clock_;
};

/// What may stand between the quotes of SOAPAction and of the action parameter as it is.
bool is_action(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

Operation read_operation(const Settings& settings, const std::string& charset, Mistakes& mistakes) {
    const std::string& action = settings.text("action");
    if (!is_action(action)) {
        mistakes.push_back(adapter::mistake_at(settings.where("action"), "action 只能含可见 ASCII，且无引号",
                                               "action must be printable ASCII without quotes"));
    }
    if (!adapter::is_path(settings.text("path"))) {
        mistakes.push_back(adapter::mistake_at(settings.where("path"), "path 应以 / 开头，不含 ? # 和空白",
                                               "path must begin with '/' and hold no '?', '#' or blank"));
    }
    Operation operation{.path = settings.text("path"),
                        .service = settings.text("service"),
                        .keeps_parts = settings.text("attachments") == "beside"};
    if (settings.text("version") == "1.1") {
        operation.content_type = "text/xml; charset=" + charset;
        operation.soap_action = '"' + action + '"';
    } else {
        operation.content_type = "application/soap+xml; charset=" + charset;
        operation.content_type += action.empty() ? "" : "; action=\"" + action + '"';
    }
    return operation;
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    if (!has_errors(own)) {
        Operations operations;
        for (const auto& [name, operation] : settings.entries("operations")) {
            operations[name] = read_operation(operation, settings.text("charset"), own);
        }
        auto source = SignedSource::make(settings, tools, own);
        Header header = Header::make(settings, tools, own);
        const auto charset = charset::by_name(settings.text("charset")).value_or(charset::Charset::utf_8);
        if (!has_errors(own)) {
            made = std::make_unique<SoapAdapter>(std::move(source), std::move(operations), std::move(header), charset,
                                                 tools.clock);
        }
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

}  // namespace

adapter::Kind kind() {
    std::vector<Setting> settings = SignedSource::settings();
    settings.push_back({.name = "charset",
                        .otherwise = "utf-8",
                        .help_en = "of the envelope that the mapping makes, for the Content-Type",
                        .help_zh = "映射所生成信封的字符集，写入 Content-Type",
                        .choices = {"utf-8", "gb18030", "gbk", "gb2312"}});
    for (Setting& setting : Header::settings()) {
        settings.push_back(std::move(setting));
    }
    return {.name = "soap",
            .version = "1.0.0",
            .status = "stable",
            .settings = std::move(settings),
            .operation_settings = {{.name = "action",
                                    .help_en = "SOAPAction of SOAP 1.1, action of 1.2",
                                    .help_zh = "SOAP 1.1 的 SOAPAction，1.2 的 action"},
                                   {.name = "version",
                                    .otherwise = "1.1",
                                    .help_en = "of SOAP",
                                    .help_zh = "SOAP 版本",
                                    .choices = {"1.1", "1.2"}},
                                   {.name = "path",
                                    .help_en = "behind url, beginning with '/'",
                                    .help_zh = "接在 url 之后，以 / 开头"},
                                   {.name = "attachments",
                                    .otherwise = "inline",
                                    .help_en = "inline: as Base64 in the envelope; beside: as files of a service, the "
                                               "envelope names them",
                                    .help_zh = "inline：以 Base64 放回信封；beside：作为服务的 files，信封里只有其名",
                                    .choices = {"inline", "beside"}},
                                   outbound::service_setting()},
            .make = make};
}

}  // namespace datong::adapters::soap
