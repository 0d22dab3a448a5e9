"""``python -m benchmarks.page THROUGHPUT.json SCALING.json``: put the last measurements into docs/benchmarks.md."""

import argparse
import json
import re
from pathlib import Path

from benchmarks import scaling, throughput

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Replace what stands between the page's markers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("throughput", type=Path, help="written by benchmarks.throughput --out")
    parser.add_argument("scaling", type=Path, help="written by benchmarks.scaling --out")
    options = parser.parse_args()
    speed, size = (json.loads(path.read_text()) for path in (options.throughput, options.scaling))
    parts = [_machine(speed), throughput.table(speed["rows"]), throughput.orders_line(speed["rows"])]
    if any(row["name"] == "grid" for row in speed["rows"]):
        parts += [throughput.GRID_MEANING, throughput.grid_table(speed["rows"])]
    text = _filled(PAGE.read_text(), "throughput", "\n\n".join(parts))
    PAGE.write_text(_filled(text, "scaling", f"{_machine(size)}\n\n{scaling.table(size['rows'])}"))


def _machine(found: dict) -> str:
    return "Measured with " + ", ".join(f"{name} {value}" for name, value in found["machine"].items()) + "."


def _filled(text: str, name: str, body: str) -> str:
    marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"error: {PAGE}: no place marked {name}: put <!-- {name} --> and <!-- /{name} --> into it")
    return marked.sub(lambda found: f"{found[1]}{body}\n{found[2]}", text)


if __name__ == "__main__":
    main()
