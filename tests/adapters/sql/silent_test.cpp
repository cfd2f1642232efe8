// What a server that says nothing, or far too much, costs: for each driver, the thread that asked is free again soon
// after the deadline, not only the call.
#include <atomic>
#include <fstream>

#include "adapters/sql/sql_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_department.h"

using namespace datong;
using namespace std::chrono_literals;
using support::AdapterBench;
using support::TcpDepartment;

namespace {

struct Driver {
    const char* name;
    const char* connection;  ///< without the port
    bool speaks_first;       ///< the server does
};
const Driver kPostgresql{"postgresql", "host=127.0.0.1 user=u dbname=d sslmode=disable port=", false};
const Driver kMariadb{"mariadb", "host=127.0.0.1 user=u port=", true};
const Driver kOdbc{"odbc",
                   "DRIVER={PostgreSQL ANSI};Servername=127.0.0.1;Database=d;Username=u;SSLmode=disable;Port=", false};

std::string settings(const Driver& driver, unsigned short port, const std::string& more = {}) {
    return "driver: " + std::string{driver.name} + "\nconnection: \"" + driver.connection + std::to_string(port) +
           "\"\n" + more + "operations: {q: {sql: \"SELECT :A AS a\"}}\n";
}

TcpDepartment::Whole whole_for(const Driver& driver) {
    return [first = driver.speaks_first](std::string_view request) { return first || !request.empty(); };
}

/// Asks for at most 1 s, then waits for the thread that did it.
/// @return the fault; everything together took less than 5 s.
Fault ask(AdapterBench& bench, adapter::Adapter& made, const std::string& value = "1") {
    adapter::Ask what;
    what.operation = "q";
    what.fields.put("A", record::Record::text(value));
    const auto began = std::chrono::steady_clock::now();
    const auto reply = bench.ask(made, std::move(what), 1s);
    bench.settle();
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    REQUIRE_FALSE(reply.has_value());
    return reply.error().fault();
}

/// One message of PostgreSQL's protocol 3.0.
std::string message(char type, const std::string& body, std::uint32_t size = 0) {
    const std::uint32_t said = size != 0 ? size : static_cast<std::uint32_t>(body.size()) + 4;
    std::string made{type};
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        made += static_cast<char>((said >> shift) & 0xFFU);
    }
    return made + body;
}

/// Lets us in, and takes what is set and what is prepared.
std::string let_in_and_prepare() {
    const std::string ready = message('Z', "I");
    const std::string set = message('C', std::string{"SET\0", 4}) + ready;
    return message('R', std::string(4, '\0')) + ready + set + set + message('1', "") + ready;
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

TEST_CASE("a database that takes the connection and says nothing frees its thread at the deadline",
          "[adapters][sql][security]") {
    const Driver driver = GENERATE(kPostgresql, kMariadb, kOdbc);
    CAPTURE(driver.name);
    AdapterBench bench;
    TcpDepartment department{[](std::string_view) { return false; }};  // reads, and never finds a request whole
    const auto made = bench.make(adapters::sql::kind(), settings(driver, department.port()));
    CHECK(ask(bench, *made) == Fault::department_timeout);
    CHECK(bench.probe(*made, 500ms).error().fault() == Fault::department_timeout);
}

TEST_CASE("a database that drips its greeting without end frees its thread at the deadline",
          "[adapters][sql][security]") {
    const Driver driver = GENERATE(kPostgresql, kMariadb, kOdbc);
    CAPTURE(driver.name);
    AdapterBench bench;
    TcpDepartment department{whole_for(driver)};
    const std::string head =
        driver.speaks_first ? std::string{"\x00\x07\x00\x00\x0A", 5} : std::string{"R\x00\x00\x07\x00", 5};
    department.act({.octets = head + std::string(1'787, 'x'), .piece = 1, .between = 100ms});
    const auto made = bench.make(adapters::sql::kind(), settings(driver, department.port()));
    CHECK(ask(bench, *made) == Fault::department_timeout);
    department.stop();
}

TEST_CASE("a PostgreSQL that reads no more frees the thread that sends to it", "[adapters][sql][postgresql]") {
    AdapterBench bench;
    TcpDepartment department{whole_for(kPostgresql)};
    department.act({.octets = let_in_and_prepare(), .then = TcpDepartment::Then::stay});
    const auto made = bench.make(adapters::sql::kind(), settings(kPostgresql, department.port()));
    CHECK(ask(bench, *made, std::string(64U << 20U, 'x')) == Fault::department_timeout);
    department.stop();
}

TEST_CASE("a PostgreSQL that talks without end before it lets us in costs neither its thread nor memory",
          "[adapters][sql][postgresql][security]") {
    AdapterBench bench;
    std::atomic<std::uint64_t> sent{};
    support::LoopbackServer department{[&](support::LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        std::string block(4'096, '\0');
        socket.read_some(boost::asio::buffer(block), ec);
        boost::asio::write(socket, boost::asio::buffer(message('R', std::string(4, '\0'))), ec);
        const std::string value = std::string(29'000, 'x') + '\0';
        for (int i = 0; !ec && sent < 1U << 30U; ++i) {  // parameters of ever new names
            const std::string name = "p" + std::to_string(i) + '\0';
            sent += boost::asio::write(socket, boost::asio::buffer(message('S', name + value)), ec);
        }
    }};
    const auto made = bench.make(adapters::sql::kind(), settings(kPostgresql, department.port()));
    peak_since_last();
    const std::size_t before = peak_since_last();
    CHECK(ask(bench, *made) == Fault::department_invalid);
    CHECK(peak_since_last() < before + (16U << 10U));
    CHECK(sent < 64U << 20U);
}

TEST_CASE("a PostgreSQL whose TLS greets without end frees its thread", "[adapters][sql][postgresql][security]") {
    // "hello" of the other side's, which OpenSSL skips before a certificate is seen
    const std::string record = std::string{"\x16\x03\x03\x40\x00", 5} + std::string(16'384, '\0');
    AdapterBench bench;
    std::atomic<std::uint64_t> sent{};
    support::LoopbackServer department{[&](support::LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        std::string block(4'096, '\0');
        socket.read_some(boost::asio::buffer(block), ec);  // whether it speaks TLS
        boost::asio::write(socket, boost::asio::buffer("S", 1), ec);
        socket.read_some(boost::asio::buffer(block), ec);  // our "hello"
        while (!ec && sent < 4ULL << 30U) {
            sent += boost::asio::write(socket, boost::asio::buffer(record), ec);
        }
    }};
    const Driver driver{"postgresql", "host=127.0.0.1 user=u dbname=d sslmode=require gssencmode=disable port=", false};
    const auto made = bench.make(adapters::sql::kind(), settings(driver, department.port()));
    CHECK(ask(bench, *made) == Fault::department_timeout);
}

TEST_CASE("what a PostgreSQL says beside its answers is not kept", "[adapters][sql][postgresql][security]") {
    struct Row {
        const char* why;
        std::function<std::string(int)> beside;  ///< of the n-th call, 1 MiB
        int calls;
        int opened;  ///< connections: one for each 16 MiB
        std::size_t most_kib;
    };
    const auto row = GENERATE(values<Row>({
        {"notifications",
         [](int) { return message('A', std::string{"\0\0\0\1n\0", 6} + std::string(1U << 20U, 'x') + '\0'); }, 12, 1,
         6U << 10U},
        {"parameters of ever new names",
         [](int call) {
             std::string many;
             for (int i = 0; i < 36; ++i) {
                 many += message('S', "p" + std::to_string(call) + '.' + std::to_string(i) + '\0' +
                                          std::string(29'000, 'x') + '\0');
             }
             return many;
         },
         60, 4, 32U << 10U},
    }));
    CAPTURE(row.why);
    const std::string ready = message('Z', "I");
    const std::string columns = std::string{"\x00\x01", 2} + "a" + std::string(19, '\0');
    const std::string rows = message('2', "") + message('T', columns) +
                             message('D', std::string{"\x00\x01\x00\x00\x00\x01", 6} + "1") +
                             message('C', std::string{"SELECT 1\0", 9}) + ready;
    std::atomic<int> opened{};
    std::atomic<int> asked{};
    AdapterBench bench;
    support::LoopbackServer department{[&](support::LoopbackServer::Socket& socket) {
        ++opened;
        boost::system::error_code ec;
        std::string block(4'096, '\0');
        socket.read_some(boost::asio::buffer(block), ec);
        boost::asio::write(socket, boost::asio::buffer(message('R', std::string(4, '\0')) + ready), ec);
        while (!ec) {
            const std::size_t got =
                socket.read_some(boost::asio::buffer(block), ec);  // what is asked comes in one piece
            const char type = got > 0 ? block.front() : 'X';
            std::string answer;
            if (type == 'Q') {
                answer = message('C', std::string{"SET\0", 4}) + ready;
            } else if (type == 'P') {
                answer = message('1', "") + ready;
            } else if (type == 'B') {
                answer = row.beside(++asked) + rows;
            }
            if (!answer.empty()) {
                boost::asio::write(socket, boost::asio::buffer(answer), ec);
            }
        }
    }};
    const auto made = bench.make(adapters::sql::kind(), settings(kPostgresql, department.port()));
    const auto call = [&] {
        adapter::Ask what;
        what.operation = "q";
        what.fields.put("A", record::Record::text("1"));
        const auto reply = bench.ask(*made, std::move(what), 10s);
        CAPTURE(reply.has_value() ? "" : reply.error().detail());
        REQUIRE(reply.has_value());
    };
    call();
    peak_since_last();
    const std::size_t before = peak_since_last();
    for (int i = 1; i < row.calls; ++i) {
        call();
    }
    CHECK(peak_since_last() < before + row.most_kib);
    CHECK(asked == row.calls);
    CHECK(opened == row.opened);
}

TEST_CASE("a row without end from a PostgreSQL costs little memory", "[adapters][sql][postgresql][security]") {
    AdapterBench bench;
    const std::string columns = std::string{"\x00\x01", 2} + "a" + std::string(19, '\0');
    const std::string begin =
        let_in_and_prepare() + message('2', "") + message('T', columns) + message('D', "", 0x3FFF'FFFF);
    support::LoopbackServer department{[&](support::LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        std::string block(64U << 10U, 'x');
        socket.read_some(boost::asio::buffer(block), ec);
        boost::asio::write(socket, boost::asio::buffer(begin), ec);
        for (int i = 0; i < 4'000 && !ec; ++i) {
            boost::asio::write(socket, boost::asio::buffer(block), ec);
            std::this_thread::sleep_for(500us);  // a network of 1 Gbit/s
        }
    }};
    const auto made =
        bench.make(adapters::sql::kind(), settings(kPostgresql, department.port(), "max_answer: 1048576\n"));
    peak_since_last();
    const std::size_t before = peak_since_last();
    CHECK(ask(bench, *made) == Fault::department_invalid);
    CHECK(peak_since_last() < before + (32U << 10U));
}

TEST_CASE("a call through ODBC that is given up cancels its statement, whatever its driver makes of time-outs",
          "[adapters][sql][odbc]") {
    AdapterBench bench;
    const support::ScratchFolder folder;
    const auto made = bench.make(
        adapters::sql::kind(),
        "driver: odbc\nconnection: \"DRIVER={SQLite3};Database=" + (folder / "data.db") +
            "\"\noperations:\n"
            "  q: {sql: \"WITH RECURSIVE c(x) AS (SELECT :A UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c\"}\n"
            "  one: {sql: SELECT 1 AS one}\n");
    CHECK(ask(bench, *made) == Fault::department_timeout);  // its driver stops nothing by itself
    adapter::Ask one;
    one.operation = "one";
    CHECK(bench.ask(*made, std::move(one)).has_value());
}

TEST_CASE("a database far away without TLS is warned of", "[adapters][sql][security]") {
    AdapterBench bench;
    const std::string operations = "\noperations: {q: {sql: SELECT 1}}\n";
    const auto open_text =
        bench.make(adapters::sql::kind(), "driver: postgresql\nconnection: host=10.20.30.40" + operations);
    CHECK(open_text->warnings().size() == 1);
    const auto verified = bench.make(
        adapters::sql::kind(), "driver: postgresql\nconnection: host=10.20.30.40 sslmode=verify-full" + operations);
    CHECK(verified->warnings().empty());
}
