// A server in place of a MariaDB that says more than anybody asked for: what its library takes in is counted from
// outside.
#include <fstream>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "adapters/sql/sql_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using namespace std::chrono_literals;
using support::AdapterBench;
using support::LoopbackServer;

namespace {

constexpr char kQuery = '\x03';
constexpr char kPrepare = '\x16';
constexpr char kExecute = '\x17';

/// A packet of MariaDB's protocol.
std::string packet(unsigned number, const std::string& body) {
    std::string made;
    for (const unsigned shift : {0U, 8U, 16U}) {
        made += static_cast<char>((body.size() >> shift) & 0xFFU);
    }
    return made + static_cast<char>(number & 0xFFU) + body;
}

const std::string kOk{"\x00\x00\x00\x02\x00\x00\x00", 7};
const std::string kEnd{"\xFE\x00\x00\x02\x00", 5};

std::string greeting() {
    const unsigned can = 0xFFFFFFFFU & ~0x800U & ~0x20U & ~(1U << 24U);  // no TLS, no compression, ends as of old
    const auto two = [](unsigned value) {
        return std::string{static_cast<char>(value & 0xFFU), static_cast<char>((value >> 8U) & 0xFFU)};
    };
    return "\x0A" + std::string{"5.5.5-10.11.6-MariaDB\0", 22} + std::string{"\x07\0\0\0", 4} +
           std::string{"abcdefgh\0", 9} + two(can) + "\x21" + two(2) + two(can >> 16U) + "\x15" +
           std::string(10, '\0') + std::string{"ijklmnopqrst\0", 13} + std::string{"mysql_native_password\0", 22};
}

/// What a server says of a column; the catalogue's name is `size` octets long.
std::string column(std::size_t size) {
    std::string made{'\xFD'};
    for (const unsigned shift : {0U, 8U, 16U}) {
        made += static_cast<char>((size >> shift) & 0xFFU);
    }
    return made + std::string(size, 'x') + std::string(5, '\0') + '\x0C' + std::string(12, '\0');
}

/// Takes one command. @return its number; zero at the end.
char command(LoopbackServer::Socket& socket) {
    boost::system::error_code ec;
    std::string head(5, '\0');
    boost::asio::read(socket, boost::asio::buffer(head), ec);
    std::string rest(ec ? 0 : static_cast<unsigned char>(head[0]) + 256U * static_cast<unsigned char>(head[1]) - 1U,
                     '\0');
    boost::asio::read(socket, boost::asio::buffer(rest), ec);
    return ec ? '\0' : head[4];
}

void send(LoopbackServer::Socket& socket, const std::string& octets) {
    boost::system::error_code ec;
    boost::asio::write(socket, boost::asio::buffer(octets), ec);
}

/// Lets us in and answers as it should, until `flooded` is asked for: then columns without end.
LoopbackServer::Talk flood_at(char flooded) {
    return [flooded](LoopbackServer::Socket& socket) {
        send(socket, packet(0, greeting()));
        command(socket);
        send(socket, packet(2, kOk));
        char asked = command(socket);
        for (; asked != '\0' && asked != flooded; asked = command(socket)) {
            const std::string prepared = packet(1, std::string{"\0\x01\0\0\0\x01\0\x01\0\0\0\0", 12}) +
                                         packet(2, column(1)) + packet(3, kEnd) + packet(4, column(1)) +
                                         packet(5, kEnd);
            send(socket, asked == kPrepare ? prepared : packet(1, kOk));
        }
        send(socket,
             packet(1, flooded == kPrepare ? std::string{"\0\x01\0\0\0\xFF\xFF\0\0\0\0\0", 12} : "\xFD\xFF\xFF\xFF"));
        const std::string body = column(1'000'000);
        boost::system::error_code ec;
        for (unsigned i = 2; i < 2'000 && asked != '\0' && !ec; ++i) {
            boost::asio::write(socket, boost::asio::buffer(packet(i, body)), ec);
            std::this_thread::sleep_for(2ms);
        }
    };
}

/// The most memory that this process has had since it was last called, in KiB.
std::size_t peak_since_last() {
    std::ifstream status{"/proc/self/status"};
    std::size_t peak = 0;
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            status >> peak;
        }
    }
    std::ofstream{"/proc/self/clear_refs"} << '5';
    return peak;
}

}  // namespace

TEST_CASE("columns without end from a MariaDB cost little memory, whatever they answer", "[adapters][sql][security]") {
    const auto [name, flooded] = GENERATE(
        table<const char*, char>({{"a setting", kQuery}, {"a statement", kPrepare}, {"its execution", kExecute}}));
    CAPTURE(name);
    AdapterBench bench;
    LoopbackServer department{flood_at(flooded)};
    const auto made = bench.make(adapters::sql::kind(), "driver: mariadb\nconnection: \"host=127.0.0.1 user=u port=" +
                                                            std::to_string(department.port()) +
                                                            "\"\noperations: {q: {sql: \"SELECT :A AS a\"}}\n");
    adapter::Ask what;
    what.operation = "q";
    what.fields.put("A", record::Record::text("1"));
    peak_since_last();
    const std::size_t before = peak_since_last();
    const auto began = std::chrono::steady_clock::now();
    const auto reply = bench.ask(*made, std::move(what), 4s);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    bench.settle();
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
    CHECK(peak_since_last() < before + (64U << 10U));
}
