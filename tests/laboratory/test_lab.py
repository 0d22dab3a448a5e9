"""The laboratory against plain NumPy loops on the same drawn gradients, and what its result says of itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine.minibatches import member_key
from wd_jax.laboratory.gradients import GRADIENTS, Sizes
from wd_jax.laboratory.tensor import Tensor
from wd_jax.results.validity import doubts, lacking

pytestmark = pytest.mark.numeric
SHAPE, N, M, STEPS, BURN_IN, RECORDS = (4, 3), 12, 3, 18, 6, 2
NUMBERS = {"gradient_std": 0.7, "mean_gradient": 0.2, "curvature": 0.3, "gradient_scale": 0.4}


def drawn(kind: str, seed: int) -> np.ndarray:
    """What is drawn for every step, [step, rows, columns]."""
    one, sizes, tensor, key = GRADIENTS[kind], Sizes(N, M), Tensor(SHAPE), member_key(seed)
    state, found = one.start(key, tensor, sizes), []
    for step in range(STEPS):
        values, state = one.draw(key, tensor, sizes, state, jnp.int32(step))
        found.append(np.asarray(values, np.float64))
    return np.array(found)


def gradient(kind: str, z: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The gradient as the page defines it."""
    if kind == "none":
        return np.zeros_like(w)
    if kind == "shuffled":
        return NUMBERS["gradient_std"] * z
    if kind == "scale_invariant":
        across = z - (w * z).sum() / (w * w).sum() * w
        return NUMBERS["gradient_scale"] / np.sqrt((w * w).sum() * (across * across).sum()) * across
    noise = NUMBERS["gradient_std"] / np.sqrt(M) * z
    return noise if kind == "independent" else NUMBERS["mean_gradient"] + NUMBERS["curvature"] * w + noise


def loop(rule: str, kind: str, seed: int, eta: float, lmbda: float) -> dict[str, np.ndarray]:
    """Train and measure in NumPy, float64."""
    w = np.asarray(jax.random.normal(jax.random.fold_in(member_key(seed), 0), SHAPE, jnp.float32), np.float64)
    z, a, s = drawn(kind, seed), 0.0, 0.0
    seen: dict[str, list] = {"weight_norm2": [(w * w).sum()]}
    names = ("weight_norm2_mean", "budget_decay", "budget_noise", "budget_drift", "rotation")
    sums = dict.fromkeys(names, 0.0)
    length = (STEPS - BURN_IN) // RECORDS
    for t in range(1, STEPS + 1):
        g = gradient(kind, z[t - 1], w)
        if rule == "adamw":
            a, s = 0.9 * a + 0.1 * g, 0.999 * s + 0.001 * g * g
            u = eta * (a / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
            d = eta * lmbda / N * w
        elif rule == "momentum":
            a = 0.9 * a + g + lmbda / N * w
            d = eta * lmbda / N * w
            u = eta * a - d
        else:
            u, d = eta * g, eta * lmbda / N * w
        new = w - d - u
        cosine = (w * new).sum() / np.sqrt((w * w).sum() * (new * new).sum())
        sums["weight_norm2_mean"] += (new * new).sum() / length
        sums["budget_decay"] += (d * d).sum() - 2 * (w * d).sum()
        sums["budget_noise"] += (u * u).sum()
        sums["budget_drift"] += -2 * ((w - d) * u).sum()
        sums["rotation"] += np.arccos(min(cosine, 1.0)) ** 2 / length
        w = new
        if t == BURN_IN:
            seen["weight_norm2"].append((w * w).sum())
            sums = dict.fromkeys(names, 0.0)
        elif t > BURN_IN and (t - BURN_IN) % length == 0:
            seen["weight_norm2"].append((w * w).sum())
            for name, value in sums.items():
                seen.setdefault(name, []).append(np.sqrt(value) if name == "rotation" else value)
            sums = dict.fromkeys(names, 0.0)
    return {name: np.array(values) for name, values in seen.items()}


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("sgd", "independent"), ("adamw", "shuffled"), ("momentum", "signal_plus_noise"), ("sgd", "scale_invariant")],
)
def test_the_numpy_loop(rule: str, kind: str) -> None:
    numbers = {one.name: NUMBERS[one.name] for one in GRADIENTS[kind].coefficients}
    runs = wd.lab(
        rule, kind, steps=STEPS, burn_in=BURN_IN, records=RECORDS, shape=SHAPE, n=N, batch_size=M, seeds=[3, 0],
        dtype="float64", eta=0.1, lmbda=[0.5, 4.0], **numbers,
    )  # fmt: skip
    assert runs.step.values.tolist() == [0, 6, 12, 18] and runs.epoch.values.tolist() == [0, 1.5, 3, 4.5]
    for lmbda in (0.5, 4.0):
        for seed in (3, 0):
            member = runs.sel(lmbda=lmbda, seed=seed, layer=1)
            for name, values in loop(rule, kind, seed, 0.1, lmbda).items():
                found = member[name].values[-len(values) :]
                # What is drawn is float32: the mean of a minibatch is rounded in another order in the program.
                close = {"rtol": 1e-6, "atol": 1e-6} if kind == "shuffled" else {"rtol": 1e-9, "atol": 1e-12}
                np.testing.assert_allclose(found, values, **close, err_msg=f"{name} {lmbda} {seed}")
    parts, records = runs.budget_decay + runs.budget_drift + runs.budget_noise, slice(2, None)
    assert runs.weight_norm2.notnull().all()
    np.testing.assert_allclose(parts[..., records], runs.weight_norm2.diff("epoch")[..., 1:], rtol=0, atol=1e-11)
    for name in ("budget_decay", "budget_noise", "rotation", "relative_update", "weight_rms_mean"):
        assert runs[name].isel(epoch=records).notnull().all() and runs[name].isel(epoch=slice(2)).isnull().all(), name


def test_every_example_is_seen_once_an_epoch() -> None:
    z = drawn("shuffled", 5)
    per_epoch = z[: N // M * (STEPS // (N // M))].reshape(-1, N // M, *SHAPE).sum(1)
    np.testing.assert_allclose(per_epoch, 0, atol=2e-6)  # all examples together have mean 0
    assert not np.allclose(z[0], z[N // M], atol=1e-3)  # in another order


QUICK = {"steps": 6, "shape": 3, "probes": wd.Probes(budget=False, moved=False, splits=())}


def test_a_member_does_not_depend_on_the_others() -> None:
    many = wd.lab("sgd", "independent", seeds=3, eta=[0.1, 0.2], lmbda=[0.5, 4.0], **QUICK)
    alone = wd.lab("sgd", "independent", seeds=[2], eta=[0.2, 0.3], lmbda=[4.0, 5.0], **QUICK)
    np.testing.assert_array_equal(many.weight_rms.sel(seed=2, eta=0.2, lmbda=4), alone.weight_rms[0, 0, 0])
    assert len(np.unique(many.weight_rms.isel(epoch=0))) == 3  # a start for each seed, and none for a setting


def test_single_precision_is_the_same_run() -> None:
    single, double = (
        wd.lab("lion", "independent", seeds=2, eta=0.1, lmbda=1.0, dtype=d, **QUICK) for d in ("float32", "float64")
    )
    np.testing.assert_allclose(single.weight_rms, double.weight_rms, rtol=2e-6)


def test_the_result_is_like_a_sweep_s(tmp_path) -> None:
    runs = wd.lab(
        "adamw", "independent", seeds=2, eta=0.1, lmbda=[1.0, 2.0], out=tmp_path / "lab", gradient_std=0.5, **QUICK
    )
    assert lacking(runs) == "" and doubts(runs) == ()
    again = wd.open(tmp_path / "lab")
    for name in runs.variables:
        np.testing.assert_array_equal(again[name], runs[name], err_msg=str(name))
        assert runs[name].attrs["long_name"] and runs[name].attrs["units"]
    facts = wd.summarise(again).facts
    assert facts["gradients"] == "independent, gradient_std = 0.5" and facts["axes"] == "lmbda = 1 2"
    assert facts["optimiser"] == "adamw with beta1 = 0.9, beta2 = 0.999"
    assert "weight_rms_mean" in repr(wd.summarise(runs))
    with pytest.raises(FileExistsError):
        wd.lab("adamw", "independent", out=tmp_path / "lab", **QUICK)


def test_what_diverges_says_when() -> None:
    runs = wd.lab("sgd", "none", seeds=2, steps=400, records=4, shape=3, eta=1.0, lmbda=[0.5, 50.0])
    lost = runs.sel(lmbda=50.0)
    assert (runs.diverged_at.sel(lmbda=0.5) == -1).all() and (lost.diverged_at > 1).all()
    gone = runs.epoch.values >= lost.diverged_at.values.min()
    assert gone.any() and np.isnan(lost.weight_rms[..., gone]).all() and not np.isnan(lost.weight_rms[..., 0]).any()
    verdict = wd.compare(runs.weight_rms.isel(epoch=-1), 1.0, within=0.5)
    assert verdict.verdict in ("diverged", "fails") and "diverged" in verdict.why


def test_probes_on_request_and_of_one_s_own() -> None:
    largest = wd.probes.Variable("weight_max", ("layer",), "largest weight", "without its sign")
    own = wd.probes.Probe(
        "largest", (largest,), record=lambda state, record: {"weight_max": jnp.max(abs(record.params[0]["w"]))[None]}
    )
    probes = wd.Probes(extra=own, spectrum=True, alignment=True, effective_eta=True, splits=())
    runs = wd.lab("muon", "independent", steps=4, shape=(3, 2), seeds=2, eta=0.1, lmbda=1.0, probes=probes)
    for name in ("weight_max", "spectral_norm", "alignment", "effective_eta", "moved_by_decay", "budget_noise"):
        assert np.isfinite(runs[name].isel(epoch=-1)).all(), name
    assert (runs.weight_max <= runs.spectral_norm * (1 + 1e-6)).all()


def test_an_own_rule_whose_decay_is_none_says_so() -> None:
    import optax

    plain = wd.rule(lambda h: optax.sgd(h.eta), name="bare")
    runs = wd.lab(plain, "independent", seeds=2, eta=0.1, steps=6, shape=3)
    assert "does not read lmbda" in runs.no_budget.item() and "budget_noise" not in runs
    assert lacking(runs) == "" and runs.optimiser.item() == "bare"
