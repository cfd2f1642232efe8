#include "examples/departments/legacy_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

#include <iconv.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "examples/departments/households.h"
#include "examples/departments/ids.h"

namespace datong::departments {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string converted(std::string_view from, const char* to_name, const char* from_name) {
    iconv_t converter = iconv_open(to_name, from_name);
    std::string input{from};
    std::string out(input.size() * 4 + 16, '\0');
    char* read = input.data();
    char* write = out.data();
    std::size_t left = input.size();
    std::size_t room = out.size();
    while (left > 0 && iconv(converter, &read, &left, &write, &room) == static_cast<std::size_t>(-1) && room > 0) {
        if (left == 0) {
            break;
        }
        *write++ = '?';
        --room;
        // past the character that could not be converted
        do {
            ++read;
            --left;
        } while (left > 0 && (static_cast<unsigned char>(*read) & 0xC0U) == 0x80U);
    }
    iconv_close(converter);
    out.resize(out.size() - room);
    return out;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%' && i + 2 < text.size()) {
            unsigned octet = 0;
            std::from_chars(text.data() + i + 1, text.data() + i + 3, octet, 16);
            out += static_cast<char>(octet);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

const xmlNode* find_element(const xmlNode* node, std::string_view local_name) {
    for (; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        if (reinterpret_cast<const char*>(node->name) == local_name) {
            return node;
        }
        if (const xmlNode* below = find_element(node->children, local_name); below != nullptr) {
            return below;
        }
    }
    return nullptr;
}

bool is_separator(std::string_view rest, std::size_t& octets) {
    constexpr std::array<std::string_view, 4> kDots{"\u00B7", "\u2022", "\u30FB", "\u3000"};
    for (const std::string_view dot : kDots) {
        if (rest.substr(0, dot.size()) == dot) {
            octets = dot.size();
            return true;
        }
    }
    octets = 1;
    return rest.front() == ' ';
}

}  // namespace

std::string to_gb18030(std::string_view utf8) {
    return converted(utf8, "GB18030", "UTF-8");
}
std::string from_gb18030(std::string_view octets) {
    return converted(octets, "UTF-8", "GB18030");
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

std::string element(std::string_view name, std::string_view text) {
    std::string out = "<";
    return out.append(name).append(">").append(xml_escaped(text)).append("</").append(name).append(">");
}

std::string elements(std::initializer_list<std::pair<std::string_view, std::string>> all) {
    std::string out;
    for (const auto& [name, text] : all) {
        out += element(name, text);
    }
    return out;
}

std::string attributes(std::initializer_list<std::pair<std::string_view, std::string>> all) {
    std::string out;
    for (const auto& [name, text] : all) {
        out.append(" ").append(name).append("=\"").append(xml_escaped(text)).append("\"");
    }
    return out;
}

std::string soap_envelope(std::string_view body) {
    std::string out =
        R"(<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>)";
    return out.append(body).append("</soap:Body></soap:Envelope>");
}

std::string json_object(std::initializer_list<std::pair<std::string_view, std::string>> members) {
    std::string out = "{";
    for (const auto& [name, json] : members) {
        out.append(out.size() > 1 ? "," : "").append(json_quoted(name)).append(":").append(json);
    }
    return out + "}";
}

std::string json_texts(std::initializer_list<std::pair<std::string_view, std::string>> members) {
    std::string out = "{";
    for (const auto& [name, text] : members) {
        out.append(out.size() > 1 ? "," : "").append(json_quoted(name)).append(":").append(json_quoted(text));
    }
    return out + "}";
}

std::string to_base64(std::string_view octets) {
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        const std::size_t have = std::min<std::size_t>(3, octets.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8U | (i < have ? static_cast<unsigned char>(octets[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= have ? kBase64[bits >> (18 - 6 * i) & 63U] : '=';
        }
    }
    return out;
}

std::string from_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = kBase64.find(c);
        if (value == std::string_view::npos) {
            break;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
        }
    }
    return out;
}

std::string percent_encoded(std::string_view octets) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x80 && std::isalnum(octet) != 0) {
            out += c;
        } else {
            out.append("%").append(1, kHex[octet >> 4U]).append(1, kHex[octet & 15U]);
        }
    }
    return out;
}

std::string dashed_day(const std::string& day) {
    return day.substr(0, 4) + '-' + day.substr(4, 2) + '-' + day.substr(6, 2);
}

std::string unpadded_day(const std::string& day, std::string_view year, std::string_view month, std::string_view end) {
    std::string out = day.substr(0, 4);
    out.append(year).append(std::to_string(std::stoi(day.substr(4, 2))));
    return out.append(month).append(std::to_string(std::stoi(day.substr(6, 2)))).append(end);
}

std::map<std::string, std::string, std::less<>> read_form(std::string_view text) {
    std::map<std::string, std::string, std::less<>> form;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        const std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
        form[decoded(pair.substr(0, equals))] = decoded(value);
    }
    return form;
}

std::map<std::string, std::string, std::less<>> read_flat_json(std::string_view text) {
    std::map<std::string, std::string, std::less<>> members;
    std::string name;
    for (std::size_t at = text.find('"'); at < text.size();) {
        const bool quoted = text[at] == '"';
        const std::size_t begin = at + (quoted ? 1 : 0);
        const std::size_t end = std::min(text.find_first_of(quoted ? "\"" : ",} \r\n", begin), text.size());
        const std::string word{text.substr(begin, end - begin)};
        const std::size_t next = text.find_first_not_of(" \r\n\t", end + (quoted ? 1 : 0));
        if (next < text.size() && text[next] == ':') {
            name = word;
        } else if (!name.empty()) {
            members[std::exchange(name, {})] = word;
        }
        at = std::min(text.find_first_not_of(" \r\n\t:,}", next), text.size());
    }
    return members;
}

std::string element_text(std::string_view xml, std::string_view local_name) {
    const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> document{
        xmlReadMemory(xml.data(), static_cast<int>(std::min<std::size_t>(xml.size(), INT_MAX)), nullptr, "UTF-8",
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
        [](xmlDoc* doc) { xmlFreeDoc(doc); }};
    if (document == nullptr) {
        return {};
    }
    const xmlNode* found = find_element(xmlDocGetRootElement(document.get()), local_name);
    if (found == nullptr) {
        return {};
    }
    xmlChar* content = xmlNodeGetContent(found);
    std::string text = content == nullptr ? "" : reinterpret_cast<const char*>(content);
    xmlFree(content);
    return text;
}

std::string fixed_column(std::string octets, std::size_t width) {
    octets.resize(width, ' ');
    return octets;
}

std::string fixed_number(std::int64_t value, int width) {
    return digits(value, width);
}

std::string yuan(std::int64_t fen) {
    return digits(fen / 100, 1) + '.' + digits(fen % 100, 2);
}

std::string ten_thousand_yuan(std::int64_t fen) {
    std::string text = digits(fen / 1'000'000, 1) + '.' + digits(fen % 1'000'000, 6);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

std::string comparable_id(std::string_view id) {
    std::string out;
    for (const char c : id) {
        if (c != ' ') {
            out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
    }
    return out.size() == 18 && out.substr(6, 2) == "19" ? short_resident_id(out) : out;
}

std::string comparable_name(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size();) {
        std::size_t octets = 1;
        if (!is_separator(name.substr(i), octets)) {
            out.append(name.substr(i, octets));
        }
        i += octets;
    }
    return out;
}

}  // namespace datong::departments
