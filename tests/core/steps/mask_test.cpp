#include "core/steps/mask.h"

#include <fstream>
#include <sstream>

#include "core/base/text.h"
#include "core/steps/registry.h"
#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong::steps;

TEST_CASE("names keep one character and the dots between their parts", "[steps][security]") {
    CHECK(masked_name("张三", NameMask::first) == "张*");
    CHECK(masked_name("张三丰", NameMask::first) == "张**");
    CHECK(masked_name("扎西·次仁", NameMask::first) == "扎*·**");
    CHECK(masked_name("扎西•次仁", NameMask::first) == "扎*•**");
    CHECK(masked_name("扎西・次仁", NameMask::last) == "**・*仁");
    CHECK(masked_name("张三丰", NameMask::ends) == "张*丰");
    CHECK(masked_name("张三", NameMask::ends) == "**");
    CHECK(masked_name("张", NameMask::first) == "*");
    CHECK(masked_name("𠮷田", NameMask::first) == "𠮷*");
    CHECK(masked_name("", NameMask::first).empty());
}

TEST_CASE("ids and telephone numbers hide what tells the person", "[steps][security]") {
    CHECK(masked_id("999901199001010010") == "999901********0010");
    CHECK(masked_id("999901900101001") == "999901******001");
    CHECK(masked_id("9999011990010100100") == std::string(19, '*'));
    CHECK(masked_phone("13800008000") == "138****8000");
    CHECK(masked_phone("0999-1231234") == "0999-***1234");
    CHECK(masked_phone("010-12345678") == "010-****5678");
    for (const std::string other : {"138000080001", "1380000800", "09991231234", "0999-12312", "0999-123123a",
                                    "9999-1231234", "(0999)1231234", "-", "0999-"}) {
        CAPTURE(other);
        CHECK(masked_phone(other) == std::string(other.size(), '*'));
    }
}

TEST_CASE("an e-mail address shows its domain and one character", "[steps][security]") {
    CHECK(masked_email("zhang.san@example.com") == "z********@example.com");
    CHECK(masked_email("z@example.com") == "*@example.com");
    for (const std::string other : {"", "@", "zhangsan", "@example.com", "zhangsan@", "a@b@c"}) {
        CAPTURE(other);
        CHECK(masked_email(other) == std::string(other.size(), '*'));
    }
}

TEST_CASE("a text too short for its profile is hidden whole", "[steps][security]") {
    CHECK(masked("1234567890", 6, 4) == "**********");
    CHECK(masked("12345678901", 6, 4) == "123456*8901");
    CHECK(masked("张三丰", 1, 1, U'×') == "张×丰");
    CHECK(masked("", 1, 1).empty());
}

TEST_CASE("an address is cut behind its county and tells no street", "[steps][security]") {
    struct Row {
        std::string address;
        std::string kept;
    };
    const auto row = GENERATE(values<Row>({{"浙江省杭州市西湖区文三路1号", "浙江省杭州市西湖区"},
                                           {"杭州市西湖区文三路1号", "杭州市西湖区"},
                                           {"西藏自治区拉萨市城关区北京中路1号", "西藏自治区拉萨市城关区"},
                                           {"北京市东城区长安街1号", "北京市东城区"},
                                           {"湖南省衡阳市衡山县开云镇1号", "湖南省衡阳市衡山县"},
                                           {"江苏省苏州市昆山市玉山镇1号", "江苏省苏州市昆山市"},
                                           {"浙江省台州市路桥区路桥街1号", "浙江省台州市路桥区"},
                                           {"黑龙江省哈尔滨市道里区中央大街1号", "黑龙江省哈尔滨市道里区"},
                                           {"江苏省无锡市县前街1号", "江苏省无锡市"},
                                           {"某市科技路1号住宅区5栋", "某市"},
                                           {"某市幸福小区5栋", "某市"},
                                           {"内蒙古自治区锡林郭勒盟正蓝旗1号", "内蒙古自治区锡林郭勒盟正蓝旗"},
                                           {"某市怡景花园东区5栋", "某市"},
                                           {"某某省某市翠苑一区5栋", "某某省某市"},
                                           {"张三丰浙江省杭州市西湖区文三路1号", ""},
                                           {"张三丰 浙江省杭州市西湖区文三路1号", "****浙江省杭州市西湖区"},
                                           {"地址：杭州市西湖区文三路1号", "****杭州市西湖区"},
                                           {"浙江省 杭州市 西湖区 文三路1号", "浙江省 杭州市 西湖区"},
                                           {"新疆维吾尔自治区乌鲁木齐市天山区1号", "新疆维吾尔自治区乌鲁木齐市天山区"},
                                           {"张三丰，文三路1号", ""},
                                           {"江苏省南京市玄武区中山路（东区）5栋", "江苏省南京市玄武区"},
                                           {"江苏省南京市玄武区中山路，翡翠城南区，5栋", "江苏省南京市玄武区"},
                                           {"南京市玄武区幸福里（原名丽景东区）", "南京市玄武区"},
                                           {"江苏省南京市玄武区中山路 12号", "江苏省南京市玄武区"},
                                           {"江苏省南京市玄武区中山路１２号", "江苏省南京市玄武区"},
                                           {"江苏省南京市玄武区中山路A座", "江苏省南京市玄武区"},
                                           {"科技路1号幸福小区", ""},
                                           {"12号", ""},
                                           {"", ""}}));
    CAPTURE(row.address);
    CHECK(masked_address(row.address) == row.kept + "****");
}

TEST_CASE("a value in an error shows no more than its ends, and of a name the first character", "[steps][security]") {
    CHECK(masked_for_log("999901199001010010", "sensitive") == "9****************0");
    CHECK(masked_for_log("999901199001010010", "personal") == "9****************0");
    CHECK(masked_for_log("999901199001010010", "") == "9****************0");
    CHECK(masked_for_log("999901199001010010", "secret") == "9****************0");
    CHECK(masked_for_log("张三丰", "personal") == "张**");
    CHECK(masked_for_log("示例市科技路1号", "sensitive") == "示*******");
    CHECK(masked_for_log("ab", "sensitive") == "**");
    CHECK(masked_for_log("张", "sensitive") == "*");
    CHECK(masked_for_log("", "sensitive").empty());
    CHECK(masked_for_log("0000", "internal") == "0000");
    CHECK(masked_for_log(std::string(64, 'x'), "public") == std::string(64, 'x'));
    CHECK(masked_for_log(std::string(65, 'x'), "public") == std::string(64, 'x') + "…");
    CHECK(datong::count_chars(masked_for_log(std::string(5000, 'x'), "sensitive")) == 64);
}

namespace {

std::string shipped_profiles() {
    std::ifstream file{std::string{DATONG_SOURCE_DIR} + "/mappings/masking.yaml"};
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

/// A step under a profile of the shipped masking.yaml, or of another text.
std::string masked_by(std::string_view step, const std::string& profile, const std::string& value,
                      const std::string& argument = "", const std::string& profiles = shipped_profiles()) {
    Surroundings around = datong::tests::surroundings();
    around.masking = profile;
    around.read_file = [&profiles](std::string_view path) -> std::optional<std::string> {
        return path == "masking.yaml" ? std::optional{profiles} : std::nullopt;
    };
    const auto made = datong::tests::make(step, argument, around);
    return made.step != nullptr ? datong::tests::outcome(*made.step, Value{value}) : to_line(made.mistakes.front());
}

}  // namespace

TEST_CASE("a mapping's masking profile decides what a step does not say itself", "[steps][security]") {
    CHECK(masked_by("mask_name", "default", "张三丰") == "张**");
    CHECK(masked_by("mask_name", "strict", "张三丰") == "***");
    CHECK(masked_by("mask_name", "strict", "张三丰", "ends") == "张*丰");
    CHECK(masked_by("mask_id", "default", "999901199001010010") == "999901********0010");
    CHECK(masked_by("mask_id", "default", "999901900101001") == "999901******001");
    CHECK(masked_by("mask_id", "log", "999901199001010010") == "9****************0");
    CHECK(masked_by("mask_id", "log", "999901900101001") == "9*************1");
    CHECK(masked_by("mask_phone", "strict", "13800008000") == "*******8000");
    CHECK(masked_by("mask_phone", "strict", "0999-1231234") == "****-***1234");
    CHECK(masked_by("mask_bank_card", "strict", "9999990000001234") == "************1234");
    CHECK(masked_by("mask_address", "strict", "示例省示例市城关区科技路1号") == "****");
    CHECK(masked_by("mask_address", "strict", "示例省示例市城关区科技路1号", "county") == "示例省示例市城关区****");
    CHECK(masked_by("mask_email", "strict", "zhangsan@example.com") == "********@example.com");
}

TEST_CASE("the shipped default profile masks as the program does without a file", "[steps][security]") {
    const auto shipped = read_mask_profile(shipped_profiles(), "masking.yaml", "default");
    REQUIRE(shipped.has_value());
    const MaskProfile built_in;
    CHECK(shipped->name == built_in.name);
    CHECK(shipped->id.first == built_in.id.first);
    CHECK(shipped->id.last == built_in.id.last);
    CHECK(shipped->phone.first == built_in.phone.first);
    CHECK(shipped->phone.last == built_in.phone.last);
    CHECK(shipped->bank_card.first == built_in.bank_card.first);
    CHECK(shipped->bank_card.last == built_in.bank_card.last);
    CHECK(shipped->county == built_in.county);
    CHECK(shipped->first_of_email == built_in.first_of_email);
}

TEST_CASE("a mistake in masking.yaml is told at its place and masks nothing by guess", "[steps][security]") {
    const auto line = [](const std::string& profile, const std::string& profiles) {
        return masked_by("mask_id", profile, "999901199001010010", "", profiles);
    };
    const std::string head = "datong: masking/v1\nprofiles:\n  default:\n";
    CHECK_THAT(masked_by("mask_id", "strikt", "1"), ContainsSubstring("strict"));
    CHECK_THAT(line("default", head + "    id: [12, 4]\n"), ContainsSubstring("M104 masking.yaml:4:9"));
    CHECK_THAT(line("default", head + "    id: 6\n"), ContainsSubstring("M104 masking.yaml:4:9"));
    CHECK_THAT(line("default", head + "    id: [a, 4]\n"), ContainsSubstring("M104"));
    CHECK_THAT(line("default", head + "    name: frist\n"), ContainsSubstring("first"));
    CHECK_THAT(line("default", head + "    adress: none\n"), ContainsSubstring("M103 masking.yaml:4:5"));
    CHECK_THAT(line("default", "datong: masking/v2\nprofiles: {}\n"), ContainsSubstring("masking/v1"));
    CHECK_THAT(line("default", "profiles: [\n"), ContainsSubstring("M10"));
    Surroundings none = datong::tests::surroundings();
    none.masking = "strict";
    CHECK(datong::tests::make("mask_id", "", none).step == nullptr);
}

TEST_CASE("exactly the masking steps lower the class of a value", "[steps][security]") {
    std::size_t masks = 0;
    for (const Entry& entry : entries()) {
        CAPTURE(entry.name);
        const bool by_name = entry.name.starts_with("mask") || entry.name == "pseudonymize" || entry.name == "drop";
        CHECK(entry.masks == by_name);
        masks += entry.masks ? 1 : 0;
    }
    CHECK(masks == 9);
}
