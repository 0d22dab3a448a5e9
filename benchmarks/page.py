"""``python -m benchmarks.page [--headline FILE] [--scaling FILE] [--rules FILE]``: tables into docs/benchmarks.md."""

import argparse
import json
import re
from pathlib import Path

from benchmarks import rules, scaling, throughput

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Replace what stands between the page's markers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--headline", type=Path, help="written by benchmarks.throughput --out")
    parser.add_argument("--grid", type=Path, help="written by benchmarks.throughput --grid --out, with --headline")
    parser.add_argument("--scaling", type=Path, help="written by benchmarks.scaling --out")
    parser.add_argument("--rules", type=Path, help="written by benchmarks.rules --out")
    options = parser.parse_args()
    if options.headline:
        head = json.loads(options.headline.read_text())
        speed = [_machine(head), throughput.table(head["rows"]), throughput.orders_line(head["rows"])]
        if options.grid:
            speed += [throughput.GRID_MEANING, throughput.grid_table(json.loads(options.grid.read_text())["rows"])]
        PAGE.write_text(filled(PAGE, "throughput", "\n\n".join(speed)))
    if options.scaling:
        size = json.loads(options.scaling.read_text())
        PAGE.write_text(filled(PAGE, "scaling", f"{_machine(size)}\n\n{scaling.table(size['rows'])}"))
    if options.rules:
        found = json.loads(options.rules.read_text())
        PAGE.write_text(filled(PAGE, "rules", f"{_machine(found)}\n\n{rules.table(found['rows'])}"))


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
