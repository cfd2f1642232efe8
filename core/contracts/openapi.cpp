#include "core/contracts/openapi.h"

#include <string>
#include <utility>

namespace datong::contracts {
namespace {

using record::Record;

Record text(std::string_view value) {
    return Record::text(std::string{value});
}

Record object(std::string_view name, Record value) {
    Record made = Record::object();
    made.put(std::string{name}, std::move(value));
    return made;
}

Record content(std::string_view type, std::string_view schema) {
    return object(type, object("schema", object("$ref", text("#/components/schemas/" + std::string{schema}))));
}

/// A header line that the native profile asks for or gives.
Record header(std::string_view name, std::string_view description) {
    Record parameter = Record::object();
    parameter.put("name", text(name));
    parameter.put("in", text("header"));
    parameter.put("required", Record::boolean(true));
    parameter.put("description", text(description));
    parameter.put("schema", object("type", text("string")));
    return parameter;
}

Record response(std::string_view description, std::string_view type, std::string_view schema) {
    Record made = object("description", text(description));
    made.put("content", content(type, schema));
    return made;
}

Record responses_of(const Contract& contract) {
    Record all = Record::object();
    all.put("200", response("答复，网关签名 (an answer, signed by the gateway)", "application/json", "Answer"));
    if (contract.may_wait) {
        Record later =
            response("尚无最终结果，见 Location (the last word will be at Location)", "application/json", "Answer");
        Record location = object("description", text("何处以签名 GET 查询 (where a signed GET asks for it)"));
        location.put("schema", object("type", text("string")));
        later.put("headers", object("Location", std::move(location)));
        all.put("202", std::move(later));
    }
    all.put("default", response("问题：代码、应由谁处理、怎样处理 (a problem: code, whose it is, what to do)",
                                "application/problem+json", "Problem"));
    return all;
}

/// How a file is fetched that an answer names by its address.
Record file_operation() {
    Record get = Record::object();
    get.put("operationId", text("file"));
    get.put("summary", text("取答复中按地址给出的文件，只限原调用方、在 until 之前"));
    Record parameters = Record::list();
    for (const char* name : {"exchange", "number"}) {
        Record parameter = Record::object();
        parameter.put("name", text(name));
        parameter.put("in", text("path"));
        parameter.put("required", Record::boolean(true));
        parameter.put("schema", object("type", text("string")));
        parameters.add(std::move(parameter));
    }
    parameters.add(header("Signature-Input",
                          "RFC 9421: @method, @authority, @path, @query; created, nonce, keyid, tag=\"datong\""));
    parameters.add(header("Signature", "RFC 9421"));
    get.put("parameters", std::move(parameters));
    Record octets = object("description", text("文件原样，Content-Digest 由网关签名 (the file's own octets)"));
    octets.put("content", object("*/*", object("schema", object("format", text("binary")))));
    Record all = Record::object();
    all.put("200", std::move(octets));
    all.put("default", response("问题：404 no_such_resource，file.gone 地址已失效 (a problem)",
                                "application/problem+json", "Problem"));
    get.put("responses", std::move(all));
    return get;
}

Record operation_of(const Contract& contract) {
    Record post = Record::object();
    post.put("operationId", text(contract.id));
    post.put("summary", text(contract.title));
    Record parameters = Record::list();
    parameters.add(header("Content-Digest", "RFC 9530, sha-256"));
    parameters.add(header("Signature-Input",
                          "RFC 9421: @method, @authority, @path, @query, content-digest, content-type; "
                          "created, nonce, keyid, tag=\"datong\""));
    parameters.add(header("Signature", "RFC 9421"));
    post.put("parameters", std::move(parameters));
    Record body = object("required", Record::boolean(true));
    body.put("content", content("application/json", "Call"));
    post.put("requestBody", std::move(body));
    post.put("responses", responses_of(contract));
    return post;
}

}  // namespace

Record openapi_of(const Contract& contract, std::string_view base) {
    Record info = object("title", text(contract.title));
    info.put("version", text(contract.version));
    if (!contract.title_en.empty()) {
        info.put("description", text(contract.title_en));
    }
    Record schemas = Record::object();
    schemas.put("Call", contract.call);
    schemas.put("Answer", contract.answer);
    schemas.put("Problem", problem_schema());
    Record servers = Record::list();
    servers.add(object("url", text(base)));
    Record made = object("openapi", text("3.1.0"));
    made.put("info", std::move(info));
    made.put("servers", std::move(servers));
    Record paths = object(contract.path, object("post", operation_of(contract)));
    if (contract.has_files) {
        paths.put("/v1/exchanges/{exchange}/files/{number}", object("get", file_operation()));
    }
    made.put("paths", std::move(paths));
    made.put("components", object("schemas", std::move(schemas)));
    return made;
}

}  // namespace datong::contracts
