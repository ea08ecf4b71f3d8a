"""Make a release from the one before it: python3 apply_delta.py RELEASE DELTA NEW_FOLDER

RELEASE is a folder with datapackage.json and its CSV files, DELTA the folder `delta` of the next
release. The files in NEW_FOLDER are those of the next release, byte for byte.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

csv.field_size_limit(10_000_000)
if len(sys.argv) != 4:
    sys.exit(__doc__.splitlines()[0])
release, delta, new = map(Path, sys.argv[1:])
if not (release / "datapackage.json").is_file():
    sys.exit(f"{release} is no release: it has no datapackage.json.")


def lines(kind: str, table: str) -> list[dict]:
    with (delta / f"{kind}.jsonl").open(encoding="utf-8") as file:
        return [line for line in map(json.loads, file) if line["table"] == table]


def remaining(rows: list[dict], removed: list[dict]) -> list[dict]:
    gone = Counter(tuple(line["key"].items()) for line in removed)
    columns = list(removed[0]["key"]) if removed else []
    kept = []
    for row in rows:
        key = tuple((column, row[column]) for column in columns)
        if gone[key] > 0:
            gone[key] -= 1
        else:
            kept.append(row)
    return kept


new.mkdir(exist_ok=True)
package = (delta / "datapackage.json").read_bytes()
(new / "datapackage.json").write_bytes(package)
for resource in json.loads(package)["resources"]:
    table, path = resource["name"], release / resource["path"]
    columns = [field["name"] for field in resource["schema"]["fields"]]
    key = resource["schema"].get("primaryKey", columns)
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline=""))) if path.exists() else []
    rows = remaining(rows, lines("removed", table))
    changed = {tuple(line["key"].values()): line["fields"] for line in lines("changed", table)}
    for row in rows if changed else ():
        fields = changed.get(tuple(row[column] for column in key), {})
        row.update({column: after for column, (_before, after) in fields.items()})
    rows += [line["row"] for line in lines("added", table)]
    rows = [{column: row.get(column, "") for column in columns} for row in rows]
    rows.sort(key=lambda row: ([row[column] for column in key], list(row.values())))
    with (new / resource["path"]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        quoting = csv.DictWriter(file, columns, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        for row in rows:
            # A row with a carriage return has quotes around all of its values.
            (quoting if any("\r" in text for text in row.values()) else writer).writerow(row)
