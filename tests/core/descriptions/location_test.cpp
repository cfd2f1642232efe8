#include "core/descriptions/location.h"

#include "tests/support/catch.h"

using datong::descriptions::near;

TEST_CASE("an import leads to a file beside, or to the same origin", "[descriptions]") {
    const auto [base, location, wanted] = GENERATE(table<const char*, const char*, const char*>({
        {"a.wsdl", "b.xsd", "b.xsd"},
        {"a.wsdl", "./x/b.xsd", "x/b.xsd"},
        {"x/b.xsd", "../c.xsd", "c.xsd"},
        {"x/b.xsd", "c.xsd", "x/c.xsd"},
        {"http://h:8080/ws/T?wsdl", "http://h:8080/ws/T?xsd=1", "http://h:8080/ws/T?xsd=1"},
        {"http://h/ws/T?wsdl", "T?xsd=xsd0", "http://h/ws/T?xsd=xsd0"},
        {"http://h/ws/T?wsdl", "/x/y.xsd", "http://h/x/y.xsd"},
        {"http://h/ws/T?wsdl", "../y.xsd", "http://h/y.xsd"},
        {"http://h/ws/T?wsdl", "?xsd=1", "http://h/ws/T?xsd=1"},
        {"http://h", "y.xsd", "http://h/y.xsd"},
    }));
    CAPTURE(base, location);
    CHECK(near(base, location).value_or("none") == wanted);
}

TEST_CASE("an import that leads elsewhere leads nowhere", "[descriptions][security]") {
    const auto [base, location] = GENERATE(table<const char*, const char*>({
        {"a.wsdl", "../b.xsd"},
        {"a.wsdl", "x/../../b.xsd"},
        {"a.wsdl", "/etc/passwd"},
        {"a.wsdl", "//host/b.xsd"},
        {"a.wsdl", "file:///etc/passwd"},
        {"a.wsdl", "http://host/b.xsd"},
        {"a.wsdl", "C:\\b.xsd"},
        {"a.wsdl", "..\\b.xsd"},
        {"a.wsdl", ""},
        {"a.wsdl", "."},
        {"a.wsdl", "b\n.xsd"},
        {"http://h/a", "http://h.evil/b"},
        {"http://h/a", "http://h@evil/b"},
        {"http://h:80/a", "http://h:81/b"},
        {"http://h/a", "https://h/b"},
        {"http://h/a", "//evil/b"},
        {"http://h/a", "file:///etc/passwd"},
        {"http://h/a", "../../b"},
    }));
    CAPTURE(base, location);
    CHECK_FALSE(near(base, location).has_value());
}
