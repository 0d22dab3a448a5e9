"""What a sweep would run: members, chunks, memory and time, known before anything is compiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax import display, precision
from wd_jax.data import Dataset
from wd_jax.results import run_settings
from wd_jax.setup import Method, Probes, Setup
from wd_jax.sweeps.cost import Footprint, footprint
from wd_jax.sweeps.decay_check import kept_by_cell
from wd_jax.sweeps.plan import Plan, make_plan, member_steps
from wd_jax.sweeps.sweep import check_plan, chosen_devices


@dataclass(frozen=True, repr=False)
class Planned:
    """A plan with its footprint on a number of devices.

    Attributes
    ----------
    plan : Plan
        Axes, groups, cells, seeds and epochs.
    size : Footprint
        Chunks, compiled programs, bytes and seconds.
    data : Dataset
        What would be learned.
    devices : int
        How many take chunks side by side.
    """

    plan: Plan
    size: Footprint
    data: Dataset
    devices: int

    @property
    def member_steps(self) -> int:
        """Steps of all members together."""
        return member_steps(self.plan, self.data.n)

    @property
    def bytes(self) -> int:
        """Memory for data, chunks and records."""
        return self.size.bytes_on(min(self.devices, self.size.parts))

    @property
    def decay_kept(self) -> np.ndarray:
        """Share of the decay that weights without gradient would keep, [group, cell]."""
        return kept_by_cell(self.plan, self.data.n)

    def facts(self) -> dict[str, str]:
        """Return what there is to say, in the order it is printed."""
        plan, size = self.plan, self.size
        rounded = precision.shares_in_words(self.decay_kept)
        facts = {
            "axes": plan.axes_in_words(),
            "members": f"{plan.members}, of {len(plan.seeds)} seed(s), in {size.programs} compiled program(s)",
            **run_settings.facts(run_settings.of_plan(plan, self.data)),
            "chunks": f"{size.parts}, of which {size.blocked} in the blocked layout",
            "steps": f"{self.member_steps} in all, {plan.epochs} epochs",
            "memory": f"about {self.bytes / 2**20:.0f} MiB of data, chunks and records",
            "time": f"about {display.duration(size.seconds)} on {self.devices} core(s) like those of "
            "docs/benchmarks.md",
        }
        return facts | ({"rounding": rounded} if rounded else {})

    def record(self) -> dict[str, Any]:
        """Return the same as numbers, JSON-ready."""
        plan, size = self.plan, self.size
        return {
            "dataset": self.data.name,
            "n": self.data.n,
            "axes": {axis.name: axis.values for axis in plan.axes},
            "seeds": len(plan.seeds),
            "epochs": plan.epochs,
            "members": plan.members,
            "compiled_programs": size.programs,
            "chunks": size.parts,
            "blocked_chunks": size.blocked,
            "bytes": self.bytes,
            "estimated_seconds": size.seconds,
            "member_steps": self.member_steps,
            "decay_kept": precision.shares_record(self.decay_kept),
            "settings": run_settings.record(run_settings.of_plan(plan, self.data)),
        }

    def __repr__(self) -> str:
        """Return the facts, a line each, and how to run it."""
        facts = display.facts_text(self.facts() | {"next": NEXT}, "  ")
        return "\n".join([f"Planned sweep of {self.plan.counts()}", *facts])

    def _repr_html_(self) -> str:
        heading = f"<p><strong>Planned sweep of {self.plan.counts()}</strong></p>"
        return f"<div>{heading}{display.facts_html(self.facts())}{display.commands_html([NEXT])}</div>"


NEXT = "wd.sweep(...) of the same arguments runs it"


def dry_run(
    setup: Setup,
    data: Dataset,
    *,
    seeds: int | Sequence[int] = 1,
    epochs: int,
    probes: Probes = Probes(),
    devices: Sequence[Any] | None = None,
    path: Method = "auto",
    **axes: Any,
) -> Planned:
    """Say what `wd_jax.sweep` of the same arguments would run, and run nothing.

    Parameters
    ----------
    setup, data, seeds, epochs, probes, devices, path, **axes
        As for `wd_jax.sweep`.

    Returns
    -------
    Planned
        Members, chunks, bytes and a guess of the seconds.

    Raises
    ------
    ValueError
        As `wd_jax.sweep`.

    Examples
    --------
    >>> import wd_jax as wd
    >>> planned = wd.dry_run(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1.0, 10.0], seeds=2, epochs=3)
    >>> planned.plan.members, planned.member_steps
    (4, 240)
    """
    plan = make_plan(setup, data, axes, seeds, epochs, probes)
    check_plan(plan, data.n, path)
    where = chosen_devices(devices)
    return planned(plan, data, path, len(where), where[0].platform)


def planned(plan: Plan, data: Dataset, path: Method, devices: int, platform: str = "cpu") -> Planned:
    """Add a plan's footprint on so many devices; refuse one that the machine's memory cannot hold."""
    size = footprint(plan, data, path=path, cores=devices, platform=platform)
    size.check(min(devices, size.parts))
    return Planned(plan, size, data, devices)
