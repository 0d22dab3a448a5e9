"""A rule or a model of the user's own, before anything is trained: whether it can be, and what can be measured."""

import dataclasses
import math
from typing import Any

import jax

from wd_jax.engine.probes import registry
from wd_jax.measurement import Probes
from wd_jax.models import forward, mixing, own_checks
from wd_jax.models.own import OwnModel
from wd_jax.optimisers import separable
from wd_jax.optimisers.rule import Rule
from wd_jax.setup import Setup

OF_MLPS = ("activations", "deltas")
"""What of a step only a multilayer perceptron shows."""


def check_model(setup: Setup, n: int, n_in: int, outputs: tuple[int, ...], tokens: int | None = None) -> None:
    """Refuse a model that does not make the outputs of the data out of its inputs.

    Parameters
    ----------
    setup : Setup
        What would be trained.
    n, n_in : int
        Of the data: examples for training, and inputs.
    outputs : tuple of int
        Shape of the outputs of an example, (n_out,) or (positions, classes).
    tokens : int, optional
        How many tokens the inputs number, if they do.

    Raises
    ------
    ValueError, TypeError
        In one line.
    """
    if isinstance(setup.model, OwnModel):
        own_checks.check_tokens(setup.model, tokens)
        setup.model.check_fits(n_in, outputs, tokens)
        own_checks.check(setup.model, n_in, outputs, setup.batch_size, setup.arithmetic)
        if n % setup.batch_size:
            _check_copies(setup.model, setup, n, n_in, tokens)
    elif len(outputs) > 1:
        positions, classes = outputs
        raise ValueError(
            f"widths={setup.widths}: the data have class numbers at {positions} positions an example, and a multilayer "
            f"perceptron one row of outputs: give a model with outputs [batch, {positions}, {classes}], such as "
            f"wd.transformer(vocab={tokens or classes}, length={n_in})"
        )


def _check_copies(model: OwnModel, setup: Setup, n: int, n_in: int, tokens: int | None) -> None:
    """Refuse a shorter last minibatch, where the copies that fill it up would change more than they count."""
    if model.has_state:
        who = f"the state of model {model.name!r} would see"
    elif mixing.mixes(model, n_in, tokens, setup.arithmetic):
        who = f"model {model.name!r} would see, as its outputs for an example depend on the others of the batch"
    else:
        return
    fits = _divisor_near(n, setup.batch_size)
    raise ValueError(
        f"batch_size={setup.batch_size}: the last minibatch of {n} examples is filled up with copies, which {who}: "
        f"give batch_size={fits}, {'which divides them' if fits < n else 'all of them, or fewer examples'}"
    )


def _divisor_near(n: int, size: int) -> int:
    """Give the divisor of n that is nearest to a size that is none; 1, a batch without statistics, only for n = 1.

    Examples
    --------
    >>> _divisor_near(40, 9), _divisor_near(23, 7), _divisor_near(2 * 23, 7)
    (8, 23, 2)
    """
    small = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
    several = [d for d in (*small, *(n // d for d in small)) if d >= 2] or [n]
    return min(several, key=lambda d: (abs(d - size), d))


def checked(setup: Setup, n: int, probes: Probes) -> tuple[Probes, str]:
    """Refuse an own rule that takes no step, and leave out the probes that its decay cannot be had for.

    Parameters
    ----------
    setup : Setup
        What is trained; the library's rules pass.
    n : int
        Training-set size, examples.
    probes : Probes
        What was asked for.

    Returns
    -------
    Probes
        What is measured.
    str
        Why that is less, a sentence; empty if it is not.

    Raises
    ------
    ValueError
        In one line, for a rule that takes no step, a mask of other leaves than the parameters', or a probe that needs
        what the rule or the model does not have.
    """
    _check_probes(setup, probes)
    with jax.enable_x64(setup.dtype == "float64"):
        params = forward.shapes(setup.model, setup.arithmetic)
        setup.decays.check(params)
        if not isinstance(setup.optimiser, Rule):
            return probes, ""
        separable.check(setup.rule, params, n)
        why = separable.why_not(setup.rule, params, n)
    if not why:
        return probes, ""
    needing = [probe for probe in registry.asked(probes) if "decay" in probe.needs]
    for probe in needing:
        if probe.switch is None:
            raise ValueError(f"extra: probe {probe.name!r} needs the decay's part of a step: {why}")
    off: dict[str, Any] = {probe.switch.option: False for probe in needing if probe.switch}
    return dataclasses.replace(probes, **off), why


def _check_probes(setup: Setup, probes: Probes) -> None:
    """Refuse probes that need what the model does not have."""
    if isinstance(setup.model, OwnModel):
        for probe in probes.extra:
            if lacking := [name for name in OF_MLPS if name in probe.needs]:
                raise ValueError(
                    f"extra: probe {probe.name!r} needs {lacking[0]}, which only a multilayer perceptron shows, and "
                    f"the model is {setup.model.name!r}: leave it out, or train wd.mlp(...)"
                )
    if setup.model.mixes_examples and probes.full_gradient:
        raise ValueError(
            "full_gradient=True: with norm='batch' the cost of an example depends on its batch, so that there is no "
            "gradient of one example: leave it out, or take norm='layer'"
        )
