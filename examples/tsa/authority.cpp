#include "examples/tsa/authority.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace datong::tsa {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
}

void require(const std::vector<std::string>& arguments) {
    if (run_openssl(arguments) != 0) {
        throw std::runtime_error{"openssl " + arguments.front() + " failed"};
    }
}

}  // namespace

int run_openssl(const std::vector<std::string>& arguments) {
    std::vector<char*> words{const_cast<char*>("openssl")};  // posix_spawnp does not change them
    for (const std::string& argument : arguments) {
        words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    const int started = posix_spawnp(&pid, "openssl", &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (started != 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

Authority::Authority(AuthorityOptions options) : options_{std::move(options)} {
    std::filesystem::create_directories(options_.folder);
    if (!std::filesystem::exists(path("tsa.pem"))) {
        make_keys();
    }
    write_settings();
}

void Authority::make_keys() const {
    const std::string curve = "ec_paramgen_curve:P-256";
    require({"req", "-x509", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-days", "60", "-subj",
             "/CN=datong demo time-stamping CA", "-keyout", path("ca.key.pem"), "-out", path("ca.pem")});
    require({"req", "-new", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-subj", "/CN=datong demo TSA", "-keyout",
             path("tsa.key.pem"), "-out", path("tsa.csr.pem")});
    std::ofstream{path("tsa.ext")} << "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                                   << "extendedKeyUsage=critical,timeStamping\n";
    require({"x509", "-req", "-in", path("tsa.csr.pem"), "-CA", path("ca.pem"), "-CAkey", path("ca.key.pem"),
             "-CAcreateserial", "-days", std::to_string(options_.days), "-extfile", path("tsa.ext"), "-out",
             path("tsa.pem")});
}

void Authority::write_settings() const {
    if (!std::filesystem::exists(path("serial"))) {
        std::ofstream{path("serial")} << "01\n";
    }
    std::ofstream{path("tsa.cnf")} << "[tsa]\ndefault_tsa = tsa1\n[tsa1]\nserial = " << path("serial")
                                   << "\nsigner_cert = " << path("tsa.pem") << "\nsigner_key = " << path("tsa.key.pem")
                                   << "\nsigner_digest = sha256\ndefault_policy = " << options_.policy
                                   << "\ndigests = sha256\naccuracy = secs:1\nordering = yes\ntsa_name = no\n"
                                   << "ess_cert_id_chain = no\ness_cert_id_alg = sha256\n";
}

std::optional<std::string> Authority::reply(const std::string& query) const {
    std::ofstream{path("query.tsq"), std::ios::binary} << query;
    const int status = run_openssl(
        {"ts", "-reply", "-config", path("tsa.cnf"), "-queryfile", path("query.tsq"), "-out", path("reply.tsr")});
    std::string reply = status == 0 ? read_file(path("reply.tsr")) : std::string{};
    return reply.empty() ? std::nullopt : std::optional{std::move(reply)};
}

}  // namespace datong::tsa
