#include "core/catalogue/caller_door.h"

namespace datong::catalogue {

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::gjgxjhpt:
            return "gjgxjhpt";
        case Protocol::gjzwfwpt:
            return "gjzwfwpt";
        case Protocol::gjzwfwpt_form:
            return "gjzwfwpt-form";
        case Protocol::access_token:
            return "access-token";
        case Protocol::sm_envelope:
            return "sm-envelope";
        case Protocol::licence_a:
            return "licence-a";
        case Protocol::licence_b:
            break;
    }
    return "licence-b";
}

const CallerDoor* find_caller(const Snapshot& snapshot, Protocol protocol, std::string_view id) {
    for (const auto& [name, consumer] : snapshot.consumers) {  // some tens
        const CallerDoor* door = consumer->door.get();
        if (door != nullptr && door->protocol == protocol && door->id == id) {
            return door;
        }
    }
    return nullptr;
}

}  // namespace datong::catalogue
