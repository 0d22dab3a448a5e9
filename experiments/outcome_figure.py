"""The figure of one experiment's result, from Python: `wd_jax.figures.laboratory` is this function."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import registry, run_folder, running
from experiments.judged import Judged
from wd_jax.figures import style
from wd_jax.figures.drawn import Drawn
from wd_jax.inputs import checks
from wd_jax.stats.outcome import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.data import Dataset


def laboratory(
    source: Judged | Outcome | str | Path,
    name: str | None = None,
    *,
    data: "Dataset | None" = None,
    width: style.Width = "two",
) -> Drawn:
    """Draw the figure of a law of the laboratory, or of a claim of the exercise, beside what was measured.

    Parameters
    ----------
    source : Judged, Outcome or path
        What `experiments.run` or `experiments.open` returned, one of its outcomes, or the folder of a run, which is
        judged again.
    name : str, optional
        Which experiment, or the beginning of its name; needed where there are several.
    data : Dataset, optional
        What a run in a folder was trained on; loaded by its name by default.
    width : {"one", "two"}
        Columns of a paper that the figure is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes, and per panel the artists that have a label. Its panels belong together: there is no `ax`.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        In one line with the remedy: for what holds no outcome, a name that is not there, or several to choose from.

    Examples
    --------
    >>> import dataclasses
    >>> import experiments
    >>> import wd_jax as wd
    >>> quick = experiments.load("claim_2_epoch_decay").preset("digits", "quick")
    >>> small = dataclasses.replace(quick, factor_seeds=2, epochs_of_book=2, hidden=4)
    >>> found = experiments.run("claim_2_epoch_decay", small, progress=False)
    >>> wd.figures.laboratory(found).kind
    'claim_2_epoch_decay'
    """
    outcome = _outcome(source, name, data)
    with style.around(None, width):
        figure = outcome.draw()
        figure.draw_without_rendering()  # its ticks are made now, in this look
    axes = tuple(figure.axes)
    return Drawn(outcome.name, figure, axes, _labelled(axes), figure.get_suptitle(), width=width)


def _outcome(source: object, name: str | None, data: "Dataset | None") -> Outcome:
    """Give the one outcome that is meant."""
    if isinstance(source, str | Path):
        held = tuple(run_folder.settings(Path(source)).presets)
        if name is None and len(held) > 1:
            raise ValueError(f"{source} holds {', '.join(held)}: choose one, laboratory({str(source)!r}, {held[0]!r})")
        source = running.open_run(Path(source), data, only=name or (held[0] if held else None))
    outcomes = [source] if isinstance(source, Outcome) else getattr(source, "outcomes", None)
    if not outcomes or not all(isinstance(one, Outcome) for one in outcomes):
        remedy = "give what experiments.run or experiments.open returned, an outcome of it, or the folder of a run"
        raise TypeError(f"source={checks.shown(source)}: {remedy}")
    held = [one.name for one in outcomes]
    if name is None and len(held) > 1:
        raise ValueError(f"source holds {', '.join(held)}: choose one, laboratory(source, {held[0]!r})")
    found = [one for one in outcomes if name is None or one.name == name] or [
        one for one in outcomes if name is not None and one.name == _full(name)
    ]
    if not found:
        raise ValueError(f"name={name!r}: source holds no such experiment: it has {', '.join(held)}")
    return found[0]


def _full(name: str) -> str:
    """Complete the beginning of a name; it stays as it is where no experiment begins so."""
    try:
        return registry.full(name)
    except KeyError:
        return name


def _labelled(axes: "tuple[Axes, ...]") -> dict[str, Mapping[str, Any]]:
    """Give the labelled artists of each panel by its title, or by its place where it has none."""
    found: dict[str, Mapping[str, Any]] = {}
    for place, ax in enumerate(axes, start=1):
        title = ax.get_title() or ax.get_title(loc="left")
        name = title if title and title not in found else f"panel {place}"
        handles, labels = ax.get_legend_handles_labels()
        found[name] = dict(zip(labels, handles, strict=True))
    return found
