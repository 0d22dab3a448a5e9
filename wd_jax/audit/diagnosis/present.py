"""A diagnosis in words: the answer, the layers, mistakes and remedies, and what cannot be said."""

import math
import textwrap
from collections.abc import Sequence
from html import escape

import numpy as np

from wd_jax import display
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.diagnosis.layer import LayerDiagnosis
from wd_jax.audit.diagnosis.resting import Compared
from wd_jax.audit.diagnosis.seen import BALANCE
from wd_jax.stats.verdict import FAILS

MOST_ROWS = 12
"""Layers that are shown one by one; more are folded together where they agree."""
WIDTH = 112


def text(found: Diagnosis) -> str:
    """Write a diagnosis for a terminal."""
    lines = [found.headline, ""]
    facts = {
        "log": f"{found.source}, {found.kind}",
        "optimiser": f"{found.optimiser}: {found.law}",
        "asked": found.asked,
    }
    lines += _wrapped(facts)
    table = rows(found.layers)
    if table:
        lines += ["", *_left(table)]
        lines += [""] * bool(said := legend(found.layers)) + said
    for number, one in enumerate(found.findings, start=1):
        lines += ["", f"{number}. {one.kind}", *_filled(one.sentence, "   "), *_filled(f"remedy: {one.remedy}", "   ")]
    if found.unanswered:
        lines += ["", "What this log cannot say"]
        lines += [line for one in found.unanswered for line in _filled(one, "  ", "- ")]
    if found.notes:
        lines += ["", "Taken for granted"]
        lines += [line for one in found.notes for line in _filled(one, "  ", "- ")]
    return "\n".join(lines)


def html(found: Diagnosis) -> str:
    """Write a diagnosis for a notebook."""
    facts = {
        "log": f"{found.source}, {found.kind}",
        "optimiser": f"{found.optimiser}: {found.law}",
        "asked": found.asked,
    }
    parts = [f"<p><strong>{escape(found.headline)}</strong></p>", display.facts_html(facts)]
    table = rows(found.layers)
    if table:
        parts += [display.table_html(table), *(f"<p>{escape(one)}</p>" for one in legend(found.layers))]
    for one in found.findings:
        body = f"{escape(one.sentence)}<br><em>Remedy:</em> {escape(one.remedy)}"
        parts.append(f"<p><strong>{escape(one.kind)}</strong><br>{body}</p>")
    for title, items in (("What this log cannot say", found.unanswered), ("Taken for granted", found.notes)):
        if items:
            listed = "".join(f"<li>{escape(one)}</li>" for one in items)
            parts.append(f"<details><summary>{title}</summary><ul>{listed}</ul></details>")
    return f"<div>{''.join(parts)}</div>"


def rows(layers: Sequence[LayerDiagnosis]) -> list[dict[str, str]]:
    """Give a row for each layer, or for layers that agree where there are many; without columns that say nothing."""
    groups = [[one] for one in layers] if len(layers) <= MOST_ROWS else _groups(layers)
    table = [_row(group) for group in groups]
    there = [name for name in (table[0] if table else ()) if any(row[name] != "-" for row in table)]
    return [{name: row[name] for name in there} for row in table]


def legend(layers: Sequence[LayerDiagnosis]) -> list[str]:
    """Say what the marks of the table mean, where they occur."""
    said = []
    if any(one.factor.given and not one.conclusive for one in layers):
        said.append(
            "*  only if the cost ignores the layer's scale (before a normalisation): else the gradient's pull is in it"
        )
    if any(one.factor.given and one.factor.way == BALANCE for one in layers):
        said.append(
            "[low, high]  of this one series; real gradients are not noise: it may be off by a factor of 3 besides"
        )
    if any(one.rest.predicted or one.rotation.predicted for one in layers):
        said.append("size, turning: measured / law of the optimiser on gradient noise; a law that fails is no mistake")
    return said


def _groups(layers: Sequence[LayerDiagnosis]) -> list[list[LayerDiagnosis]]:
    """Put layers together whose words are the same, in the order in which they first occur."""
    found: dict[tuple, list[LayerDiagnosis]] = {}
    for one in layers:
        key = (
            one.state,
            one.verdict,
            one.evidence,
            one.factor.given,
            one.bound,
            one.rest.verdict,
            one.rotation.verdict,
            one.value,
        )
        found.setdefault(key, []).append(one)
    return list(found.values())


def _row(group: Sequence[LayerDiagnosis]) -> dict[str, str]:
    first = group[0]
    name = first.name if len(group) == 1 else f"{len(group)} layers: {first.name} ... {group[-1].name}"
    return {
        "layer": name,
        "state": first.state,
        "norm": f"{_median([one.start for one in group]):.3g} to {_median([one.end for one in group]):.3g}",
        "timescale seen, steps": _timescale(group),
        "asked": _number(_median([one.asked_timescale for one in group])),
        "as asked": _word(first),
        "size": _beside([one.rest for one in group]),
        "turning": _beside([one.rotation for one in group], math.degrees(1), "°"),
    }


def _word(one: LayerDiagnosis) -> str:
    if one.value == 0:
        return "none asked"
    if one.state == "does not move":
        return "-"
    if not one.conclusive:
        return "not known"
    return {"holds": "yes", "fails": "no"}.get(one.verdict, "undecided")


def _timescale(group: Sequence[LayerDiagnosis]) -> str:
    given = [one for one in group if one.factor.given]
    if not given:
        return "-"
    star = "" if given[0].conclusive else "*"
    if given[0].bound:
        longest = _median([one.timescale[2] for one in given])
        if given[0].verdict == FAILS and not longest < given[0].asked_timescale:
            return f"none seen{star}"
        return f"at most {_number(longest)}{star}" if longest < math.inf else "no bound"
    values = [one.timescale for one in given]
    middle, low, high = (_median([each[k] for each in values]) for k in range(3))
    if high == math.inf:
        return f"none, or above {_number(low)}{star}" if low < math.inf else f"none{star}"
    return f"{_number(middle)} [{_number(low)}, {_number(high)}]{star}"


def _beside(group: Sequence[Compared], unit: float = 1.0, sign: str = "") -> str:
    """Write what was measured beside its law."""
    there = [one for one in group if math.isfinite(one.value)]
    if not there:
        return "-"
    value = _median([one.value for one in there]) * unit
    text = f"{value:.3g}{sign}"
    laws = [one for one in there if one.predicted is not None]
    if laws:
        low, high = (_median([one.predicted[k] for one in laws if one.predicted]) * unit for k in (0, 1))
        law = f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
        text += f" / {law}{sign} {laws[0].verdict}"
    return text


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


def _number(value: float) -> str:
    return (
        "never"
        if value == math.inf
        else "-"
        if not math.isfinite(value)
        else f"{value:.3g}"
        if value < 1e3
        else f"{value:.0f}"
    )


def _left(table: Sequence[dict[str, str]]) -> list[str]:
    """Lay rows out under their names, left-aligned."""
    names = list(table[0])
    lines = [names, *([row[name] for name in names] for row in table)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(names))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _wrapped(facts: dict[str, str]) -> list[str]:
    width = max(map(len, facts))
    lines = []
    for key, value in facts.items():
        lines += textwrap.wrap(value, WIDTH, initial_indent=f"{key:<{width}}  ", subsequent_indent=" " * (width + 2),
                               break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return lines


def _filled(said: str, indent: str, bullet: str = "") -> list[str]:
    return textwrap.wrap(said, WIDTH, initial_indent=indent + bullet, subsequent_indent=indent + " " * len(bullet),
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip
