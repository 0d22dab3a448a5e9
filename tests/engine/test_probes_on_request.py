"""What is measured only where it is asked for: against a NumPy loop, at small angles, and where there is no number.

float64 agrees with the loop to 1e-10, for the reason in `test_reference`. float32 rounds at 6e-8; ten epochs of five
steps and sums over up to 30 weights leave 2e-5, relative to the largest value of a variable.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from tests.fixtures import OF_ENDS, OF_STEPS
from wd_jax.engine.examples import on_device
from wd_jax.engine.minibatches import host_orders, member_key
from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe, Variable
from wd_jax.engine.probes.rotation import angle
from wd_jax.engine.probes.spectrum import spectral_norm
from wd_jax.measurement import ON_REQUEST
from wd_jax.sweeps.task import Task

pytestmark = pytest.mark.numeric
TOLERANCE = {"float64": 1e-10, "float32": 2e-5}
EVERY = {name: True for name in ON_REQUEST}
LOOKING = ("rotation", "relative_update", "alignment", "gradient_noise")
"""Those that look at every step."""
ALL = wd.Probes(budget=False, moved=False, splits=(), **EVERY)
ETA, LMBDAS, SEEDS, EPOCHS = 0.2, (0.0, 1.5), (3, 0), 10
SETUPS = {
    "sigmoid, two hidden layers": {"widths": (6, 5, 4, 3)},
    "softmax, tanh, with replacement": {
        "widths": (6, 5, 3),
        "loss": "softmax",
        "activation": "tanh",
        "sampling": "iid",
    },
}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", SETUPS)
def test_the_numpy_loop(name: str, dtype: str, tiny, initial, numpy_run) -> None:
    setup = wd.Setup(**SETUPS[name], batch_size=5, dtype=dtype)
    runs = wd.sweep(setup, tiny, eta=ETA, lmbda=LMBDAS, seeds=SEEDS, epochs=EPOCHS, probes=ALL, progress=False)
    for lmbda in LMBDAS:
        for seed in SEEDS:
            orders = host_orders(np.array([seed]), 0, EPOCHS, tiny.n, setup.sampling)[0]
            loop = numpy_run(setup, tiny, ETA, lmbda, initial(setup, seed), orders)
            member = runs.sel(lmbda=lmbda, seed=seed).transpose("epoch", ...)
            for variable in (*OF_ENDS, *OF_STEPS):
                scale = TOLERANCE[dtype] * np.nanmax(abs(loop[variable]))
                np.testing.assert_allclose(member[variable], loop[variable], rtol=0, atol=scale, err_msg=variable)


@pytest.mark.parametrize("size", [1e-1, 1e-3, 1e-6, 1e-9])
def test_small_angles_keep_their_digits_in_float32(size: float) -> None:
    """To 1e-5, while an arc cosine in float32 knows no angle below 3e-4."""
    random = np.random.default_rng(0)
    w = random.standard_normal((30, 20))
    across = random.standard_normal((30, 20))
    across -= (across * w).sum() / (w**2).sum() * w
    across *= np.linalg.norm(w) / np.linalg.norm(across)
    taken = 1e-3 * w - (1 - 1e-3) * np.tan(size) * across  # turns by `size` while the weights shrink
    found = angle(jnp.asarray(w, jnp.float32), jnp.asarray(taken, jnp.float32))
    # What float32 leaves of `taken` itself, which is mostly along w, turns by up to 3e-11.
    np.testing.assert_allclose(found, size, rtol=1e-5, atol=3e-11)


def test_small_rotations_of_a_network_in_float32(setup32, tiny) -> None:
    settings = {"eta": 2e-6, "lmbda": 0.0, "seeds": 2, "epochs": 2, "progress": False}
    single = wd.sweep(setup32, tiny, probes=ALL, **settings).isel(epoch=slice(1, None))
    double = wd.sweep(dataclasses.replace(setup32, dtype="float64"), tiny, probes=ALL, **settings)
    double = double.isel(epoch=slice(1, None))
    assert 1e-8 < float(double.rotation.min()) and float(double.rotation.max()) < 2e-6
    np.testing.assert_allclose(single.rotation, double.rotation, rtol=1e-5)
    np.testing.assert_allclose(single.relative_update, double.relative_update, rtol=1e-5)


@pytest.mark.parametrize(
    ("w", "taken", "expected"),
    [
        ([1.0, 0.0], [0.0, -1.0], np.pi / 4),
        ([1.0, 0.0], [1.0, -1.0], np.pi / 2),
        ([1.0, 0.0], [3.0, 0.0], np.pi),
        ([1.0, 2.0], [0.5, 1.0], 0.0),
        ([0.0, 0.0], [1.0, 0.0], np.nan),
        ([1.0, 2.0], [1.0, 2.0], np.nan),
    ],
)
def test_angles_up_to_a_half_turn(w: list[float], taken: list[float], expected: float) -> None:
    np.testing.assert_allclose(angle(jnp.asarray(w), jnp.asarray(taken)), expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(7, 3), (3, 7), (4, 4), (2, 3, 4), (1, 1)])
def test_the_spectral_norm_of_any_shape(shape: tuple[int, ...]) -> None:
    w = np.random.default_rng(1).standard_normal(shape)
    expected = np.linalg.norm(w.reshape(-1, shape[-1]), 2)
    with jax.enable_x64(True):
        np.testing.assert_allclose(spectral_norm(jnp.asarray(w)), expected, rtol=1e-13)
    assert spectral_norm(jnp.zeros(shape)) == 0


@pytest.mark.parametrize("gap", [0.0, 1e-12, 1e-6, 1e-3, 0.5])
def test_the_spectral_norm_however_close_the_next_singular_value_is(gap: float) -> None:
    random = np.random.default_rng(2)
    left, right = (np.linalg.qr(random.standard_normal((20, 20)))[0] for _ in range(2))
    w = left @ np.diag([3.0, 3.0 * (1 - gap), *random.random(18)]) @ right
    with jax.enable_x64(True):
        np.testing.assert_allclose(spectral_norm(jnp.asarray(w)), 3, rtol=1e-13)
    np.testing.assert_allclose(spectral_norm(jnp.asarray(w, jnp.float32)), 3, rtol=1e-6)


TURNED = Probe(
    "turned",
    tuple(Variable(name, ("layer",), name, "from the two ends of a record") for name in ("turned", "went")),
    start=lambda program, params: None,
    record=lambda state, record: {
        "turned": jnp.stack([_turned(a["w"], b["w"]) for a, b in zip(record.before, record.params, strict=True)]),
        "went": jnp.stack(
            [
                jnp.linalg.norm(b["w"] - a["w"]) / jnp.linalg.norm(a["w"])
                for a, b in zip(record.before, record.params, strict=True)
            ]
        ),
    },
)


def _turned(before, after):
    return jnp.arccos(jnp.sum(before * after) / jnp.linalg.norm(before) / jnp.linalg.norm(after))


def no_part_of_which_is_decay(h):
    import optax

    return optax.adamw(h.eta, weight_decay=1e-3)


OTHERS = {
    "coupled": "adam_l2",
    "decoupled": "adamw",
    "matrices": "muon",
    "no decay to be told apart": wd.rule(no_part_of_which_is_decay),
}


@pytest.mark.parametrize("rule", OTHERS.values(), ids=list(OTHERS))
def test_of_any_rule_it_is_where_the_weights_go(rule, setup32, tiny) -> None:
    """One record a step: the angle and the distance between the weights at its two ends."""
    setup = dataclasses.replace(setup32, dtype="float64", optimiser=rule)
    probes = dataclasses.replace(ALL, records_per_epoch=5, extra=(TURNED,))
    runs = wd.sweep(setup, tiny, eta=0.02, lmbda=0.5, seeds=1, epochs=2, probes=probes, progress=False)
    later = runs.isel(epoch=slice(1, None))
    assert float(later.rotation.min()) > 1e-4
    np.testing.assert_allclose(later.rotation, later.turned, rtol=1e-7)
    np.testing.assert_allclose(later.relative_update, later.went, rtol=1e-10)


def test_without_gradients_decay_turns_nothing() -> None:
    settings = {"eta": 0.1, "lmbda": [0.5, 5.0], "seeds": 1, "epochs": 3, "progress": False}
    runs = wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), probes=ALL, **settings).isel(epoch=slice(1, None))
    assert float(runs.rotation.max()) < 1e-8 and float(runs.relative_update.min()) > 1e-6
    share = (1 - runs.per_step_factor).broadcast_like(runs.relative_update).transpose(*runs.relative_update.dims)
    np.testing.assert_allclose(runs.relative_update, share, rtol=1e-5)
    assert runs.alignment.isnull().all() and runs.gradient_snr.isnull().all()
    assert (runs.gradient_signal2 == 0).all() and (runs.gradient_noise2 == 0).all()


def test_no_gradient_reaches_the_class_sums_of_a_softmax(tiny) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, loss="softmax", dtype="float64")
    runs = wd.sweep(setup, tiny, lmbda=[0.0, 2.0], eta=0.3, seeds=2, epochs=6, probes=ALL, progress=False)
    sums = runs.sums_over_outputs
    predicted = sums.isel(epoch=0) * runs.per_step_factor ** (runs.steps_per_epoch * runs.epoch)
    ratio = sums / predicted
    np.testing.assert_allclose(ratio.sel(layer=2), 1, rtol=1e-12)
    assert (abs(ratio.sel(layer=1).isel(epoch=-1) - 1) > 1e-3).all()
    assert (abs(runs.sums_over_inputs / runs.sums_over_inputs.isel(epoch=0) - 1).isel(epoch=-1) > 1e-3).all()


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_neighbouring_layers_stay_as_far_apart_as_decay_lets_them(activation: str, tiny) -> None:
    """In a relu network without biases; eta^2 |g|^2 leaves some 6e-4 of 30 steps, and sigmoids change far more."""
    model = wd.mlp((6, 5, 4, 3), activation=activation, biases=False)
    setup = wd.Setup(model=model, batch_size=5, loss="softmax", dtype="float64")
    runs = wd.sweep(setup, tiny, lmbda=[0.0, 20.0], eta=2e-3, seeds=2, epochs=6, probes=ALL, progress=False)
    norm2, found = runs.weight_norm2, runs.norm_difference
    assert found.sel(layer=3).isnull().all()
    apart = norm2.values[:, :, :2] - norm2.values[:, :, 1:]
    np.testing.assert_allclose(found.sel(layer=[1, 2]), apart, rtol=1e-13, atol=1e-13)
    kept = runs.per_step_factor ** (2 * runs.steps_per_epoch * runs.epoch)
    off = abs(found - kept * found.isel(epoch=0)).isel(epoch=-1).sel(layer=[1, 2]).max()
    assert (off < 2e-3) if activation == "relu" else (off > 1e-2), float(off)


def test_weights_that_start_at_zero_have_numbers_as_soon_as_they_move(setup32, tiny) -> None:
    zero = wd.sweep(setup32, tiny, eta=0.3, init_scale=0.0, seeds=1, epochs=1, probes=ALL, progress=False)
    assert zero.stable_rank.isel(epoch=0).isnull().all() and np.isinf(zero.effective_eta.isel(epoch=0)).all()
    later = zero.isel(epoch=1)
    assert all(np.isfinite(later[name]).all() for name in (*OF_ENDS, *OF_STEPS))


def test_a_diverged_member_has_no_numbers_and_changes_no_others(setup32, tiny) -> None:
    settings = {"lmbda": 0.5, "seeds": 2, "epochs": 3, "probes": ALL, "progress": False}
    with pytest.warns(UserWarning, match="diverge"):
        both = wd.sweep(setup32, tiny, eta=[0.3, 1e30], **settings)
    lost = both.sel(eta=1e30)
    assert (lost.diverged_at > 0).all()
    for name in (*OF_ENDS, *OF_STEPS):
        assert lost[name].isel(epoch=-1).isnull().all(), name
    alone = wd.sweep(setup32, tiny, eta=0.3, **settings)
    for name in (*OF_ENDS, *OF_STEPS):
        np.testing.assert_allclose(both[name].sel(eta=0.3), alone[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_unasked_they_leave_no_trace_and_before_training_nothing_is_known_of_steps(setup32, tiny) -> None:
    settings = {"lmbda": 0.5, "eta": 0.3, "seeds": 2, "epochs": 2, "progress": False}
    none = wd.Probes(budget=False, moved=False, splits=())
    plain, asked = (wd.sweep(setup32, tiny, probes=one, method="generic", **settings) for one in (none, ALL))
    assert set(asked.data_vars) - set(plain.data_vars) == {*OF_ENDS, *OF_STEPS, "norm_difference"}
    first = asked.isel(epoch=0)
    assert all(first[name].isnull().all() for name in OF_STEPS)
    assert all(first[name].notnull().all() for name in OF_ENDS)
    assert not set(ON_REQUEST) & set(none.record()) and set(ON_REQUEST) <= set(ALL.record())
    for name in plain.data_vars:
        np.testing.assert_allclose(asked[name], plain[name], rtol=1e-6, err_msg=str(name))


def test_a_task_with_them_is_written_and_read() -> None:
    task = Task(wd.Setup(widths=(4, 2)), (wd.Hyper(lmbda=5.0),), (0,), 3, 10, ALL, 0, 1, "f00d")
    assert Task.from_json(task.json()) == task


@pytest.mark.parametrize("name", ON_REQUEST)
def test_the_dry_run_counts_each(name: str, setup32, tiny) -> None:
    none = wd.Probes(budget=False, moved=False, splits=())
    settings = {"lmbda": [0.5, 2.0], "eta": 0.3, "seeds": 2, "epochs": 3, "method": "generic"}
    there = wd.dry_run(setup32, tiny, probes=dataclasses.replace(none, **{name: True}), **settings).size
    base = wd.dry_run(setup32, tiny, probes=none, **settings).size
    (probe,) = (one for one in registry.BUILT_IN if one.name == name)
    assert there.shares["records"] - base.shares["records"] == 8 * len(probe.variables) * 2 * (3 + 1) * 4
    held = there.shares["members in training"] - base.shares["members in training"]
    assert (held > 0) == (name in ("rotation", "gradient_noise"))
    assert (there.seconds > base.seconds) == (name in LOOKING)


@pytest.mark.parametrize("name", ON_REQUEST)
def test_a_look_at_every_step_needs_the_generic_method(name: str, setup32, tiny) -> None:
    setup = dataclasses.replace(setup32, widths=(6, 20, 3))
    settings = {"lmbda": [0.1 * k for k in range(1, 65)], "epochs": 1}
    settings["probes"] = wd.Probes(**{name: True}, splits=())
    looks = name in LOOKING
    assert {task.method for task in wd.dry_run(setup, tiny, **settings).tasks} == {"generic" if looks else "blocked"}
    if looks:
        with pytest.raises(ValueError, match=rf"probe '{name}' looks at every step.*or set Probes\({name}=False\)"):
            wd.dry_run(setup, tiny, method="blocked", **settings)


def test_what_looks_at_the_records_alone_is_measured_in_blocks_too(setup32, tiny) -> None:
    none = {name: False for name in LOOKING}
    settings = {"lmbda": [0.5, 2.0], "eta": 0.3, "epochs": 2, "probes": dataclasses.replace(ALL, **none)}
    blocked, generic = (
        wd.sweep(setup32, tiny, method=how, progress=False, **settings) for how in ("blocked", "generic")
    )
    for variable in OF_ENDS:
        np.testing.assert_allclose(blocked[variable], generic[variable], rtol=1e-5, err_msg=variable)


def test_one_member_has_them_too(setup32, tiny) -> None:
    runs = wd.sweep(setup32, tiny, lmbda=2.0, eta=0.3, seeds=[1], epochs=2, probes=ALL, progress=False).isel(seed=0)
    data = on_device(tiny, "float32")
    records = jax.jit(lambda key: wd.train(setup32, wd.Hyper(0.3, 2.0), data, key, 2, probes=ALL)[1])(member_key(1))
    derived = {"stable_rank", "gradient_snr"}
    for name in {*OF_ENDS, *OF_STEPS} - derived:
        expected = runs[name].transpose("epoch", ...)
        np.testing.assert_allclose(records[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)
