"""What was found, as a page: the verdict first, then the checks, the rates, and what the rates say about the sizes."""

from collections.abc import Sequence
from typing import Any

Rows = Sequence[dict[str, Any]]


def body(found: dict[str, Any]) -> str:
    """Write everything between the page's markers.

    Parameters
    ----------
    found : dict
        "about", "machine", "checks", "rates" (those of PyTorch among them), "seconds", "ended" and "rehearsal".
    """
    about = found["about"]
    devices = f"{len(about['devices'])} x {about['devices'][0]}" if about["devices"] else "none"
    host = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    what = "Rehearsed on the CPU alone, with small sizes" if found["rehearsal"] else f"Measured on {devices}"
    parts = [
        f"{what}; {about.get('backend', '')}; {host}. {found['seconds']:.0f} seconds in all.",
        "## Are the numbers right?",
        verdict(found["checks"]),
        checks_table(found["checks"]),
        "## How fast is it?",
        "Trained are [784, 30, 10] networks with minibatches of ten, as on [the page for CPUs](benchmarks.md), without "
        "probes but in the whole sweeps; every product is float32 at full precision, for all alike.",
        rates_table(found["rates"]),
        *conclusions(found["rates"]),
        *[f"{name}: what is not in the table was not reached." for name in found["ended"]],
    ]
    return "\n\n".join(part for part in parts if part)


def verdict(checks: Rows) -> str:
    """Say in one sentence whether all is well.

    Examples
    --------
    >>> verdict([{"name": "SGD", "holds": True}, {"name": "Lion", "holds": False}])
    '**1 of 2 checks fails: Lion.**'
    """
    wrong = [row["name"] for row in checks if not row["holds"]]
    if not checks:
        return "No check was reached."
    if not wrong:
        return f"All checks hold, {len(checks)} of {len(checks)}."
    return f"**{len(wrong)} of {len(checks)} checks fail{'s' * (len(wrong) == 1)}: {'; '.join(wrong)}.**"


def checks_table(checks: Rows) -> str:
    """Render the checks, those that fail first."""
    lines = ["| check | dtype | off by | allowed | | |", "|---|---|---|---|---|---|"]
    for row in sorted(checks, key=lambda row: row["holds"]):
        cells = (_cell(row["name"]), row["dtype"], _share(row["off"]), _share(row["within"]))
        lines.append(f"| {' | '.join(cells)} | {'holds' if row['holds'] else '**fails**'} | {_cell(row['note'])} |")
    return "\n".join(lines) if checks else ""


def rates_table(rows: Rows) -> str:
    """Render what was timed: a line for each subject, a column for each number of members."""
    timed = [row for row in rows if row["members"]]
    counts = sorted({row["members"] for row in timed})
    lines = [f"| k member-steps/s | {' | '.join(f'{count} members' for count in counts)} |"]
    lines.append("|---" * (1 + len(counts)) + "|")
    for name in dict.fromkeys(row["name"] for row in timed):
        cells = {row["members"]: row for row in timed if row["name"] == name}
        lines.append(f"| {name} | {' | '.join(_rate(cells.get(count)) for count in counts)} |")
    products = [row for row in rows if not row["members"] and not row["error"]]
    product = [f"{row['name']}: {row['rate'] / 1e12:.3g} TFLOP/s in float32." for row in products]
    reasons = {f"{row['name']}: {_cell(row['error'])}": None for row in rows if row["error"]}
    return "\n\n".join([*(["\n".join(lines)] if timed else []), *product, *reasons])


def conclusions(rows: Rows) -> list[str]:
    """Say what the rates mean for the fixed sizes of `wd_jax.engine.sizes` and for the choice of a method."""
    by = {(row["name"], row["members"]): row["rate"] for row in rows if not row["error"]}
    generic = {members: rate for (name, members), rate in by.items() if name == "engine, generic"}
    said = []
    if generic:
        near = min(members for members, rate in generic.items() if rate >= 0.9 * max(generic.values()))
        said.append(f"The generic method is within a tenth of its best rate from {near} members a task on.")
    blocks = {m: by["engine, blocked", m] / rate for m, rate in generic.items() if ("engine, blocked", m) in by}
    said += _ratios(blocks, "Blocks run at {} times the rate of the generic method")
    peers = {m: rate / by["plain jax.vmap", m] for m, rate in generic.items() if ("plain jax.vmap", m) in by}
    said += _ratios(peers, "The generic method runs at {} times the rate of plain `jax.vmap`")
    return [" ".join(said)] if said else []


def _ratios(found: dict[int, float], words: str) -> list[str]:
    named = ", ".join(f"{ratio:.2f} ({members})" for members, ratio in found.items())
    return [words.format(named) + ", by members."] if found else []


def _rate(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    return "–" if row["error"] else f"{row['rate'] / 1e3:.3g}"


def _share(value: float | None) -> str:
    return "no number" if value is None else f"{value:.1e}" if value else "0"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")
