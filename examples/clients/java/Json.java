import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** JSON with the text that each value was written as: a digest is over "100.10", not over 100.1 (docs/answer.md). */
final class Json {
    enum Kind { OBJECT, LIST, TEXT, OTHER }

    /** A value: members of an object, items of a list, or what a scalar says. */
    record Value(Kind kind, Map<String, Value> members, List<Value> items, String said, String raw) {
        Value get(String name) { return members.get(name); }
        String text(String name) { Value one = members.get(name); return one == null ? "" : one.said; }
        List<Value> list(String name) { Value one = members.get(name); return one == null ? List.of() : one.items; }

        /** The value at a JSON pointer, or null. Source: RFC 6901, 4. */
        Value at(String pointer) {
            Value here = this;
            for (String part : pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1)) {
                if (here.kind == Kind.LIST) {
                    boolean is = part.matches("0|[1-9][0-9]{0,8}") && Integer.parseInt(part) < here.items.size();
                    here = is ? here.items.get(Integer.parseInt(part)) : null;
                } else {
                    here = here.members.get(part.replace("~1", "/").replace("~0", "~"));
                }
                if (here == null) {
                    return null;
                }
            }
            return here;
        }

        /** As the gateway writes it: without blanks, texts with the least of escapes, numbers as they stand. */
        String compact() {
            return switch (kind) {
                case OBJECT -> members.entrySet().stream().map(one -> quoted(one.getKey()) + ":" + one.getValue().compact())
                    .collect(Collectors.joining(",", "{", "}"));
                case LIST -> items.stream().map(Value::compact).collect(Collectors.joining(",", "[", "]"));
                case TEXT -> quoted(said);
                case OTHER -> raw;
            };
        }

        /** The pointers of every leaf: a scalar, an empty object, an empty list. */
        List<String> leaves(String at) {
            List<String> found = new ArrayList<>();
            members.forEach((name, one) -> found.addAll(one.leaves(at + "/" + name.replace("~", "~0").replace("/", "~1"))));
            for (int i = 0; i < items.size(); i++) {
                found.addAll(items.get(i).leaves(at + "/" + i));
            }
            return members.isEmpty() && items.isEmpty() ? List.of(at) : found;
        }

        /** Whether both say the same: members in any order, numbers as they are written. */
        boolean same(Value other) {
            if (other == null || kind != other.kind || !said.equals(other.said) || items.size() != other.items.size()) {
                return false;
            }
            for (int i = 0; i < items.size(); i++) {
                if (!items.get(i).same(other.items.get(i))) {
                    return false;
                }
            }
            return members.keySet().equals(other.members.keySet())
                && members.entrySet().stream().allMatch(one -> one.getValue().same(other.members.get(one.getKey())));
        }
    }

    private static final Pattern SCALAR = Pattern.compile(
        "\"((?:[^\"\\\\\\u0000-\\u001f]|\\\\.)*+)\"|-?(?:0|[1-9]\\d*+)(?:\\.\\d++)?(?:[eE][+-]?\\d++)?|true|false|null");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");
    private final String text;
    private int at;

    private Json(String text) { this.text = text; }

    static Value parse(String text) {
        Json json = new Json(text);
        Value value = json.value(0);
        json.space();
        json.must(json.at == text.length());
        return value;
    }

    private void must(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("JSON: not well-formed at " + at);
        }
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean take(char mark) {
        space();
        boolean there = at < text.length() && text.charAt(at) == mark;
        at += there ? 1 : 0;
        return there;
    }

    private Value value(int depth) {
        must(depth <= 32);
        space();
        int begun = at;
        Map<String, Value> members = new LinkedHashMap<>();
        List<Value> items = new ArrayList<>();
        if (take('{')) {
            for (boolean more = !take('}'); more; more = !take('}')) {
                must(members.isEmpty() || take(','));
                space();
                Value name = scalar();
                must(name.kind == Kind.TEXT && take(':') && !members.containsKey(name.said));
                members.put(name.said, value(depth + 1));
            }
            return new Value(Kind.OBJECT, members, items, "", text.substring(begun, at));
        }
        if (take('[')) {
            for (boolean more = !take(']'); more; more = !take(']')) {
                must(items.isEmpty() || take(','));
                items.add(value(depth + 1));
            }
            return new Value(Kind.LIST, members, items, "", text.substring(begun, at));
        }
        return scalar();
    }

    private Value scalar() {
        Matcher found = SCALAR.matcher(text).region(at, text.length());
        must(found.lookingAt());
        at = found.end();
        boolean isText = found.group(1) != null;
        String said = isText ? ESCAPE.matcher(found.group(1)).replaceAll(one -> Matcher.quoteReplacement(unescaped(one))) : found.group();
        return new Value(isText ? Kind.TEXT : Kind.OTHER, Map.of(), List.of(), said, found.group());
    }

    private static String quoted(String said) {
        StringBuilder out = new StringBuilder("\"");
        for (char one : said.toCharArray()) {
            int which = "\n\r\t\b\f\"\\".indexOf(one);
            out.append(which >= 0 ? "\\" + "nrtbf\"\\".charAt(which) : one < ' ' ? String.format("\\u%04x", (int) one) : String.valueOf(one));
        }
        return out.append('"').toString();
    }

    private static String unescaped(java.util.regex.MatchResult one) {
        if (one.group(1) != null) {
            return String.valueOf((char) Integer.parseInt(one.group(1), 16));
        }
        int which = "nrtbf".indexOf(one.group(2));
        return which >= 0 ? String.valueOf("\n\r\t\b\f".charAt(which)) : one.group(2);
    }
}
