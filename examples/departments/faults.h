#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace datong::departments {

/// The simulated systems; a department may have several.
enum class System {
    land,
    tax,
    tax_interface,
    fund,
    fund_settlement,
    market,
    provincial,
    cases,
    social,
    civil,
    medical,
    health,
    health_bus,
    disabled,
    talent,
    construction,
    construction_exchange,
    planning,
    ndrc,
    environment,
    finance,
    utilities,
    gas,
    commerce,
    enforcement,
    filing,
    items,
};

/// What can go wrong in a system; each has been seen in real ones.
enum class Trouble {
    none,
    slow,                   ///< answers after `milliseconds`
    down,                   ///< connections are refused; files are not read; the database is gone
    reset,                  ///< the connection is reset when the request has been read
    hang,                   ///< the request is read and never answered
    wrong_encoding,         ///< another charset than the declared one
    malformed,              ///< the answer breaks off in the middle, or its records have the wrong length
    html_200,               ///< an error page in HTML with status 200
    empty_body,             ///< status 200 and nothing
    null_body,              ///< "null"
    token_expired,          ///< code 2002 in a body with status 200
    one_element_as_object,  ///< a list of one collapses to its element
    wrong_person,           ///< the record of the neighbour
    late,                   ///< the reply file comes after `milliseconds`
    partial,                ///< half of the reply file under its final name, without the rename
};

[[nodiscard]] std::span<const System> all_systems();
[[nodiscard]] std::string_view name_of(System system);
[[nodiscard]] std::string_view name_of(Trouble trouble);
[[nodiscard]] std::optional<System> system_by_name(std::string_view name);
[[nodiscard]] std::optional<Trouble> trouble_by_name(std::string_view name);
/// The troubles that a system knows, without `none`.
[[nodiscard]] std::span<const Trouble> troubles_of(System system);

struct Setting {
    Trouble trouble{Trouble::none};
    std::chrono::milliseconds time{};
    int times{};  ///< calls that it still holds for; 0: until it is cleared
};

/// The switches. May be used from many threads.
class Faults {
public:
    /// Replaces what was set for the system.
    /// @return false when the system does not know that trouble; nothing changes then.
    bool set(System system, Setting setting);
    void clear(System system) { set(system, {}); }
    void clear_all();

    /// What holds now, without counting a call.
    [[nodiscard]] Setting peek(System system) const;
    /// What holds for one call, which is counted.
    [[nodiscard]] Setting take(System system);

    /// `told` runs after every change of that system, on the thread that changed it.
    void on_change(System system, std::function<void()> told);

private:
    void tell(System system);

    mutable std::mutex mutex_;
    std::map<System, Setting> settings_;
    std::multimap<System, std::function<void()>> told_;
};

}  // namespace datong::departments
