#include <memory>

#include "core/app/signature_tools.h"
#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

constexpr const char* kKeysHelp =
    "可信公钥: JWKS, 或 PEM 公钥、证书 the keys that you trust: JWKS, or one in PEM; - for input";

void add_verify_http(Command& app, int& code) {
    Command* verify = app.add_subcommand("verify-http", "验证 HTTP 签名 Verify an HTTP message signature (RFC 9421)");
    const auto options = std::make_shared<VerifyHttpOptions>();
    verify->add_option("FILE", options->message, "报文 request or response as on the wire; - for input")->required();
    verify->add_option("--keys", options->keys, kKeysHelp)->required();
    verify->add_option("--request", options->request, "响应所对应的请求 the request that a response belongs to");
    verify->add_option("--label", options->label, "签名标签 which signature, where there are several");
    verify->add_option("--scheme", options->scheme, "https 或 or http")
        ->capture_default_str()
        ->check(one_of({"https", "http"}));
    verify->footer(
        "例 example:\n"
        "  datong keys > trust.jwks\n"
        "  datong verify-http request.http --keys trust.jwks\n"
        "  datong verify-http answer.http --request request.http --keys trust.jwks\n"
        "时效和重放不在此判断 Whether it is fresh or replayed is not judged here.\n"
        "退出码 exit code: 0 有效 valid, 1 无效 invalid, 2 文件或参数有误 a wrong file or option.");
    verify->callback([options, &code] { code = verify_http_message(*options); });
}

void add_verify_jws(Command& app, int& code) {
    Command* verify = app.add_subcommand("verify-jws", "验证 JWS Verify a certificate or another compact JWS");
    const auto options = std::make_shared<VerifyJwsOptions>();
    verify->add_option("FILE", options->file, "JWS; 缺省为标准输入 without it standard input");
    verify->add_option("--keys", options->keys, kKeysHelp)->required();
    verify->add_option("--payload", options->payload, "分离的内容 what a detached JWS signs (RFC 7515, appendix F)");
    verify->add_flag("--show", options->show, "有效时只输出内容 print the payload alone when it is valid");
    verify->footer(
        "例 example:\n"
        "  jq -r .certificate answer.json | datong verify-jws --keys trust.jwks\n"
        "退出码 exit code: 0 有效 valid, 1 无效 invalid, 2 文件或参数有误 a wrong file or option.");
    verify->callback([options, &code] { code = verify_jws_file(*options); });
}

void add_verify_xml(Command& app, int& code) {
    Command* verify = app.add_subcommand("verify-xml", "验证 XML 签名 Verify XML signatures, of SOAP messages too");
    const auto options = std::make_shared<VerifyXmlOptions>();
    verify->add_option("FILE", options->file, "缺省为标准输入 without it standard input");
    Option* keys = verify->add_option("--key", options->keys, "PEM 公钥或证书 public key or certificate you trust");
    Option* secret = verify->add_option("--secret", options->secret, "HMAC 密钥文件 file with the key's octets");
    verify
        ->add_flag("--key-in-message", options->own_key,
                   "用报文自带的公钥 believe the key in the message: proves no sender")
        ->excludes(keys)
        ->excludes(secret);
    verify->add_flag("--report", options->report, "JSON: 哪些元素被签名 which elements are signed");
    verify->footer(
        "例 example:\n"
        "  datong verify-xml request.xml --key platform.pem --report\n"
        "退出码 exit code: 0 有效 valid, 1 无效或被规则拒绝 invalid, or refused by a rule of the profile.");
    verify->callback([options, &code] { code = verify_xml_file(*options); });
}

void add_jcs(Command& app, int& code) {
    Command* jcs = app.add_subcommand("jcs", "规范化 JSON Print JSON in its one canonical spelling (RFC 8785)");
    const auto file = std::make_shared<std::string>("-");
    const auto digest = std::make_shared<bool>(false);
    jcs->add_option("FILE", *file, "缺省为标准输入 without it standard input");
    jcs->add_flag("--digest", *digest, "只输出 SHA-256 print its SHA-256 instead");
    jcs->footer(
        "例 example:\n"
        "  jq .content answer.json | datong jcs --digest\n"
        "输出不带换行 The output ends without a line break: what is signed has none.\n"
        "退出码 exit code: 0, 1 不能规范化 can't be canonicalised, 2 文件有误 a wrong file.");
    jcs->callback([file, digest, &code] { code = print_canonical(*file, *digest); });
}

}  // namespace

void add_signature_tools(Command& app, int& code) {
    add_verify_http(app, code);
    add_verify_jws(app, code);
    add_verify_xml(app, code);
    add_jcs(app, code);
}

}  // namespace datong::app
