#include "core/adapter/adapter.h"
#include "core/adapter/settings.h"
#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::adapter {
namespace {

using record::Record;

Record object_of(const std::vector<Setting>& list);

Record text_schema(const Setting& setting) {
    Record schema = Record::object();
    schema.put("type", Record::text("string"));
    if (setting.required) {
        schema.put("minLength", Record::integer(1));
    }
    if (setting.kind == SettingKind::url) {
        schema.put("pattern", Record::text("^(https?://|\\$\\{)"));
    }
    if (!setting.choices.empty()) {
        Record& choices = schema.put("enum", Record::list());
        for (const std::string& choice : setting.choices) {
            choices.add(Record::text(choice));
        }
    }
    return schema;
}

Record whole_schema(const Setting& setting) {
    Record schema = Record::object();
    schema.put("type", Record::text("integer"));
    schema.put("minimum", Record::integer(setting.least));
    schema.put("maximum", Record::integer(setting.most));
    return schema;
}

Record map_schema(const Setting& setting) {
    Record schema = Record::object();
    schema.put("type", Record::text("object"));
    if (setting.required) {
        schema.put("minProperties", Record::integer(1));
    }
    Record value = Record::object();
    if (setting.entry.empty()) {
        value.put("type", Record::text("string"));
    } else {
        value = object_of(setting.entry);
    }
    schema.put("additionalProperties", std::move(value));
    return schema;
}

Record list_schema() {
    Record text = Record::object();
    text.put("type", Record::text("string"));
    Record list = Record::object();
    list.put("type", Record::text("array"));
    list.put("items", text);
    Record both = Record::list();
    both.add(std::move(text));
    both.add(std::move(list));
    Record schema = Record::object();
    schema.put("anyOf", std::move(both));
    return schema;
}

Record bare_schema(const Setting& setting) {
    switch (setting.kind) {
        case SettingKind::whole:
        case SettingKind::milliseconds:
            return whole_schema(setting);
        case SettingKind::map:
            return map_schema(setting);
        case SettingKind::list:
            return list_schema();
        case SettingKind::group:
            return object_of(setting.entry);
        case SettingKind::flag: {
            Record schema = Record::object();
            schema.put("type", Record::text("boolean"));
            return schema;
        }
        case SettingKind::text:
        case SettingKind::file:
        case SettingKind::folder:
        case SettingKind::url:
            break;
    }
    return text_schema(setting);
}

Record default_of(const Setting& setting) {
    if (setting.kind == SettingKind::flag) {
        return Record::boolean(setting.otherwise == "true");
    }
    if (setting.kind == SettingKind::whole || setting.kind == SettingKind::milliseconds) {
        return Record::number(setting.otherwise);
    }
    return Record::text(setting.otherwise);
}

Record schema_of(const Setting& setting) {
    Record schema = bare_schema(setting);
    schema.put("title", Record::text(setting.help_zh));
    schema.put("description", Record::text(setting.help_en));
    if (!setting.otherwise.empty()) {
        schema.put("default", default_of(setting));
    }
    if (setting.secret) {
        schema.put("x-secret", Record::boolean(true));
    }
    return schema;
}

Record object_of(const std::vector<Setting>& list) {
    Record properties = Record::object();
    Record required = Record::list();
    for (const Setting& setting : list) {
        properties.put(setting.name, schema_of(setting));
        if (setting.required) {
            required.add(Record::text(setting.name));
        }
    }
    Record schema = Record::object();
    schema.put("type", Record::text("object"));
    schema.put("properties", std::move(properties));
    schema.put("required", std::move(required));
    schema.put("additionalProperties", Record::boolean(false));
    return schema;
}

}  // namespace

std::string settings_schema(const Kind& kind) {
    Record schema = Record::object();
    schema.put("$schema", Record::text("https://json-schema.org/draft/2020-12/schema"));
    schema.put("title", Record::text("settings of adapter " + kind.name));
    const Record object = object_of(all_settings(kind));
    for (const record::Member& member : object.members()) {
        schema.put(member.name, member.value);
    }
    return codec::write_json_for_people(schema);
}

}  // namespace datong::adapter
