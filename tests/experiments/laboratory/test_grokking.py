"""Grokking: the simulation against NumPy and optax, and a word that changes where a number is wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import xarray as xr

from experiments.laboratory.grokking import EXPERIMENT
from experiments.laboratory.grokking import simulation as sim
from experiments.laboratory.grokking.settings import NAME, Settings
from wd_jax.stats.outcome import Outcome

TINY = Settings(
    "none",
    seeds=3,
    rows=10,
    dim=20,
    linear_decay=(0.005, 0.01),
    right=0.2,
    modulus=5,
    part=(0.7,),
    hidden=8,
    decay=(0.5, 1.0),
    start=(1.0,),
    steps=600,
)


@pytest.mark.numeric
def test_the_linear_model_against_a_loop() -> None:
    inputs, teacher, start = sim.linear_problem(2, 10, 20)
    eta, decay, w, found = 0.5, 0.02, start.copy(), {}
    for k in range(1, 2000):
        w = (1 - eta * decay) * w - eta * inputs.T @ (inputs @ (w - teacher))
        for name, error, bar in (
            ("fitted", np.mean((inputs @ (w - teacher)) ** 2), 1e-3),
            ("right", np.sum((w - teacher) ** 2), 0.05),
        ):
            if error <= bar:
                found.setdefault(name, (k, np.sum(w**2)))
    with jax.enable_x64(True):
        times = sim.linear_times(inputs, teacher, start, eta, decay, 1e-3, 0.05, most=2000)
    assert [int(one) for one in times[:2]] == [found["fitted"][0], found["right"][0]]
    np.testing.assert_allclose(times[2:], [found["fitted"][1], found["right"][1]], rtol=1e-10)


@pytest.mark.numeric
def test_what_no_input_sees_and_where_the_rest_comes_to_rest() -> None:
    inputs, teacher, start = sim.linear_problem(1, 8, 15)
    hidden, missed, held = sim.linear_law(inputs, teacher, start, 0.01)
    null = np.linalg.svd(inputs)[2][8:]
    assert hidden == pytest.approx(np.sum((null @ start) ** 2), rel=1e-10)
    w = teacher.copy()
    for _ in range(6000):
        w -= 0.2 * (inputs.T @ (inputs @ (w - teacher)) + 0.01 * w)
    assert missed == pytest.approx(np.sum((w - teacher) ** 2), rel=1e-6)
    assert held == pytest.approx(np.sum(w**2), rel=1e-8)


@pytest.mark.numeric
def test_the_network_and_its_steps_against_loops_and_optax() -> None:
    with jax.enable_x64(True):
        weights = sim.network(jnp.asarray(4), 5, 7, jnp.float64(1.3))
        first, second, out = (np.asarray(weights[name]) for name in ("first", "second", "out"))
        chosen = np.random.default_rng(0).integers(0, 2, (5, 5))
        total = 0.0
        for a in range(5):
            for b in range(5):
                outputs = (first[a] + second[b]) ** 2 @ out
                total -= chosen[a, b] * (outputs[(a + b) % 5] - np.log(np.exp(outputs).sum()))
        cost = sim.cost(weights, jnp.asarray(chosen, jnp.float64))
        assert float(cost) == pytest.approx(total / chosen.sum(), rel=1e-10)
        rule = optax.adamw(0.01, b1=0.9, b2=0.98, eps=1e-8, weight_decay=0.5)
        kept, wanted = rule.init(weights), weights
        state = (weights, *(jax.tree.map(jnp.zeros_like, weights) for _ in range(2)))
        for k in range(20):
            gradient = jax.grad(sim.cost)(wanted, jnp.asarray(chosen, jnp.float64))
            moved, kept = rule.update(gradient, kept, wanted)
            wanted = optax.apply_updates(wanted, moved)
            state = sim.adamw(state, jnp.float64(k), gradient, 0.01, jnp.float64(0.5), 0.98)
        for name, value in wanted.items():
            np.testing.assert_allclose(state[0][name], value, rtol=1e-10)


@pytest.mark.numeric
def test_first_times() -> None:
    trained = np.array([[0.2, 0.2], [0.995, 0.3], [1.0, 0.4]])
    others = np.array([[0.1, 0.1], [0.5, 0.2], [0.96, 0.2]])
    found = sim.first_times([trained, others, np.array([[5.0, 5.0], [6.0, 6.0], [7.0, 7.0]])], every=10)
    np.testing.assert_array_equal(found["memorised"], [10, np.nan])
    np.testing.assert_array_equal(found["generalised"], [20, np.nan])
    np.testing.assert_array_equal(found["norm2_generalised"], [7, np.nan])
    np.testing.assert_array_equal(found["norm2_peak"], [7, np.nan])


@pytest.fixture(scope="module")
def stored() -> dict[str, xr.Dataset]:
    """Measure, and put delays and norms in the network's place that obey the law: so small a one memorises or not."""
    found = {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}
    network = found[f"{NAME}_network"]
    delay = 300 / network.decay * (1 + 0.01 * network.seed) + xr.zeros_like(network.memorised)
    grown = np.exp(2 * TINY.eta * network.decay * delay)
    obeys = network.assign(memorised=delay * 0 + 100, generalised=delay + 100, norm2_memorised=grown)
    return found | {f"{NAME}_network": obeys.assign(norm2_generalised=xr.ones_like(grown))}


def outcome(stored: dict[str, xr.Dataset], **changes: xr.DataArray) -> Outcome:
    changed = {name: one.assign({k: v for k, v in changes.items() if k in one}) for name, one in stored.items()}
    return EXPERIMENT.analyse(TINY, None, changed)


@pytest.mark.statistical
def test_the_shape_of_what_comes_out(stored) -> None:
    found = outcome(stored)
    assert [one.kind for one in found.verdicts] == ["prediction", *["rival"] * 4]
    words = [one.verdict for one in found.verdicts]
    assert words[:2] == ["holds", "fails"] and words[3:] == ["holds", "holds"]
    assert [one.name for one in EXPERIMENT.tolerances(TINY) if one.chosen == "before"] == [f"{NAME}: STEP"]
    words = {tolerance.words for tolerance in EXPERIMENT.tolerances(TINY)}
    assert all(any(word in one.statement for word in words) for one in found.verdicts)


@pytest.mark.statistical
def test_each_verdict_can_fail(stored) -> None:
    linear, network = stored[NAME], stored[f"{NAME}_network"]
    late = outcome(stored, right=linear.right + 3, generalised=network.generalised * 2).verdicts
    assert [one.verdict for one in late][:2] == ["fails", "fails"] and late[3].verdict == "fails"
    steeper = outcome(stored, generalised=100 + (network.generalised - 100) * network.decay).verdicts
    assert steeper[4].verdict == "fails"
    never = outcome(stored, generalised=network.generalised * np.nan, right=linear.right * 0 - 1).verdicts
    assert [one.verdict for one in never] == ["undecided"] * 5


@pytest.mark.statistical
def test_the_published_claim_is_of_one_constant_and_not_of_its_value(stored) -> None:
    linear = stored[NAME]
    half = (linear.right - linear.fitted) * 2 * TINY.linear_eta * linear.decay
    for constant, power, word in ((0.5, 0.0, "holds"), (3.0, 0.0, "holds"), (0.5, 0.3, "fails")):
        norms = linear.norm2_right * np.exp(constant * half * (linear.decay / 0.01) ** power)
        assert outcome(stored, norm2_fitted=norms).verdicts[2].verdict == word


@pytest.mark.statistical
def test_a_norm_that_grows_decides_nothing(stored) -> None:
    network = stored[f"{NAME}_network"]
    grown = outcome(stored, norm2_generalised=2 * network.norm2_memorised)
    assert grown.verdicts[3].verdict == "undecided"
    assert "|w| did not shrink in any run: the law's premise is not met" in grown.verdicts[3].why
    assert "met in 0 of 6 runs" in grown.answer
    one = network.norm2_generalised.where(network.seed > network.seed[0], 2 * network.norm2_memorised)
    assert outcome(stored, norm2_generalised=one).verdicts[3].verdict == "undecided"


@pytest.mark.statistical
def test_the_figure_is_drawn_in_both_widths(stored) -> None:
    from wd_jax.figures import style

    for width in ("one", "two"):
        with style.style(width):
            assert len(outcome(stored).draw().axes) == 4
