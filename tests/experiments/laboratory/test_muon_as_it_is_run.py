"""Muon as it is run: the drawn matrices, the law by their correlation, and words that can change."""

import dataclasses
import itertools

import numpy as np
import pytest
import xarray as xr

import derivations
from experiments.laboratory.muon_as_it_is_run import EXPERIMENT, analysis, drawn, law
from experiments.laboratory.muon_as_it_is_run.settings import NAME, SHAPES
from wd_jax.figures import style
from wd_jax.optimisers import newton_schulz

pytestmark = pytest.mark.numeric
TINY = dataclasses.replace(
    EXPERIMENT.preset("none", "quick"),
    **{"seeds": 3, "square": 4, "long": (3, 6), "square_steps": 6, "long_steps": 6, "burn_in": 2},
    **{"draws": 300, "pairs": 300},
)


@pytest.fixture(scope="module")
def stored() -> dict[str, xr.Dataset]:
    return {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}


@pytest.fixture(scope="module")
def at_rest(stored) -> dict[str, xr.Dataset]:
    """The same, with what the law says in place of what was measured, and a spread of 1e-4."""
    made = {}
    for name, runs in stored.items():
        runs = runs.assign(phi=0.6 * runs.rho + 0.4 * runs.rho**5).assign_coords(linear_share=0.6)
        values = law.at_rest(runs) | {"norm_of_update": runs.update_norm}
        made[name] = runs.assign({what: _like(runs[what], value) for what, value in values.items()})
    return made


def _like(measured: xr.DataArray, value: xr.DataArray) -> xr.DataArray:
    spread = xr.DataArray(1 + 1e-4 * np.linspace(-1, 1, measured.sizes["seed"]), dims="seed")
    plain = (value.reset_coords(drop=True) * spread).broadcast_like(measured.reset_coords(drop=True))
    return measured.copy(data=plain.transpose(*measured.dims).values)


@pytest.mark.parametrize("shape", [(5, 5), (4, 9), (9, 4)])
def test_newton_schulz_is_the_library_s(shape: tuple[int, int]) -> None:
    matrices = np.random.default_rng(0).normal(size=(3, *shape))
    ours = drawn.newton_schulz(matrices)
    for g, d in zip(matrices, ours, strict=True):
        np.testing.assert_allclose(d, newton_schulz.orthogonal(np.float32(g / np.linalg.norm(g))), atol=1e-4)
        left, values, right = np.linalg.svd(g / np.linalg.norm(g), full_matrices=False)
        a, b, c = drawn.COEFFICIENTS
        for _ in range(5):
            values = a * values + b * values**3 + c * values**5
        np.testing.assert_allclose(d, left * values @ right, atol=1e-12)


def test_a_single_number_has_the_share_and_the_correlation_of_its_sign() -> None:
    rho = np.array([0.3, 0.8])
    found = drawn.measure((1, 1), 20_000, 400_000, rho, seed=1)
    # D of one number is the sign times a constant.
    assert found.linear_share == pytest.approx(2 / np.pi, rel=1e-5)
    np.testing.assert_allclose(found.phi, 2 / np.pi * np.arcsin(rho), atol=5e-3)


def test_correlations_of_drawn_pairs_lie_between_their_bounds() -> None:
    rho = np.array([0.5, 0.7, 0.9])
    found = drawn.measure((6, 6), 20_000, 20_000, rho, seed=0)
    low = found.linear_share * rho
    assert (low < found.phi).all() and (found.phi < low + (1 - found.linear_share) * rho**3).all()


@pytest.mark.parametrize("beta1", [0.5, 0.9])
def test_the_law_by_correlations_is_the_derivation_s_where_both_speak(beta1: float) -> None:
    """With updates as correlated as averages, beta1^k, the sum is geometric, and the plain law its closed form."""
    eta, decay = 0.2, 0.06
    total = sum((1 - decay) ** (k - 1) * beta1**k for k in range(1, 3000))
    found = law.by_sum(*(xr.DataArray(one) for one in (total, decay, eta, 3.0)))
    formulas = derivations.derive("muon").formulas
    given = {"eta": eta, "lmbda": decay * 50 / eta, "n": 50, "beta1": beta1}
    assert float(found["weight_norm"]) == pytest.approx(formulas["weight_norm"](update_norm=3.0, **given), rel=1e-12)
    assert float(found["cosine"]) == pytest.approx(formulas["cosine"](**given), rel=1e-12)
    assert float(found["rotation"]) == pytest.approx(formulas["rotation"](**given), rel=1e-12)


@pytest.mark.parametrize(("end", "power"), [("lower", 0.0), ("upper", 1.0)])
def test_the_law_is_at_a_bound_where_the_correlation_is(at_rest, end: str, power: float) -> None:
    runs = at_rest[f"{NAME}_square"]
    share = runs.linear_share
    found = law.at_rest(runs, share * runs.rho + power * (1 - share) * runs.rho**3)
    forms = analysis.forms(runs)
    for what, value in found.items():
        upside_down = {"lower": "high", "upper": "low"} if what == "rotation" else {"lower": "low", "upper": "high"}
        bound = getattr(forms, upside_down[end])[what]
        np.testing.assert_allclose(value.transpose(*bound.dims), bound, rtol=1e-10)


def test_the_narrower_bounds_enclose_the_law_and_are_met_where_they_should(at_rest) -> None:
    runs = at_rest[f"{NAME}_square"]
    cubic = runs.assign(phi=0.6 * runs.rho + 0.4 * runs.rho**3)
    for name, upper, lower in (("weight_norm", "high", "low"), ("cosine", "high", "low"), ("rotation", "low", "high")):
        fifth, third = analysis.forms(runs), analysis.forms(cubic)
        order = [fifth.low, fifth.narrow_low, fifth.law, fifth.narrow_high, fifth.high]
        values = [one[name].transpose("lmbda", "beta1").values for one in order]
        assert all((a < b).all() for a, b in itertools.pairwise(values))
        # With a third power alone the upper bound of the sum is the sum, and no narrower than the usual one.
        bounds = [getattr(third, f"narrow_{upper}")[name], getattr(third, upper)[name], third.law[name]]
        np.testing.assert_allclose(*(one.transpose("lmbda", "beta1") for one in bounds[:2]), rtol=1e-10)
        np.testing.assert_allclose(*(one.transpose("lmbda", "beta1") for one in bounds[::2]), rtol=1e-10)
        assert (abs(getattr(third, f"narrow_{lower}")[name] / third.law[name] - 1) > 1e-4).all()


def test_pairs_must_reach_the_first_lag(at_rest) -> None:
    runs = at_rest[f"{NAME}_square"].isel(rho=slice(0, 2))
    with pytest.raises(ValueError, match=r"rho=0.45: two averages at beta1=0.9 are correlated by 0.658"):
        law.at_rest(runs)


def test_every_word_can_change(at_rest) -> None:
    held = analysis.analyse(TINY, None, at_rest).verdicts
    predictions = [one for one in held if one.kind == "prediction"]
    assert len(predictions) == 14 and {one.verdict for one in predictions} == {"holds"}
    assert {one.verdict for one in held if one.kind == "rival"} == {"fails"}
    names = ("weight_norm", "cosine", "rotation", "norm_of_update")
    for factor in (0.7, 1.3):
        wrong = {name: runs.assign({one: runs[one] * factor for one in names}) for name, runs in at_rest.items()}
        found = analysis.analyse(TINY, None, wrong)
        assert {one.verdict for one in found.verdicts if one.kind == "prediction"} == {"fails"}
        assert "0 of 6 brackets hold" in found.answer


def test_a_short_run_is_stored_judged_the_same_and_drawn(stored, tmp_path) -> None:
    from wd_jax.results import measurement

    again = {}
    for name, runs in stored.items():
        measurement.write(runs, tmp_path / f"{name}.nc", "{}")
        again[name] = measurement.read(tmp_path / f"{name}.nc")[0]
    first, second = analysis.analyse(TINY, None, stored), analysis.analyse(TINY, None, again)
    assert [one.to_dict() for one in first.verdicts] == [one.to_dict() for one in second.verdicts]
    assert {one.claim for one in first.verdicts} == {NAME} and len(first.verdicts) == 8 * len(SHAPES)
    with style.style("one"):
        assert len(second.draw().axes) == 4


@pytest.mark.parametrize("name", SHAPES)
def test_the_measured_quantities_are_those_of_an_own_loop(stored, name: str) -> None:
    """The same start and gradients, in double precision."""
    import jax

    from wd_jax.engine import minibatches
    from wd_jax.laboratory.gradients import NOISE_STREAM

    runs = stored[f"{NAME}_{name}"].isel(lmbda=-1, beta1=0, seed=2)
    eta, decay, beta1 = float(runs.eta), float(runs.eta * runs.lmbda), float(runs.beta1)
    rows, columns = TINY.shape(name)
    key = minibatches.member_key(np.uint32(int(runs.seed)))
    noise = jax.random.fold_in(key, NOISE_STREAM)
    w = 0.1 * np.asarray(jax.random.normal(minibatches.stream(key, minibatches.INIT_STREAM), (rows, columns)), float)
    mean = np.zeros_like(w)
    norms, updates, products, angles = [], [], [], []
    for t in range(TINY.square_steps):
        g = np.asarray(jax.random.normal(jax.random.fold_in(noise, t), (rows, columns)), float)
        mean = beta1 * mean + (1 - beta1) * g
        ahead = beta1 * mean / (1 - beta1 ** (t + 2)) + (1 - beta1) * g / (1 - beta1 ** (t + 1))
        u = max(1, columns / rows) ** 0.5 * drawn.newton_schulz(ahead)
        before, w = w, (1 - decay) * w - eta * u
        if t >= TINY.burn_in:
            norms.append((w**2).sum())
            updates.append((u**2).sum())
            products.append(-(before * u).sum())
            angles.append(np.arccos((before * w).sum() / np.sqrt((before**2).sum() * (w**2).sum())))
    norm, update = np.mean(norms) ** 0.5, np.mean(updates) ** 0.5
    found = [float(runs[what]) for what in ("weight_norm", "norm_of_update", "cosine", "rotation")]
    np.testing.assert_allclose(
        found,
        [norm, update, np.mean(products) / (norm * update), np.mean(np.square(angles)) ** 0.5],
        rtol=2e-4,
        atol=2e-5,
    )


def test_every_tolerance_that_is_used_is_registered(at_rest) -> None:
    used = {one.tolerance for one in analysis.analyse(TINY, None, at_rest).verdicts}
    assert used == {value for one in EXPERIMENT.tolerances(TINY) for value in one.values}
