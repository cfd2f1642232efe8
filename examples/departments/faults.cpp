#include "examples/departments/faults.h"

#include <algorithm>
#include <array>
#include <utility>

namespace datong::departments {
namespace {

constexpr std::array<std::pair<System, std::string_view>, 27> kSystems{
    {{System::land, "land"},
     {System::tax, "tax"},
     {System::tax_interface, "tax_interface"},
     {System::fund, "fund"},
     {System::fund_settlement, "fund_settlement"},
     {System::market, "market"},
     {System::provincial, "provincial"},
     {System::cases, "cases"},
     {System::social, "social"},
     {System::civil, "civil"},
     {System::medical, "medical"},
     {System::health, "health"},
     {System::health_bus, "health_bus"},
     {System::disabled, "disabled"},
     {System::talent, "talent"},
     {System::construction, "construction"},
     {System::construction_exchange, "construction_exchange"},
     {System::planning, "planning"},
     {System::ndrc, "ndrc"},
     {System::environment, "environment"},
     {System::finance, "finance"},
     {System::utilities, "utilities"},
     {System::gas, "gas"},
     {System::commerce, "commerce"},
     {System::enforcement, "enforcement"},
     {System::filing, "filing"},
     {System::items, "items"}}};
constexpr std::array<std::pair<Trouble, std::string_view>, 15> kTroubles{
    {{Trouble::none, "none"},
     {Trouble::slow, "slow"},
     {Trouble::down, "down"},
     {Trouble::reset, "reset"},
     {Trouble::hang, "hang"},
     {Trouble::wrong_encoding, "wrong_encoding"},
     {Trouble::malformed, "malformed"},
     {Trouble::html_200, "html_200"},
     {Trouble::empty_body, "empty_body"},
     {Trouble::null_body, "null_body"},
     {Trouble::token_expired, "token_expired"},
     {Trouble::one_element_as_object, "one_element_as_object"},
     {Trouble::wrong_person, "wrong_person"},
     {Trouble::late, "late"},
     {Trouble::partial, "partial"}}};

constexpr std::array kOverHttp{Trouble::slow,          Trouble::down,           Trouble::reset,
                               Trouble::hang,          Trouble::wrong_encoding, Trouble::malformed,
                               Trouble::html_200,      Trouble::empty_body,     Trouble::null_body,
                               Trouble::token_expired, Trouble::wrong_person,   Trouble::one_element_as_object};
// an element that comes once is never a list in XML, so land has no such switch
constexpr std::span kOverSoap = std::span{kOverHttp}.first(11);
constexpr std::array kOverFiles{Trouble::down,       Trouble::hang,         Trouble::wrong_encoding, Trouble::malformed,
                                Trouble::empty_body, Trouble::wrong_person, Trouble::late,           Trouble::partial};
constexpr std::array kInTables{Trouble::slow,           Trouble::down,      Trouble::hang,     Trouble::wrong_person,
                               Trouble::wrong_encoding, Trouble::malformed, Trouble::null_body};
// only the fund's tables know how to be spoiled as well
constexpr std::span kInFrontTables = std::span{kInTables}.first(4);
constexpr std::span kInExchange = std::span{kInTables}.first(6);
constexpr std::array kInArchive{Trouble::down, Trouble::wrong_encoding, Trouble::malformed, Trouble::wrong_person,
                                Trouble::partial};
constexpr std::array kOverBus{Trouble::slow,           Trouble::down,     Trouble::hang,       Trouble::malformed,
                              Trouble::wrong_encoding, Trouble::html_200, Trouble::empty_body, Trouble::wrong_person};
constexpr std::array kOverFrames{Trouble::slow,       Trouble::down,          Trouble::reset,
                                 Trouble::hang,       Trouble::malformed,     Trouble::wrong_encoding,
                                 Trouble::empty_body, Trouble::token_expired, Trouble::wrong_person};

template <class Key, std::size_t N>
std::string_view name_in(const std::array<std::pair<Key, std::string_view>, N>& names, Key key) {
    const auto found = std::find_if(names.begin(), names.end(), [key](const auto& pair) { return pair.first == key; });
    return found == names.end() ? std::string_view{} : found->second;
}

template <class Key, std::size_t N>
std::optional<Key> key_in(const std::array<std::pair<Key, std::string_view>, N>& names, std::string_view name) {
    const auto found =
        std::find_if(names.begin(), names.end(), [name](const auto& pair) { return pair.second == name; });
    return found == names.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace

std::span<const System> all_systems() {
    static constexpr auto kAll = [] {
        std::array<System, kSystems.size()> all{};
        std::transform(kSystems.begin(), kSystems.end(), all.begin(), [](const auto& pair) { return pair.first; });
        return all;
    }();
    return kAll;
}
std::string_view name_of(System system) {
    return name_in(kSystems, system);
}
std::string_view name_of(Trouble trouble) {
    return name_in(kTroubles, trouble);
}
std::optional<System> system_by_name(std::string_view name) {
    return key_in(kSystems, name);
}
std::optional<Trouble> trouble_by_name(std::string_view name) {
    return key_in(kTroubles, name);
}

std::span<const Trouble> troubles_of(System system) {
    switch (system) {
        case System::land:
        case System::tax_interface:
        case System::social:
        case System::health:
            return kOverSoap;
        case System::tax:
        case System::disabled:
            return kOverFiles;
        case System::fund:
            return kInTables;
        case System::planning:
        case System::ndrc:
        case System::talent:
        case System::items:
            return kInFrontTables;
        case System::construction_exchange:
            return kInExchange;
        case System::gas:
            return kInArchive;
        case System::health_bus:
            return kOverBus;
        case System::finance:
        case System::fund_settlement:
            return kOverFrames;
        default:
            return kOverHttp;
    }
}

bool Faults::set(System system, Setting setting) {
    const auto known = troubles_of(system);
    if (setting.trouble != Trouble::none && std::find(known.begin(), known.end(), setting.trouble) == known.end()) {
        return false;
    }
    {
        const std::lock_guard lock{mutex_};
        settings_[system] = setting;
    }
    tell(system);
    return true;
}

void Faults::clear_all() {
    for (const auto& [system, name] : kSystems) {
        clear(system);
    }
}

Setting Faults::peek(System system) const {
    const std::lock_guard lock{mutex_};
    const auto found = settings_.find(system);
    return found == settings_.end() ? Setting{} : found->second;
}

Setting Faults::take(System system) {
    const std::lock_guard lock{mutex_};
    Setting& now = settings_[system];
    const Setting taken = now;
    if (now.times > 0 && --now.times == 0) {
        now = {};
    }
    return taken;
}

void Faults::on_change(System system, std::function<void()> told) {
    const std::lock_guard lock{mutex_};
    told_.emplace(system, std::move(told));
}

void Faults::tell(System system) {
    std::vector<std::function<void()>> all;
    {
        const std::lock_guard lock{mutex_};
        const auto [first, last] = told_.equal_range(system);
        std::transform(first, last, std::back_inserter(all), [](const auto& entry) { return entry.second; });
    }
    for (const auto& told : all) {
        told();
    }
}

}  // namespace datong::departments
