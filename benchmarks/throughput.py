"""``python -m benchmarks.throughput``: member-steps per second of the engine, its peers and the machine's limit.

Everything in one run, on the machine it finds: subjects run in turn, each in a process of its own, and medians are
compared. Peers get the same shared batches and their own best number of members.
"""

import argparse
import dataclasses
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine, rounds
from benchmarks.cases import Case
from benchmarks.rounds import Timing
from benchmarks.subjects.matmul import GIGAFLOP

REPEAT_GIGAFLOP = {
    "engine": 150.0,
    "jax_vmap": 60.0,
    "torch_vmap": 60.0,
    "optax_vmap": 12.0,
    "torch_rules": 12.0,
    "torch_eager": 4.0,
    "numpy_loop": 2.0,
}
"""Work of one repeat: about a second each on two cores."""
LARGE = 100.0
"""GFLOP of a repeat of the grid that needs no more than twice itself."""
PEER_MEMBERS = (4, 8, 16, 32, 64)
NAMES = {
    "matmul": "float32 matrix product, 2048",
    "jax_vmap": "plain jax.vmap",
    "torch_vmap": "torch.func.vmap, compiled",
    "torch_eager": "PyTorch, one member, eager",
    "numpy_loop": "NumPy, the book's loop",
}
PLAIN_JIT = "1 member, plain jax.jit"
MAIN = Case(cells=64, seeds=1, probes="budget")
SHAPES = (
    ("64 cells, 1 seed, budget", MAIN),
    ("64 cells, 1 seed, no probes", dataclasses.replace(MAIN, probes="none")),
    ("64 cells, 1 seed, everything", dataclasses.replace(MAIN, probes="all", epochs=5)),
    ("16 cells, 4 seeds, budget", dataclasses.replace(MAIN, cells=16, seeds=4)),
    ("1 cell, 64 seeds, budget", dataclasses.replace(MAIN, cells=1, seeds=64)),
    ("1 member, budget", dataclasses.replace(MAIN, cells=1)),
    ("1 member, no probes", dataclasses.replace(MAIN, cells=1, probes="none")),
)
ORDERS = Case(cells=1, epochs=20)
"""Twenty minibatch orders of all examples, one seed's."""
GRID_MEANING = (
    "The engine's choice without probes (peers have none), in k member-steps/s; in brackets how many times the rate "
    "of its generic method, and of plain `jax.vmap` with the same members. Rates are of what more epochs add, so that "
    "the fixed cost of a call is left out, alike for all three."
)
GRID_SUBJECTS = (("engine", "auto"), ("engine", "generic"), ("jax_vmap", "auto"))
WIDTHS, BATCHES, MEMBERS = (10, 30, 100, 300), (10, 32, 128), (1, 4, 16, 64, 1024)


def measure(entries: list[tuple[str, Case]], repeats: int) -> list[dict]:
    """Time entries, each shortened to about a second unless it has several epochs, beside the matrix product."""
    sized_entries = [
        (subject, case if case.epochs > 1 else case.sized(_repeat_gigaflop(subject, case))) for subject, case in entries
    ]
    limit, timings = _beside_the_limit(sized_entries, repeats)
    pairs = zip(sized_entries, timings, strict=True)
    return [_row(subject, case, timing, limit) for (subject, case), timing in pairs]


def measure_growth(entries: list[tuple[str, Case]], repeats: int) -> list[dict]:
    """Time what more epochs add, about a second of work: the fixed cost of a call cancels."""
    short = [(subject, case.sized(_grid_gigaflop(case))) for subject, case in entries]
    long = [
        (subject, dataclasses.replace(case, epochs=case.epochs * (6 if case.gigaflop < LARGE else 2)))
        for subject, case in short
    ]
    limit, timings = _beside_the_limit([*short, *long], repeats)
    rows = []
    pairs = zip(short, long, timings[: len(short)], timings[len(short) :], strict=True)
    for (subject, few), (_, many), before, after in pairs:
        added = [b - a for a, b in zip(before.seconds, after.seconds, strict=False)]
        case = dataclasses.replace(few, epochs=many.epochs - few.epochs)
        rows.append(_row(subject, case, Timing(added, after.first, before.error or after.error), limit))
    return rows


def _repeat_gigaflop(subject: str, case: Case) -> float:
    """Rules with averages of their own take longer a step: less work fills the second."""
    return REPEAT_GIGAFLOP[subject] / (1.0 if subject != "engine" or case.rule == "sgd" else 4.0)


def _grid_gigaflop(case: Case) -> float:
    """Small networks train at a smaller share of the machine's rate: less work fills the same time."""
    return 20.0 * min(1.0, (case.members * case.hidden * case.m / 4800) ** 0.5)


def _beside_the_limit(entries: list[tuple[str, Case]], repeats: int) -> tuple[float, list[Timing]]:
    """Time entries, and the matrix product in the same rounds: its GFLOP/s, then the entries' timings."""
    timings = rounds.times([("matmul_numpy", MAIN), ("matmul_jax", MAIN), *entries], repeats)
    return max(GIGAFLOP / timing.median for timing in timings[:2]), timings[2:]


def _row(subject: str, case: Case, timing: Timing, limit: float) -> dict:
    timed = bool(timing.seconds)
    rate = case.members * case.steps / timing.median if timed else None
    return {
        "subject": subject,
        **dataclasses.asdict(case),
        "members": case.members,
        "steps_per_second": rate,
        "gigaflops": case.gigaflop / timing.median if timed else None,
        "of_matrix_product": case.gigaflop / timing.median / limit if timed else None,
        "matrix_product_gigaflops": limit,
        "first_seconds": timing.first if timed else None,
        "seconds": timing.seconds,
        "error": timing.error,
    }


def headline(repeats: int) -> list[dict]:
    """The engine's cases on [784, 30, 10] with m = 10, and every peer at each of its member counts."""
    rows = []
    for name, case in SHAPES:
        methods = ("auto", "generic") if case.probes != "all" else ("auto",)
        entries = [("engine", dataclasses.replace(case, method=method)) for method in methods]
        if case.members == 1 and case.probes == "none":
            entries.append(("jax_vmap", case))
        found = measure(entries, repeats)
        engine = [{"name": f"{name}, {row['method']}", **row} for row in found if row["subject"] == "engine"]
        rows += engine + [{"name": PLAIN_JIT, **row} for row in found if row["subject"] == "jax_vmap"]
        _say(found, name)
    for peer in ("jax_vmap", "torch_vmap"):
        found = measure([(peer, Case(cells=count)) for count in PEER_MEMBERS], repeats)
        rows += [{"name": NAMES[peer], **row} for row in found]
        _say(found, NAMES[peer])
    found = measure([(peer, Case(cells=1)) for peer in ("torch_eager", "numpy_loop")], repeats)
    rows += [{"name": NAMES[row["subject"]], **row} for row in found]
    _say(found, "one member")
    rows += [{"name": "orders", **row} for row in measure([("orders", ORDERS)], repeats)]
    return rows


def orders_line(rows: list[dict]) -> str:
    """Say what drawing the minibatch order costs beside an epoch of the first case."""
    main = next(row for row in rows if row["name"] == f"{SHAPES[0][0]}, auto")
    order = next(row for row in rows if row["name"] == "orders")
    drawn = statistics.median(order["seconds"]) / ORDERS.epochs
    epoch = MAIN.steps * MAIN.members / main["steps_per_second"]
    return (
        f"Drawing one seed's order of {ORDERS.n} examples takes {drawn * 1e3:.1f} ms, {drawn / epoch:.2%} of an epoch "
        f"of {MAIN.members} members."
    )


def grid(repeats: int, widths: Sequence[int], batches: Sequence[int], members: Sequence[int]) -> list[dict]:
    """The engine's choice, its generic method and plain vmap at every width, batch size and number of members."""
    rows = []
    for hidden in widths:
        for m in batches:
            cases = [Case(hidden=hidden, m=m, cells=count, probes="none") for count in members]
            generic = [dataclasses.replace(case, method="generic") for case in cases]
            entries = [("engine", case) for case in cases + generic] + [("jax_vmap", case) for case in cases]
            found = measure_growth(entries, repeats)
            rows += [{"name": "grid", **row} for row in found]
            _say(found, f"hidden {hidden}, m {m}")
    return rows


def _say(rows: list[dict], name: str) -> None:
    cells = [
        f"{row['subject']}{'/' + row['method'] if row['subject'] == 'engine' else ''} x{row['members']}: "
        + (row["error"] or f"{row['steps_per_second'] / 1e3:.1f} k/s, {row['of_matrix_product']:.2f} R")
        for row in rows
    ]
    print(f"{name}: " + "; ".join(cells), file=sys.stderr, flush=True)


def table(rows: list[dict]) -> str:
    """Render rows as Markdown; a peer is shown at its best number of members."""
    main = next(row for row in rows if row["name"] == f"{SHAPES[0][0]}, auto")
    lines = [
        "| what | members | k member-steps/s | GFLOP/s | of R | the engine is faster by |",
        "|---|---|---|---|---|---|",
    ]
    for row in _best_of_peers([row for row in rows if row["name"] not in ("grid", "orders")]):
        if row["error"]:
            why = "skipped" if row["error"].startswith("ModuleNotFoundError") else "failed"
            lines.append(f"| {row['name']} | {row['members']} | {why}: {row['error']} | | | |")
            continue
        ratio = main["steps_per_second"] / row["steps_per_second"]
        lines.append(
            f"| {row['name']} | {row['members']} | {row['steps_per_second'] / 1e3:.1f} | {row['gigaflops']:.0f} "
            f"| {row['of_matrix_product']:.2f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def _best_of_peers(rows: list[dict]) -> list[dict]:
    kept = [row for row in rows if row["name"] not in (NAMES["jax_vmap"], NAMES["torch_vmap"])]
    for peer in ("jax_vmap", "torch_vmap"):
        found = [row for row in rows if row["name"] == NAMES[peer]]
        timed = [row for row in found if not row["error"]]
        kept += [max(timed, key=lambda row: row["steps_per_second"])] if timed else found[:1]
    return kept


def grid_table(rows: list[dict]) -> str:
    """Render the grid as Markdown: k member-steps/s of the engine's choice, and its ratios to the two others."""
    counts = sorted({row["members"] for row in rows if row["name"] == "grid"})
    lines = ["| hidden | m | " + " | ".join(f"{count} members" for count in counts) + " |"]
    lines.append("|---" * (2 + len(counts)) + "|")
    found = {(r["hidden"], r["m"], r["members"], r["subject"], r["method"]): r for r in rows if r["name"] == "grid"}
    for hidden in sorted({row["hidden"] for row in rows if row["name"] == "grid"}):
        for m in sorted({row["m"] for row in rows if row["name"] == "grid"}):
            keys = [[(hidden, m, count, *subject) for subject in GRID_SUBJECTS] for count in counts]
            cells = [_grid_cell([found[key]["steps_per_second"] for key in three if key in found]) for three in keys]
            lines.append(f"| {hidden} | {m} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _grid_cell(rates: list[float | None]) -> str:
    """Show a rate and its ratios to the two others; a dash where one of them was not measured."""
    timed = [rate for rate in rates if rate is not None]
    if len(timed) < len(GRID_SUBJECTS):
        return "–"
    auto, generic, plain = timed
    return f"{auto / 1e3:.1f} ({auto / generic:.2f}, {auto / plain:.2f})"


def main() -> None:
    """Measure, print the table, and write everything as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--grid", action="store_true", help="instead, every width, batch size and member count (long)")
    for name, usual, what in (
        ("widths", WIDTHS, "hidden units"),
        ("batches", BATCHES, "batch sizes"),
        ("members", MEMBERS, "member counts"),
    ):
        parser.add_argument(f"--{name}", type=int, nargs="+", default=usual, help=f"{what} of the grid")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each; the median is shown")
    parser.add_argument("--out", type=Path, help="write the measurements to this JSON file")
    options = parser.parse_args()
    rows = (
        grid(options.repeats, options.widths, options.batches, options.members)
        if options.grid
        else headline(options.repeats)
    )
    found = {"machine": machine.describe(), "rows": rows}
    if options.out:
        options.out.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n")
    print("\n".join(f"{name}: {value}" for name, value in found["machine"].items()))
    shown = (GRID_MEANING, grid_table(rows)) if options.grid else (table(rows), orders_line(rows))
    print("", *shown, sep="\n\n")


if __name__ == "__main__":
    main()
