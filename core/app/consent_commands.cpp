#include <iostream>

#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/codec/json.h"
#include "core/consent/consent.h"
#include "core/crypto/digest.h"
#include "core/signing/jws.h"
#include "core/yaml/node.h"

namespace datong::app {
namespace {

using record::Record;

std::string joined(const Record& one) {
    std::string text;
    for (const char* name : {"services", "matters"}) {
        const Record* list = one.find(name);
        for (const Record& item : list != nullptr ? list->items() : Record::List{}) {
            text.append(text.empty() ? "" : " ").append(item.scalar());
        }
    }
    return text;
}

std::string_view title_of(std::string_view state) {
    return state == "in_force"  ? "有效"
           : state == "not_yet" ? "未生效"
           : state == "used_up" ? "次数已用尽"
           : state == "over"    ? "已到期"
           : state == "revoked" ? "已撤回"
                                : "签发方已停用";
}

std::string digits_of(const Record& one, std::string_view name) {
    const Record* number = one.find(name);
    return number != nullptr ? std::string{number->scalar()} : std::string{"-"};
}

void say_line(const Record& one) {
    const std::string state = one.text_of("state");
    std::cout << one.text_of("id") << "  " << title_of(state) << ' ' << state << "  " << one.text_of("issuer") << ": "
              << one.text_of("consumer") << " -> " << joined(one) << "  " << one.text_of("mode") << "  已用 used "
              << digits_of(one, "uses") << "  剩余 left " << digits_of(one, "left") << "  至 until "
              << one.text_of("valid_to").substr(0, 19);
    if (state == "revoked") {
        std::cout << "  撤回于 revoked " << one.text_of("revoked_at").substr(0, 19) << " (" << one.text_of("reason")
                  << ')';
    }
    std::cout << '\n';
}

int usage(const std::string& text) {
    std::cerr << text << '\n';
    return kUsage;
}

/// What a YAML or JSON file says, without its first line's kind.
std::optional<Record> statement_in(const std::string& file) {
    const auto text = read_text(file);
    if (!text) {
        std::cerr << "无法读取 can't read " << file << '\n';
        return std::nullopt;
    }
    Record said;
    if (text->find_first_not_of(" \t\r\n") != std::string::npos && (*text)[text->find_first_not_of(" \t\r\n")] == '{') {
        auto json = codec::read_json(*text);
        if (!json) {
            std::cerr << file << ": " << json.error().detail() << '\n';
            return std::nullopt;
        }
        said = std::move(*json);
    } else {
        const auto node = yaml::parse(*text, file);
        if (!node) {
            for (const Mistake& one : node.error()) {
                std::cerr << to_line(one) << '\n';
            }
            return std::nullopt;
        }
        said = yaml::to_record(*node);
    }
    if (said.is_object()) {
        std::erase_if(said.members_to_edit(), [](const record::Member& member) { return member.name == "datong"; });
    }
    return said;
}

/// Checked by the gateway's own rules, so that what is signed is what it takes.
Status check(const Record& said, bool is_revocation) {
    if (is_revocation) {
        const auto read = consent::read_revocation_payload(said, {});
        return read ? Status{} : fail(read.error());
    }
    const auto read = consent::read_payload(said, Secret{crypto::random_bytes(32)});
    return read ? Status{} : fail(read.error());
}

}  // namespace

int consent_list(const ConsentOptions& options) {
    int code = kGood;
    const Record all = read_admin(options.config, "/v1/consents", code);
    const Record* list = all.find("consents");
    if (list == nullptr) {
        return code;
    }
    Record kept = Record::list();
    for (const Record& one : list->items()) {
        if (options.consumer.empty() || one.text_of("consumer") == options.consumer) {
            kept.add(one);
        }
    }
    if (all.text_of("is_cut") == "true") {
        std::cerr << "只列出最新的部分 only the newest are listed; one by its id: datong consent show ID\n";
    }
    if (options.json) {
        std::cout << codec::write_json(kept) << '\n';
        return kGood;
    }
    for (const Record& one : kept.items()) {
        say_line(one);
    }
    if (kept.items().empty()) {
        std::cout << "没有登记的同意书 no consents are registered\n";
    }
    return kGood;
}

int consent_show(const ConsentOptions& options) {
    int code = kGood;
    const Record one = read_admin(options.config, "/v1/consents/" + options.id, code);
    if (one.find("id") == nullptr) {
        return code;
    }
    if (options.json) {
        std::cout << codec::write_json(one) << '\n';
        return kGood;
    }
    say_line(one);
    for (const record::Member& member : one.members()) {
        if (member.name != "id" && member.name != "state") {
            std::cout << "  " << member.name.view() << ": "
                      << (member.value.is_scalar() ? std::string{member.value.scalar()}
                                                   : codec::write_json(member.value))
                      << '\n';
        }
    }
    return kGood;
}

int consent_revoke(const ConsentOptions& options) {
    const AdminAnswer answer = ask_admin(
        options.config, {.target = "/v1/consents/" + options.id + "/revoke", .body = {}, .reason = options.reason});
    if (!answer.http) {
        return answer.code;
    }
    const auto done = codec::read_json(answer.http->body);
    if (answer.http->status != 200 || !done) {
        return say_problem(*answer.http);
    }
    if (options.json) {
        std::cout << codec::write_json(*done) << '\n';
    } else {
        say_line(*done);
    }
    return kGood;
}

int consent_sign(const ConsentOptions& options) {
    const auto pem = read_text(options.key);
    const auto key = pem ? crypto::SigningKey::from_pem(*pem) : fail(Fault::bad_request, "can't be read");
    if (!key) {
        return usage("密钥文件不可用 " + options.key + " holds no private key to sign with: " + key.error().detail());
    }
    const auto said = statement_in(options.file);
    if (!said) {
        return kUsage;
    }
    const bool is_revocation = said->find("consent") != nullptr;
    if (auto good = check(*said, is_revocation); !good) {
        return usage(options.file + (is_revocation ? ": 撤回声明有误 the revocation: " : ": 同意书有误 the consent: ") +
                     good.error().detail());
    }
    const auto jws =
        signing::sign_jws(codec::write_json(*said), options.keyid,
                          is_revocation ? consent::kRevocationType : consent::kType, key->default_algorithm(), *key);
    if (!jws) {
        return usage("无法签名 can't sign: " + jws.error().detail());
    }
    std::cout << *jws << '\n';
    return kGood;
}

}  // namespace datong::app
