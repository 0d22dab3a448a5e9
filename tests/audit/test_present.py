"""What is installed is measured again: the numbers are those of now, and a record that they contradict is made anew."""

import datetime
import math

import numpy as np
import pytest

from wd_jax.audit import catalogue, present
from wd_jax.audit.black_box import BlackBox

pytestmark = pytest.mark.numeric
TODAY = datetime.datetime.now(datetime.UTC).date().isoformat()
ADAMW = (0.999, 0.990045, 0.992525, 0.990045)


def record(left=ADAMW, optimiser="adamw", library="optax", **numbers):
    shown = dict(zip(catalogue.SEEN, left, strict=True))
    return {"library": library, "optimiser": optimiser, "version": "0.0.1", "date": "2026-01-01",
            "numbers": shown | numbers, "note": ""}  # fmt: skip


def test_a_record_that_still_holds_keeps_its_other_numbers():
    (found,) = present.again([record(matrix_after_100=0.5)])
    assert found["date"] == TODAY and found["version"] != "0.0.1"
    assert found["numbers"]["matrix_after_100"] == 0.5
    loop = math.prod([1 - 0.1 * 0.01] * 5) * math.prod([1 - 0.05 * 0.01] * 5)
    assert found["numbers"]["matrix_after_10_lr_halved_at_5"] == pytest.approx(loop, abs=1e-6)
    assert found["numbers"]["matrix_after_10_lr_halved_at_5"] != 0.992525  # measured, not copied


def test_a_record_that_no_longer_holds_is_made_anew(monkeypatch):
    (found,) = present.again([record((0.99, 0.9043822, 0.9043822, 0.9043822), matrix_after_100=0.5)])
    assert found["numbers"]["matrix_after_10"] == pytest.approx(0.999**10, abs=1e-6)
    assert found["numbers"]["matrix_after_100"] == pytest.approx(0.999**100, abs=1e-5)
    (row,) = catalogue.rows([], [found])
    assert (row.kind, row.here) == ("decoupled", True)


def test_what_is_not_installed_or_not_in_the_release_stays_stored():
    assert present.again([record(optimiser="no_such_optimiser")]) == ()
    assert present.again([record(library="no-such-library")]) == ()


class OnlyMatrix:
    def init(self, params):
        self.params = params

    def step(self, params, grads):
        return {name: np.float32(0.9) * value for name, value in params.items()}


def test_what_an_optimiser_does_not_take_is_not_shown():
    box = BlackBox(library="own", name="x", version="", make=lambda **settings: OnlyMatrix(), takes=("matrix",))
    numbers = present.shown(box)
    assert numbers["bias_after_10"] is None and numbers["matrix_after_10_lr_halved_at_5"] is None
    assert numbers["matrix_after_10"] == pytest.approx(0.9**10, rel=1e-6)
