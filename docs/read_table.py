"""Print the rows of a Secateur table: workload, regime, seconds per launch, its interval, joules."""
import json
import sys

table = json.load(open(sys.argv[1], encoding="utf-8"))
assert table["schema"] == 1, "unknown schema"
for row in table["rows"]:
    time, energy = row["timeSeconds"], row["energyJoules"]
    joules = energy.get("value", energy.get("reason"))
    print(row["workload"], row["regime"], time.get("value"), time.get("low"), time.get("high"), joules, sep="\t")
