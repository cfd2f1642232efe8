// A consumer by gSOAP: the stub is made of the gateway's own WSDL, messages are signed and verified by gSOAP's wsse
// plug-in alone. Compiled by the test; gSOAP is GPL, and nothing of it is part of datong.
//
//   sign   KEY CERT TO                                 the signed message on standard output
//   call   KEY CERT TO CA GATEWAY_KEY ANSWER           signs, sends, keeps the answer's XML, verifies it
//   verify GATEWAY_KEY ANSWER [FILE]                   an answer that was kept; its file goes to FILE
//   mtom   KEY CERT TO CA ANSWER FILE                  signs, sends, takes the answer by MTOM: its file goes to FILE,
//   its
//                                                      XML with the file's Base64 put back to ANSWER; verifies nothing
//
// Key files are PEM. The question is that of the demo household; its words come from the environment as DEMO_*.
// FILE and mtom are there when it is compiled with -DWITH_FILE, against the stub of a service that has one.
// Exit code 0: it verifies; 1: refused, why is on standard output.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "plugin/wsseapi.h"
#include "soap11.nsmap"
#include "soapH.h"

namespace {

std::string sent;
std::string received;
const std::string accept = std::getenv("DEMO_MTOM") == nullptr ? "" : "Accept: multipart/related, application/xop+xml";
int (*usual_recv)(struct soap*, char*, size_t);

int keep_sent(struct soap*, const char* octets, size_t size) {
    sent.append(octets, size);
    return SOAP_OK;
}

SOAP_SOCKET no_connection(struct soap*, const char*, const char*, int) {
    return 1;  // nothing is sent on it: keep_sent has it all
}

int no_close(struct soap*) {
    return SOAP_OK;
}

size_t keep_received(struct soap* soap, char* octets, size_t size) {
    const size_t got = usual_recv != nullptr ? static_cast<size_t>(usual_recv(soap, octets, size)) : 0;
    received.append(octets, got);
    return got;
}

std::string env(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : value;
}

EVP_PKEY* private_key(const char* file) {
    std::FILE* in = std::fopen(file, "r");
    EVP_PKEY* key = in == nullptr ? nullptr : PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
    if (in != nullptr) {
        std::fclose(in);
    }
    return key;
}

EVP_PKEY* public_key(const char* file) {
    std::FILE* in = std::fopen(file, "r");
    EVP_PKEY* key = in == nullptr ? nullptr : PEM_read_PUBKEY(in, nullptr, nullptr, nullptr);
    if (in != nullptr) {
        std::fclose(in);
    }
    return key;
}

int refused(struct soap* soap, const char* what) {
    std::cout << "refused: " << what << '\n';
    soap_stream_fault(soap, std::cout);
    return 1;
}

std::string fresh_id() {
    std::ostringstream id;
    id << "gsoap-" << std::hex << soap_random << soap_random << soap_random;
    return id.str();
}

std::string* optional_text(struct soap* soap, const char* name) {
    const std::string value = env(name);
    std::string* text = value.empty() ? nullptr : soap_new_std__string(soap);
    if (text != nullptr) {
        *text = value;
    }
    return text;
}

_ns1__call question(struct soap* soap) {
    _ns1__call call;
    call.context.purpose = env("DEMO_PURPOSE");
    call.context.matter = optional_text(soap, "DEMO_MATTER");
    call.context.case_USCOREnumber = optional_text(soap, "DEMO_CASE");
    call.context.operator_.account = "window-07";
    call.context.operator_.division = env("DEMO_DIVISION");
    call.context.subject = soap_new__ns1__call_context_subject(soap);
    call.context.subject->name = env("DEMO_NAME");
    call.context.subject->id_USCOREno = env("DEMO_ID");
    call.context.subject->id_USCOREtype = optional_text(soap, "DEMO_ID_TYPE");
    return call;
}

/// Header, Timestamp, token and the order to sign Body and all that has an id.
bool prepare(struct soap* soap, char** args) {
    soap->header = soap_new_SOAP_ENV__Header(soap);
    soap->header->ns3__Call = soap_new__ns3__Call(soap);
    soap->header->ns3__Call->id = fresh_id();
    soap->header->ns3__Call->to = soap_new_std__string(soap);
    *soap->header->ns3__Call->to = args[4];
    soap_wsse_set_wsu_id(soap, "ns3:Call");
    EVP_PKEY* key = private_key(args[2]);
    return key != nullptr && soap_wsse_add_Timestamp(soap, "Time", 120) == SOAP_OK &&
           soap_wsse_add_BinarySecurityTokenPEM(soap, "X509Token", args[3]) == SOAP_OK &&
           soap_wsse_add_KeyInfo_SecurityTokenReferenceX509(soap, "#X509Token") == SOAP_OK &&
           soap_wsse_sign_body(soap, SOAP_SMD_SIGN_RSA_SHA256, key, 0) == SOAP_OK;
}

int judge(struct soap* soap, const _ns1__answer& answer) {
    if (soap_wsse_verify_Timestamp(soap) != SOAP_OK) {
        return refused(soap, "the time");
    }
    // Not soap_wsse_verify_body(): it wants to count exactly one Body, and gSOAP 2.8.124 counts the one Body of an
    // answer twice. 0 would mean that one of them is not signed.
    if (soap_wsse_verify_element(soap, "http://www.w3.org/2003/05/soap-envelope", "Body") < 1 ||
        soap_wsse_verify_element(soap, "urn:datong:call:1", "Call") < 1) {
        return refused(soap, "Body or Call is not signed");
    }
    std::cout << "valid: " << answer.service << '\n';
    return 0;
}

int sign(struct soap* soap, char** args) {
    soap->fopen = no_connection;
    soap->fsend = keep_sent;
    soap->fclose = no_close;
    if (!prepare(soap, args)) {
        return refused(soap, "can't sign");
    }
    _ns1__call call = question(soap);
    if (soap_send___ns1__call(soap, "http://127.0.0.1/", "", &call) != SOAP_OK) {
        return refused(soap, "can't write");
    }
    std::cout << sent.substr(sent.find("\r\n\r\n") + 4);
    return 0;
}

/// Ready to send to who shows a certificate of that authority, and to keep what comes.
bool connect_to(struct soap* soap, char** args) {
    if (soap_ssl_client_context(soap, SOAP_SSL_REQUIRE_SERVER_AUTHENTICATION | SOAP_SSL_SKIP_HOST_CHECK, nullptr,
                                nullptr, args[5], nullptr, nullptr) != SOAP_OK ||
        !prepare(soap, args)) {
        return false;
    }
    usual_recv = reinterpret_cast<int (*)(struct soap*, char*, size_t)>(soap->frecv);
    soap->frecv = keep_received;
    return true;
}

void write(const char* file, const std::string& octets) {
    std::ofstream{file, std::ios::binary} << octets;
}

int call(struct soap* soap, char** args) {
    if (!connect_to(soap, args)) {
        return refused(soap, "can't begin");
    }
    soap_wsse_verify_auto(soap, SOAP_SMD_VRFY_RSA_SHA256, public_key(args[6]), 0);
    soap->http_extra_header = accept.empty() ? nullptr : accept.c_str();
    _ns1__call asked = question(soap);
    _ns1__answer answer;
    const int done = soap_call___ns1__call(soap, args[4], "", &asked, answer);
    write(args[7], received.substr(received.find("\r\n\r\n") + 4));
    return done != SOAP_OK ? refused(soap, "the call") : judge(soap, answer);
}

#ifdef WITH_FILE
std::string file_of(const _ns1__answer& answer) {
    const xsd__base64Binary* file =
        answer.content != nullptr && answer.content->document != nullptr ? answer.content->document->file : nullptr;
    return file == nullptr ? std::string{}
                           : std::string{reinterpret_cast<const char*>(file->__ptr), static_cast<size_t>(file->__size)};
}

/// The XML of a multipart message: its first part.
std::string root_of(const std::string& message) {
    const std::string boundary = message.substr(0, message.find("\r\n"));
    const size_t begin = message.find("\r\n\r\n") + 4;
    return message.substr(begin, message.find("\r\n" + boundary, begin) - begin);
}

/// Source: XOP 1.0, 3.2: the infoset has the Base64 of the part where the xop:Include stands.
std::string whole(std::string xml, struct soap* soap, const std::string& file) {
    const std::string end = "</xop:Include>";
    const size_t begin = xml.find("<xop:Include");
    const char* base64 = soap_s2base64(soap, reinterpret_cast<const unsigned char*>(file.data()), nullptr,
                                       static_cast<int>(file.size()));
    return begin == std::string::npos ? xml : xml.replace(begin, xml.find(end, begin) + end.size() - begin, base64);
}

int mtom(struct soap* soap, char** args) {
    if (!connect_to(soap, args)) {
        return refused(soap, "can't begin");
    }
    soap->http_extra_header = accept.c_str();
    _ns1__call asked = question(soap);
    _ns1__answer answer;
    if (soap_call___ns1__call(soap, args[4], "", &asked, answer) != SOAP_OK) {
        return refused(soap, "the call");
    }
    const std::string file = file_of(answer);
    write(args[7], file);
    write(args[6], whole(root_of(received.substr(received.find("\r\n\r\n") + 4)), soap, file));
    std::cout << "file: " << file.size() << ' ' << answer.content->document->file->type << '\n';
    return 0;
}
#endif

int verify(struct soap* soap, char** args) {
    std::ifstream in{args[3], std::ios::binary};
    soap->is = &in;
    soap_wsse_verify_auto(soap, SOAP_SMD_VRFY_RSA_SHA256, public_key(args[2]), 0);
    _ns1__answer answer;
    const int done = soap_recv___ns1__call(soap, answer);
#ifdef WITH_FILE
    if (done == SOAP_OK && args[4] != nullptr) {
        write(args[4], file_of(answer));
    }
#endif
    return done != SOAP_OK ? refused(soap, "the message") : judge(soap, answer);
}

}  // namespace

int main(int argc, char** argv) {
    struct soap* soap = soap_new1(SOAP_XML_CANONICAL | SOAP_C_UTFSTRING);
    soap->connect_timeout = soap->recv_timeout = soap->send_timeout = 20;
    soap_register_plugin(soap, soap_wsse);
    const std::string what = argc > 1 ? argv[1] : "";
#ifdef WITH_FILE
    if (what == "mtom") {
        return mtom(soap, argv);
    }
#endif
    return what == "sign" ? sign(soap, argv) : what == "call" ? call(soap, argv) : verify(soap, argv);
}
