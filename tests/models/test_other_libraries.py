"""Models of other libraries, as docs/how-to/other-libraries-models.md makes them, take their plain steps."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.engine.member import start
from wd_jax.engine.minibatches import host_orders, member_key

pytestmark = pytest.mark.numeric
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "other-libraries-models.md"
ETA, LMBDA, EPOCHS, M = 0.2, 3.0, 3, 8
SECTIONS = {"Plain functions": None, "Flax Linen": "flax", "Flax NNX": "flax", "Equinox": "equinox"}


def shown(heading: str) -> dict:
    """What the first code of a section defines, with the imports at the top of the page."""
    found: dict = {"__name__": "page"}
    sections = re.split(r"^## (.+)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    texts = dict(zip(sections[::2], sections[1::2], strict=True))
    imports = re.findall(r"^import .+$", texts["Plain functions"], flags=re.MULTILINE)
    code = re.search(r"^```python\n(.*?)^```$", texts[heading], flags=re.MULTILINE | re.DOTALL)[1]
    exec("\n".join([*imports, re.sub(r"^print.+$", "", code, flags=re.MULTILINE)]), found)
    return found


def applied(heading: str, found: dict, params, x):
    """The outputs, by the library's own words for its module."""
    if heading == "Flax Linen":
        return found["module"].apply(params, x)
    if heading == "Flax NNX":
        return found["nnx"].merge(found["graph"], params)(x)
    if heading == "Equinox":
        return jax.vmap(found["eqx"].combine(params, found["rest"]))(x)
    return jnp.tanh(x @ params["inner"]) @ params["outer"]


@pytest.fixture(scope="module")
def few() -> wd.data.Dataset:
    whole = wd.data.digits().train
    parts = (slice(0, 24), slice(24, 28), slice(28, 32))
    return wd.data.Dataset("few", *(wd.data.Split(whole.inputs[rows], whole.targets[rows]) for rows in parts))


@pytest.mark.parametrize(("heading", "library"), SECTIONS.items(), ids=list(SECTIONS))
def test_the_engine_takes_the_plain_steps(heading: str, library: str | None, few) -> None:
    if library:
        pytest.importorskip(library)
    found = shown(heading)
    setup = wd.Setup(model=found["model"], loss="softmax", batch_size=M, dtype="float64")
    probes = wd.Probes(splits=(), budget=False, moved=False, keep_weights=True)
    runs = wd.sweep(setup, few, eta=ETA, lmbda=LMBDA, epochs=EPOCHS, probes=probes, progress=False)
    with jax.enable_x64(True):
        numbers = as_arrays(wd.Hyper(eta=ETA, lmbda=LMBDA, rule=setup.rule), "float64")
        params = jax.jit(lambda key: start(setup.start, numbers, key, few.n).params)(member_key(0))

        @jax.jit
        def step(params, x, y):
            def cost(params):
                z = applied(heading, found, params, x)
                return jnp.mean(jax.nn.logsumexp(z, axis=1) - jnp.sum(y * z, axis=1))

            def moved(w, g):
                decay = ETA * LMBDA / few.n * w if w.ndim > 1 else 0
                return w - decay - ETA * g

            return jax.tree.map(moved, params, jax.grad(cost)(params))

        for order in host_orders(np.array([0]), 0, EPOCHS, few.n, "reshuffle")[0]:
            for first in range(0, few.n, M):
                batch = order[first : first + M]
                params = step(params, few.train.inputs[batch].astype(float), few.train.targets[batch].astype(float))
        leaves = jax.tree.leaves(params)
    weights = [np.asarray(leaf) for leaf in leaves if leaf.ndim > 1]
    assert runs.sizes["layer"] == len(weights) == 2
    for number, w in enumerate(weights, start=1):
        np.testing.assert_allclose(runs[f"weights_{number}"].sel(seed=0), w, rtol=1e-11, atol=1e-12)
        assert abs(w - w.mean()).max() > 1e-3
        np.testing.assert_allclose(
            runs.weight_norm2.isel(layer=number - 1, epoch=-1).sel(seed=0), (w**2).sum(), rtol=1e-11
        )
