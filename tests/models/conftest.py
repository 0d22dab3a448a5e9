"""An MLP written as two plain functions, which the engine must train as its own."""

import jax
import pytest

import wd_jax as wd


@pytest.fixture(scope="session")
def copy():
    """The network 6-5-3 with tanh as a model of one's own: other places in the tree, the same numbers."""
    mlp = wd.mlp((6, 5, 3), "tanh")

    def init(key):
        first, second = mlp.init(key)
        return {
            "hidden": {"kernel": first["w"], "bias": first["b"]},
            "out": {"kernel": second["w"], "bias": second["b"]},
        }

    def apply(params, x):
        hidden = jax.numpy.tanh(x @ params["hidden"]["kernel"] + params["hidden"]["bias"])
        return hidden @ params["out"]["kernel"] + params["out"]["bias"]

    return wd.model(init, apply, "copy")
