"""``python -m benchmarks.rules``: member-steps per second of each update rule beside its peers, and beside plain SGD.

As `benchmarks.throughput`, in one run on the machine it finds: [784, 30, 10], m = 10, 64 values of lmbda of one seed.
Plain ``jax.vmap`` of optax and compiled ``torch.func.vmap`` get their own best number of members.
"""

import argparse
import dataclasses
import json
from pathlib import Path

from benchmarks import machine, throughput
from benchmarks.cases import ETA, Case

PEERS = {"optax_vmap": "plain jax.vmap of optax", "torch_rules": "torch.func.vmap, compiled"}
WITHOUT_TORCH = ("muon",)
"""Rules that are not written out for PyTorch."""


def measure(rule: str, repeats: int, peer_members: tuple[int, ...] = throughput.PEER_MEMBERS) -> list[dict]:
    """Time one rule: the engine with and without its budget, plain SGD, and both peers at each number of members."""
    case = Case(rule=rule)
    bare = dataclasses.replace(case, probes="none")
    engine = [("engine", one) for one in (case, bare, dataclasses.replace(bare, method="generic"))]
    plain = [("engine", dataclasses.replace(bare, rule="sgd"))]
    peers = [
        (peer, dataclasses.replace(bare, cells=count))
        for peer in PEERS
        if not (peer == "torch_rules" and rule in WITHOUT_TORCH)
        for count in peer_members
    ]
    return throughput.measure([*engine, *plain, *peers], repeats)


def line(rule: str, rows: list[dict]) -> str:
    """Put what was measured of one rule in a row of the table."""
    budget, bare, generic, plain = rows[:4]
    best = {peer: _best([row for row in rows[4:] if row["subject"] == peer]) for peer in PEERS}
    known = [row["steps_per_second"] for row in best.values() if row]
    fastest = max(known) if known else float("nan")
    rates = [_thousands(row) for row in (bare, budget, generic)]
    shown = [f"{_thousands(row)} ({row['members']})" if row else "–" for row in best.values()]
    ratios = [_ratio(row, fastest) for row in (bare, budget)]
    return f"| {' | '.join([rule, *rates, *shown, *ratios, _ratio(bare, plain['steps_per_second'] or float('nan'))])} |"


def table(found: dict[str, list[dict]]) -> str:
    """Render all rules as Markdown."""
    heads = ["rule", "no probes", "budget", "generic, no probes", *PEERS.values()]
    heads += ["of the faster peer", "with the budget", "of plain sgd"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return "\n".join([*lines, *(line(rule, rows) for rule, rows in found.items())])


def _best(rows: list[dict]) -> dict | None:
    timed = [row for row in rows if not row["error"]]
    return max(timed, key=lambda row: row["steps_per_second"]) if timed else None


def _thousands(row: dict) -> str:
    return row["error"] or f"{row['steps_per_second'] / 1e3:.1f}"


def _ratio(row: dict, other: float) -> str:
    return "–" if row["error"] else f"{row['steps_per_second'] / other:.2f}"


def main() -> None:
    """Measure, print the table, and write everything as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--rules", nargs="+", default=[one for one in ETA if one != "sgd"], choices=list(ETA))
    parser.add_argument("--repeats", type=int, default=7, help="timed runs of each; the median is shown")
    parser.add_argument("--out", type=Path, help="write the measurements to this JSON file")
    options = parser.parse_args()
    found = {}
    for rule in options.rules:
        found[rule] = measure(rule, options.repeats)
        print(line(rule, found[rule]), flush=True)
        if options.out:  # after each rule: a run may be cut off
            options.out.write_text(json.dumps({"machine": machine.describe(), "rows": found}, indent=1) + "\n")
    print("", *(f"{name}: {value}" for name, value in machine.describe().items()), "", table(found), sep="\n")


if __name__ == "__main__":
    main()
