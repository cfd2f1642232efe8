// A consumer by gSOAP: the stub is made of the gateway's own WSDL, messages are signed and verified by gSOAP's wsse
// plug-in alone. Compiled by the test; gSOAP is GPL, and nothing of it is part of datong.
//
//   sign   KEY CERT TO                                 the signed message on standard output
//   call   KEY CERT TO CA GATEWAY_KEY ANSWER           signs, sends, keeps the answer's XML, verifies it
//   verify GATEWAY_KEY ANSWER                          an answer that was kept
//
// Key files are PEM. The question is that of the demo household; its words come from the environment as DEMO_*.
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

_ns1__call question(struct soap* soap) {
    _ns1__call call;
    call.context.purpose = env("DEMO_PURPOSE");
    call.context.matter = soap_new_std__string(soap);
    *call.context.matter = env("DEMO_PURPOSE");
    call.context.case_USCOREnumber = soap_new_std__string(soap);
    *call.context.case_USCOREnumber = env("DEMO_CASE");
    call.context.operator_.account = "window-07";
    call.context.operator_.division = env("DEMO_DIVISION");
    call.context.subject = soap_new__ns1__call_context_subject(soap);
    call.context.subject->name = env("DEMO_NAME");
    call.context.subject->id_USCOREno = env("DEMO_ID");
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

int call(struct soap* soap, char** args) {
    if (soap_ssl_client_context(soap, SOAP_SSL_REQUIRE_SERVER_AUTHENTICATION | SOAP_SSL_SKIP_HOST_CHECK, nullptr,
                                nullptr, args[5], nullptr, nullptr) != SOAP_OK ||
        !prepare(soap, args)) {
        return refused(soap, "can't begin");
    }
    usual_recv = reinterpret_cast<int (*)(struct soap*, char*, size_t)>(soap->frecv);
    soap->frecv = keep_received;
    soap_wsse_verify_auto(soap, SOAP_SMD_VRFY_RSA_SHA256, public_key(args[6]), 0);
    _ns1__call asked = question(soap);
    _ns1__answer answer;
    const int done = soap_call___ns1__call(soap, args[4], "", &asked, answer);
    std::ofstream{args[7], std::ios::binary} << received.substr(received.find("\r\n\r\n") + 4);
    return done != SOAP_OK ? refused(soap, "the call") : judge(soap, answer);
}

int verify(struct soap* soap, char** args) {
    std::ifstream in{args[3], std::ios::binary};
    soap->is = &in;
    soap_wsse_verify_auto(soap, SOAP_SMD_VRFY_RSA_SHA256, public_key(args[2]), 0);
    _ns1__answer answer;
    return soap_recv___ns1__call(soap, answer) != SOAP_OK ? refused(soap, "the message") : judge(soap, answer);
}

}  // namespace

int main(int argc, char** argv) {
    struct soap* soap = soap_new1(SOAP_XML_CANONICAL | SOAP_C_UTFSTRING);
    soap->connect_timeout = soap->recv_timeout = soap->send_timeout = 20;
    soap_register_plugin(soap, soap_wsse);
    const std::string what = argc > 1 ? argv[1] : "";
    return what == "sign" ? sign(soap, argv) : what == "call" ? call(soap, argv) : verify(soap, argv);
}
