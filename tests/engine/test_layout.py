"""Weights that lie with their inputs last while they are trained: the same numbers as in the usual layout."""

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine import layout, minibatches
from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe, Variable
from wd_jax.models.turned import Turned, turned

EVERYTHING = wd.Probes(
    rotation=True, relative_update=True, alignment=True, column_sums=True, gradient_noise=True, keep_weights=True
)


DATA = wd.data.teacher(0, n=48, n_in=16, n_out=4)


def runs(setup: wd.Setup, probes: wd.Probes = EVERYTHING):
    return wd.sweep(
        setup, DATA, lmbda=[1.0, 5.0], eta=0.003, seeds=2, epochs=3, probes=probes, method="generic", progress=False
    )


@pytest.mark.numeric
@pytest.mark.parametrize("rule", ["adamw", "adam_l2"])
def test_every_variable_is_that_of_the_usual_layout(rule, monkeypatch) -> None:
    setup = wd.Setup(widths=(16, 5, 4), optimiser=rule, dtype="float64")
    assert isinstance(turned(setup.model), Turned)
    found = runs(setup)
    monkeypatch.setattr(layout, "turned", lambda model: model)
    jax.clear_caches()
    usual = runs(setup)
    jax.clear_caches()
    assert set(found.data_vars) == set(usual.data_vars)
    for name in usual.data_vars:
        scale = np.nanmax(np.abs(usual[name])) if usual[name].notnull().any() else 1.0
        # Sums in another order: a few roundings of 1e-16 each, over 36 steps.
        np.testing.assert_allclose(found[name], usual[name], rtol=1e-12, atol=1e-13 * scale, err_msg=name)


@pytest.mark.numeric
def test_only_rules_that_go_element_by_element_are_turned() -> None:
    measured = registry.in_training(wd.Probes())
    for rule, expected in (("adamw", True), ("momentum", True), ("sgd", False), ("muon", False)):
        program, _ = layout.chosen(wd.Setup(widths=(64, 30, 10), optimiser=rule).program, measured)
        assert isinstance(program.model, Turned) is expected, rule


@pytest.mark.numeric
def test_a_probe_of_ones_own_sees_the_usual_layout_at_every_step() -> None:
    def first_row(state, step):
        return state + step.params[0]["w"][0, :].sum()

    own = Probe(
        "first_row",
        (Variable("first_row", (), "sum of the first input's weights", "summed over steps"),),
        needs=("whole",),
        start=lambda program, params: params[0]["w"][0, :].sum() * 0,
        step=first_row,
        record=lambda state, record: {"first_row": state},
    )
    setup = wd.Setup(widths=(16, 5, 4), optimiser="adamw", batch_size=48)
    found = runs(setup, wd.Probes(extra=(own,)))
    # One step an epoch: the sum of the first record is that of the weights at the start.
    for seed in (0, 1):
        w = setup.model.init(minibatches.stream(minibatches.member_key(seed), minibatches.INIT_STREAM))[0]["w"]
        np.testing.assert_allclose(found.first_row.sel(seed=seed, epoch=1), w[0, :].sum(), rtol=1e-5)


@pytest.mark.symbolic
def test_a_network_is_turned_where_the_vector_is_not_full() -> None:
    assert turned(wd.mlp((784, 30, 10))).which == (True, True)
    assert turned(wd.mlp((784, 30, 40, 16))).which == (True, False, False)
    assert not isinstance(turned(wd.mlp((784, 32, 16))), Turned)


@pytest.mark.numeric
def test_turning_twice_changes_nothing_and_finds_the_weights_in_a_rules_state() -> None:
    network = turned(wd.mlp((6, 3, 6, 5)))
    params = wd.mlp((6, 3, 6, 5)).init(jax.random.key(0))
    once = network.turn((params, {"averages": params}))
    # The second layer, [3, 6], has the form of the first one turned: place decides, not form.
    assert [leaf["w"].shape for leaf in once[1]["averages"]] == [(3, 6), (3, 6), (5, 6)]
    back = network.turn(once)
    assert all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(back[0]), jax.tree.leaves(params), strict=True))
