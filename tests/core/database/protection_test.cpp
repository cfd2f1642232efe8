#include "core/database/source.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::database;

namespace {

std::string warning_of(Dialect dialect, const std::string& connection) {
    Opening opening;
    opening.dialect = dialect;
    opening.connection = Secret{connection};
    const auto warnings = protection_warnings(opening);
    REQUIRE(warnings.size() <= 1);
    if (!warnings.empty()) {
        CHECK_FALSE(warnings.front().text_zh.empty());
        CHECK(warnings.front().text_en.find("s3cret") == std::string::npos);
        CHECK(warnings.front().text_zh.find("s3cret") == std::string::npos);
    }
    return warnings.empty() ? "" : warnings.front().text_en;
}

}  // namespace

TEST_CASE("a database far away that is not verified is warned of", "[core][database][security]") {
    struct Row {
        Dialect dialect;
        const char* connection;
        const char* says;  ///< "": nothing
    };
    const auto row = GENERATE(values<Row>({
        {Dialect::sqlite, "/var/lib/data.db", ""},
        {Dialect::postgresql, "host=10.1.2.3 password=s3cret", "in the clear"},
        {Dialect::postgresql, "host=10.1.2.3 sslmode=prefer", "in the clear"},
        {Dialect::postgresql, "postgresql://u:s3cret@db.example/d?sslmode=disable", "in the clear"},
        {Dialect::postgresql, "host=10.1.2.3 sslmode=require", "not verified"},
        {Dialect::postgresql, "host=10.1.2.3 sslmode=require sslrootcert=ca.pem", ""},
        {Dialect::postgresql, "host=10.1.2.3 sslmode=verify-ca sslrootcert=ca.pem", ""},
        {Dialect::postgresql, "host=10.1.2.3 sslmode=verify-full sslrootcert=ca.pem", ""},
        {Dialect::postgresql, "host=localhost hostaddr=10.1.2.3", "in the clear"},
        {Dialect::postgresql, "host=/run/postgresql dbname=d", ""},
        {Dialect::postgresql, "host=127.0.0.1", ""},
        {Dialect::postgresql, "dbname=d", ""},
        {Dialect::mariadb, "host=10.1.2.3 user=u password=s3cret", "in the clear"},
        {Dialect::mariadb, "host=10.1.2.3 ssl_ca=/etc/ca.pem", ""},
        {Dialect::mariadb, "host=127.0.0.1 user=u", ""},
        {Dialect::mariadb, "socket=/run/mysqld.sock user=u", ""},
        {Dialect::odbc, "DRIVER={PostgreSQL ANSI};Servername=10.1.2.3;PWD=s3cret", "nothing in it"},
        {Dialect::odbc, "DRIVER={PostgreSQL ANSI};Servername=10.1.2.3;SSLmode=verify-full", ""},
        {Dialect::odbc, "DRIVER={M};SERVER=10.1.2.3;Encrypt=yes;TrustServerCertificate=yes", "nothing in it"},
        {Dialect::odbc, "DRIVER={M};SERVER=10.1.2.3;Encrypt=yes", ""},
        {Dialect::odbc, "DRIVER={Oracle};DBQ=//10.1.2.3:1521/orcl", "nothing in it"},
        {Dialect::odbc, "DRIVER={SQLite3};Database=/var/lib/data.db", ""},
    }));
    CAPTURE(row.connection);
    const std::string warned = warning_of(row.dialect, row.connection);
    CHECK(warned.empty() == std::string_view{row.says}.empty());
    CHECK(warned.find(row.says) != std::string::npos);
}
