#include "core/catalogue/caller_door.h"

namespace datong::catalogue {
std::string_view name_of(Protocol protocol) {
    return protocol == Protocol::gjgxjhpt ? "gjgxjhpt" : "gjzwfwpt";
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
