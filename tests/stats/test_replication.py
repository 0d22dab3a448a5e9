"""What a verdict says of another run, against pairs of runs."""

import numpy as np
import pytest

from wd_jax.stats.cells import in_another_run, judge_cells
from wd_jax.stats.intervals import Estimate, t_intervals
from wd_jax.stats.replication import of_estimate, same_word

PAIRS, SPREAD = 4000, 0.4


def pairs(seeds: int, others: int | None, seed: int) -> tuple[float, float]:
    """Mean chance said to those that hold, and how many of their second runs do: means evenly spread, ends at +-1."""
    random = np.random.default_rng(seed)
    truth = random.uniform(-1.5, 1.5, (PAIRS, 1, 1))

    def run() -> dict:
        values = np.exp(0.1 * (truth + SPREAD * random.standard_normal((PAIRS, 1, seeds))))
        spread = None if others is None else np.exp(0.1 * SPREAD * random.standard_normal((PAIRS, 1, others)))
        return {"samples": values, "low": np.exp(-0.1), "high": np.exp(0.1), "log": True, "others": spread}

    first, second = run(), run()
    held = (judge_cells(**first).words == "holds")[:, 0]
    said = in_another_run(**first).holds[held].mean()
    return float(said), float((judge_cells(**second).words == "holds")[held].mean())


@pytest.mark.statistical
@pytest.mark.parametrize("seeds, others", [(6, None), (8, None), (32, None), (12, 12), (6, 24), (24, 6)])
def test_as_many_second_runs_hold_as_was_said(seeds: int, others: int | None) -> None:
    """Within 0.06: of 4000 pairs a thousand hold, 3 errors are 0.04; of few seeds those hold that happen to agree."""
    said, found = pairs(seeds, others, seed=7 * seeds + (others or 0))
    assert abs(said - found) < 0.06, (said, found)


@pytest.mark.numeric
def test_an_interval_for_several_cells_is_read_as_that() -> None:
    """Bonferroni's interval of the same sample is wider; the standard error behind it is the same."""
    sample = np.array([1.0, 1.02, 0.99, 1.01, 1.03, 0.98, 1.0, 1.01])

    def said(cells: int) -> float:
        found = t_intervals(sample, cells)
        estimate = Estimate(float(found.value), float(found.low), float(found.high), 8)
        return of_estimate("holds", estimate, (0.98, 1.03), cells=cells)

    assert said(1) == pytest.approx(said(5), abs=1e-12) and 0.3 < said(1) < 0.99


@pytest.mark.numeric
def test_a_cell_without_an_interval_has_no_chances() -> None:
    found = in_another_run([[1.0, np.nan, np.nan], [1.0, 1.01, 0.99]], 0.5, 2.0)
    assert np.isnan(found.holds[0]) and found.holds[1] > 0.9 and np.isnan(same_word("holds", found))
