// A PKCS#11 module that is SoftHSM's in everything, but that it does not come back from C_Sign while the file named by
// DATONG_HANGS is there: an HSM whose network is gone. Once somebody hangs, a file of that name and ".reached" says so.
//
// Source: PKCS #11 2.40, 5.1: C_GetFunctionList gives a CK_VERSION and pointers in a fixed order.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr std::size_t kFunctions = 68;
constexpr std::size_t kSign = 43;

struct FunctionList {
    unsigned char version[2];
    void* functions[kFunctions];
};

using Sign = unsigned long (*)(unsigned long, unsigned char*, unsigned long, unsigned char*, unsigned long*);
Sign sign_there;

unsigned long sign_or_hang(unsigned long session, unsigned char* data, unsigned long length, unsigned char* out,
                           unsigned long* size) {
    const char* file = std::getenv("DATONG_HANGS");
    if (file != nullptr && ::access(file, F_OK) == 0) {
        ::close(::open((std::string{file} + ".reached").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    while (file != nullptr && ::access(file, F_OK) == 0) {
        ::usleep(10'000);
    }
    return sign_there(session, data, length, out, size);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) unsigned long C_GetFunctionList(FunctionList** out) {
    constexpr unsigned long kGeneralError = 5;
    static FunctionList own;
    if (sign_there == nullptr) {
        void* module = ::dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
        void* symbol = module != nullptr ? ::dlsym(module, "C_GetFunctionList") : nullptr;
        FunctionList* theirs = nullptr;
        if (symbol == nullptr || reinterpret_cast<unsigned long (*)(FunctionList**)>(symbol)(&theirs) != 0) {
            return kGeneralError;
        }
        std::memcpy(&own, theirs, sizeof own);
        sign_there = reinterpret_cast<Sign>(own.functions[kSign]);
        own.functions[kSign] = reinterpret_cast<void*>(&sign_or_hang);
    }
    *out = &own;
    return 0;
}
