"""A plan that adds to a run: what is published there is kept as it was cut, and only the rest is trained."""

import dataclasses
import json
from collections.abc import Collection, Sequence
from typing import Any

from wd_jax import display
from wd_jax.inputs import checks
from wd_jax.sweeps import chunks as cutting
from wd_jax.sweeps.chunks import Chunk
from wd_jax.sweeps.cost import cost
from wd_jax.sweeps.plan import Plan, tasks_of
from wd_jax.sweeps.store.plan_file import StoredPlan, full_numbers, groups_of

Member = tuple[int, int, int]
"""Numbers of a member's group, cell and seed."""


class OtherSweepError(FileExistsError):
    """A run that holds another sweep than the one asked for: one line naming what is different and the remedy."""


def extended(plan: Plan, stored: StoredPlan, done: Collection[str], where: str) -> Plan:
    """Change a plan so that it uses what a run has published.

    Parameters
    ----------
    plan : Plan
        All that is wanted, the members of the run among them.
    stored : StoredPlan
        Of the run.
    done : collection of str
        Keys that are published.
    where : str
        Names the run, for an error.

    Returns
    -------
    Plan
        The chunks of published tasks first, as they are; then what is left, cut anew.

    Raises
    ------
    OtherSweepError
        If the run holds members that are not wanted, or that were trained in another way.
    """
    places = _places(plan, stored, where)
    kept = []
    for chunk, key in zip(stored.chunks, stored.keys, strict=True):
        if key in done:
            found = [places[chunk.group, cell, seed] for cell, seed in zip(chunk.cells, chunk.seeds, strict=True)]
            groups, cells, seeds = zip(*found, strict=True)
            kept.append((Chunk(groups[0], cells, seeds, chunk.steps_per_block, chunk.epochs_per_call), key))
    tasks = tasks_of(plan.grid, [chunk for chunk, _ in kept], plan.measured, plan.data)
    whole = [(chunk, task) for (chunk, key), task in zip(kept, tasks, strict=True) if task.key == key]
    there = {(chunk.group, c, s) for chunk, _ in whole for c, s in zip(chunk.cells, chunk.seeds, strict=True)}
    rest = cutting.cut(plan.grid, plan.probes, plan.method, plan.workers[0].platform, lambda *one: one not in there)
    all_chunks = (*(chunk for chunk, _ in whole), *rest)
    all_tasks = (*(task for _, task in whole), *tasks_of(plan.grid, rest, plan.measured, plan.data))
    size = cost(all_tasks, plan.data, plan.workers)
    return dataclasses.replace(plan, chunks=all_chunks, tasks=all_tasks, size=size)


def as_stored(plan: Plan, keys: Sequence[str], stored: StoredPlan, where: str) -> Plan:
    """Cut a plan as a run was cut when the same was asked for: it goes on with the very same tasks.

    Parameters
    ----------
    plan, keys
        As it is cut in an empty folder, and the keys of its tasks.
    stored : StoredPlan
        Of the run.
    where : str
        Names the run, for an error.
    """
    if tuple(keys) == stored.keys:
        return plan
    tasks = tuple(tasks_of(plan.grid, stored.chunks, plan.measured, plan.data))
    if tuple(task.key for task in tasks) != stored.keys:
        raise OtherSweepError(f"{where}: its plan does not fit its settings; {_remedy(where)}")
    return dataclasses.replace(plan, chunks=stored.chunks, tasks=tasks, size=cost(tasks, plan.data, plan.workers))


def _places(plan: Plan, stored: StoredPlan, where: str) -> dict[Member, Member]:
    """Find every member of a run in a plan."""
    grid = plan.grid
    groups = _found(stored.groups, groups_of(plan))
    if None in groups:
        raise OtherSweepError(f"{where}: {_difference(stored, plan)}; {_remedy(where)}")
    numbers = [full_numbers(stored, cell, grid.coefficients) for cell in range(len(stored.cells))]
    cells = _found(numbers, [tuple(cell.values()) for cell in grid.cells])
    seeds = _found(stored.seeds, grid.seeds)
    for what, old, found in (("cell", numbers, cells), ("seed", stored.seeds, seeds)):
        if None in found:
            gone = old[found.index(None)]
            said = f"seed {gone}" if what == "seed" else _cell(stored, cells.index(None))
            raise OtherSweepError(
                f"{where}: holds a run with {said}, which is not asked for here: name all that it holds besides what "
                f"is new (nothing is trained twice), or {_remedy(where)}"
            )
    return {
        (g, c, s): (group, cell, seed)
        for g, group in enumerate(groups)
        for c, cell in enumerate(cells)
        for s, seed in enumerate(seeds)
        if group is not None and cell is not None and seed is not None
    }


def _found(old: Any, new: Any) -> list[int | None]:
    """Give the place of each old thing among the new ones; None where it is not."""
    where: dict[str, int] = {}
    for number, one in enumerate(new):
        where.setdefault(_text(one), number)
    return [where.get(_text(one)) for one in old]


def _text(one: Any) -> str:
    return json.dumps(one, sort_keys=True)


def _cell(stored: StoredPlan, cell: int) -> str:
    axes = [name for name in stored.layout.places.dims if name in stored.names]
    numbers = stored.numbers(cell)
    return ", ".join(f"{name}={display.number(numbers[name], 12)}" for name in axes or ("eta", "lmbda"))


def _difference(stored: StoredPlan, plan: Plan) -> str:
    """Say in which setting the run differs most simply from what is asked."""
    new, best = groups_of(plan), None
    for old in stored.groups:
        for one in new:
            names = [name for name in _flat(old) | _flat(one) if _flat(old).get(name) != _flat(one).get(name)]
            if names and (best is None or len(names) < len(best[1])):
                best = (old, names, one)
    if best is None:
        return "holds another sweep"
    old, names, one = best
    name = names[0]
    said = f"{name}={checks.shown(_flat(old).get(name))}, and here it is {checks.shown(_flat(one).get(name))}"
    return f"holds a run with {said}"


def _flat(group: dict[str, Any]) -> dict[str, Any]:
    """Give the settings of a group by name, those of its setup and probes too."""
    inner = {**group.get("setup", {}), **group.get("probes", {})}
    return {**{name: one for name, one in group.items() if name not in ("setup", "probes")}, **inner}


def _remedy(where: str) -> str:
    return "choose another folder, or pass overwrite (--overwrite)"
