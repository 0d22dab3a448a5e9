"""What is wrong with a model of the user's own, in one line each, before anything is trained: by tracing it."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from wd_jax.inputs import checks
from wd_jax.models import forward, layers

if TYPE_CHECKING:
    from wd_jax.models.own import OwnModel

STATE = "wd.model(init, apply, state=True)"
WITH_STATE = "init(key) -> (params, state), apply(params, state, x, training) -> (outputs, new state)"


def traced_start(model: "OwnModel") -> tuple[Any, Any]:
    """Trace ``init``: shapes and dtypes of the parameters, and of the state, () where there is none.

    Raises
    ------
    ValueError
        For an init that cannot be called with a key alone, parameters that are no float arrays, or that have no layer.
    TypeError
        For an init that takes other arguments.
    """
    what = f"model {model.name!r}: init"
    _takes(what, model.init, ("key",), "its arguments are bound first: wd.model(lambda key: init(key, ...), apply)")

    def started(key: jax.Array) -> tuple[Any, Any]:
        with jax.enable_x64(False):  # as it is drawn
            found = model.init(key)
        params, state = found if model.has_state and _pair(found) else (found, ())
        if model.has_state and not _pair(found):
            raise _Refused(f"{what} gives no state, and state=True: return (params, state), or leave state=True out")
        _check_leaves(what, params)
        return params, state

    params, state = _traced(what, started, jax.random.key(0, impl="threefry2x32"))
    if not jax.tree.leaves(params):
        raise ValueError(f"{what} gives no parameters: return a tree of float arrays, such as {{'w': w}}")
    if not layers.weights(params):
        shapes = ", ".join(f"{leaf.shape}" for leaf in jax.tree.leaves(params)[:3])
        raise ValueError(
            f"{what} gives no layer, a leaf with two or more dimensions (shapes {shapes}): nothing could be measured; "
            "give weights [n_in, n_out]"
        )
    return params, state


def check(model: "OwnModel", n_in: int, wanted: tuple[int, ...], batch_size: int, dtype: str) -> None:
    """Refuse an apply that does not make the outputs of the data out of its inputs, or does not hand on its state.

    Parameters
    ----------
    model : OwnModel
        What would be trained.
    n_in : int
        Of the data.
    wanted : tuple of int
        Shape of the outputs of an example.
    batch_size : int
        Examples of a minibatch; other batches are tried as well.
    dtype : str
        Of the run.

    Raises
    ------
    ValueError, TypeError
        Naming the model and the remedy, in one line.
    """
    what = f"model {model.name!r}: apply"
    names = ("params", "state", "x", "training") if model.has_state else ("params", "x")
    other = f"for a state beside the parameters give {STATE}" if not model.has_state else f"give {WITH_STATE}"
    _takes(what, model.apply, names, other)
    with jax.enable_x64(dtype == "float64"):
        params, state = jax.eval_shape(lambda tree: forward.cast(tree, dtype), model.started)
        for rows, training in ((batch_size, True), (batch_size + 1, False)):
            x = jax.ShapeDtypeStruct((rows, n_in), jnp.dtype(dtype))
            given = (params, state, x, training) if model.has_state else (params, x)

            def applied(given: Any, training: bool = training) -> Any:
                return model.apply(*given[:3], training) if model.has_state else model.apply(*given)

            outputs = _traced(f"{what}, given inputs {x.shape}", applied, given[:3])
            if model.has_state:
                outputs = _without_state(what, outputs, state)
            _check_outputs(what, outputs, (rows, *wanted), model.has_state)


def check_tokens(model: "OwnModel", tokens: int | None) -> None:
    """Refuse a model that looks up token numbers, where the inputs are none or of more kinds.

    Parameters
    ----------
    model : OwnModel
        What would be trained; one that does not say how many tokens it knows passes.
    tokens : int or None
        How many tokens the inputs number, if they do.
    """
    if model.tokens is None or (tokens is not None and tokens <= model.tokens):
        return
    what = f"model {model.name!r}: takes the numbers of {model.tokens} tokens"
    if tokens is None:
        raise ValueError(f"{what}, and nobody says that the inputs are such: give Split(..., tokens={model.tokens})")
    raise ValueError(f"{what}, and the data have {tokens}: give vocab={tokens}")


class _Refused(ValueError):
    """A refusal worded here, on its way through a trace."""


def _without_state(what: str, found: Any, state: Any) -> Any:
    """Give the outputs of what an apply with state returned; refuse a state that is missing or of another form."""
    if not _pair(found):
        remedy = "return (outputs, new state), or leave state=True out"
        raise ValueError(f"{what} returns no state, and state=True: {remedy}")
    outputs, after = found
    if _form(after) != _form(state):
        raise ValueError(f"{what} changes the form, a shape or a dtype of its state: return a state as init gives it")
    return outputs


def _check_outputs(what: str, outputs: Any, wanted: tuple[int, ...], has_state: bool) -> None:
    """Refuse outputs that are no float array of the wanted shape, examples first."""
    if not hasattr(outputs, "shape"):
        kind = f"{len(outputs)} values" if isinstance(outputs, tuple | list) else f"a {type(outputs).__name__}"
        remedy = "return the outputs alone" if has_state else f"return the outputs alone, or give {STATE}"
        raise ValueError(f"{what} returns {kind}, not an array of outputs: {remedy}")
    if outputs.shape != wanted:
        rows, *own = wanted
        have = f"{own[-1]} target{'s' * (own[-1] != 1)} an example"
        have = have if len(own) == 1 else f"one of {own[-1]} classes at each of {own[0]} positions"
        raise ValueError(
            f"{what} makes of {rows} examples outputs of shape {outputs.shape}, and the data have {have}: "
            f"return [batch, {', '.join(map(str, own))}]"
        )
    if not jnp.issubdtype(outputs.dtype, jnp.floating):
        raise ValueError(f"{what} returns outputs of dtype {outputs.dtype}: return real numbers before the activation")


def _check_leaves(what: str, params: Any) -> None:
    """Refuse leaves that are no float arrays."""
    for path, leaf in zip(layers.paths(params), jax.tree.leaves(params), strict=True):
        place = f"{what} gives {path or 'its parameters'}"
        if isinstance(leaf, int | float | complex):
            raise _Refused(f"{place} = {leaf!r}, a plain number: give an array of floats, jnp.asarray({leaf!r}, float)")
        if not hasattr(leaf, "dtype"):
            remedy = "leave out what is not trained (Equinox: eqx.partition(model, eqx.is_inexact_array))"
            raise _Refused(f"{place} = {checks.shown(leaf)}, no array: {remedy}")
        if not jnp.issubdtype(leaf.dtype, jnp.floating):
            remedy = "give floats, or keep it out of the parameters: in apply, or in a state (state=True)"
            raise _Refused(f"{place} of dtype {leaf.dtype}, which cannot be trained: {remedy}")


def _takes(what: str, function: Callable, names: tuple[str, ...], remedy: str) -> None:
    """Refuse a function that cannot be called with so many arguments."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # one that Python cannot look into
        return
    try:
        signature.bind(*names)
    except TypeError as error:
        takes = ", ".join(signature.parameters)
        raise TypeError(f"{what}({takes}) is called with ({', '.join(names)}): {remedy}") from error


def _traced(what: str, function: Callable, *given: Any) -> Any:
    """Trace a user's function, and put what goes wrong in one line."""
    try:
        return jax.eval_shape(function, *given)
    except _Refused as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # whatever it is
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        module = "; for a module that needs inputs: wd.model(lambda key: module.init(key, x), module.apply)"
        needs = module if what.endswith(": init") and "missing" in said else ""
        raise ValueError(f"{what} fails: {said}{needs}") from error


def _pair(found: Any) -> bool:
    return isinstance(found, tuple) and len(found) == 2


def _form(tree: Any) -> tuple[Any, ...]:
    """Give what must not change from step to step."""
    return (jax.tree.structure(tree), *((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(tree)))
