#!/usr/bin/env python3
"""Makes mappings/tables/divisions.csv out of result.csv of github.com/yescallop/areacodes (CC0 1.0).

    scripts/divisions.py result.csv > mappings/tables/divisions.csv

The source knows years only: a code that came in 2010 was not yet listed at the end of 2009, and one that ended
in 2010 was no longer listed at the end of 2010. Both count here for the whole year of the change, unless the
same code goes on under another name: then the new name has that year. Codes of the first year have no beginning.
"""
import csv
import sys

FIRST_YEAR = "1981"
MUNICIPALITIES = {"11": "110000", "12": "120000", "31": "310000", "50": "500000"}
TEST_ROWS = [["990000", "示例省", "", "", "", "test"], ["999900", "示例市", "", "", "", "test"],
             ["999901", "示例一区", "", "", "", "test"], ["999902", "示例二区", "", "", "", "test"],
             ["999903", "示例县", "", "", "", "test"]]


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def dated_rows(source):
    """One row for each name of each code: from, label, valid_from, valid_to, successors, kind."""
    starts = {(row["代码"], row["启用时间"]) for row in source}
    for row in source:
        code, begin, end = row["代码"], row["启用时间"], row["变更/弃用时间"]
        last = int(end) - ((code, end) in starts) if end else None
        # codes with a year in brackets took over a part of the area at another time
        heirs = [heir for heir in row["新代码"].split(";") if heir and "[" not in heir and heir != code]
        yield [code, row["名称"], "" if begin == FIRST_YEAR else begin + "-01-01",
               "" if last is None else f"{last}-12-31", ";".join(heirs if end else []), ""]


def collective_rows(rows):
    """Codes that GB/T 2260 has above groups of counties and the ministry's list leaves out: by rule."""
    for code, label, begin, end, _, _ in rows:
        if code.endswith("00") and not code.endswith("0000") and label.endswith("市"):
            yield [code[:4] + "01", "市辖区", begin, end, "", "collective"]
        if code in MUNICIPALITIES.values():
            yield [code[:2] + "0100", "市辖区", begin, end, "", "collective"]
            yield [code[:2] + "0200", "县", begin, end, "", "collective"]
    for province in sorted({row[0][:2] for row in rows if row[0][2:4] == "90"}):
        yield [province + "9000", "省直辖县级行政区划", "", "", "", "collective"]


def main():
    rows = list(dated_rows(read(sys.argv[1])))
    taken = {row[0] for row in rows}
    rows += [row for row in collective_rows(rows) if row[0] not in taken]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["from", "label", "valid_from", "valid_to", "successors", "kind"])
    out.writerows(sorted(rows, key=lambda row: (row[0], row[2])) + TEST_ROWS)


main()
