// An SFTP subsystem for tests: talker N FILE. It serves whatever file is asked for with 4,000,000 octets, answers each
// read truly, and sends N packets of data in front that nobody asked for. FILE gets an octet for each of them.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::uint64_t kSize = 4'000'000;

std::string number(std::uint64_t value, int octets) {
    std::string made;
    for (int at = octets - 1; at >= 0; --at) {
        made += static_cast<char>(value >> (8 * at));
    }
    return made;
}

std::uint64_t number_in(const std::string& text, std::size_t from, std::size_t octets) {
    std::uint64_t made = 0;
    for (std::size_t at = from; at < from + octets; ++at) {
        made = made << 8U | static_cast<unsigned char>(text.at(at));
    }
    return made;
}

std::string text(const std::string& octets) {
    return number(octets.size(), 4) + octets;
}

std::string packet(int kind, const std::string& content) {
    return number(content.size() + 1, 4) + static_cast<char>(kind) + content;
}

std::string receive(std::size_t size) {
    std::string made(size, '\0');
    for (std::size_t got = 0; got < size;) {
        const ssize_t more = ::read(STDIN_FILENO, made.data() + got, size - got);
        if (more <= 0) {
            std::exit(0);
        }
        got += static_cast<std::size_t>(more);
    }
    return made;
}

void send(const std::string& octets) {
    for (std::size_t put = 0; put < octets.size();) {
        const ssize_t more = ::write(STDOUT_FILENO, octets.data() + put, octets.size() - put);
        if (more <= 0) {
            std::exit(0);
        }
        put += static_cast<std::size_t>(more);
    }
}

std::string data_of(const std::string& asked, const std::string& id) {
    const std::size_t behind_handle = 9 + number_in(asked, 5, 4);
    const std::uint64_t from = std::min(number_in(asked, behind_handle, 8), kSize);
    const std::uint64_t count = std::min(number_in(asked, behind_handle + 8, 4), kSize - from);
    return count == 0 ? packet(101, id + number(1, 4) + text("") + text(""))
                      : packet(103, id + text(std::string(count, 'a')));
}

}  // namespace

int main(int count, char** words) {
    std::FILE* const told = count == 3 ? std::fopen(words[2], "ab") : nullptr;
    if (told == nullptr) {
        return 1;
    }
    const int more = std::atoi(words[1]);
    for (;;) {
        const std::string asked = receive(number_in(receive(4), 0, 4));
        const std::string id = asked.substr(1, 4);
        switch (asked.at(0)) {
            case 1:  // its version
                send(packet(2, number(3, 4)));
                break;
            case 3:  // open
                send(packet(102, id + text("h")));
                break;
            case 5:  // read
                for (int one = 0; one < more; ++one) {
                    send(packet(103, number(0xF0000000U, 4) + text(std::string(32'000, 'x'))));
                    std::fputc('x', told);
                    std::fflush(told);
                }
                send(data_of(asked, id));
                break;
            case 7:
            case 17:  // how it looks: its size, and that it is a file
                send(packet(105, id + number(1U | 4U, 4) + number(kSize, 8) + number(0100644U, 4)));
                break;
            default:
                send(packet(101, id + number(0, 4) + text("") + text("")));
        }
    }
}
