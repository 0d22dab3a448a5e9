"""A hash of what functions of the user's own compute: names alone do not tell two models, or two rules, apart.

A function is traced and not computed. The hash is of the operations of its trace and of the arrays that it holds, so
that it is the same in another process; another version of JAX may write the same function down in another way.
"""

import dataclasses
import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.engine import code_hash
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.probes.probe import Probe
from wd_jax.models import forward
from wd_jax.models.own import OwnModel
from wd_jax.optimisers import step
from wd_jax.optimisers.decays.mask import LAYERS
from wd_jax.optimisers.rule import Rule
from wd_jax.setup import Setup

EXAMPLES = 2
"""Of the batch that a model is traced with."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where a function lies in memory, which is another place in each process."""


def of_setup(setup: Setup, n_in: int) -> dict[str, str]:
    """Hash the own model and the own rule of a setup, by name; what the library has is told by its name.

    Parameters
    ----------
    setup : Setup
        That was checked against its data.
    n_in : int
        Inputs of an example.

    Returns
    -------
    dict of str to str
        16 hexadecimal digits each.

    Examples
    --------
    >>> of_setup(Setup(widths=(4, 2)), 4)
    {}
    """
    model = of_model(setup.model, n_in) if isinstance(setup.model, OwnModel) else {}
    return model | (of_rule(setup.optimiser) if isinstance(setup.optimiser, Rule) else {})


def of_task(setup: Setup, probes: Sequence[Probe], n_in: int) -> tuple[tuple[str, str], ...]:
    """Hash every function of the user's own that decides a task's numbers: model, rule and probes, by name.

    Models and rules are hashed by what they say (`wd_jax.engine.code_hash`) beside their traces: a trace on a small
    example shows neither the backward pass of a function with its own, nor another branch, dtype or size.

    Parameters
    ----------
    setup : Setup
        That was checked against its data.
    probes : sequence of Probe
        Those that the library does not have.
    n_in : int
        Inputs of an example.
    """
    found = of_setup(setup, n_in)
    if isinstance(setup.model, OwnModel) and (functions := setup.model.functions):
        found |= {setup.model.name: f"{found[setup.model.name]} {code_hash.of(*functions)}"}
    if isinstance(setup.optimiser, Rule):
        rule = dataclasses.replace(setup.optimiser, mask=LAYERS)
        found |= {rule.name: f"{found.get(rule.name, '')} {code_hash.of(rule)}".strip()}
    return tuple(sorted((found | {f"probe {one.name}": code_hash.of(one) for one in probes}).items()))


def of_model(model: OwnModel, n_in: int) -> dict[str, str]:
    """Hash a model's functions, on two examples of float32."""
    params, state = model.started
    x = jax.ShapeDtypeStruct((EXAMPLES, n_in), jnp.float32)

    def applied(params: Any, state: Any, x: jax.Array) -> Any:
        return forward.apply(model, params, state, x, True).outputs

    with jax.enable_x64(False):
        return {model.name: _hash((model.init, jax.random.key(0)), (applied, params, state, x))}


def of_rule(rule: Rule) -> dict[str, str]:
    """Hash a rule's step on one small layer, float32; nothing of a rule that takes no step but on its own tree."""
    rule = dataclasses.replace(rule, mask=LAYERS)
    with jax.enable_x64(False):
        params = {"b": jnp.zeros(2), "w": jnp.ones((3, 2))}
        hyper = Hyper.of({one.name: jnp.asarray(one.default) for one in rule.numbers}, rule.numbers)

        def taken(hyper: Hyper, params: Any) -> Any:
            built = step.build(rule, hyper, 1)
            return built.step(params, built.init(params), params).whole

        try:
            return {rule.name: _hash((taken, hyper, params))}
        except Exception:  # whatever a function of the user's says of another tree than its own
            return {}


def _hash(*calls: tuple[Callable, *tuple[Any, ...]]) -> str:
    """Hash the traces of some calls, and the arrays that they close over."""
    digest = hashlib.sha256()
    for function, *given in calls:
        traced = jax.make_jaxpr(function)(*given)
        digest.update(ADDRESS.sub("", str(traced)).encode())
        for held in traced.consts:
            if not jax.dtypes.issubdtype(getattr(held, "dtype", float), jax.dtypes.extended):
                digest.update(np.asarray(held).tobytes())
    return digest.hexdigest()[:16]
