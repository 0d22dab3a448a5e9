"""A probe of one's own is one value: it shows up in the result, in its file and in the dry run, and nowhere unasked."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine import minibatches
from wd_jax.engine.examples import on_device
from wd_jax.engine.probes.probe import OF_A_STEP, Probe, Variable
from wd_jax.models.mlp import forward, weights

pytestmark = pytest.mark.numeric
SWEEP = {"lmbda": [0.5, 2.0], "eta": 0.3, "seeds": 2, "epochs": 3}


def largest_gradient(state, step):
    return jnp.maximum(state, jnp.stack([jnp.max(abs(g)) for g in weights(step.gradients)]))


STEEPEST = Probe(
    name="steepest",
    variables=(Variable("gradient_max", ("layer",), "largest gradient", "over weights and steps", "cost per weight"),),
    needs=("gradients",),
    start=lambda program, params: jnp.zeros(program.model.layers, program.dtype),
    step=largest_gradient,
    record=lambda state, record: {"gradient_max": state},
    copies=1,
)
TRAVELLED = Probe(
    name="travelled",
    variables=(Variable("travelled", (), "distance between the ends of a record", "of the first layer"),),
    start=lambda program, params: params[0]["w"],
    record=lambda state, record: {"travelled": jnp.linalg.norm(record.params[0]["w"] - state)},
)


def mean_output(what):
    rows = [what.data.inputs[what.data.rows(split)] for split in what.splits]
    return {"logit_mean": jnp.stack([jnp.mean(forward(what.objective.model, what.params, x)[0]) for x in rows])}


OUTPUT = Probe(
    name="output",
    variables=(Variable("logit_mean", ("split",), "mean logit", "over examples and outputs"),),
    needs=("splits",),
    measure=mean_output,
    example_operations=2,
)
OWN = wd.Probes(extra=(STEEPEST, TRAVELLED, OUTPUT), records_per_epoch=5, keep_weights=True)


@pytest.fixture(scope="module")
def runs(setup32, tiny, tmp_path_factory) -> xr.Dataset:
    """A record for every step; written, and read again."""
    path = tmp_path_factory.mktemp("runs") / "own.nc"
    wd.sweep(setup32, tiny, probes=OWN, out=path, progress=False, **SWEEP)
    return wd.open(path)


def test_its_variables_are_in_the_file_with_their_words(runs: xr.Dataset) -> None:
    assert runs.gradient_max.dims == ("lmbda", "seed", "layer", "epoch")
    assert runs.logit_mean.dims == ("lmbda", "seed", "split", "epoch") and runs.travelled.dims[-1] == "epoch"
    assert runs.gradient_max.attrs == {
        "long_name": "largest gradient",
        "units": "cost per weight",
        "description": "over weights and steps",
    }
    assert '"extra": ["steepest", "travelled", "output"]' in str(runs.config.values[0])


def test_unasked_it_leaves_no_trace(runs: xr.Dataset, setup32, tiny) -> None:
    plain = wd.sweep(setup32, tiny, probes=dataclasses.replace(OWN, extra=()), progress=False, **SWEEP)
    assert set(runs.data_vars) - set(plain.data_vars) == {"gradient_max", "travelled", "logit_mean"}
    assert "extra" not in str(plain.config.values[0])
    for name in plain.data_vars:
        np.testing.assert_allclose(runs[name], plain[name], rtol=1e-5, atol=1e-6, err_msg=str(name))


def test_it_measures_what_it_says(runs: xr.Dataset, setup32, tiny) -> None:
    """Of one record a step: eta times a gradient's norm is how far the gradient moved the layer."""
    later, first = runs.isel(epoch=slice(1, None)), runs.isel(epoch=0)
    assert first.gradient_max.isnull().all() and first.travelled.isnull().all() and first.logit_mean.notnull().all()
    norm = later.moved_by_gradient / 0.3
    assert (later.gradient_max <= norm * 1.001).all() and (later.gradient_max * np.sqrt(runs.n_w) >= norm * 0.999).all()
    apart = abs(later.moved_by_decay - later.moved_by_gradient).sel(layer=1)
    assert (later.travelled >= apart * 0.999).all()
    one = runs.sel(lmbda=2.0, seed=1)
    layers = [{"w": one[f"weights_{i}"].values, "b": one[f"biases_{i}"].values} for i in (1, 2)]
    expected = forward(setup32.model, tuple(layers), tiny.test.inputs)[0].mean()
    np.testing.assert_allclose(one.logit_mean.sel(split="test")[-1], expected, rtol=1e-5)


def test_the_dry_run_counts_it(setup32, tiny) -> None:
    own, none = (
        wd.dry_run(setup32, tiny, probes=probes, **SWEEP).size for probes in (OWN, dataclasses.replace(OWN, extra=()))
    )
    numbers = 2 + 1 + 3  # of layers, of none, of splits
    assert own.shares["records"] - none.shares["records"] == 8 * numbers * (3 * 5 + 1) * 4
    assert own.shares["members in training"] > none.shares["members in training"] and own.seconds > none.seconds


def test_in_blocks_it_is_the_same_unless_it_looks_at_every_step(setup32, tiny) -> None:
    ends = wd.Probes(extra=(TRAVELLED,), splits=())
    blocked, generic = (
        wd.sweep(setup32, tiny, probes=ends, progress=False, method=how, **SWEEP) for how in ("blocked", "generic")
    )
    np.testing.assert_allclose(blocked.travelled, generic.travelled, rtol=1e-4)
    big = dataclasses.replace(setup32, widths=(6, 20, 3))
    lmbdas = [0.1 * k for k in range(1, 65)]
    for probes, expected in ((ends, "blocked"), (wd.Probes(extra=(STEEPEST,)), "generic")):
        plan = wd.dry_run(big, tiny, lmbda=lmbdas, epochs=1, probes=probes)
        assert {task.method for task in plan.tasks} == {expected}
    with pytest.raises(ValueError, match="method='blocked': the probe 'steepest' looks at every step"):
        wd.sweep(setup32, tiny, probes=OWN, method="blocked", **SWEEP)


def test_a_member_ends_where_its_probe_has_no_number(setup32, tiny) -> None:
    fussy = dataclasses.replace(STEEPEST, finite=lambda state: jnp.all(state < 0.0))
    runs = wd.sweep(setup32, tiny, probes=wd.Probes(extra=(fussy,), splits=()), progress=False, **SWEEP)
    assert (runs.diverged_at == 1).all() and runs.weight_rms.isel(epoch=1).isnull().all()


def test_one_member_has_it_too(runs: xr.Dataset, setup32, tiny) -> None:
    key = minibatches.member_key(1)
    train = jax.jit(lambda key: wd.train(setup32, wd.Hyper(0.3, 2.0), on_device(tiny, "float32"), key, 3, probes=OWN))
    records = train(key)[1]
    for name in ("gradient_max", "travelled", "logit_mean"):
        expected = runs[name].sel(lmbda=2.0, seed=1).transpose("epoch", ...)
        np.testing.assert_allclose(records[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("unnamed", [name for name in OF_A_STEP if name != "gradients"])
def test_it_sees_only_what_it_needs(unnamed: str) -> None:
    def look(state, step):
        assert getattr(step, unnamed) is None and step.gradients is not None
        return largest_gradient(state, step)

    nosy = dataclasses.replace(STEEPEST, step=look)
    data = on_device(wd.data.null(), "float32")
    setup, key = wd.Setup(widths=(16, 4, 4)), minibatches.member_key(0)
    jax.eval_shape(lambda key: wd.train(setup, wd.Hyper(), data, key, 1, probes=wd.Probes(extra=(nosy,))), key)


ODD = {
    "no probe": (lambda: wd.Probes(extra=("steepest",)), TypeError, "extra=.*give a tuple of wd.probes"),
    "a name of the library": (
        lambda: wd.Probes(extra=(dataclasses.replace(TRAVELLED, variables=(Variable("cost", (), "", ""),)),)),
        ValueError,
        "probe 'travelled' has a variable cost",
    ),
    "twice": (lambda: wd.Probes(extra=(TRAVELLED, TRAVELLED)), ValueError, "has a variable travelled, as another has"),
    "nowhere measured": (lambda: Probe("x", ()), ValueError, "probe 'x': give record or measure"),
    "no start": (lambda: dataclasses.replace(STEEPEST, start=None), ValueError, "step needs a start"),
    "an unknown need": (lambda: dataclasses.replace(STEEPEST, needs=("hessian",)), ValueError, "needs='hessian'"),
    "one variable, and no tuple": (
        lambda: Probe("x", TRAVELLED.variables[0], record=lambda state, record: {}),  # pyrefly: ignore
        TypeError,
        r"probe 'x': variables=.*: give a tuple, each a Variable: \(Variable",
    ),
    "one need, and no tuple": (
        lambda: dataclasses.replace(STEEPEST, needs="gradients"),
        TypeError,
        r"probe 'steepest': needs='gradients': give a tuple, each a str: \('gradients',\)",
    ),
    "a name with a space": (lambda: Variable("a b", (), "", ""), ValueError, "variable 'a b': give a name such as"),
    "an unknown dimension": (lambda: Variable("x", ("unit",), "", ""), ValueError, "give \\(\\), \\('layer',\\)"),
}


@pytest.mark.parametrize("make, error, words", ODD.values(), ids=list(ODD))
def test_odd_ones_are_refused(make, error, words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_a_coordinates_name_is_refused_before_anything_runs(setup32, tiny) -> None:
    probe = dataclasses.replace(TRAVELLED, variables=(Variable("eta", (), "", ""),))
    with pytest.raises(ValueError, match="has a variable eta, as every result has: rename it"):
        wd.dry_run(setup32, tiny, probes=wd.Probes(extra=(probe,)), epochs=1)


WRONG = {
    "another shape": (
        lambda state, record: {"travelled": jnp.zeros(3)},
        r"of shape \(3,\), and its dims \(\) are \(\)",
    ),
    "nothing": (lambda state, record: {}, "probe 'travelled' gives no travelled"),
    "something else": (lambda state, record: {"travelled": 0.0, "more": 1.0}, "gives 'more', which is none of its"),
    "an array": (
        lambda state, record: jnp.zeros(()),
        "'travelled': record returns a .*: give a dictionary, {'travelled'",
    ),
    "a list": (lambda state, record: {"travelled": [0.0, 1.0]}, "record gives travelled as a list: give one array"),
}


@pytest.mark.parametrize("record, words", WRONG.values(), ids=list(WRONG))
def test_what_a_probe_does_not_declare_is_refused_before_training(record, words: str, setup32, tiny) -> None:
    probes = wd.Probes(extra=(dataclasses.replace(TRAVELLED, record=record),), splits=())
    with pytest.raises((ValueError, TypeError), match=words):
        wd.sweep(setup32, tiny, probes=probes, progress=False, epochs=1)


@pytest.mark.parametrize(
    "read", [lambda step: step.decay[0]["w"], lambda step: jnp.sum(step.decay), lambda s: 2 * s.decay]
)
def test_a_step_that_reads_what_it_does_not_need_is_told_so(read, setup32, tiny) -> None:
    nosy = dataclasses.replace(STEEPEST, step=lambda state, step: state + jnp.sum(read(step)))
    with pytest.raises(ValueError, match=r"probe 'steepest': needs=.*name there what it reads of .*, decay"):
        wd.sweep(setup32, tiny, probes=wd.Probes(extra=(nosy,), splits=()), progress=False, epochs=1)


def test_another_mistake_of_a_step_stays_what_it_is(setup32, tiny) -> None:
    odd = dataclasses.replace(STEEPEST, step=lambda state, step: state + step.speed)
    with pytest.raises(AttributeError, match="speed"):
        wd.sweep(setup32, tiny, probes=wd.Probes(extra=(odd,), splits=()), progress=False, epochs=1)


def test_a_count_has_no_number_before_training(setup32, tiny) -> None:
    counted = dataclasses.replace(
        STEEPEST,
        variables=(Variable("steps", (), "steps", "of a record"),),
        start=lambda program, params: jnp.zeros((), jnp.int32),
        step=lambda state, step: state + 1,
        record=lambda state, record: {"steps": state},
    )
    runs = wd.sweep(setup32, tiny, probes=wd.Probes(extra=(counted,), splits=()), progress=False, epochs=2)
    np.testing.assert_array_equal(runs.steps.values.ravel(), [np.nan, 5.0, 5.0])
