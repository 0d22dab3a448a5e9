"""The arguments of `wd_jax.lab`: every one is checked here, and only here."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wd_jax.hyper import Hyper
from wd_jax.inputs import checks, decay_check, foreign_values, limits, spellings
from wd_jax.inputs.spelling_table import Facts
from wd_jax.laboratory import measured
from wd_jax.laboratory.gradients import GRADIENTS, Gradients, Sizes
from wd_jax.laboratory.plan import LabPlan
from wd_jax.laboratory.program import Experiment
from wd_jax.laboratory.tensor import Tensor
from wd_jax.measurement import Probes
from wd_jax.optimisers import muon, rules
from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.optimisers.rule import Rule
from wd_jax.setup import CHOICES
from wd_jax.sweeps import grid_checks
from wd_jax.sweeps.axes import Axis, read_seeds

CONSTANT = "rates are constant in the laboratory; wd.sweep has schedules"
DTYPES = ("float32", "float64")
OTHER_WAYS = {
    "optimiser": "give rule='lion', the first argument",
    "epochs": "give steps; an epoch is n / batch_size of them",
    "eta_schedule": CONSTANT,
    "lmbda_schedule": CONSTANT,
}
"""Names of a sweep that a laboratory lacks, and what to use instead."""


def read(
    rule: str | Rule,
    gradients: str,
    shape: int | Sequence[int],
    axes: dict[str, Any],
    *,
    seeds: int | Sequence[int],
    steps: int,
    burn_in: int,
    records: int,
    n: int,
    batch_size: int,
    dtype: str,
    probes: Probes,
    stacklevel: int,
) -> LabPlan:
    """Check the arguments of `wd_jax.lab` and lay out its cells.

    Parameters
    ----------
    rule, gradients, shape, axes, seeds, steps, burn_in, records, n, batch_size, dtype, probes
        As for `wd_jax.lab`.
    stacklevel : int
        Of the caller that a warning names, as seen from here.

    Raises
    ------
    ValueError
        Naming the argument, its value and the remedy, in one line.
    TypeError
        For a rule or probes that are none.
    """
    rule = _rule(rule)
    if not (isinstance(gradients, str) and gradients in GRADIENTS):
        raise ValueError(f"gradients={checks.shown(gradients)}: choose one of {', '.join(GRADIENTS)}")
    kind, dtype = GRADIENTS[gradients], checks.choice("dtype", dtype, DTYPES)
    tensor, sizes = _tensor(shape, rule, kind), _sizes(n, batch_size, kind)
    steps, burn_in, records = _stretches(steps, burn_in, records)
    chosen = read_seeds(seeds)
    coefficients = _coefficients(rule, kind)
    swept, cells = _cells(axes, rule, kind, coefficients, sizes, dtype)
    limits.check_members(1, len(cells), len(chosen))
    _check_memory(len(cells), tensor, sizes, kind)
    _check_start(cells, kind)
    seen, no_budget = measured.chosen(probes, rule, tensor, sizes.n, dtype)
    decays = [rule.decay_per_step(cell, sizes.n) for cell in cells]
    decay_check.check(cells, decays, sizes.n, dtype, [steps], stacklevel + 1)
    what = Experiment(tensor, rule, kind, sizes, dtype, seen)
    per_record = (steps - burn_in) // records
    return LabPlan(what, probes, no_budget, swept, cells, coefficients, chosen, burn_in, per_record, records)


def _rule(given: Any) -> Rule:
    """Give a rule, of the library by its name."""
    if isinstance(given, Rule):
        own = rules.LIBRARY.get(given.name)
        if own is not None and own != given:
            raise ValueError(f"rule {given.name!r}: the library has another of that name; give it a name of its own")
        return given
    named = rules.ALIASES.get(given, given) if isinstance(given, str) else given
    if isinstance(named, str) and named in rules.LIBRARY:
        return rules.LIBRARY[named]
    if isinstance(given, list | tuple):
        raise ValueError(
            f"rule={checks.shown(given)}: one rule a call; join them with wd.concat([wd.lab('sgd', ...), "
            "wd.lab('adamw', ...)], dim='optimiser')"
        )
    raise ValueError(f"rule={checks.shown(given)}: {foreign_values.remedy('optimiser', given, tuple(rules.RULES))}")


def _tensor(given: Any, rule: Rule, kind: Gradients) -> Tensor:
    """Give the tensor; one number of weights is a row of them."""
    sizes = (1, given) if checks.whole(given) else tuple(given) if isinstance(given, list | tuple) else ()
    if len(sizes) != 2 or not all(checks.whole(size) and size >= 1 for size in sizes):
        raise ValueError(f"shape={checks.shown(given)}: give a number of weights, or the rows and columns of a matrix")
    rows, columns = (limits.at_most("shape", size, limits.WIDTH, "give a smaller one") for size in sizes)
    if isinstance(rule.direction, muon.Direction) and min(rows, columns) < 2:
        raise ValueError(
            f"shape={checks.shown(given)}: {rule.name} makes a matrix orthogonal: give two sizes of 2 or more, (32, 32)"
        )
    if kind.scale_invariant and rows * columns < 2:
        raise ValueError(f"shape={checks.shown(given)}: one weight has no direction across it: give two or more")
    return Tensor((rows, columns))


def _sizes(n: Any, m: Any, kind: Gradients) -> Sizes:
    """Give the numbers of examples; a minibatch is always full here."""
    n, m = (limits.counted(*one, limits.EXAMPLES) for one in (("n", n), ("batch_size", m)))
    if n % m:
        raise ValueError(f"batch_size={m}: must divide n={n}, as all minibatches are full here")
    if kind.sampling == "reshuffle" and n < 2:
        raise ValueError(f"n={n}: {kind.name} gradients need examples to shuffle: give n=200, batch_size=5")
    return Sizes(n, m)


def _stretches(steps: Any, burn_in: Any, records: Any) -> tuple[int, int, int]:
    """Give the steps, those before the first record, and the number of records of the rest."""
    steps = limits.counted("steps", steps, limits.EXAMPLES)
    burn_in = limits.counted("burn_in", burn_in, limits.EXAMPLES, 0)
    records = limits.counted("records", records, limits.EPOCHS)
    rest = steps - burn_in
    if rest < 1:
        raise ValueError(
            f"burn_in={burn_in}: leaves none of steps={steps} to measure: give more steps, or a shorter one"
        )
    if rest % records:
        good = grid_checks.divisor_below(rest, records)
        raise ValueError(f"records={records}: must divide the {rest} steps after burn_in, for example {good}")
    return steps, burn_in, records


def _coefficients(rule: Rule, kind: Gradients) -> tuple[Coefficient, ...]:
    names = {one.name for one in kind.coefficients}
    if both := [name for name in rule.names if name in names]:
        raise ValueError(
            f"coefficient {both[0]!r} of the rule {rule.name!r}: the gradients have it; choose another name"
        )
    return (*rule.numbers, *kind.coefficients)


def _cells(
    axes: dict[str, Any],
    rule: Rule,
    kind: Gradients,
    coefficients: Sequence[Coefficient],
    sizes: Sizes,
    dtype: str,
) -> tuple[tuple[Axis, ...], tuple[Hyper, ...]]:
    """Sort the numbers into swept axes and fixed ones, and give all combinations."""
    known = tuple(one.name for one in coefficients)
    _check_known(axes, rule, kind, known, sizes)
    swept, fixed = [], {}
    for name, given in axes.items():
        values = checks.values(name, given, limits.MEMBERS.most)
        numbers = tuple(checks.number(name, value) for value in ((given,) if values is None else values))
        if not numbers or len(set(numbers)) != len(numbers):
            raise ValueError(f"{name}={checks.shown(list(numbers))}: give at least one value, each only once")
        if dtype == "float32":
            grid_checks.check_in_float32(name, np.asarray(numbers))
        if values is None:
            fixed[name] = numbers[0]
        else:
            swept.append(Axis(name, numbers))
    limits.check_members(1, math.prod(len(axis.values) for axis in swept), 1)
    cells = tuple(
        Hyper.of(fixed | dict(zip((axis.name for axis in swept), values, strict=True)), coefficients)
        for values in itertools.product(*(axis.values for axis in swept))
    )
    return tuple(swept), cells


def _check_known(axes: dict[str, Any], rule: Rule, kind: Gradients, known: tuple[str, ...], sizes: Sizes) -> None:
    """Refuse a number that neither the rule nor the gradients read, with who reads it."""
    of_gradients = {one.name for other in GRADIENTS.values() for one in other.coefficients}
    for name, value in axes.items():
        if name in known:
            continue
        given = f"{name}={checks.shown(value)}"
        if name in of_gradients:
            readers = [o.name for o in GRADIENTS.values() if name in {one.name for one in o.coefficients}]
            own = ", ".join(one.name for one in kind.coefficients) or "no number"
            raise ValueError(f"{given}: gradients={kind.name!r} reads {own}: choose gradients {' or '.join(readers)}")
        if readers := rules.readers(name):
            raise ValueError(f"{given}: the rule {rule.name!r} does not read it: choose rule {' or '.join(readers)}")
        if name in OTHER_WAYS:
            raise ValueError(f"lab has no axis {name!r}: {OTHER_WAYS[name]}")
        others = ("seeds", "steps", "burn_in", "records", "n", "batch_size", "dtype", "probes", "out", "shape")
        facts = Facts(sizes.n, sizes.m, axes.get("eta"), CHOICES, axes.get("momentum"))
        raise ValueError(spellings.unknown("lab has no axis", [(name, value)], (*known, *others), facts))


def _check_start(cells: Sequence[Hyper], kind: Gradients) -> None:
    if kind.scale_invariant and any(cell.init_scale == 0 for cell in cells):
        raise ValueError("init_scale=0: gradients across the weights need weights: give a positive init_scale")


def _check_memory(cells: int, tensor: Tensor, sizes: Sizes, kind: Gradients) -> None:
    """Refuse what needs more memory than there is: some eight arrays a member, and the examples' gradients."""
    parts = {"members": cells * tensor.size * 8 * 8}
    if kind.sampling == "reshuffle":
        parts["the examples' gradients"] = sizes.n * tensor.size * 8 * 2
    limits.check_memory(f"shape={tensor.shape}", parts, "give a smaller shape, or fewer values")
