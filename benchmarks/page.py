"""``python -m benchmarks.page HEADLINE.json SCALING.json [--grid GRID.json]``: put tables into docs/benchmarks.md."""

import argparse
import json
import re
from pathlib import Path

from benchmarks import scaling, throughput

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Replace what stands between the page's markers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("headline", type=Path, help="written by benchmarks.throughput --out")
    parser.add_argument("scaling", type=Path, help="written by benchmarks.scaling --out")
    parser.add_argument("--grid", type=Path, help="written by benchmarks.throughput --grid --out")
    options = parser.parse_args()
    head, size = (json.loads(path.read_text()) for path in (options.headline, options.scaling))
    speed = [_machine(head), throughput.table(head["rows"]), throughput.orders_line(head["rows"])]
    if options.grid:
        speed += [throughput.GRID_MEANING, throughput.grid_table(json.loads(options.grid.read_text())["rows"])]
    PAGE.write_text(filled(PAGE, "throughput", "\n\n".join(speed)))
    PAGE.write_text(filled(PAGE, "scaling", f"{_machine(size)}\n\n{scaling.table(size['rows'])}"))


def _machine(found: dict) -> str:
    return "Measured with " + ", ".join(f"{name} {value}" for name, value in found["machine"].items()) + "."


def filled(page: Path, name: str, body: str) -> str:
    """Give a page's text with another body between two of its markers."""
    text = page.read_text(encoding="utf-8")
    marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"error: {page}: no place marked {name}: put <!-- {name} --> and <!-- /{name} --> into it")
    return marked.sub(lambda found: f"{found[1]}{body}\n{found[2]}", text)


if __name__ == "__main__":
    main()
