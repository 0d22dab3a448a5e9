"""What an experiment brings: everything that the command line, the run folder, figures and report say of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from experiments import values
from experiments.preset import Preset, look_up

if TYPE_CHECKING:
    import xarray as xr

    from experiments.stored_sweep import StoredSweep
    from experiments.tolerance import Tolerance
    from wd_jax.data import Dataset
    from wd_jax.stats.outcome import Outcome
    from wd_jax.sweeps.plan import Plan


@dataclass(frozen=True)
class Collection:
    """A group of experiments that are reported together.

    Parameters
    ----------
    name : str
        Of its folder.
    title, heading : str
        Of the page, and of the Markdown report.
    introduction : str
        What was trained, in a sentence that ends before the report says how verdicts are given.
    question : str
        What all of them ask together, in one sentence.
    opening : str
        What a reader must know before the answers, with the words that they use; of each alone too.
    """

    name: str
    title: str
    heading: str
    introduction: str = ""
    question: str = ""
    opening: str = ""


@dataclass(frozen=True)
class Moving:
    """What the figure that moves on the first screen of a page is drawn from.

    Parameters
    ----------
    sweeps : tuple of str
        Names of the stored sweeps: the first is needed, the others are taken if they are there.
    data : callable
        (runs of those that are there, preset) -> what `wd_jax.report.moving.of_runs` gives.
    """

    sweeps: tuple[str, ...]
    data: Callable[[Sequence["xr.Dataset"], Any], dict[str, Any]]


@dataclass(frozen=True)
class Supply:
    """Where a run measures Q, what the gradient supplies, for the sliders of its page.

    Parameters
    ----------
    sweep : str
        Name of the stored sweep.
    measure : callable
        (runs, lmbda) -> Q of the whole network at that lmbda, or None where decay has not tailed off.
    """

    sweep: str
    measure: Callable[["xr.Dataset", float], float | None]


def _nothing(*_: Any) -> dict[str, Any]:
    return {}


Measure = Callable[[Any, "Dataset | None"], "xr.Dataset"]
"""(preset, data) -> what was measured; the data are None where an experiment needs none."""


def _no_tolerances(_: Any) -> "tuple[Tolerance, ...]":
    return ()


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment: how it trains or measures, how it judges, and the words that go with it.

    Training and judging are apart, so that a stored run can be judged again. What is trained as a sweep is stored task
    by task; what is simulated in another way is a measurement, and stored when it is whole.

    Parameters
    ----------
    name, title : str
        As ``wd-jax experiment`` lists it, and one line for a heading.
    collection : Collection
        To which it belongs.
    presets : mapping of (dataset, size) to Preset
        Its settings, all of one type.
    plans : callable
        (preset, data) -> {name: Plan}: decides what is trained (`wd_jax.dry_run`).
    analyse : callable
        (preset, data, {name: runs}) -> Outcome: judges what was measured, then or later from disk.
    sweeps : mapping of str to StoredSweep
        The sweeps that it stores, by name, and how they follow from a preset.
    measurements : mapping of str to callable
        (preset, data) -> Dataset, by the name under which each is stored.
    question : str
        What it asks, in one sentence.
    derivations : tuple of str
        The laws behind it.
    glossary : tuple of (str, str)
        Words that its tables and figures use, and what they mean.
    tolerances : callable
        preset -> every number that decides a word, with its reason and its date.
    figures : mapping of str to tuple of str
        Kinds of `wd_jax.figures` that are drawn from its sweeps, each with the names of those sweeps.
    extras : callable
        (kind, runs) -> what such a kind is drawn with besides: a published curve.
    supply : Supply or None
        Where it measures Q for the page's sliders.
    moving : Moving or None
        What the figure that moves is drawn from; the page of several experiments has that of most values of lmbda.
    reads : tuple of str
        Fields of its presets that it reads, where presets are shared by several; all of them by default.

    Raises
    ------
    ValueError
        If it has no preset, presets of two types, or nothing to store.
    """

    name: str
    title: str
    collection: Collection
    presets: Mapping[tuple[str, str], Preset]
    analyse: Callable[..., "Outcome"]
    plans: Callable[..., "dict[str, Plan]"] = _nothing
    sweeps: Mapping[str, "StoredSweep"] = field(default_factory=dict)
    measurements: Mapping[str, Measure] = field(default_factory=dict)
    question: str = ""
    derivations: tuple[str, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()
    tolerances: Callable[[Any], "tuple[Tolerance, ...]"] = _no_tolerances
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extras: Callable[[str, "xr.Dataset"], dict[str, Any]] = _nothing
    supply: Supply | None = None
    moving: Moving | None = None
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse presets of which no type follows."""
        if len({type(one) for one in self.presets.values()}) != 1:
            raise ValueError(f"{self.name}: presets={sorted(map(str, self.presets))}: give presets of one type")
        if not self.stored:
            raise ValueError(f"{self.name}: no sweeps and no measurements: give at least one, by name")

    @property
    def stored(self) -> tuple[str, ...]:
        """Names under which it stores what it measures."""
        return (*self.sweeps, *self.measurements)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Data sets for which it has presets; `experiments.preset.NONE` alone where it needs none."""
        return tuple(dict.fromkeys(dataset for dataset, _ in self.presets))

    @property
    def preset_type(self) -> type[Preset]:
        """Type of its presets."""
        return type(next(iter(self.presets.values())))

    @property
    def settings(self) -> tuple[str, ...]:
        """Names of the numbers that decide what it does: the fields of its presets that it reads, but the data set."""
        named = (one.name for one in fields(self.preset_type) if one.name != "dataset")
        return tuple(name for name in named if not self.reads or name in (*self.reads, "first_seed"))

    def wrong(self, name: str, value: Any) -> str:
        """Say what a value of one of its settings should be; nothing if it is that."""
        return values.wrong(next(one.type for one in fields(self.preset_type) if one.name == name), name, value)

    def preset(self, dataset: str, size: str) -> Preset:
        """Look a preset up; KeyError names those there are."""
        return look_up(self.presets, dataset, size)

    def sweep(self, preset: Preset, data: "Dataset | None", progress: bool = True) -> "dict[str, xr.Dataset]":
        """Train what it plans, measure the rest, and give both by name.

        Parameters
        ----------
        preset : Preset
            Its settings.
        data : Dataset or None
            What is trained on; None where nothing is needed.
        progress : bool
            Whether a live line is shown.
        """
        from wd_jax.sweeps.sweep import run_all

        plans = self.plans(preset, data)
        trained = zip(plans, run_all(list(plans.values()), progress=progress and self.name), strict=True)
        return dict(trained) | {name: measure(preset, data) for name, measure in self.measurements.items()}
