"""What an experiment brings: everything that the command line, the run folder, figures and report say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    """

    name: str
    title: str
    heading: str
    introduction: str = ""


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


def _no_tolerances(_: Any) -> "tuple[Tolerance, ...]":
    return ()


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment: how it trains, how it judges, and the words that go with it.

    Training and judging are apart, so that a stored run can be judged again.

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
        (preset, data, {name: runs}) -> Outcome: judges what a sweep measured, then or later from disk.
    sweeps : mapping of str to StoredSweep
        What it stores, by name, and how that follows from a preset.
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

    Raises
    ------
    ValueError
        If it has no preset, or presets of two types.
    """

    name: str
    title: str
    collection: Collection
    presets: Mapping[tuple[str, str], Preset]
    plans: Callable[..., "dict[str, Plan]"]
    analyse: Callable[..., "Outcome"]
    sweeps: Mapping[str, "StoredSweep"]
    derivations: tuple[str, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()
    tolerances: Callable[[Any], "tuple[Tolerance, ...]"] = _no_tolerances
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extras: Callable[[str, "xr.Dataset"], dict[str, Any]] = _nothing
    supply: Supply | None = None

    def __post_init__(self) -> None:
        """Refuse presets of which no type follows."""
        if len({type(one) for one in self.presets.values()}) != 1:
            raise ValueError(f"{self.name}: presets={sorted(map(str, self.presets))}: give presets of one type")

    @property
    def preset_type(self) -> type[Preset]:
        """Type of its presets."""
        return type(next(iter(self.presets.values())))

    def preset(self, dataset: str, size: str) -> Preset:
        """Look a preset up; KeyError names those there are."""
        return look_up(self.presets, dataset, size)

    def sweep(self, preset: Preset, data: "Dataset", progress: bool = True) -> "dict[str, xr.Dataset]":
        """Train what it plans, and give its sweeps by name.

        Parameters
        ----------
        preset : Preset
            Its settings.
        data : Dataset
            What is trained on.
        progress : bool
            Whether a live line is shown.
        """
        from wd_jax.sweeps.sweep import run_all

        plans = self.plans(preset, data)
        return dict(zip(plans, run_all(list(plans.values()), progress=progress and self.name), strict=True))
