"""What is warned of over a run, and what must not be."""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax import precision
from wd_jax.predictions import remarks

pytestmark = pytest.mark.numeric
WORKED = {"optimiser": "adamw", "eta": 3e-4, "weight_decay": 0.1, "steps": 100_000}


def about(found: wd.Prediction) -> list[str]:
    return [line.split(":")[0] for line in found.warnings]


def test_the_worked_case_is_warned_of_three_things() -> None:
    found = wd.predict(**WORKED, eta_schedule="cosine", dtype="bfloat16")
    assert about(found) == ["bfloat16", "schedule", "not finished"]
    assert "leaves 0.223 of the start where a constant rate leaves 0.0498" in found.warnings[1]
    assert "as 50000.5 of its 100000 steps at the largest rate would" in found.warnings[1]
    assert "at the end 0.223 of the start is left, and 0.0498 of the distance" in found.warnings[2]
    assert found.record()["warnings"] == list(found.warnings) and found.warnings[0] in repr(found)


@pytest.mark.parametrize(
    "given",
    [
        {"weight_decay": 0.2},
        {"weight_decay": 0.5, "dtype": "float32"},
        {"weight_decay": 0.2, "eta_schedule": "wsd(warm_up=0.01, cool_down=0.05)"},
        {"weight_decay": 0.2, "n": 1_000_000, "m": 100},
        {"weight_decay": 0},
    ],
)
def test_a_run_without_a_fault_is_not_warned_of(given: dict) -> None:
    assert wd.predict(**{**WORKED, **given}).warnings == ()


def test_a_timescale_beyond_the_rule_of_thumb_names_its_source() -> None:
    long = wd.predict(**{**WORKED, "weight_decay": 0.02})
    assert about(long) == ["not finished", "timescale"]
    assert "1.67 of the run, longer than the run itself" in long.warnings[1] and "2405.13698" in long.warnings[1]
    tokens = wd.predict(eta=3e-4, weight_decay=0.02, optimiser="adamw", tokens=10**9, tokens_per_step=10**4)
    assert "2505.13738" in tokens.warnings[1] and "2505.13738" not in long.warnings[1]
    short = wd.predict(**{**WORKED, "weight_decay": 0.2}, n=10_000_000, m=100, epochs=None)
    assert about(wd.predict(**{**WORKED, "weight_decay": 0.2}, n=2_000_000, m=100)) == ["timescale"]
    assert about(short) == []  # the run is one epoch


def test_the_share_of_the_decay_that_rounding_takes_is_that_of_each_steps_word() -> None:
    """A cosine whose first steps float32 keeps and whose last it loses, word by word."""
    each = 2e-7 * (1 + np.cos(np.pi * np.arange(2000) / 2000))
    for dtype in ("float32", "bfloat16", "float16", "float64"):
        shares = remarks.lost(each, dtype)
        for word, share in shares.items():
            expected = sum(e for e in each if e > 0 and precision.word(float(e), dtype) == word) / each.sum()
            assert share == pytest.approx(expected, rel=1e-9, abs=1e-12)
    at_bounds = [precision.LOST / 2**23, precision.STUCK / 2**23, precision.DOUBTFUL / 2**23]
    for epsilon in at_bounds:
        (word,) = [word for word, share in remarks.lost(epsilon, "float32").items() if share]
        assert word == precision.word(epsilon, "float32")


def test_a_schedule_that_falls_below_what_float32_keeps_is_warned_of_by_its_share() -> None:
    found = wd.predict(eta=4e-5, weight_decay=0.01, optimiser="adamw", steps=10**6, eta_schedule="cosine")
    assert found.warnings[0].startswith("float32: of the decay over the run weights without gradient lose by rounding")
    assert found.warnings[0].endswith("where the rate is wrong: use float64")
    fine = wd.predict(eta=1e-3, weight_decay=0.1, optimiser="adamw", steps=10**5, eta_schedule="cosine")
    assert not any("float32" in line for line in fine.warnings)


@pytest.mark.parametrize("dtype, words", [("bfloat16", "lost in rounding"), ("float16", "lost in rounding")])
def test_the_dtype_that_was_said_is_the_one_that_is_judged(dtype: str, words: str) -> None:
    assert words in wd.predict(**WORKED, dtype=dtype).warnings[0]
    assert wd.predict(**{**WORKED, "weight_decay": 0.2}, dtype="float64").warnings == ()


def test_the_momentum_that_decay_goes_through_counts_for_rounding() -> None:
    run = {"eta": 0.1, "weight_decay": 5e-4, "steps": 10**5, "dtype": "float16"}
    assert "a decay of 5e-05 per step is lost" in wd.predict(**run).warnings[0]
    assert "where the rate is wrong" in wd.predict(**run, momentum=0.9).warnings[0]


@pytest.mark.parametrize("left, said", [(0.07, True), (0.049, False)])
def test_a_start_of_which_a_twentieth_is_left_is_not_finished(left: float, said: bool) -> None:
    found = wd.predict(optimiser="adamw", eta=3e-4, steps=10_000, want={"retained": left})
    assert ("not finished" in about(found)) == said
