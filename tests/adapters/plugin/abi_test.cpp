#include <string>
#include <string_view>
#include <vector>

#include "tests/adapters/plugin/abi_layout.h"
#include "tests/support/catch.h"

namespace {

std::string_view view(datong_bytes bytes) {
    return {bytes.data, bytes.size};
}

datong_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

struct Kept {
    std::vector<std::string> cells;
    std::string why;
};

datong_answer answer_into(Kept& kept) {
    return {.struct_size = sizeof(datong_answer),
            .context = &kept,
            .body = [](void*, std::int32_t, datong_bytes, datong_bytes) { return 1; },
            .row =
                [](void* context, datong_bytes set, const datong_field* fields, std::size_t count) {
                    auto& cells = static_cast<Kept*>(context)->cells;
                    for (std::size_t i = 0; i < count; ++i) {
                        cells.push_back(std::string{view(set)} + '.' + std::string{view(fields[i].name)} + '=' +
                                        std::string{view(fields[i].value)});
                    }
                    return 0;
                },
            .explain =
                [](void* context, datong_bytes why) {
                    static_cast<Kept*>(context)->why = view(why);
                    return 0;
                }};
}

}  // namespace

TEST_CASE("a plug-in written in C11 answers a host written in C++ through the ABI", "[adapters][plugin]") {
    const datong_adapter_api* api = datong_adapter_entry();
    REQUIRE(api->struct_size == sizeof(datong_adapter_api));
    REQUIRE(api->abi_version == DATONG_ADAPTER_ABI_VERSION);
    CHECK(view(api->kind) == "sample");
    CHECK(view(api->settings_schema_json) == R"({"type":"object"})");

    Kept kept;
    const datong_answer answer = answer_into(kept);
    void* instance = nullptr;
    REQUIRE(api->open(bytes("{}"), &answer, &instance) == 0);

    const std::string gbk = "\xD5\xC5\xC8\xFD";
    const datong_field field{.name = bytes("XM"), .value = bytes(gbk), .kind = DATONG_RAW, .reserved = 0};
    const datong_ask ask{.struct_size = sizeof(datong_ask),
                         .operation = bytes("query"),
                         .exchange = bytes("e-1"),
                         .body = bytes(""),
                         .content_type = bytes(""),
                         .fields = &field,
                         .field_count = 1,
                         .deadline_ms = 0};
    CHECK(api->ask(instance, &ask, &answer) == DATONG_ANSWERED);
    CHECK(kept.cells == std::vector<std::string>{"rows.XM=" + gbk});
    CHECK(api->probe(instance, 0, &answer) == DATONG_ANSWERED);
    api->close(instance);
}

TEST_CASE("a plug-in that can't be opened says why and gives no instance", "[adapters][plugin]") {
    Kept kept;
    const datong_answer answer = answer_into(kept);
    void* instance = nullptr;
    CHECK(datong_adapter_entry()->open(bytes(""), &answer, &instance) != 0);
    CHECK(instance == nullptr);
    CHECK(kept.why == "no settings");
}

TEST_CASE("an ask of a smaller struct than the plug-in knows is refused", "[adapters][plugin]") {
    Kept kept;
    const datong_answer answer = answer_into(kept);
    datong_ask ask{};
    ask.struct_size = 8;
    CHECK(datong_adapter_entry()->ask(nullptr, &ask, &answer) == DATONG_BAD_ASK);
}
