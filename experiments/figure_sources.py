"""What a RUN, a folder of reproduce or one sweep, gives for a kind of figure."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import registry, run_sweeps
from experiments.run_files import SETTINGS, located
from wd_jax import files

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.figures.kinds import Kind


def drawn_from(kind: str) -> tuple[str, ...]:
    """Name the sweeps of a run's folder that a kind of figure is drawn from; none if no experiment has them.

    Examples
    --------
    >>> drawn_from("plateau"), drawn_from("phase")
    (('claim_3_tail_off_by_width', 'claim_3_tail_off_by_lmbda'), ())
    """
    return next((one.figures[kind] for one in map(registry.load, registry.names()) if kind in one.figures), ())


def sweeps(kind: "Kind", source: Path, at: Mapping[str, str]) -> "list[xr.Dataset]":
    """Open what a kind is drawn from.

    Parameters
    ----------
    kind : Kind
        One that is drawn from sweeps.
    source : Path
        Folder that reproduce wrote, or folder or file of a sweep.
    at : mapping of str to str
        Values of axes to choose, as typed.

    Raises
    ------
    FileNotFoundError, ValueError
        In one line, what is missing and the remedy.
    """
    from wd_jax.figures.needs import choose
    from wd_jax.sweeps import opening
    from wd_jax.sweeps.store import generations

    if not source.is_dir() or generations.is_run(source):
        return [choose(opening.open_runs(source), at)]
    if not located(source, SETTINGS).is_file():
        missing = f"{source}: holds no run ({SETTINGS} is missing)"
        raise FileNotFoundError(f"{missing}; name a folder that reproduce, laboratory or experiment wrote, or a sweep")
    if not (names := drawn_from(kind.name)):
        raise ValueError(f"{kind.name}: no experiment sweeps what it needs; {_own_sweep(kind)}")
    for name in names:
        if not (found := run_sweeps.extent(source, name)).whole:
            raise FileNotFoundError(f"{found}, and {kind.name} is drawn from it; {_own_sweep(kind)}")
    return [choose(run_sweeps.opened(source, name), at) for name in names]


def is_sweep(source: Path) -> bool:
    """Whether a path is one sweep, a folder or a file, and not the folder of reproduce."""
    from wd_jax.sweeps.store import generations

    if source.is_dir():
        of_reproduce = located(source, SETTINGS).is_file()
        return not of_reproduce and (generations.is_run(source) or files.path_of(source.resolve()).is_file())
    return source.is_file() or files.path_of(source.resolve()).is_file()


def refuse_sweep(source: Path) -> None:
    """Refuse a sweep where the verdicts of a run are to be drawn.

    Raises
    ------
    ValueError
        With the remedy.
    """
    if is_sweep(source):
        raise ValueError(f"verdicts: {source} is one sweep, which claims nothing; name a folder that reproduce wrote")


def extras(kind: "Kind", runs: "list[xr.Dataset]") -> dict[str, Any]:
    """Give what a kind is drawn with besides the sweeps, such as the book's curve for its network on MNIST."""
    found: dict[str, Any] = {}
    for name in registry.names():
        found |= registry.load(name).extras(kind.name, runs[0])
    return found


def _own_sweep(kind: "Kind") -> str:
    needs = kind.needs
    example = needs.example if needs is not None else ""
    return f"run `wd-jax sweep {example} --out RUN` and name that"
