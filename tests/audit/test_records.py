"""The stored records: their structure always, and their numbers against the table measured elsewhere, where it is."""

import json
import math
from pathlib import Path

import pytest

from wd_jax.audit.adapters import registry
from wd_jax.audit.responses import Responses

FOLDER = Path(__file__).parents[2] / "wd_jax" / "audit" / "records"
FILES = sorted(FOLDER.glob("*.json"))
RECORDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
HALVED = "matrix_after_10_lr_halved_at_5"
STATES = ("matrix_after_1", "matrix_after_10", "bias_after_10", HALVED)
SHARES = {
    "decay_at_step_1_beside_random_gradients": "decay_at_step_1_beside_random_gradients",
    "decay_after_100_beside_random_gradients": "decay_after_100_against_decoupled",
}
"""The table's name for a share, and ours for the same reckoning."""
FOUR_DIGITS = 1e-4
LOOSELY = 0.05
"""Of libraries whose rows were made with other random gradients, or with the share reckoned entry by entry."""
AFTER_100 = SHARES["decay_after_100_beside_random_gradients"]
AT_Y = "the table's share was read at y, the training point, in the rows of x too; ours is read at x"
DIFFER: dict[tuple[str, str, str], str] = {
    ("chainer", "RMSprop + hook", HALVED): "both are 0 to the rounding of a weight that one step takes from 1 to 1e-5",
    ("schedulefree", "AdamWScheduleFree x(eval)", AFTER_100): AT_Y,
    ("schedulefree", "SGDScheduleFree x(eval)", AFTER_100): AT_Y,
    ("schedulefree", "RAdamScheduleFree x(eval)", AFTER_100): AT_Y,
    ("pytorch_optimizer", "ScheduleFreeAdamW(eval x)", AFTER_100): AT_Y,
}
"""(library, optimiser, number): why ours is another."""


def number(record: dict, name: str) -> float | None:
    value = record["numbers"].get(name)
    return None if value is None else float(value)


def alike(mine: float, theirs: float) -> bool:
    return abs(mine - theirs) <= 1e-6 or (math.isnan(mine) and math.isnan(theirs))


@pytest.mark.parametrize("library", RECORDS)
def test_a_record_is_what_the_catalogue_reads(library: str) -> None:
    known = registry.named(library)
    seen = set()
    for record in RECORDS[library]:
        asked = Responses.from_record(record)
        assert asked.record()["numbers"] == record["numbers"]
        assert record["library"] == known.name
        assert record["date"] >= "2026-11"
        assert "\n" not in record["note"]
        assert all("\n" not in why for why in record["failures"].values())
        assert record["optimiser"] not in seen
        seen.add(record["optimiser"])
    pinned = {text.partition("==")[0].partition("[")[0]: text.partition("==")[2] for text in known.requirements}
    assert {record["version"].partition("+")[0] for record in RECORDS[library]} == {pinned[known.distribution]}


def test_there_are_enough() -> None:
    if len(RECORDS) < 10:
        pytest.skip("the records of few libraries are here")
    assert sum(map(len, RECORDS.values())) >= 200


@pytest.mark.parametrize("library", RECORDS)
def test_what_is_left_of_a_weight_is_what_was_measured_elsewhere(library: str, measured: list[dict]) -> None:
    ours = {record["optimiser"]: record for record in RECORDS[library]}
    names = {library, registry.named(library).distribution}
    rows = [row for row in measured if row["library"] in names]
    off = []
    for row in rows:
        if row["optimiser"] not in ours:
            off.append(f"{row['optimiser']}: no record")
            continue
        record = ours[row["optimiser"]]
        for name in STATES:
            mine, theirs = number(record, name), row[name]
            if theirs is None and name == HALVED:  # it was not asked there
                continue
            same = mine is theirs if None in (mine, theirs) else alike(mine, float(theirs))
            if not same and (library, row["optimiser"], name) not in DIFFER:
                off.append(f"{row['optimiser']}: {name} is {mine}, elsewhere {theirs}")
    assert not off, "\n".join(off)


@pytest.mark.parametrize("library", RECORDS)
def test_the_share_beside_random_gradients_is_what_was_measured_elsewhere(library: str, measured: list[dict]) -> None:
    ours = {record["optimiser"]: record for record in RECORDS[library]}
    names = {library, registry.named(library).distribution}
    off = []
    for row in measured:
        record = ours.get(row["optimiser"]) if row["library"] in names else None
        for theirs, mine in SHARES.items() if record else ():
            seen = number(record, mine)
            if row[theirs] is None or seen is None or (library, row["optimiser"], mine) in DIFFER:
                continue
            same_draws = record["facts"].get("stream") == "torch"
            either = [seen] if same_draws else [seen, number(record, theirs)]
            within = FOUR_DIGITS if same_draws else LOOSELY
            if not any(math.isclose(each, row[theirs], rel_tol=within, abs_tol=within) for each in either):
                off.append(f"{row['optimiser']}: {mine} is {seen}, elsewhere {row[theirs]}")
    assert not off, "\n".join(off)
