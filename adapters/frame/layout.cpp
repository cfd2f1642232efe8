#include "adapters/frame/layout.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::adapters::frame {
namespace {

tl::unexpected<Error> broken(const std::string& what) {
    return fail(Fault::department_invalid, "frame: " + what);
}

/// `value` filled up to `size`; never longer, which the caller has checked.
std::string padded(std::string value, std::size_t size, Pad pad) {
    const std::size_t missing = size - value.size();
    switch (pad) {
        case Pad::zeros_left:
            return value.insert(0, missing, '0');
        case Pad::blanks_left:
            return value.insert(0, missing, ' ');
        case Pad::blanks_right:
            break;
    }
    return value.append(missing, ' ');
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string binary(std::uint64_t number, std::size_t size, NumberForm form) {
    std::string octets(size, '\0');
    for (std::size_t i = 0; i < size; ++i, number >>= 8U) {
        octets[form == NumberForm::little_endian ? i : size - 1 - i] = static_cast<char>(number & 0xFFU);
    }
    return octets;
}

std::uint64_t from_binary(std::string_view octets, NumberForm form) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const char octet = octets[form == NumberForm::little_endian ? octets.size() - 1 - i : i];
        number = number << 8U | static_cast<unsigned char>(octet);
    }
    return number;
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<std::string> written_field(const Part& part, const Layout::ValueOf& value_of) {
    const std::string* given = value_of(part.name);
    const std::string& value = given != nullptr ? *given : part.octets;
    if (!is_printable(value) || value.size() > part.size) {
        return fail(Fault::request_invalid, "frame: " + part.name + " is longer than " + std::to_string(part.size) +
                                                " octets or holds other than printable ASCII");
    }
    return padded(value, part.size, part.pad);
}

}  // namespace

bool Layout::has_mac() const {
    return std::ranges::any_of(parts_, [](const Part& part) { return part.kind == Part::Kind::mac; });
}

std::vector<std::string> Layout::field_names() const {
    std::vector<std::string> names;
    for (const Part& part : parts_) {
        if (part.kind == Part::Kind::field) {
            names.push_back(part.name);
        }
    }
    return names;
}

std::string Layout::mac_of(const Part& part, const std::vector<std::string_view>& octets, std::string_view key) const {
    std::string covered;
    for (const std::size_t at : part.covers) {
        covered.append(octets[at]);
    }
    switch (part.mac) {
        case MacKind::hmac_sha256:
            return to_hex(crypto::hmac_sha256(key, covered));
        case MacKind::sha256_key_last:
            return to_hex(crypto::sha256(covered.append(key)));
        case MacKind::sha256_key_first:
            break;
    }
    return to_hex(crypto::sha256(covered.insert(0, key)));
}

Result<std::string> Layout::written_length(const Part& part, const std::vector<std::string>& octets) const {
    std::uint64_t sum = 0;
    for (const std::size_t at : part.covers) {
        // what is not written yet has a fixed size
        sum += parts_[at].kind == Part::Kind::body ? octets[at].size() : parts_[at].size;
    }
    const std::string digits = std::to_string(sum);
    const bool fits =
        part.form == NumberForm::digits ? digits.size() <= part.size : part.size >= 8 || sum >> (8 * part.size) == 0;
    if (!fits) {
        return fail(Fault::request_invalid, "frame: the message is too long for " + part.name);
    }
    return part.form == NumberForm::digits ? padded(digits, part.size, part.pad) : binary(sum, part.size, part.form);
}

Result<std::string> Layout::write(const ValueOf& value_of, std::string_view body, std::string_view key) const {
    std::vector<std::string> octets(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const Part& part = parts_[i];
        if (part.kind == Part::Kind::constant) {
            octets[i] = part.octets;
        } else if (part.kind == Part::Kind::body) {
            octets[i] = body;
        } else if (part.kind == Part::Kind::field) {
            auto value = written_field(part, value_of);
            if (!value) {
                return value;
            }
            octets[i] = std::move(*value);
        }
    }
    if (length_at_ < parts_.size()) {
        auto length = written_length(parts_[length_at_], octets);
        if (!length) {
            return length;
        }
        octets[length_at_] = std::move(*length);
    }
    std::string frame;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (parts_[i].kind == Part::Kind::mac) {
            const std::string mac = mac_of(parts_[i], {octets.begin(), octets.end()}, key);
            octets[i] = mac;
            if (parts_[i].upper_case) {
                std::ranges::transform(mac, octets[i].begin(), [](char c) { return c >= 'a' ? c - 'a' + 'A' : c; });
            }
        }
        frame += octets[i];
    }
    return frame;
}

Result<std::size_t> Layout::number_in(const Part& part, std::string_view octets) const {
    if (part.form != NumberForm::digits) {
        return static_cast<std::size_t>(from_binary(octets, part.form));
    }
    const auto number = to_whole_number(without_blanks(octets));
    return number ? Result<std::size_t>{static_cast<std::size_t>(*number)} : broken(part.name + " is no number");
}

std::size_t Layout::sum_of_sizes(const std::vector<std::size_t>& places) const {
    std::size_t sum = 0;
    for (const std::size_t at : places) {
        sum += parts_[at].size;
    }
    return sum;
}

Result<std::size_t> Layout::rest_size(std::string_view head) const {
    const Part& length = parts_[length_at_];
    const auto counted = number_in(length, head.substr(head.size() - length.size));
    if (!counted) {
        return counted;
    }
    const std::size_t fixed = sum_of_sizes(length.covers);
    if (*counted < fixed) {
        return broken(length.name + " is shorter than the frame's own parts");
    }
    return fixed_size_ - head_size_ + (*counted - fixed);
}

Status Layout::check_part(const Part& part, const std::vector<std::string_view>& octets, std::string_view key) const {
    const std::string_view own = octets[static_cast<std::size_t>(&part - parts_.data())];
    if (part.kind == Part::Kind::constant && own != part.octets) {
        return broken(part.name + " is not the one agreed");
    }
    if (part.kind == Part::Kind::mac && !equal_in_constant_time(ascii_lower(own), mac_of(part, octets, key))) {
        return broken(part.name + " is wrong: altered on the way, or another key");
    }
    if (part.kind != Part::Kind::length) {
        return {};
    }
    std::size_t size = 0;
    for (const std::size_t at : part.covers) {
        size += octets[at].size();
    }
    const auto said = number_in(part, own);
    if (!said || *said != size) {
        return broken(part.name + " is not the length of what came");
    }
    return {};
}

std::string Layout::field_of(std::string_view frame, std::string_view name) const {
    const std::size_t body_size = frame.size() - std::min(frame.size(), fixed_size_);
    for (const Part& part : parts_) {
        const std::size_t size = part.kind == Part::Kind::body ? body_size : part.size;
        if (part.name == name) {
            return std::string{without_blanks(frame.substr(0, size))};
        }
        frame.remove_prefix(std::min(frame.size(), size));
    }
    return {};
}

Result<std::string> Layout::body_of(std::string_view frame, std::string_view key) const {
    if (frame.size() < fixed_size_) {
        return broken("it ends before its last part");
    }
    const std::size_t body_size = frame.size() - fixed_size_;
    std::vector<std::string_view> octets;
    octets.reserve(parts_.size());
    std::string_view body;
    for (const Part& part : parts_) {
        const bool is_body = part.kind == Part::Kind::body;
        octets.push_back(frame.substr(0, is_body ? body_size : part.size));
        frame.remove_prefix(octets.back().size());
        body = is_body ? octets.back() : body;
    }
    for (const Part& part : parts_) {
        if (auto good = check_part(part, octets, key); !good) {
            return fail(std::move(good.error()));
        }
    }
    return std::string{body};
}

}  // namespace datong::adapters::frame
