"""A model is a value: the long form of widths and activation, with parameters and outputs of its own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.models.model import Model


def test_the_short_form_and_the_long_form_are_one() -> None:
    long = wd.Setup(model=wd.mlp([6, 5, 3], activation="tanh"))
    assert long == wd.Setup((6, 5, 3), activation="tanh") and long.model == wd.mlp((6, 5, 3), "tanh")
    assert hash(long.program) == hash(wd.Setup((6, 5, 3), activation="tanh", init="fan_in", order="shared").program)


def test_it_starts_and_applies_as_a_member_does(tiny, initial) -> None:
    model = wd.mlp((6, 5, 3), activation="relu")
    params = model.init(jax.random.key(0))
    x = jnp.asarray(tiny.train.inputs, jnp.float32)
    hidden = np.maximum(np.asarray(x) @ params[0]["w"] + params[0]["b"], 0)
    np.testing.assert_allclose(model.apply(params, x), hidden @ params[1]["w"] + params[1]["b"], rtol=1e-5, atol=1e-6)
    assert isinstance(model, Model)


class Linear:
    """A model of another kind."""

    def init(self, key):
        return {"w": jnp.zeros((6, 3))}

    def apply(self, params, x):
        return x @ params["w"]


REFUSED = {
    "a class": (dict(model=Linear), "it is a class: give one of its instances"),
    "another model with widths": (dict(model=Linear(), widths=(6, 3)), "and the model is 'Linear': leave it out"),
    "another model with an activation": (dict(model=Linear(), activation="relu"), "activation='relu': of multilayer"),
    "another model with an init": (dict(model=Linear(), init="gaussian"), "init='gaussian': of multilayer perceptrons"),
    "no model": (dict(model="mlp"), "model='mlp': it is no model; give wd.mlp("),
    "other widths": (
        dict(widths=(6, 4, 3), model=wd.mlp((6, 5, 3))),
        "widths=(6, 4, 3): the model has widths (6, 5, 3); give one of the two, and dataclasses.replace(setup, widths=",
    ),
    "the default, where the model's is another": (
        dict(model=wd.mlp((6, 5, 3), "tanh"), activation="sigmoid"),
        "activation='sigmoid': the model has activation tanh; give one of the two",
    ),
    "neither": (dict(), "widths=None: give at least two whole positive layer widths"),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED.values(), ids=list(REFUSED))
def test_a_setup_refuses(fields: dict, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        wd.Setup(**fields)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_an_activation_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="activation='swish': choose one of sigmoid, tanh, relu"):
        wd.mlp((6, 3), activation="swish")
