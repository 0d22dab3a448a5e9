"""Adam with L2 and AdamW: the steps against NumPy and optax, and words that can change."""

import dataclasses

import jax
import numpy as np
import optax
import pytest
import xarray as xr

from experiments.laboratory.adam_l2_and_adamw import EXPERIMENT, analysis
from experiments.laboratory.adam_l2_and_adamw import measure as measures
from experiments.laboratory.adam_l2_and_adamw.analysis import ALONE, SPHERE
from experiments.laboratory.adam_l2_and_adamw.settings import NAME, Settings
from experiments.laboratory.adam_l2_and_adamw.simulation import Cell, alone, answer_to_start
from wd_jax.figures import style

pytestmark = pytest.mark.numeric
TINY = dataclasses.replace(
    EXPERIMENT.preset("none", "quick"),
    **{"alone_steps": 40, "long_steps": 60, "weights": 4, "records": 6, "every": 5, "warm_up": 10, "seeds": 3},
    **{"sphere_weights": 8, "sphere_steps": 6, "sphere_burn_in": 2},
)


@pytest.fixture(scope="module")
def measured() -> dict[str, xr.Dataset]:
    return {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}


@pytest.fixture(scope="module")
def lawful(measured) -> dict[str, xr.Dataset]:
    """The same, what chance enters replaced by the laws, with a spread of 1e-4 between seeds."""
    noise, sphere = measured[NAME], measured[SPHERE]
    spread = xr.DataArray(1 + 1e-4 * np.linspace(-1, 1, TINY.seeds), dims="seed")
    laws = analysis.measured_rates(TINY, noise)
    coupled = np.exp(-laws.law * noise.step * spread)
    decoupled = np.exp(noise.step * np.log1p(-TINY.eta * noise.lmbda)) + 0 * coupled
    left = xr.concat([coupled, decoupled], xr.IndexVariable("rule", ["adam_l2", "adamw"]))
    rest = analysis.sphere_laws(TINY, sphere)
    return measured | {
        NAME: noise.assign(left=left.transpose(*noise.left.dims).assign_coords(seed=noise.seed)),
        SPHERE: sphere.assign(
            norm=(rest.norm * spread + 0 * sphere.norm).transpose(*sphere.norm.dims),
            rotation=(rest.rotation * spread + 0 * sphere.rotation).transpose(*sphere.rotation.dims),
        ),
    }


def words(stored: dict[str, xr.Dataset], preset: Settings = TINY) -> dict[str, str]:
    found = analysis.analyse(preset, None, stored).verdicts
    assert len({one.statement for one in found}) == len(found)
    return {one.statement: one.verdict for one in found}


@pytest.mark.parametrize("coupled", [1.0, 0.0])
def test_noise_against_a_loop_of_optax(coupled: float) -> None:
    eta, lmbda, start, sigma, beta1, beta2 = 0.02, 0.7, 0.3, 1.5, 0.8, 0.95
    found = answer_to_start(Cell(eta, [lmbda], start, beta1, beta2, 1e-8, coupled, sigma), 5, 3, 2, 4)
    with jax.enable_x64(True):
        if coupled:
            rule = optax.chain(optax.add_decayed_weights(lmbda), optax.scale_by_adam(beta1, beta2), optax.scale(-eta))
        else:
            rule = optax.adamw(eta, beta1, beta2, weight_decay=lmbda)
        both = []
        for sign in (1, -1):
            w = np.full(3, sign * start)
            state = rule.init(w)
            for number in range(8):
                key = jax.random.fold_in(jax.random.key(np.uint32(5)), number)
                step, state = rule.update(sigma * jax.random.normal(key, (3,), "float64"), state, w)
                w = w + step
            both.append(np.asarray(w))
    np.testing.assert_allclose(found[0, -1], (both[0] - both[1]).mean() / 2 / start, rtol=1e-10)


def test_decay_alone_against_a_loop() -> None:
    eta, lmbda, start, beta1, beta2, adam_epsilon = 0.05, 0.3, 2.0, 0.7, 0.9, 1e-3
    found = alone(Cell(eta, lmbda, start, beta1, beta2, adam_epsilon, [1.0, 0.0], 0.0), 30)
    w, first, second = start, 0.0, 0.0
    for t in range(1, 31):
        g = lmbda * w
        first, second = beta1 * first + (1 - beta1) * g, beta2 * second + (1 - beta2) * g * g
        w -= eta * first / (1 - beta1**t) / (np.sqrt(second / (1 - beta2**t)) + adam_epsilon)
        assert found[0, t] == pytest.approx(w, rel=1e-12)
        assert found[1, t] == pytest.approx(start * (1 - eta * lmbda) ** t, rel=1e-12)


def test_the_number_that_was_computed_before() -> None:
    found = alone(Cell(1e-3, [1e-4, 1e-2, 1.0], 1.0, 0.9, 0.999, 0.0, 1.0, 0.0), 500)[:, -1]
    np.testing.assert_allclose(found, 0.5605075233, rtol=1e-10)


def test_what_obeys_the_laws_holds_and_the_rivals_do_not(lawful) -> None:
    found = analysis.analyse(TINY, None, lawful)
    kinds = {one.statement: one.kind for one in found.verdicts}
    given = words(lawful)
    assert len(given) == 13 and list(kinds.values()).count("rival") == 3
    assert {given[one] for one, kind in kinds.items() if kind == "prediction"} == {"holds"}
    assert given["rate under Adam with L2 is eta L"] == "fails"
    assert given["scale-invariant weights under Adam with L2: they turn as under AdamW"] == "fails"
    assert len(found.tables) == 4 and "AdamW leaves" in found.answer
    known = {value for one in EXPERIMENT.tolerances(TINY) for value in one.values}
    assert {one.tolerance for one in found.verdicts} <= known
    for width in ("two", "one"):
        with style.style(width):
            assert len(found.draw().axes) == 2


PERTURBED = {
    "does not depend on lmbda": (ALONE, "adam_l2", {"lmbda": 0}, 1 + 1e-14),
    "is w_0 f(t, eta/w_0)": (ALONE, "similar", {"factor": 0}, 1 + 1e-12),
    "function of eta t alone": (ALONE, "faster", {}, 1.05),
    "of the first step": (ALONE, "stabilised", {"small_lmbda": 0}, 1 + 1e-14),
    "decay alone under AdamW": (ALONE, "adamw", {"lmbda": 0}, 1 + 1e-12),
    "is eta L/sigma": (NAME, "left", {"rule": 0, "sigma": 0}, 1.04),
    "to second order": (NAME, "left", {"rule": 0, "sigma": 0}, 1.04),
    "mean weight under AdamW": (NAME, "left", {"rule": 1, "sigma": 0, "seed": 0, "step": 3}, 1 + 1e-12),
    "|w|^3": (SPHERE, "norm", {"rule": 0, "lmbda": 0}, 1.04),
    "rotation depends on G": (SPHERE, "rotation", {"rule": 0, "lmbda": 0}, 0.96),
    "does not depend on G": (SPHERE, "rotation", {"rule": 1, "lmbda": 0}, 0.96),
}


@pytest.mark.parametrize("part", PERTURBED)
def test_each_word_can_change(lawful, part: str) -> None:
    where, variable, place, factor = PERTURBED[part]
    changed = lawful[where].copy(deep=True)
    values = changed[variable]
    if variable == "left" and factor > 1.01:  # the rate is read off a logarithm
        values[place] = values[place] ** factor
    else:
        values[place] = values[place] * factor
    (statement,) = (one for one in words(lawful) if part in one)
    assert words(lawful | {where: changed})[statement] == "fails"


def test_a_missing_number_is_not_passed_over(lawful) -> None:
    gone = lawful[ALONE].copy(deep=True)
    gone.adamw[0, -1] = np.nan
    assert words(lawful | {ALONE: gone})["decay alone under AdamW is (1 - eta L)^t"] == "undecided"


def test_the_rate_is_read_off_no_deeper_than_it_should(measured) -> None:
    step = xr.DataArray(np.arange(1, 81) * 100, dims="step", name="step")
    noise = xr.Dataset(coords={"sigma": [1.0], "lmbda": [0.2], "rule": ["adam_l2", "adamw"], "seed": [0], "step": step})
    preset = dataclasses.replace(TINY, warm_up=1000, eta=4e-3)
    true = 8e-4
    left = np.exp(-true * step.values)
    left[step.values - 1000 > analysis.DEEPEST / true] = np.nan
    noise["left"] = xr.DataArray(left, dims="step", coords={"step": step}).broadcast_like(
        xr.DataArray(np.zeros((2, 1, 1, 1)), dims=("rule", "sigma", "lmbda", "seed"))
    )
    np.testing.assert_allclose(analysis.measured_rates(preset, noise).measured.values, true, rtol=1e-12)


def test_similar_courses_start_at_one() -> None:
    found = measures.alone(TINY, None)
    assert {float(found[name].isel(step=0).max()) for name in ("adam_l2", "adamw", "similar", "stabilised")} == {1.0}
