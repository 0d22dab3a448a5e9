"""Functions of the user's own that say something else have another hash, also where no trace shows it."""

import textwrap
import types

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax.engine import code_hash, fingerprint

PROBES = {
    "a global in a comprehension": "S = @\ndef f(w): return [S * one for one in w]",
    "a global in a function within": "S = @\ndef f(w): return (lambda one: S * one)(w)",
    "a helper in a comprehension": "def g(w): return @ * w\ndef f(w): return [g(one) for one in w]",
    "a global array of JAX": "S = jnp.array(@)\ndef f(w): return S * w",
    "a global array of NumPy": "S = np.array(@)\ndef f(w): return S * w",
    "a compiled helper": "g = jax.jit(lambda w: @ * w)\ndef f(w): return g(w)",
    "an attribute": "S = types.SimpleNamespace(scale=@)\ndef f(w): return S.scale * w",
    "a method": "class K:\n    def g(w): return @ * w\ndef f(w): return K.g(w)",
    "an object": "class K:\n    def __init__(self, s): self.s = s\n"
    "    def __call__(self, w): return self.s * w\nf = K(@)",
}
START = "def start(key): return {'w': jax.random.normal(key, (4, 2))}\n"
MODELS = {
    "a backward pass": """
        @jax.custom_vjp
        def g(x): return jnp.tanh(x)
        g.defvjp(lambda x: (jnp.tanh(x), x), lambda x, d: (? * d,))
        def apply(p, x): return g(x @ p["w"])
    """,
    "a derivative": """
        @jax.custom_jvp
        def g(x): return jnp.tanh(x)
        @g.defjvp
        def slope(x, t): return jnp.tanh(x[0]), ? * t[0]
        def apply(p, x): return g(x @ p["w"])
    """,
    "a compiled function's array": """
        A = np.arange(2.0) * ?
        @jax.jit
        def g(x): return A * x
        def apply(p, x): return g(x @ p["w"])
    """,
    "larger batches": "def apply(p, x): return (? if len(x) > 2 else 1.0) * (x @ p['w'])",
}
RULES = {
    "larger layers": "jax.tree.map(lambda g: -h.eta * (? if g.size > 100 else 1.0) * g, d)",
    "another dtype": "jax.tree.map(lambda g: -h.eta * (? if g.dtype == jnp.float64 else 1.0) * g, d)",
}


def made(text):
    """Run a module's text, as another process would after an edit."""
    there = {"__name__": "mine", "jax": jax, "jnp": jnp, "np": np, "optax": optax, "types": types}
    exec(textwrap.dedent(text), there)
    return there


@pytest.mark.symbolic
@pytest.mark.parametrize("text", PROBES.values(), ids=PROBES)
def test_what_a_function_names_is_part_of_it(text: str) -> None:
    first, second, again = (code_hash.of(made(text.replace("@", one))["f"]) for one in ("1.0", "2.0", "1.0"))
    assert first == again != second


def of_model(text):
    there = made(START + textwrap.dedent(text))
    return fingerprint.of_task(wd.Setup(model=wd.model(there["start"], there["apply"], "net")), (), 4)


@pytest.mark.symbolic
@pytest.mark.parametrize("text", MODELS.values(), ids=MODELS)
def test_what_no_trace_of_a_model_shows_is_part_of_it(text: str) -> None:
    first, second, again = (of_model(text.replace("?", one)) for one in ("1.0", "2.0", "1.0"))
    assert first == again != second


@pytest.mark.symbolic
def test_what_an_evaluation_does_is_part_of_a_model() -> None:
    def found(factor):
        text = f"""
            def start(key): return {{"w": jax.random.normal(key, (4, 2))}}, jnp.zeros(())
            def apply(p, s, x, training): return (1.0 if training else {factor}) * (x @ p["w"]), s
        """
        there = made(text)
        model = wd.model(there["start"], there["apply"], "net", state=True)
        return fingerprint.of_task(wd.Setup(model=model), (), 4)

    assert found(1.0) == found(1.0) != found(2.0)


@pytest.mark.symbolic
@pytest.mark.parametrize("text", RULES.values(), ids=RULES)
def test_what_a_rule_does_elsewhere_is_part_of_it(text: str) -> None:
    def found(value):
        whole = f"""
            def update(h):
                def step(d, s, p=None): return {text.replace("?", value)}, s
                return optax.GradientTransformation(lambda p: (), step)
        """
        return fingerprint.of_task(wd.Setup(widths=(4, 2), rule=wd.rule(made(whole)["update"], name="own")), (), 4)

    assert found("1.0") == found("1.0") != found("2.0")


FACTOR = 1.0


def scaled(h):
    return optax.chain(optax.add_decayed_weights(h.weight_decay), optax.scale(-h.eta * FACTOR))


@pytest.mark.numeric
def test_a_function_that_says_something_else_now_is_compiled_anew(monkeypatch) -> None:
    data = wd.data.null(n=8, n_validation=2, n_test=2, n_in=4, n_out=2)

    def moved(update):
        setup = wd.Setup(widths=(4, 2), rule=wd.rule(update, name="own"), batch_size=4)
        return wd.sweep(setup, data, eta=0.1, lmbda=1.0, epochs=1, progress=False).weight_rms.values

    first = moved(scaled)
    monkeypatch.setitem(globals(), "FACTOR", 0.25)
    second = moved(scaled)
    assert not np.array_equal(first, second)
    decayed = optax.add_decayed_weights
    quarter = moved(lambda h: optax.chain(decayed(h.weight_decay), optax.scale(-h.eta * 0.25)))
    np.testing.assert_array_equal(second, quarter)
