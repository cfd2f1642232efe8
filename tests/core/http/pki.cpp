#include "tests/core/http/pki.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/text.h"

namespace datong::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScript = R"(
set -e
ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1.key" -out "$1.pem"
}
leaf() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/C=CN/O=Test/CN=$1" \
        -keyout "$1.key" -out "$1.csr"
    printf 'subjectAltName=%s\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\n' "$2" "$3" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem"
}
ca ca
ca other
leaf server IP:127.0.0.1,DNS:localhost serverAuth ca
leaf stranger DNS:stranger.example serverAuth ca
leaf client DNS:platform.example clientAuth ca
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=between -keyout between.key -out between.csr
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' > between.ext
openssl x509 -req -in between.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile between.ext -out between.pem
leaf below DNS:platform.example clientAuth between
cat between.pem >> below.pem
openssl x509 -in client.pem -noout -fingerprint -sha256 > client.sha256
)";

std::string read(const fs::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string hex_of_fingerprint(const std::string& line) {
    std::string hex = ascii_lower(std::string_view{line}.substr(line.find('=') + 1));
    std::erase_if(hex, [](char c) { return c == ':' || c == '\n'; });
    return hex;
}

Pki make() {
    std::string name = (fs::temp_directory_path() / "datong-pki-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error{"mkdtemp"};
    }
    const fs::path folder{name};
    std::ofstream{folder / "make.sh"} << kScript;
    const int status = std::system(("cd " + name + " && sh make.sh > log 2>&1").c_str());
    if (status != 0) {
        throw std::runtime_error{"openssl: " + read(folder / "log")};
    }
    Pki made{.ca = read(folder / "ca.pem"),
             .ca_key = read(folder / "ca.key"),
             .other_ca = read(folder / "other.pem"),
             .server = read(folder / "server.pem"),
             .server_key = read(folder / "server.key"),
             .stranger = read(folder / "stranger.pem"),
             .stranger_key = read(folder / "stranger.key"),
             .client = read(folder / "client.pem"),
             .client_key = read(folder / "client.key"),
             .below = read(folder / "below.pem"),
             .below_key = read(folder / "below.key"),
             .client_sha256 = hex_of_fingerprint(read(folder / "client.sha256"))};
    fs::remove_all(folder);
    return made;
}

}  // namespace

const Pki& pki() {
    static const Pki made = make();
    return made;
}

std::shared_ptr<const http::TlsFiles> server_files(bool client_asked, bool client_required) {
    http::TlsFiles files{.chain_pem = pki().server, .key_pem = pki().server_key};
    files.client_ca_pem = client_asked ? pki().ca : "";
    files.client_required = client_required;
    return std::make_shared<const http::TlsFiles>(std::move(files));
}

std::string server_that_ends(std::chrono::system_clock::time_point end) {
    const auto bio_of = [](const std::string& text) {
        return BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    };
    BIO* server = bio_of(pki().server);
    BIO* ca = bio_of(pki().ca_key);
    BIO* into = BIO_new(BIO_s_mem());
    X509* x509 = PEM_read_bio_X509(server, nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(ca, nullptr, nullptr, nullptr);
    ASN1_TIME_set(X509_getm_notAfter(x509), std::chrono::system_clock::to_time_t(end));
    const bool done = X509_sign(x509, key, EVP_sha256()) > 0 && PEM_write_bio_X509(into, x509) == 1;
    char* text = nullptr;
    const auto size = BIO_get_mem_data(into, &text);
    std::string pem = done ? std::string{text, static_cast<std::size_t>(size)} : std::string{};
    EVP_PKEY_free(key);
    X509_free(x509);
    for (BIO* bio : {server, ca, into}) {
        BIO_free_all(bio);
    }
    return pem;
}

}  // namespace datong::test
