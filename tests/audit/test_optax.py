"""Optax driven, against the stored table and against plain loops."""

import functools
import math

import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax.audit.adapters import registry
from wd_jax.audit.fingerprint import fingerprint
from wd_jax.audit.measure import measure
from wd_jax.audit.questions import Asking, alone, schedule

from .labels import words

pytestmark = pytest.mark.numeric

SIX = ("matrix_after_1", "matrix_after_10", "bias_after_10", "matrix_after_10_lr_halved_at_5")


def test_every_stored_row(measured: list[dict]) -> None:
    rows = [row for row in measured if row["library"] == "optax"]
    if {row["version"] for row in rows} != {optax.__version__}:
        pytest.skip(f"the table is of another optax than {optax.__version__}")
    for row in rows:
        box = registry.find(f"optax:{row['optimiser']}")
        asking = Asking(box)
        numbers = {**alone(asking), **schedule(asking)}
        for name in SIX:
            expected = math.nan if row[name] is None else row[name]
            assert numbers[name] == pytest.approx(expected, abs=1.05e-6, nan_ok=True), (row["optimiser"], name)
        stored = row["default_weight_decay"]
        assert box.default_weight_decay == stored, row["optimiser"]


@pytest.mark.parametrize(
    ("label", "kind", "qualifiers"),
    [
        ("adamw", "decoupled", ()),
        ("lamb", "scaled", ("trust ratio",)),
        ("contrib.dog", "coupled", ("through the second moment",)),
        ("contrib.mechanize(sgd)", "none", ()),
    ],
)
def test_the_whole_audit(label: str, kind: str, qualifiers: tuple[str, ...], measured: list[dict]) -> None:
    answered = measure(registry.find(f"optax:{label}"))
    found = fingerprint(answered)
    assert (found.kind, found.qualifiers) == (kind, qualifiers)
    row = next(row for row in measured if row["library"] == "optax" and row["optimiser"] == label)
    assert kind in words(row["kind"])
    for name in ("decay_at_step_1_beside_random_gradients", "decay_after_100_beside_random_gradients"):
        assert answered.get(name) == pytest.approx(row[name], rel=0.02, abs=0.02)  # other draws than the table's
    assert set(answered.failures) == {"missing_gradient", "skipped_step"}


def test_bfloat16_keeps_nothing_of_adamw() -> None:
    numbers = measure(registry.find("optax:adamw")).numbers
    assert numbers["loss_after_50_in_float32"] == pytest.approx(1 - 0.999**50, rel=1e-4)
    assert numbers["loss_after_50_in_bfloat16"] == 0
    full, low = (numbers[f"loss_after_50_in_{dtype}_beside_random_gradients"] for dtype in ("float32", "bfloat16"))
    assert full == pytest.approx(1 - 0.999**50, rel=0.01)
    assert 0.02 < low < full  # steps carry some of it over the rounding


def test_facts_are_those_of_the_call() -> None:
    assert registry.find("optax:adamw(b1=.8)").facts["beta1"] == 0.8
    box = registry.find("optax:lars(momentum=.5, nesterov)")
    assert (box.facts["momentum"], box.facts["nesterov"]) == (0.5, True)


@pytest.mark.parametrize(
    "thing", [optax.adamw, functools.partial(optax.adamw, b1=0.8), optax.adamw(0.1, weight_decay=0.01)]
)
def test_what_is_no_string(thing: object) -> None:
    made_of = thing.func if isinstance(thing, functools.partial) else thing
    library = registry.recognise(made_of)
    assert library is not None and library.name == "optax" and library.wrap is not None
    step = library.wrap(thing).make(lr=0.1, weight_decay=0.01, dtype="float32")
    step.init({"matrix": np.ones((4, 4), np.float32)})
    after = step.step({}, {"matrix": np.zeros((4, 4), np.float32)})["matrix"]
    assert after == pytest.approx(np.full((4, 4), 0.999), abs=1e-7)


@pytest.mark.parametrize(
    ("chain", "kind"),
    [
        ("chain(add_decayed_weights, sgd(momentum=.9,nesterov))", "coupled"),
        ("chain(add_decayed_weights, adam)", "coupled"),
        ("chain(add_decayed_weights, sgd)", "decoupled"),
        ("chain(adam, add_decayed_weights)", "growing"),
    ],
)
def test_chains_that_are_no_rows_are_read(chain: str, kind: str) -> None:
    assert wd.audit(f"optax:{chain}").kind == kind
