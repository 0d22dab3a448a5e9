"""The law of rounding against loops over the numbers of a small dtype, in exact fractions where that is possible."""

from fractions import Fraction

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("rounding").formulas


def nearest(w: np.ndarray, grid: int) -> np.ndarray:
    fraction, exponent = np.frexp(w)
    return np.ldexp(np.rint(fraction * 2 * grid), exponent) / (2 * grid)


@pytest.mark.parametrize("spaces", [0.27, 0.3, 0.4, 0.48])
def test_what_is_left_and_who_never_moved(spaces: float) -> None:
    grid, epsilon = 2**13, spaces / 2**13
    begun = nearest(2 ** ((np.arange(4000) + 0.5) / 4000), grid)
    begun = begun[begun > 1]  # a power of 2 has a smaller space below it
    ended = begun
    for _ in range(grid + 1):
        ended = nearest(ended - epsilon * ended, grid)
    assert (nearest(ended - epsilon * ended, grid) == ended).all()  # all have stopped
    assert np.exp(np.log(ended / begun).mean()) == pytest.approx(FORMULAS["left"](spaces_due=spaces), abs=5e-4)
    assert (ended == begun).mean() == pytest.approx(FORMULAS["stuck"](spaces_due=spaces), abs=1e-3)


def test_no_weight_moves_up_to_a_quarter_of_a_space() -> None:
    grid, begun = 128, 1 + np.arange(1, 128) / 128
    assert (nearest(begun - 0.2499 / 128 * begun, grid) == begun).all()
    assert not (nearest(begun - 0.2599 / 128 * begun, grid) == begun).all()


def test_mean_and_variance_of_the_chain_in_exact_fractions() -> None:
    """Every weight that there may be with its chance: the mean is exact, the variance is the sum of the law."""
    grid, epsilon, steps = 8, Fraction(1, 20), 12

    def neighbours(value: Fraction) -> tuple[Fraction, Fraction]:
        octave = Fraction(1)
        while value < octave:
            octave /= 2
        space = octave / grid
        return value // space * space, space

    start = Fraction(15, 8)
    chances, mean, relative = {start: Fraction(1)}, start, Fraction(0)
    for k in range(steps):
        after: dict[Fraction, Fraction] = {}
        added = Fraction(0)
        for weight, chance in chances.items():
            low, space = neighbours((1 - epsilon) * weight)
            up = ((1 - epsilon) * weight - low) / space
            added += chance * up * (1 - up) * space**2
            for value, share in ((low, 1 - up), (low + space, up)):
                after[value] = after.get(value, Fraction(0)) + chance * share
        chances = after
        mean = sum((w * c for w, c in chances.items()), Fraction(0))
        assert mean == start * (1 - epsilon) ** (k + 1)
        relative += added / mean**2
    variance = sum(((w - mean) ** 2 * c for w, c in chances.items()), Fraction(0))
    assert variance / mean**2 == relative
    assert FORMULAS["mean"](w_0=1.875, epsilon=0.05, step=steps) == pytest.approx(float(mean), rel=1e-12)


def test_spread_against_a_sum_over_significands() -> None:
    f = 2 ** ((np.arange(100_000) + 0.5) / 100_000)
    for epsilon, grid in ((0.003, 128.0), (1e-4, 128.0), (0.05, 8.0)):
        due = epsilon * grid * f
        step = np.mean(due * (1 - due) / (grid * f) ** 2)
        assert FORMULAS["spread_per_step"](epsilon=epsilon, grid=grid) == pytest.approx(step, rel=1e-8)
        usual = np.mean(1 / 6 / (grid * f) ** 2)
        assert FORMULAS["usual_spread_per_step"](grid=grid) == pytest.approx(usual, rel=1e-8)
