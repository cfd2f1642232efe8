#include "core/envelope/attachments.h"

#include "core/codec/json.h"
#include "core/codec/soap.h"
#include "tests/support/catch.h"

using namespace datong;
using envelope::Multipart;
using envelope::Part;

namespace {

constexpr const char* kInclude = "<x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:a%40b\"/>";

std::string soap(const std::string& body) {
    return "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>" + body +
           "</e:Body></e:Envelope>";
}

Multipart with(const std::string& body, std::vector<Part> more) {
    Multipart message;
    message.parts.push_back({.content_id = "root", .content_type = "text/xml; charset=UTF-8", .body = soap(body)});
    for (Part& part : more) {
        message.parts.push_back(std::move(part));
    }
    return message;
}

const Part kFile{.content_id = "a@b", .content_type = "application/ofd", .body = std::string{"\0\1\2", 3}};

/// What a mapping reads.
std::string read(const Multipart& message) {
    const auto text = envelope::inline_attachments(message);
    if (!text) {
        return "refused: " + text.error().detail();
    }
    const auto soap = codec::read_soap(*text, false);
    return soap ? codec::write_json(soap->body) : "no SOAP: " + soap.error().detail();
}

}  // namespace

TEST_CASE("an attachment stands as Base64 where the envelope points at it", "[envelope]") {
    struct Row {
        const char* why;
        std::string body;
        const char* wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"MTOM", std::string{"<r><f>"} + kInclude + "</f><n>甲</n></r>", R"({"f":"AAEC","n":"甲"})"},
        {"SwA by href", "<r><f href=\"cid:a@b\"/></r>", R"({"f":"AAEC"})"},
        {"swaRef", "<r><f>cid:a%40b</f></r>", R"({"f":"AAEC"})"},
        {"nobody points", "<r><n>1</n></r>",
         R"({"n":"1","attachments":{"part":{"@id":"a@b","@type":"application/ofd","#text":"AAEC"}}})"},
        {"a text that only looks like a pointer", "<r><f>cid:other</f></r>",
         R"({"f":"cid:other","attachments":{"part":{"@id":"a@b","@type":"application/ofd","#text":"AAEC"}}})"},
    }));
    CAPTURE(row.why);
    CHECK(read(with(row.body, {kFile})) == row.wanted);
}

TEST_CASE("a root part is read in the charset that its head or its declaration names", "[envelope]") {
    Multipart message = with("", {});
    message.parts[0].body = soap("<r>\xD5\xC5</r>");
    message.parts[0].content_type = "text/xml; charset=\"GBK\"";
    CHECK(read(message) == "\"张\"");
    message.parts[0].content_type = "text/xml";
    message.parts[0].body.insert(0, "<?xml version=\"1.0\" encoding=\"GB2312\"?>");
    CHECK(read(message) == "\"张\"");
}

TEST_CASE("pointers that lead nowhere or multiply are refused", "[envelope][security]") {
    struct Row {
        const char* why;
        std::string body;
        const char* wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"twice", std::string{"<r><f>"} + kInclude + "</f><g>" + kInclude + "</g></r>", "twice"},
        {"nowhere", "<r><f href=\"cid:no\"/></r>", "did not come"},
        {"at the root itself", "<r><f href=\"cid:root\"/></r>", "twice"},
        {"no cid", "<r><x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"file:///etc/passwd\"/></r>",
         "did not come"},
        {"a DTD", "<!DOCTYPE x><r/>", "refused"},
    }));
    CAPTURE(row.why);
    const std::string got = read(with(row.body, {kFile}));
    CHECK(got.starts_with("refused: "));
    CHECK_THAT(got, ContainsSubstring(row.wanted));
}

TEST_CASE("an Include that does not stand alone is refused before anything is freed", "[envelope][security]") {
    struct Row {
        const char* why;
        std::string body;
        const char* wanted;
    };
    const std::string other =
        "<x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:other\"><y/></x:Include>";
    const auto row = GENERATE_COPY(values<Row>({
        {"an element behind it", std::string{"<r><f>"} + kInclude + "<x/></f></r>", "alone"},
        {"many behind it", std::string{"<r>"} + kInclude + "<x/><y><z>cid:other</z></y><w/></r>", "alone"},
        {"an element before it", std::string{"<r><f><x/>"} + kInclude + "</f></r>", "alone"},
        {"two", std::string{"<r><f>"} + kInclude + other + "</f></r>", "alone"},
        {"text beside it", std::string{"<r><f>one"} + kInclude + "</f></r>", "alone"},
        {"a comment beside it", std::string{"<r><f><!-- one -->"} + kInclude + "</f></r>", "alone"},
        {"in the Body", kInclude, "in place of the message"},
        {"in the Body beside the answer", std::string{kInclude} + "<r/>", "alone"},
    }));
    CAPTURE(row.why);
    const Part another{.content_id = "other", .content_type = "text/plain", .body = "2"};
    const std::string got = read(with(row.body, {kFile, another}));
    CHECK(got.starts_with("refused: "));
    CHECK_THAT(got, ContainsSubstring(row.wanted));
    CHECK(read(with(std::string{"<r><f>\n  "} + kInclude + " </f><g>" + other + "</g></r>", {kFile, another})) ==
          R"({"f":"AAEC","g":"Mg=="})");
}

TEST_CASE("an Include beside the Body is refused", "[envelope][security]") {
    Multipart message = with("<r/>", {kFile});
    const std::string envelope = message.parts[0].body;
    message.parts[0].body.insert(envelope.find("<e:Body>"), kInclude);
    CHECK_THAT(read(message), ContainsSubstring("refused: ") && ContainsSubstring("alone"));
    message.parts[0].body = envelope;
    message.parts[0].body.insert(envelope.rfind("</e:Envelope>"), kInclude);
    CHECK_THAT(read(message), ContainsSubstring("refused: ") && ContainsSubstring("alone"));
}

TEST_CASE("a part's own head can't become markup", "[envelope][security]") {
    Part bad = kFile;
    bad.content_id = "\"/><admin x=\"";
    bad.content_type = "\xFF\x01";
    CHECK(read(with("<r/>", {bad})) ==
          R"({"attachments":{"part":{"@id":"\"/><admin x=\"","@type":"","#text":"AAEC"}}})");
}

TEST_CASE("nothing is added to a Fault, and a root that is no envelope is refused", "[envelope][security]") {
    CHECK(read(with("<e:Fault><faultcode>e:Server</faultcode></e:Fault>", {kFile})) == R"({"faultcode":"e:Server"})");
    Multipart message = with("<r/>", {});
    message.parts[0].body = "<html/>";
    CHECK(read(message).starts_with("refused: "));
    message.parts[0].body = "\xFF" + soap("<r/>");
    CHECK(read(message).starts_with("refused: "));
}

TEST_CASE("an attachment may be named where its Base64 would stand", "[envelope]") {
    const auto named = [](const std::string& body, std::vector<Part> parts) {
        const auto text = envelope::name_attachments(with(body, std::move(parts)));
        return text ? codec::write_json(codec::read_soap(*text, false)->body) : "refused: " + text.error().detail();
    };
    CHECK(named(std::string{"<r><f>"} + kInclude + "</f></r>", {kFile}) == R"({"f":"cid:1"})");
    CHECK(named("<r><n>1</n></r>", {kFile}) ==
          R"({"n":"1","attachments":{"part":{"@id":"a@b","@type":"application/ofd","#text":"cid:1"}}})");
    CHECK_THAT(named(std::string{"<r><f>"} + kInclude + "</f><g>" + kInclude + "</g></r>", {kFile}),
               ContainsSubstring("pointed at twice"));
}
