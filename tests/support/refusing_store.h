#pragma once

#include <string>
#include <utility>

#include "core/store/database.h"
#include "tests/support/catch.h"

namespace datong::support {

/// A store of the gateway's that is open there and refuses certain writes at once, as a full disk does, for as long as
/// this lives.
class RefusingStore {
public:
    /// @param what  of SQLite's triggers: "UPDATE ON part WHEN NEW.stage = 'settled'".
    RefusingStore(std::string file, const std::string& what) : file_{std::move(file)} {
        execute("CREATE TRIGGER refusing BEFORE " + what + " BEGIN SELECT RAISE(FAIL, 'refused'); END");
    }
    ~RefusingStore() { execute("DROP TRIGGER refusing"); }
    RefusingStore(const RefusingStore&) = delete;
    RefusingStore& operator=(const RefusingStore&) = delete;

private:
    void execute(const std::string& sql) const {
        const auto store = store::Database::open(file_, {.version = 1, .tables = ""});
        const bool is_done = store && store->execute(sql).has_value();
        CHECK(is_done);
    }

    std::string file_;
};

}  // namespace datong::support
