"""What is wrong with a model of one's own is said in one line, before anything is trained."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine.own_parts import _divisor_near

W = {"w": jnp.ones((6, 3))}


def init(key):
    return W


def apply(params, x):
    return x @ params["w"]


def with_state(params, state, x, training):
    return x @ params["w"], state


REFUSED = {
    "integers": ((lambda key: {"w": jnp.ones((6, 3), int)}, apply), "gives w of dtype int32, which cannot be trained"),
    "a plain number": ((lambda key: W | {"b": 0.5}, apply), "gives b = 0.5, a plain number: give an array of floats"),
    "a function": ((lambda key: W | {"f": jnp.tanh}, apply), "no array: leave out what is not trained (Equinox:"),
    "nothing": ((lambda key: None, apply), "init gives no parameters: return a tree of float arrays"),
    "no layer": ((lambda key: {"b": jnp.ones(3)}, apply), "gives no layer, a leaf with two or more dimensions (shapes"),
    "more arguments": ((lambda key, x: W, apply), "init(key, x) is called with (key): its arguments are bound first"),
    "an init that fails": ((lambda key: W["v"], apply), "model 'own': init fails: 'v'"),
    "other outputs": ((init, lambda params, x: x), "outputs of shape (5, 6), and the data have 3 targets an example"),
    "outputs of the batch": ((init, lambda p, x: (x @ p["w"]).mean(0)), "outputs of shape (3,), and the data have 3"),
    "integer outputs": ((init, lambda p, x: (x @ p["w"]).astype(int)), "outputs of dtype int32: return real numbers"),
    "other inputs": ((init, lambda p, x: x.reshape(-1, 2, 2) @ p["w"]), "apply, given inputs (5, 6) fails: "),
    "one batch size": ((init, lambda p, x: x.reshape(5, 6) @ p["w"]), "apply, given inputs (6, 6) fails: "),
    "fewer arguments": ((init, lambda params: params), "apply(params) is called with (params, x): for a state beside"),
    "a state undeclared": ((init, lambda p, x: (x @ p["w"], 1.0)), "returns 2 values, not an array of outputs: return"),
}
REFUSED_WITH_STATE = {
    "none from init": ((init, with_state), "init gives no state, and state=True: return (params, state)"),
    "none from apply": ((lambda k: (W, 0.0), lambda p, s, x, t: x @ p["w"]), "apply returns no state, and state=True"),
    "another form": ((lambda k: (W, 0.0), lambda p, s, x, t: (x @ p["w"], [s])), "apply changes the form, a shape or"),
    "another shape": ((lambda k: (W, 0.0), lambda p, s, x, t: (x @ p["w"], x)), "apply changes the form, a shape or a"),
    "no training": ((lambda k: (W, 0.0), lambda p, s, x: (x, s)), "is called with (params, state, x, training): give"),
}


@pytest.mark.parametrize(
    ("functions", "message", "state"),
    [(*case, False) for case in REFUSED.values()] + [(*case, True) for case in REFUSED_WITH_STATE.values()],
    ids=[*REFUSED, *REFUSED_WITH_STATE],
)
def test_a_sweep_refuses(functions, message: str, state: bool, tiny) -> None:
    setup = wd.Setup(model=wd.model(*functions, "own", state=state), batch_size=5)
    with pytest.raises((ValueError, TypeError)) as caught:
        wd.dry_run(setup, tiny, epochs=1)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_train_refuses_as_a_sweep_does(tiny) -> None:
    setup = wd.Setup(model=wd.model(init, lambda params, x: x, "own"), batch_size=5)
    with pytest.raises(ValueError, match="the data have 3 targets an example"):
        wd.train(setup, wd.Hyper(), tiny, key=0, epochs=1)


def test_a_state_needs_batches_of_one_length(tiny) -> None:
    setup = wd.Setup(model=wd.model(lambda key: (W, 0.0), with_state, "own", state=True), batch_size=5)
    with pytest.raises(ValueError, match=r"batch_size=5: .* of 23 .* state .* give batch_size=23, all of them, or"):
        wd.dry_run(setup, tiny, epochs=1)


MIXED = {
    "centred": lambda p, x: x @ p["w"] - (x @ p["w"]).mean(0),
    "of its neighbour": lambda p, x: (x + jnp.roll(x, 1, 0)) @ p["w"],
    "by a gain that starts at 0": lambda p, x: x @ p["w"] + p["b"] * x.max(),
}


@pytest.mark.parametrize("apply", MIXED.values(), ids=list(MIXED))
def test_what_looks_across_the_batch_needs_full_ones(apply, tiny) -> None:
    """The shorter last minibatch is filled up with copies, which such a model would take for examples."""
    model = wd.model(lambda key: W | {"b": jnp.zeros(3)}, apply, "own")
    with pytest.raises(ValueError) as caught:
        wd.dry_run(wd.Setup(model=model, batch_size=5), tiny, epochs=1)
    message = str(caught.value)
    assert message.startswith("batch_size=5: the last minibatch of 23 examples is filled up with copies, which model")
    assert message.endswith("give batch_size=23, all of them, or fewer examples") and "\n" not in message
    wd.dry_run(wd.Setup(model=model, batch_size=23), tiny, epochs=1)


def test_train_asks_as_well_where_it_is_traced(tiny) -> None:
    def traced(model):
        setup = wd.Setup(model=model, batch_size=5, loss="quadratic")
        hyper = wd.Hyper(eta=0.1, lmbda=1.0)
        return jax.eval_shape(lambda key: wd.train(setup, hyper, tiny, key, epochs=1)[1], jnp.int32(0))

    with pytest.raises(ValueError, match="depend on the others of the batch"):
        traced(wd.model(init, MIXED["centred"], "own"))
    assert traced(wd.model(init, apply, "own"))["weight_norm2"].shape == (2, 1)


@pytest.mark.parametrize(("n", "size", "near"), [(23, 7, 23), (40, 9, 8), (46, 7, 2), (6, 4, 3)])
def test_the_remedy_leaves_a_batch_statistics(n: int, size: int, near: int) -> None:
    """One example has no variance: 1 is never what is given."""
    assert _divisor_near(n, size) == near


NO_MODEL = {
    "no function": (("init", apply), "init='init': give a function, init(key)"),
    "a name": ((init, apply, "two words"), "name='two words': give a model a name such as"),
}


@pytest.mark.parametrize(("given", "message"), NO_MODEL.values(), ids=list(NO_MODEL))
def test_a_model_refuses(given, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        wd.model(*given)
    assert message in str(caught.value)


def test_other_refusals(tiny) -> None:
    own = wd.Setup(model=wd.model(init, apply, "own"), batch_size=5)
    probe = wd.probes.Probe(
        "deltas",
        (wd.probes.Variable("size", ("layer",), "size", "of the deltas"),),
        needs=("deltas",),
        start=lambda program, params: 0.0,
        step=lambda state, step: state,
        record=lambda state, record: {"size": state},
    )
    with pytest.raises(ValueError, match="'deltas' needs deltas, which only a multilayer perceptron shows"):
        wd.dry_run(own, tiny, epochs=1, probes=wd.Probes(extra=(probe,)))
    with pytest.raises(ValueError, match="method='blocked': only multilayer perceptrons with biases"):
        wd.dry_run(own, tiny, epochs=1, method="blocked")
    batch = wd.Setup(model=wd.mlp((6, 5, 3), norm="batch"), batch_size=5)
    with pytest.raises(ValueError, match="full_gradient=True: with norm='batch' the cost of an example depends"):
        wd.dry_run(batch, tiny, epochs=1, probes=wd.Probes(full_gradient=True))
    with pytest.raises(ValueError, match="decays: a tree of w, and the parameters are 0/b, 0/w, 1/b, 1/w: say"):
        wd.dry_run(wd.Setup((6, 5, 3), batch_size=5, decays={"w": True}), tiny, epochs=1)
    with pytest.raises(ValueError, match="norm='group': choose one of layer, rms, batch, or None"):
        wd.mlp((6, 5, 3), norm="group")


def test_parameters_may_leave_places_empty() -> None:
    """None is no leaf in JAX: what Equinox's partition leaves of a module has it where nothing is trained."""
    model = wd.model(lambda key: {"w": jax.random.normal(key, (6, 3)), "b": None}, apply, "partition")
    assert model.layer_names == ("w",) and np.prod(model.shapes["w"]) == model.size
