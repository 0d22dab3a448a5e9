"""Whether a rule can be trained on given parameters, and whether its decay can be told from the rest of a step.

Both are seen by tracing one step, without computing it; `wd_jax.optimisers.descent` computes the first one.
"""

from typing import Any

import jax
import jax.numpy as jnp

from wd_jax.hyper import Hyper
from wd_jax.optimisers import descent, step
from wd_jax.optimisers.decays import whole
from wd_jax.optimisers.reach import reaches
from wd_jax.optimisers.rule import Rule

SO = "so that no part of it can be called decay: there is no budget and no displacement by decay"


def why_not(rule: Rule, params: Any, n: int) -> str:
    """Say why no part of a rule's step can be called its decay; nothing if one can.

    Parameters
    ----------
    rule : Rule
        One that `check` lets pass.
    params : tree of jax.ShapeDtypeStruct
        Shapes and dtypes of the parameters.
    n : int
        Training-set size, examples.

    Returns
    -------
    str
        A sentence, or "".
    """
    if rule.decay != whole.DECAY:
        return ""
    hyper = _numbers(rule, params)

    def started(hyper: Hyper, params: Any) -> Any:
        return step.build(rule, hyper, n).init(params)

    state = jax.eval_shape(started, hyper, params)
    if _form(jax.eval_shape(started, whole.without_decay(hyper), params)) != _form(state):
        return f"the state of {rule.name} has another form where lmbda is 0, {SO}"

    def updates(lmbda: jax.Array, state: Any, params: Any) -> Any:
        numbers = Hyper.of({**hyper, "lmbda": lmbda}, rule.numbers)
        return step.build(rule, numbers, n).step(params, state, params).whole

    if not reaches(updates, hyper.lmbda, state, params):
        return f"a step of {rule.name} does not read lmbda, {SO}"
    return ""


def check(rule: Rule, params: Any, n: int) -> None:
    """Refuse, before any training, a rule that cannot be built, or that takes no step that fits the parameters.

    Parameters
    ----------
    rule, params, n
        As for `why_not`.

    Raises
    ------
    ValueError
        Naming the rule, in one line.
    """
    hyper, reads = _numbers(rule, params), ", ".join((*rule.names, "n", "weight_decay"))

    def started(hyper: Hyper, params: Any) -> Any:
        return step.build(rule, hyper, n).init(params)

    def taken(hyper: Hyper, state: Any, params: Any) -> Any:
        return step.build(rule, hyper, n).step(params, state, params)

    state = _traced(f"rule {rule.name!r}: its transformation cannot be built of {reads}", started, hyper, params)
    parts = _traced(f"rule {rule.name!r}: (gradients, state, parameters) give no step", taken, hyper, state, params)
    if _form(parts.whole) != _form(params):
        raise ValueError(f"rule {rule.name!r}: its updates have another form or dtype than the parameters: keep theirs")
    if _form(parts.state) != _form(state):
        raise ValueError(f"rule {rule.name!r}: a step changes the form or the dtype of its state: keep both")
    descent.check(rule, hyper, params, n)


def _numbers(rule: Rule, params: Any) -> Hyper:
    """Give a rule's numbers by default, in the parameters' dtype."""
    dtype = jax.tree.leaves(params)[0].dtype
    return Hyper.of({one.name: jnp.asarray(one.default, dtype) for one in rule.numbers}, rule.numbers)


def _form(tree: Any) -> tuple[Any, ...]:
    """Give what must not change from step to step."""
    return (jax.tree.structure(tree), *((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(tree)))


def _traced(what: str, function: Any, *given: Any) -> Any:
    """Trace a user's function, and put what goes wrong in one line."""
    try:
        return jax.eval_shape(function, *given)
    except jax.errors.ConcretizationTypeError as error:
        raise ValueError(f"{what}: a number is a stand-in there: choose with jnp.where, not if; no float()") from error
    except Exception as error:  # whatever it is
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ValueError(f"{what}: {said}") from error
