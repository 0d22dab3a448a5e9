"""From a user's axes to what is run: members -> groups of one `Setup` -> chunks of fixed size."""

import dataclasses
import inspect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax import conventions, display
from wd_jax.data import Dataset
from wd_jax.data.targets import check_loss
from wd_jax.inputs import checks, limits, spellings
from wd_jax.inputs.spelling_table import Facts
from wd_jax.results.variables import check_names
from wd_jax.setup import CHOICES, COEFFICIENTS, HYPER_FIELDS, SETUP_FIELDS, Hyper, Probes, Setup

SHAPE_AXES = ("hidden", "depth")
OTHER_WAYS = {
    "seed": "give seeds=[3] for the seed 3, seeds=4 for the seeds 0 to 3",
    "widths": "sweep hidden or depth, or call sweep once per Setup",
}
"""Names that are no axis, and what to use instead."""
CHUNK_BYTES = 2**21
MAX_CHUNK = 16


@dataclass(frozen=True)
class Axis:
    """One swept dimension: its name and its values, in the order given."""

    name: str
    values: tuple[Any, ...]

    @property
    def static(self) -> bool:
        """Whether each value needs its own compiled program."""
        return self.name not in HYPER_FIELDS


@dataclass(frozen=True)
class Group:
    """Members that share a compiled program: one value of every static axis."""

    setup: Setup
    labels: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Plan:
    """Everything a sweep will run, known before anything is compiled.

    Attributes
    ----------
    axes : tuple of Axis
        Swept dimensions, in the order given; `seed` comes after them.
    scalars : tuple of (str, value)
        Hyper-parameters that have one value for all members.
    groups : tuple of Group
        One per combination of static axes.
    cells : tuple of Hyper
        One per combination of traced axes, plain numbers.
    seeds : tuple of int
        One member per group, cell and seed.
    epochs : int
        Passes over the training set.
    probes : Probes
        What is measured.
    """

    axes: tuple[Axis, ...]
    scalars: tuple[tuple[str, float], ...]
    groups: tuple[Group, ...]
    cells: tuple[Hyper, ...]
    seeds: tuple[int, ...]
    epochs: int
    probes: Probes

    @property
    def members(self) -> int:
        """Number of training runs."""
        return len(self.groups) * len(self.cells) * len(self.seeds)

    def counts(self) -> str:
        """Say how the members come about: groups times cells times seeds.

        Examples
        --------
        >>> from wd_jax.data import null
        >>> make_plan(Setup(widths=(16, 8, 4)), null(), {"lmbda": [1, 5], "hidden": [4, 8]}, 3, 10, Probes()).counts()
        '12 members: 2 groups x 2 cells x 3 seeds'
        """
        parts = ((len(self.groups), "group"), (len(self.cells), "cell"), (len(self.seeds), "seed"))
        product = " x ".join(f"{count} {noun}{'s' * (count != 1)}" for count, noun in parts)
        return f"{self.members} member{'s' * (self.members != 1)}: {product}"

    def axes_in_words(self) -> str:
        """Write the axes with their values, "none" if nothing is swept."""
        return ", ".join(f"{axis.name} = {display.listed(axis.values, 12)}" for axis in self.axes) or "none"

    def __repr__(self) -> str:
        """Return what is swept, how many members that makes, and where to go on."""
        facts = {
            "axes": self.axes_in_words(),
            "fixed": ", ".join(f"{name} = {value:.12g}" for name, value in self.scalars if self.reads(name)),
            "epochs": f"{self.epochs} each",
            "next": "wd.dry_run(...) adds chunks, memory and time; wd.sweep(...) runs it",
        }
        facts = {name: words for name, words in facts.items() if words}
        return "\n".join([f"Plan of {self.counts()}", *display.facts_text(facts, "  ")])

    def reads(self, name: str) -> bool:
        """Whether a hyper-parameter means anything to an optimiser of the sweep: sgd has no momentum."""
        return any(
            name in ("eta", "lmbda", "init_scale", *COEFFICIENTS[group.setup.optimiser]) for group in self.groups
        )

    @property
    def traced_axes(self) -> tuple[Axis, ...]:
        """Axes that are numbers inside one compiled program."""
        return tuple(axis for axis in self.axes if not axis.static)

    @property
    def static_axes(self) -> tuple[Axis, ...]:
        """Axes that make groups."""
        return tuple(axis for axis in self.axes if axis.static)


@dataclass(frozen=True)
class Chunk:
    """Members run together: positions of a group's cells and of the seeds, the last repeated as padding."""

    cells: tuple[int, ...]
    seeds: tuple[int, ...]

    @property
    def members(self) -> int:
        """Members computed, padding included."""
        return len(self.cells) * len(self.seeds)


def make_plan(
    setup: Setup, data: Dataset, axes: dict[str, Any], seeds: int | Sequence[int], epochs: int, probes: Probes
) -> Plan:
    """Check a sweep's arguments and lay out its members.

    Parameters
    ----------
    setup : Setup
        The base every group starts from.
    data : Dataset
        Its widths, size and targets are checked against the setup.
    axes : dict
        Any `Hyper` or `Setup` field, `hidden` or `depth`: a scalar, or a list that becomes a dimension.
    seeds : int or sequence of int
        A number of seeds (0, 1, ...) or the seeds themselves.
    epochs : int
        Passes over the training set.
    probes : Probes
        Its records per epoch must divide the steps per epoch.

    Raises
    ------
    ValueError
        Naming the argument, its value and the remedy.
    """
    _check_kinds(setup, data, probes)
    swept, fixed = _split_axes(axes, _facts(setup, data, axes))
    plan_seeds = _seeds(seeds)
    epochs = limits.counted("epochs", epochs, limits.EPOCHS)
    setup = _apply(setup, {name: value for name, value in fixed.items() if name not in HYPER_FIELDS})
    scalars = {name: checks.number(name, value) for name, value in fixed.items() if name in HYPER_FIELDS}
    traced = [axis for axis in swept if not axis.static]
    static = [axis for axis in swept if axis.static]
    programs, numbers = (math.prod(len(axis.values) for axis in kind) for kind in (static, traced))
    limits.check_members(programs, numbers, len(plan_seeds))
    cells = tuple(
        Hyper(**scalars, **{a.name: float(v) for a, v in zip(traced, values, strict=True)})
        for values in itertools.product(*(axis.values for axis in traced))
    )
    groups = []
    for values in itertools.product(*(axis.values for axis in static)):
        labels = {axis.name: value for axis, value in zip(static, values, strict=True)}
        groups.append(Group(_apply(setup, labels), tuple(labels.items())))
    for group in groups:
        _check_against_data(group.setup, data, probes)
    _check_used(axes, groups)
    if any(group.setup.dtype == "float32" for group in groups):
        for name, values in (*scalars.items(), *((axis.name, axis.values) for axis in traced)):
            _check_in_float32(name, np.atleast_1d(np.asarray(values, np.float64)))
    if probes.keep_weights and len({group.setup.widths for group in groups}) > 1:
        raise ValueError("keep_weights=True: weights of different widths fit no one array; sweep without hidden, depth")
    known = tuple((field, getattr(cells[0], field)) for field in HYPER_FIELDS if field not in {a.name for a in traced})
    return Plan(tuple(swept), known, tuple(groups), cells, plan_seeds, epochs, probes)


def chunks(group: Group, cells: int, seeds: int) -> tuple[Chunk, ...]:
    """Cut a group into equal chunks whose weights stay in a cache; the size never depends on the machine.

    A seed's members stay together, since they share their minibatches. The last chunk is padded with copies of its
    last member, since another size would be another program with other rounding.

    Examples
    --------
    >>> group = Group(Setup(widths=(64, 30, 10)), ())
    >>> [(chunk.cells, chunk.seeds) for chunk in chunks(group, cells=3, seeds=7)]
    [((0, 1, 2), (0, 1, 2, 3)), ((0, 1, 2), (4, 5, 6, 6))]
    """
    bytes_per_member = sum(group.setup.n_w) * np.dtype(group.setup.dtype).itemsize
    limit = int(np.clip(CHUNK_BYTES // bytes_per_member, 2, MAX_CHUNK))
    cell_step = _even(cells, limit)
    seed_step = _even(seeds, max(1, limit // cell_step))
    return tuple(
        Chunk(_positions(c, cell_step, cells), _positions(s, seed_step, seeds))
        for c in range(0, cells, cell_step)
        for s in range(0, seeds, seed_step)
    )


def member_steps(plan: Plan, n: int) -> int:
    """Count the minibatch steps of all members together.

    Parameters
    ----------
    plan : Plan
        What is run.
    n : int
        Training-set size, examples.
    """
    steps = sum(conventions.steps_per_epoch(n, group.setup.batch_size) for group in plan.groups)
    return steps * len(plan.cells) * len(plan.seeds) * plan.epochs


def _even(count: int, limit: int) -> int:
    """Smallest step that cuts `count` into as few parts as steps of `limit` would."""
    return math.ceil(count / math.ceil(count / limit))


def _positions(first: int, step: int, count: int) -> tuple[int, ...]:
    return tuple(min(i, count - 1) for i in range(first, first + step))


def _facts(setup: Setup, data: Dataset, axes: dict[str, Any]) -> Facts:
    """Collect the numbers that a foreign name may need to become one of ours, those that are swept left out."""
    m, eta = axes.get("batch_size", setup.batch_size), axes.get("eta", Hyper.eta)
    momentum = axes.get("momentum", Hyper.momentum if setup.optimiser == "sgdw" else None)
    eta, momentum = (number if isinstance(number, int | float) else None for number in (eta, momentum))
    return Facts(data.n, m if checks.whole(m) and m > 0 else None, eta, CHOICES, momentum)


def _split_axes(axes: dict[str, Any], facts: Facts) -> tuple[list[Axis], dict[str, Any]]:
    """Sort keyword arguments into swept axes and fixed values, refusing what is unknown."""
    allowed = (*HYPER_FIELDS, *(f for f in SETUP_FIELDS if f != "widths"), *SHAPE_AXES)
    foreign = [(name, value) for name, value in axes.items() if name not in allowed]
    if foreign:
        for name, _ in foreign:
            if name in OTHER_WAYS:
                raise ValueError(f"sweep has no axis {name!r}: {OTHER_WAYS[name]}")
        known = (*allowed, "epochs", "seeds", "out", "progress", "devices")
        raise ValueError(spellings.unknown("sweep has no axis", foreign, known, facts))
    swept, fixed = [], {}
    for name, value in axes.items():
        values = checks.values(name, value, limits.MEMBERS.most)
        if values is None:
            fixed[name] = value.item() if isinstance(value, np.generic) else value
            continue
        if len(values) > limits.MEMBERS.most:
            length = _length(value, len(values))
            limits.check_members(*((1, length) if name in HYPER_FIELDS else (length, 1)), 1)
        if name in HYPER_FIELDS:
            plain = tuple(checks.number(name, v) for v in values)
            values = tuple(map(int, values)) if all(map(checks.whole, values)) else plain
        if not values or len(set(values)) != len(values):
            raise ValueError(f"{name}={checks.shown(list(values))}: give at least one value, each only once")
        swept.append(Axis(name, values))
    return swept, fixed


def _length(given: Any, least: int) -> int:
    """Count what was given where that is known without reading it: a generator has at least as many as were read."""
    try:
        return len(given)
    except (TypeError, OverflowError):
        return least


def _check_kinds(setup: Setup, data: Dataset, probes: Probes) -> None:
    """Refuse what is no setup, no data set or no probes, with what was meant."""
    wanted = (
        ("setup", setup, Setup, "wd.Setup(widths=(64, 30, 10))"),
        ("data", data, Dataset, "wd.data.digits()"),
        ("probes", probes, Probes, "wd.Probes(evaluate_every=5)"),
    )
    for name, value, kind, example in wanted:
        if not isinstance(value, kind):
            given = f"got {checks.shown(value)}"
            called = f"{value.__name__} is a function: call it" if inspect.isfunction(value) else given
            raise TypeError(f"{name}: {called}; give a {kind.__name__}, such as {example}")
    check_names(probes)


def _seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """Give the seeds; a number means the first so many."""
    asked = f"seeds={checks.shown(seeds)}: give a positive number of seeds, or distinct whole seeds of 0 to 2**31 - 1"
    if checks.whole(seeds) or getattr(seeds, "ndim", None) == 0:
        wanted = seeds if checks.whole(seeds) else np.asarray(seeds).item()
        if not checks.whole(wanted) or wanted < 1:
            raise ValueError(asked)
        limits.check_members(1, 1, wanted)
        return tuple(range(int(wanted)))
    chosen = checks.values("seeds", seeds, limits.MEMBERS.most) or ()
    if len(chosen) > limits.MEMBERS.most:
        limits.check_members(1, 1, _length(seeds, len(chosen)))
    fit = all(checks.whole(seed) and 0 <= seed <= limits.SEED.most for seed in chosen)
    # A result that cannot be stored must be refused before it is computed.
    if not chosen or not fit or len(set(chosen)) != len(chosen):
        raise ValueError(asked)
    return tuple(int(seed) for seed in chosen)


def _check_in_float32(name: str, values: np.ndarray) -> None:
    """Refuse numbers that float32 makes infinite, zero or equal: such cells would not be what their labels say."""
    with np.errstate(over="ignore", under="ignore"):
        single = values.astype(np.float32)
    lost = ~np.isfinite(single) | ((np.abs(single) < np.finfo(np.float32).tiny) & (values != 0))
    if lost.any():
        value = values[lost][0]
        raise ValueError(
            f"{name}={value:g}: float32 holds numbers from 1.2e-38 to 3.4e38: give another, or dtype='float64'"
        )
    order = np.argsort(single, kind="stable")
    same = np.flatnonzero(np.diff(single[order]) == 0)
    if same.size:
        pair = " and ".join(repr(float(values[i])) for i in order[same[0] : same[0] + 2])
        raise ValueError(f"{name}={pair}: one number in float32: give values farther apart, or dtype='float64'")


def _apply(setup: Setup, fields: dict[str, Any]) -> Setup:
    """Put a group's static values into its setup."""
    shape = {name: value for name, value in fields.items() if name in SHAPE_AXES}
    plain = {name: value for name, value in fields.items() if name not in SHAPE_AXES}
    return dataclasses.replace(setup.with_hidden(**shape) if shape else setup, **plain)


def _check_used(axes: dict[str, Any], groups: list[Group]) -> None:
    """Refuse a coefficient that no optimiser of the sweep reads: a sweep over it would compare copies."""
    read = {name for group in groups for name in COEFFICIENTS[group.setup.optimiser]}
    for name in ("momentum", "beta1", "beta2"):
        if name in axes and name not in read:
            users = [rule for rule, names in COEFFICIENTS.items() if name in names]
            given = f"{name}={checks.shown(axes[name])}"
            raise ValueError(f"{given}: no optimiser of this sweep uses it; choose optimiser {' or '.join(users)}")


def _check_against_data(setup: Setup, data: Dataset, probes: Probes) -> None:
    # Before the widths: their remedy would lead on to targets that the loss cannot take.
    check_loss(setup.loss, data.n_out, data.target_kind, data.distributions, f"the dataset {data.name!r}")
    for end, width, size in ((0, setup.widths[0], data.n_in), (-1, setup.widths[-1], data.n_out)):
        if width != size:
            side = "inputs" if end == 0 else "outputs"
            rows = ", or give the targets as wd.data.one_hot(y, 2)" if end == -1 and size == 1 and width == 2 else ""
            raise ValueError(
                f"widths={setup.widths}: the dataset {data.name!r} has {size} {side[: None if size > 1 else -1]}, not "
                f"{width}; set widths[{end}]={size}{rows}"
            )
    if setup.batch_size > data.n:
        raise ValueError(
            f"batch_size={setup.batch_size}: the dataset {data.name!r} has {data.n} examples; give at most that"
        )
    steps = conventions.steps_per_epoch(data.n, setup.batch_size)
    if steps % probes.records_per_epoch:
        raise ValueError(
            f"records_per_epoch={probes.records_per_epoch}: must divide the {steps} steps of an epoch, "
            f"for example {_divisor_below(steps, probes.records_per_epoch)}"
        )


def _divisor_below(number: int, most: int) -> int:
    """Largest divisor of `number` that is at most `most`.

    Examples
    --------
    >>> _divisor_below(120, 50), _divisor_below(120, 10**8), _divisor_below(2**31 - 1, 10**8)
    (40, 120, 1)
    """
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    return max(d for d in (*small, *(number // d for d in small)) if d <= most)
