"""An OCEL 2.0 log -> what pm4py found in it, as JSON on stdout; run by the Python of the environment that has pm4py.

Beside the log it writes the same again in its own way, and one process of it as XES.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import pm4py


def main(path: Path, process: str) -> None:
    log = pm4py.read_ocel2_json(str(path))
    pm4py.write_ocel2_json(log, str(path.with_name("again.jsonocel")))
    flat = pm4py.ocel_flattening(log, process)
    pm4py.write_xes(flat, str(path.with_name("flat.xes")))
    found = {
        "pm4py": pm4py.__version__,
        "events": Counter(log.events["ocel:activity"]),
        "objects": Counter(log.objects["ocel:type"]),
        "relationships": Counter(log.relations["ocel:qualifier"]),
        "first": log.events["ocel:timestamp"].min().isoformat(),
        "last": log.events["ocel:timestamp"].max().isoformat(),
        "xes": {"traces": int(flat["case:concept:name"].nunique()), "events": len(flat)},
    }
    sys.stdout.write(json.dumps(found, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
