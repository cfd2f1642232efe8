#include "core/codec/xml_builder.h"

#include <array>
#include <unordered_map>
#include <utility>

namespace datong::codec {
namespace {

using record::Record;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Which member a name went to. The parser keeps each name once, so its address is the name.
class Slots {
public:
    explicit Slots(std::size_t names) : few_{names <= kFew} {}

    /// The slot of a name that came before; otherwise `next` becomes its slot and is given back.
    std::size_t slot_of(const char* name, std::size_t next) {
        if (!few_) {
            return many_.try_emplace(name, next).first->second;
        }
        for (std::size_t i = 0; i < size_; ++i) {
            if (names_[i] == name) {
                return slots_[i];
            }
        }
        names_[size_] = name;
        slots_[size_++] = next;
        return next;
    }

private:
    static constexpr std::size_t kFew = 16;

    bool few_;
    std::size_t size_{};
    std::array<const char*, kFew> names_{};
    std::array<std::size_t, kFew> slots_{};
    std::unordered_map<const char*, std::size_t> many_;
};

}  // namespace

XmlBuilder::XmlBuilder(const XmlLimits& limits) : limits_{limits} {
    constexpr std::size_t kUsual = 64;  // spares the stacks their first doublings
    children_.reserve(kUsual);
    open_.reserve(kUsual / 4);
}

bool XmlBuilder::refuse(const char* reason) {
    reason_ = reason;
    return false;
}

bool XmlBuilder::count_node() {
    return ++nodes_ <= limits_.max_nodes || refuse("too many elements and attributes");
}

/// "prefix:name" of an element in a namespace that has a prefix; at the same address for the same name.
std::string_view XmlBuilder::qualified(std::string_view name, std::string_view uri) {
    for (std::size_t i = 0; i < limits_.namespaces.size(); ++i) {
        if (limits_.namespaces[i].uri == uri) {
            const auto [found, is_new] = qualified_.try_emplace({name.data(), i});
            if (is_new) {
                found->second = limits_.namespaces[i].prefix + ':' + std::string{name};
            }
            return found->second;
        }
    }
    return name;
}

bool XmlBuilder::start(std::string_view name, std::string_view uri) {
    if (!limits_.namespaces.empty()) {
        name = qualified(name, uri);
    }
    if (open_.empty()) {
        root_name_ = name;
        root_uri_ = uri;
    }
    open_.push_back({name, children_.size(), 0, {}});
    const bool shallow = open_.size() <= static_cast<std::size_t>(limits_.max_depth);
    return (shallow || refuse("nested too deep")) && count_node();
}

bool XmlBuilder::attribute(std::string_view name, std::string value) {
    children_.push_back({name, true, Record::text(std::move(value))});
    return (++open_.back().attributes <= limits_.max_attributes || refuse("an element has too many attributes")) &&
           count_node();
}

void XmlBuilder::text(std::string_view part) {
    if (!open_.empty()) {
        open_.back().text.append(part);
    }
}

void XmlBuilder::end() {
    Open element = std::move(open_.back());
    open_.pop_back();
    Record content = content_of(element);
    children_.resize(element.first_child);
    if (open_.empty()) {
        root_ = XmlRoot{std::move(root_name_), std::move(root_uri_), std::move(content)};
        return;
    }
    children_.push_back({element.name, false, std::move(content)});
}

Record XmlBuilder::content_of(Open& element) {
    const std::size_t first_element = element.first_child + element.attributes;
    const bool has_elements = children_.size() > first_element;
    if (!has_elements && element.attributes == 0) {
        return Record::text(std::move(element.text));
    }
    Record::Object members;
    members.reserve(children_.size() - element.first_child + 1);
    move_children(members, element.first_child, first_element);
    const bool has_text = has_elements ? !is_blank(element.text) : !element.text.empty();
    if (has_text) {
        members.push_back({"#text", Record::text(std::move(element.text))});
    }
    move_children(members, first_element, children_.size());
    return Record::object(std::move(members));
}

void XmlBuilder::move_children(Record::Object& members, std::size_t first, std::size_t last) {
    Slots slots{last - first};
    for (std::size_t at = first; at < last; ++at) {
        Child& child = children_[at];
        const std::size_t slot = slots.slot_of(child.name.data(), members.size());
        if (slot == members.size()) {
            std::string name{child.is_attribute ? "@" : ""};
            members.push_back({std::move(name.append(child.name)), std::move(child.value)});
            continue;
        }
        Record& there = members[slot].value;
        if (!there.is_list()) {
            Record::List items;
            items.push_back(std::move(there));
            there = Record::list(std::move(items));
        }
        there.add(std::move(child.value));
    }
}

}  // namespace datong::codec
