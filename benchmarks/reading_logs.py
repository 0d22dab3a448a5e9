"""How fast a large log is read, and in how much memory: ``python -m benchmarks.reading_logs [--gigabytes 1]``.

A table like that of a hook is written to a temporary folder and read in a process of its own, whose largest resident
set is stated, the interpreter and its libraries among it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

LAYERS = 12
ROWS = 4000
READ = r"""
import json, re, sys, time
from pathlib import Path
from wd_jax.audit.logs.reading import read
start, worked = time.perf_counter(), time.process_time()
log = read(sys.argv[1])
seconds, worked = time.perf_counter() - start, time.process_time() - worked
# Of Linux. Not ru_maxrss, which begins with what the process had that started this one.
peak = int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
found = {"seconds": seconds, "worked": worked, "peak": peak, "records": len(log.time), "notes": log.notes}
print(json.dumps(found))
"""


def write(path: Path, size: float, layers: int = LAYERS) -> int:
    """Write a table of at least `size` bytes; give the number of its rows."""
    names = ["step", "lr", "weight_decay"]
    for what in ("weight_norm", "weight_size", "weight_cosine", "gradient_norm"):
        names += [f"{what}/layers.{index}.weight" for index in range(layers)]
    random = np.random.default_rng(0)
    lines = []
    for row in random.normal(1.0, 0.1, (ROWS, layers, 3)):
        cells = [repr(float(value)) for value in row.T.ravel()]
        sizes = ["262144"] * layers
        lines.append(",".join(["0.0003", "0.1", *cells[:layers], *sizes, *cells[layers:]]))
    rows = 0
    with path.open("w") as file:
        written = file.write(",".join(names) + "\n")
        while written < size:
            block = "".join(f"{rows + index},{line}\n" for index, line in enumerate(lines))
            written += file.write(block)
            rows += ROWS
    return rows


def measure(path: Path) -> dict:
    """Read a log in a process of its own."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        start = time.perf_counter()
        rows = write(path, chosen.gigabytes * 1e9, chosen.layers)
        print(f"{path.stat().st_size / 1e9:.2f} GB, {rows} rows, written in {time.perf_counter() - start:.0f} s")
        for _ in range(max(1, chosen.repeats)):
            found = measure(path)
            took = f"{found['seconds']:.1f} s ({found['worked']:.1f} s of a processor)"
            print(f"read in {took}, peak {found['peak']:.0f} MiB, {found['records']} records")
            print("  " + " ".join(found["notes"]))


if __name__ == "__main__":
    main()
