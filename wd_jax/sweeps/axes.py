"""From a user's axes to a grid of cells, seeds and groups: every argument is checked here, and only here."""

import dataclasses
import inspect
import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax.conventions import per_step_decay, steps_per_epoch
from wd_jax.data import Dataset
from wd_jax.hyper import Hyper
from wd_jax.inputs import checks, limits, spellings
from wd_jax.inputs.spelling_table import Facts
from wd_jax.measurement import Probes
from wd_jax.models.own import OwnModel, supported
from wd_jax.optimisers import rules, schedules
from wd_jax.optimisers.coefficient import COMMON, Coefficient
from wd_jax.optimisers.rule import Rule
from wd_jax.results.variables import check_names
from wd_jax.setup import CHOICES, ETA_SCHEDULE, LMBDA_SCHEDULE, SETUP_FIELDS, Setup
from wd_jax.sweeps import given_schedules, grid_checks

SHAPE_AXES = ("hidden", "depth")
OF_A_DRY_RUN = "dry_run writes and shows nothing: leave it out"
OTHER_WAYS = {
    "seed": "give seeds=[3] for the seed 3, seeds=4 for the seeds 0 to 3",
    "path": "give method='auto', 'blocked' or 'generic'",
    "widths": "sweep hidden or depth, or call sweep once per Setup",
    "rule": "give it to the Setup, wd.Setup(rule=...); several go by name, optimiser=['sgd', 'adamw']",
    **dict.fromkeys(("out", "overwrite", "progress"), OF_A_DRY_RUN),
}
"""Names that are no axis, and what to use instead; the last of them are arguments of a sweep that a dry run lacks."""


@dataclass(frozen=True)
class Axis:
    """One swept dimension: its name and its values, in the order given.

    Attributes
    ----------
    name : str
        Of the dimension.
    values : tuple
        As a result labels them: schedules by their words.
    given : tuple
        What a `Setup` is given for each, where that is something else.
    """

    name: str
    values: tuple[Any, ...]
    given: tuple[Any, ...] = ()

    @property
    def static(self) -> bool:
        """Whether each value needs its own compiled program: what is no number of the members does."""
        return _static(self.name)


@dataclass(frozen=True)
class Group:
    """Members that share a compiled program: one value of every static axis.

    Attributes
    ----------
    setup : Setup
        What is trained.
    labels : tuple of (str, value)
        The group's value on each static axis.
    steps_per_epoch : int
        Minibatches of an epoch, the last perhaps shorter.
    """

    setup: Setup
    labels: tuple[tuple[str, Any], ...]
    steps_per_epoch: int


@dataclass(frozen=True)
class Grid:
    """All combinations that were asked for, checked.

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
    decays : tuple of float
        Of each cell, eta*lmbda/n: the decay per step, dimensionless.
    seeds : tuple of int
        One member per group, cell and seed.
    coefficients : tuple of Coefficient
        What the rules of all groups read, eta, lmbda and init_scale first.
    epochs : int
        Passes over the training set.
    n : int
        Training-set size, examples.
    """

    axes: tuple[Axis, ...]
    scalars: tuple[tuple[str, float], ...]
    groups: tuple[Group, ...]
    cells: tuple[Hyper, ...]
    decays: tuple[float, ...]
    seeds: tuple[int, ...]
    coefficients: tuple[Coefficient, ...]
    epochs: int
    n: int


def read(
    setup: Setup, data: Dataset, axes: dict[str, Any], seeds: int | Sequence[int], epochs: int, probes: Probes
) -> Grid:
    """Check a sweep's arguments and lay out its grid.

    Parameters
    ----------
    setup : Setup
        The base every group starts from.
    data : Dataset
        Its widths, size and targets are checked against the setup.
    axes : dict
        Any number that a rule reads, any `Setup` field, `hidden` or `depth`: a scalar, or a list that becomes a
        dimension; a list of models of the user's own.
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
    TypeError
        For a setup, a data set or probes that are none.
    """
    _check_kinds(setup, data, probes)
    epochs = limits.counted("epochs", epochs, limits.EPOCHS)
    axes = given_schedules.taken_apart(axes, setup, data.n, epochs)
    swept, fixed = _split_axes(axes, _known_numbers(setup, axes), _facts(setup, data, axes))
    chosen_seeds = read_seeds(seeds)
    static_fixed = {name: value for name, value in fixed.items() if _static(name)}
    scalars = {name: checks.number(name, value) for name, value in fixed.items() if not _static(name)}
    traced = [axis for axis in swept if not axis.static]
    static = [axis for axis in swept if axis.static]
    names = [axis.name for axis in static]
    programs, numbers = (math.prod(len(axis.values) for axis in kind) for kind in (static, traced))
    limits.check_members(programs, numbers, len(chosen_seeds))
    labelled = [
        dict(zip(names, values, strict=True)) for values in itertools.product(*(axis.values for axis in static))
    ]
    meant = itertools.product(*(axis.given or axis.values for axis in static))
    groups = tuple(
        Group(own, tuple(labels.items()), steps_per_epoch(data.n, own.batch_size))
        for labels, values in zip(labelled, meant, strict=True)
        for own in (_apply(setup, static_fixed | dict(zip(names, values, strict=True))),)
    )
    setups = [group.setup for group in groups]
    grid_checks.check_setups(setups, data, probes)
    given_schedules.check(setups, data.n, epochs)
    given = {**scalars, **{axis.name: axis.values for axis in traced}}
    grid_checks.check_used(given, setups)
    coefficients = _coefficients(groups)
    check_names(probes, [one.name for one in coefficients])
    cells = tuple(
        Hyper.of(scalars | {a.name: float(v) for a, v in zip(traced, values, strict=True)}, coefficients)
        for values in itertools.product(*(axis.values for axis in traced))
    )
    grid_checks.check_in_dtype(given, setups)
    known = tuple((name, number) for name, number in cells[0].items() if name not in {axis.name for axis in traced})
    decays = tuple(per_step_decay(cell.eta, cell.lmbda, data.n) for cell in cells)
    return Grid(tuple(swept), known, groups, cells, decays, chosen_seeds, coefficients, epochs, data.n)


def _facts(setup: Setup, data: Dataset, axes: dict[str, Any]) -> Facts:
    """Collect the numbers that a foreign name may need to become one of ours, those that are swept left out."""
    own = {one.name: one.default for one in setup.rule.numbers}
    m, eta = axes.get("batch_size", setup.batch_size), axes.get("eta", own["eta"])
    # Decay that goes through the momentum here too needs no other number to be like PyTorch's.
    coupled = rules.through_the_rule(axes.get("optimiser", setup.rule))
    momentum = None if coupled else axes.get("momentum", own.get("momentum"))
    return Facts(data.n, m, eta, CHOICES, momentum)


def _split_axes(axes: dict[str, Any], numbers: Collection[str], facts: Facts) -> tuple[list[Axis], dict[str, Any]]:
    """Sort keyword arguments into swept axes and fixed values, refusing what is unknown."""
    allowed = (*numbers, *(f for f in SETUP_FIELDS if f != "widths"), *SHAPE_AXES, "model")
    foreign = [(name, value) for name, value in axes.items() if name not in allowed]
    if foreign:
        for name, _ in foreign:
            if name in OTHER_WAYS:
                kind = "dry_run has no argument" if OTHER_WAYS[name] == OF_A_DRY_RUN else "sweep has no axis"
                raise ValueError(f"{kind} {name!r}: {OTHER_WAYS[name]}")
        known = (*allowed, "epochs", "seeds", "out", "progress", "devices")
        own = spellings.if_own_number(foreign, known, "Setup(rule=...)")
        raise ValueError(spellings.unknown("sweep has no axis", foreign, known, facts) + own)
    swept, fixed = [], {}
    for name, value in axes.items():
        words = isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(v, str) for v in value))
        if name == "decays" and not words:
            remedy = "give it to the Setup, wd.Setup(decays=...); an axis has words, decays=['layers', 'all']"
            raise ValueError(f"decays: a tree of true and false is no axis; {remedy}")
        if name == "model":
            swept.append(_models(value))
            continue
        values = checks.values(name, value, limits.MEMBERS.most)
        if values is None:
            fixed[name] = value.item() if isinstance(value, np.generic) else value
            continue
        if len(values) > limits.MEMBERS.most:
            length = checks.length(value, len(values))
            limits.check_members(*((length, 1) if _static(name) else (1, length)), 1)
        if name == "optimiser" and any(isinstance(one, Rule) for one in values):
            named = [one.name if isinstance(one, Rule) else one for one in values]
            raise ValueError(_several(named))
        given = ()
        if name in (ETA_SCHEDULE, LMBDA_SCHEDULE):
            given = tuple(schedules.chosen(name, one) for one in values)
            values = tuple(one.words for one in given)
        if name == "optimiser":
            values = tuple(rules.ALIASES.get(one, one) if isinstance(one, str) else one for one in values)
        if not _static(name):
            plain = tuple(checks.number(name, v) for v in values)
            values = tuple(map(int, values)) if all(map(checks.whole, values)) else plain
        if not values or len(set(values)) != len(values):
            raise ValueError(f"{name}={checks.shown(list(values))}: give at least one value, each only once")
        swept.append(Axis(name, values, given))
    return swept, fixed


def _models(given: Any) -> Axis:
    """Make an axis of models of the user's own, labelled by their names."""
    if not isinstance(given, list | tuple):
        raise ValueError("sweep has no axis 'model' of one model: give it to the Setup, wd.Setup(model=...)")
    checked = [supported(one) for one in given]
    models = tuple(one for one in checked if isinstance(one, OwnModel))
    if len(models) < len(checked):
        raise ValueError("model: multilayer perceptrons are swept by hidden, depth and activation, or one Setup each")
    names = tuple(one.name for one in models)
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"model: two are called {twice[0]!r}: give each a name, wd.model(init, apply, 'its_name')")
    if not models:
        raise ValueError("model=[]: give at least one model")
    return Axis("model", names, models)


def _several(names: Sequence[Any]) -> str:
    """Say how several rules are swept, with their names where the library has them all."""
    known = all(isinstance(name, str) and name in rules.LIBRARY for name in names)
    example = list(names) if known else ["sgd", "adamw"]
    return f"optimiser: several rules are given by name, optimiser={example}; call sweep once for a rule of your own"


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


def read_seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
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
        limits.check_members(1, 1, checks.length(seeds, len(chosen)))
    fit = all(checks.whole(seed) and 0 <= seed <= limits.SEED.most for seed in chosen)
    # A result that cannot be stored must be refused before it is computed.
    if not chosen or not fit or len(set(chosen)) != len(chosen):
        raise ValueError(asked)
    return tuple(int(seed) for seed in chosen)


def _apply(setup: Setup, fields: dict[str, Any]) -> Setup:
    """Put a group's static values into its setup."""
    shape = {name: value for name, value in fields.items() if name in SHAPE_AXES}
    plain = {name: value for name, value in fields.items() if name not in SHAPE_AXES}
    return dataclasses.replace(setup.with_hidden(**shape) if shape else setup, **plain)


def _static(name: str) -> bool:
    """Whether a name is of what is fixed in a compiled program, and not of a member's numbers."""
    return name in SETUP_FIELDS or name in SHAPE_AXES or name == "model"


def _known_numbers(setup: Setup, axes: dict[str, Any]) -> tuple[str, ...]:
    """Name the numbers that any rule reads: of the library's, of the setup's, and of one given for optimiser."""
    given = axes.get("optimiser")
    own = (setup.rule, *([given] if isinstance(given, Rule) else []))
    return tuple(dict.fromkeys((*rules.NAMES, *(name for rule in own for name in rule.names))))


def _coefficients(groups: Sequence[Group]) -> tuple[Coefficient, ...]:
    """Give what the rules of all groups read, eta, lmbda and init_scale first, each name once."""
    found = {one.name: one for one in COMMON}
    for rule in dict.fromkeys(group.setup.rule for group in groups):
        for one in rule.coefficients:
            found.setdefault(one.name, one)
    return tuple(found.values())
