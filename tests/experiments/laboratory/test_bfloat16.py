"""Rounded weights: the simulation against NumPy, and a word that changes where a measurement is wrong."""

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import xarray as xr

from experiments.laboratory.bfloat16 import EXPERIMENT, laws, torch_table
from experiments.laboratory.bfloat16 import simulation as sim
from experiments.laboratory.bfloat16.settings import NAME, Settings
from wd_jax.stats.outcome import Outcome

TINY = Settings("none", weights=2048, at_random=(0.001, 0.003), nearest=(0.001, 0.0026, 0.005, 0.03), spaces=(0.3, 0.5))
KINDS = ["prediction"] * 3 + ["rival"] + ["prediction"] * 3 + ["rival"] + ["prediction"] * 2 + ["rival"]
KINDS += ["identity"] * 3 + ["rival"]


def rounded(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32).astype(ml_dtypes.bfloat16).astype(np.float32)


@pytest.mark.numeric
def test_rounding_to_the_nearest_is_that_of_bfloat16() -> None:
    values = np.random.default_rng(0).normal(size=4000).astype(np.float32)
    np.testing.assert_array_equal(sim.nearest(jnp.asarray(values)), rounded(values))


@pytest.mark.statistical
def test_rounding_at_random_gives_a_neighbour_and_the_mean() -> None:
    value = np.float32(1.3027)
    keys = jax.random.split(jax.random.key(3), 20)
    found = np.asarray(jax.vmap(lambda key: sim.at_random(jnp.full(5000, value), key))(keys), np.float64)
    low, high = np.unique(found)
    assert high - low == 2.0**-7 and low < value < high
    np.testing.assert_array_equal(rounded(np.array([low, high])), [low, high])
    standard = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - float(value)) < 4 * standard


@pytest.mark.numeric
def test_alone_against_a_loop() -> None:
    begun = np.asarray(sim.starts(5, 300))
    epsilon, w = np.float32(0.0028), begun
    for _ in range(200):
        w = rounded(w - epsilon * w)
    left, stuck, moved = sim.alone_nearest(5, 0.0028, 200, weights=300)
    assert float(left) == pytest.approx(float(np.log(w / begun).mean()), abs=1e-6)
    assert float(stuck) == pytest.approx((w == begun).mean(), rel=1e-6)
    assert float(moved) == pytest.approx(abs(w / begun - 1).max(), rel=1e-6)


@pytest.mark.numeric
def test_adamw_against_a_loop_with_the_same_draws() -> None:
    key, n = jax.random.key(4 + 2**22), 200
    w, m, v = np.ones(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.float32)
    for k in range(20):
        g = rounded(np.asarray(jax.random.normal(jax.random.fold_in(key, k), (n,))))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = m / (1 - 0.9 ** (k + 1)) / (np.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8)
        w, m, v = rounded(w - 0.01 * 0.1 * w - 0.01 * step), rounded(m), rounded(v)
    found = sim.adamw_once(4, 0.01, 0.1, weights=n, steps=20)
    assert float(found) == pytest.approx(float(w.mean()), abs=3e-4)  # a tie of rounding is a space of one weight


@pytest.mark.numeric
def test_a_factor_of_float32_against_a_loop() -> None:
    begun = np.asarray(2.0 ** jax.random.uniform(jax.random.key(2), (100,)))
    factor, w = np.float32(1) - np.float32(2e-7), begun.copy()
    for _ in range(500):
        w = w * factor
    found = sim.factor_in_float32(2, factor, weights=100, steps=500)
    assert float(found) == pytest.approx(-np.log(w.astype(float) / begun).mean(), rel=1e-4)


@pytest.mark.numeric
def test_noise_without_decay_due_is_the_sum_of_a_density() -> None:
    """Poisson: the density at half-integers, summed, is 1 - 2 exp(-2 pi^2 s^2) and so on."""
    for spaces in (0.2, 0.4, 1.0):
        j = np.arange(1, 30)
        wanted = 1 + 2 * np.sum((-1.0) ** j * np.exp(-2 * (np.pi * j * spaces) ** 2))
        assert laws.kept_beside_noise(spaces, 1e-4) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.numeric
def test_torch_still_does_what_is_stored(monkeypatch) -> None:
    torch = pytest.importorskip("torch")
    if torch.__version__.split("+")[0] != torch_table.MEASURED["version"]:
        pytest.skip("another release of torch than the stored one")
    monkeypatch.setattr(torch_table, "SEEDS", 1)
    found = torch_table.measure_torch()
    for name in ("left", "lost"):
        for way, numbers in found[name].items():
            assert numbers[0] == pytest.approx(torch_table.MEASURED[name][way][0], abs=2e-6)


@pytest.fixture(scope="module")
def stored() -> xr.Dataset:
    return EXPERIMENT.measurements[NAME](TINY, None)


def outcome(stored: xr.Dataset, **changes: float) -> Outcome:
    changed = stored.assign({name: stored[name] * by for name, by in changes.items()})
    return EXPERIMENT.analyse(TINY, None, {NAME: changed})


@pytest.mark.statistical
def test_the_shape_of_what_comes_out(stored) -> None:
    found = outcome(stored)
    assert [one.kind for one in found.verdicts] == KINDS
    assert {one.claim for one in found.verdicts} == {NAME}
    assert len(found.tables) == 5 and "torch is not run here" in found.answer
    assert [one.name for one in EXPERIMENT.tolerances(TINY) if one.chosen == "after"] == [f"{NAME}: MEAN"]
    assert all(("stored" in one.statement) == (place >= 11) for place, one in enumerate(found.verdicts))
    words = {tolerance.words for tolerance in EXPERIMENT.tolerances(TINY)}
    for one in found.verdicts:
        assert any(word in one.statement for word in words), one.statement


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("name", "by", "places"),
    [("log_left", 1.2, (1, 2)), ("mean", 1.01, (4,)), ("spread", 1.3, (5, 6)), ("beside", 0.9, (8,)),
     ("single", 1.03, (9,)), ("torch_left", 0.97, (11,)), ("torch_lost", 1.1, (13,))],
)  # fmt: skip
def test_each_verdict_can_fail(stored, name: str, by: float, places: tuple[int, ...]) -> None:
    right, wrong = outcome(stored).verdicts, outcome(stored, **{name: by}).verdicts
    for place in places:
        assert right[place].verdict == "holds" and wrong[place].verdict == "fails"


@pytest.mark.statistical
def test_what_must_be_exactly_nothing_can_fail(stored) -> None:
    moved = outcome(stored.assign(moved=stored.moved + 1e-9, torch_lost=stored.torch_lost + 1e-9)).verdicts
    assert [moved[place].verdict for place in (0, 12)] == ["fails", "fails"]


@pytest.mark.statistical
def test_the_figure_is_drawn_in_both_widths(stored) -> None:
    from wd_jax.figures import style

    found = outcome(stored)
    for width in ("one", "two"):
        with style.style(width):
            assert len(found.draw().axes) == 4
