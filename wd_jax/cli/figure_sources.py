"""What a RUN, a folder of reproduce or the file of a sweep, gives for a kind of figure."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax.cli import claims

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.figures.kinds import Kind
    from wd_jax.stats.verdict import Verdict

STORED: dict[str, tuple[str, ...]] = {
    "budget": ("claim_2_epoch_decay",),
    "epoch_factor": ("claim_2_epoch_decay",),
    "trajectories": ("claim_3_tail_off_by_lmbda",),
    "plateau": ("claim_3_tail_off_by_width", "claim_3_tail_off_by_lmbda"),
    "two_starts": ("claim_4_initialisation",),
}
"""Which sweeps of a folder that reproduce wrote a kind is drawn from."""


def sweeps(kind: "Kind", source: Path, at: Mapping[str, str]) -> "list[xr.Dataset]":
    """Open what a kind is drawn from.

    Parameters
    ----------
    kind : Kind
        One that is drawn from sweeps.
    source : Path
        Folder that reproduce wrote, or file of a sweep.
    at : mapping of str to str
        Values of axes to choose, as typed.

    Raises
    ------
    FileNotFoundError, ValueError
        In one line, what is missing and the remedy.
    """
    from wd_jax.figures.needs import choose
    from wd_jax.results import netcdf

    if not source.is_dir():
        return [choose(netcdf.open_runs(source), at)]
    if not (source / claims.SETTINGS).is_file():
        missing = f"{source}: holds no run ({claims.SETTINGS} is missing)"
        raise FileNotFoundError(f"{missing}; name the folder reproduce wrote, or the file of a sweep")
    if kind.name not in STORED:
        raise ValueError(f"{kind.name}: no experiment sweeps what it needs; {_own_sweep(kind)}")
    found = []
    for name in STORED[kind.name]:
        file = source / f"{name}.nc"
        if not file.is_file():
            raise FileNotFoundError(f"{file}: no such file, and {kind.name} is drawn from it; {_own_sweep(kind)}")
        found.append(choose(netcdf.open_runs(file), at))
    return found


def verdicts(source: Path, data_dir: Path | None) -> "tuple[list[Verdict], str]":
    """Judge a folder that reproduce wrote again.

    Returns
    -------
    list of Verdict
        Of all its experiments, with the ranges asked.
    str
        Name of the dataset.

    Raises
    ------
    FileNotFoundError, ValueError
        If it holds no run.
    """
    if source.is_file() or source.with_name(source.name + ".nc").is_file():
        raise ValueError(f"verdicts: {source} is one sweep, which claims nothing; name a folder that reproduce wrote")
    outcomes, dataset = claims.reopen(source, data_dir)
    return [verdict for outcome in outcomes for verdict in outcome.verdicts], dataset


def extras(kind: "Kind", runs: "list[xr.Dataset]") -> dict[str, Any]:
    """Give what a kind is drawn with besides the sweeps: the book's curve for its network on MNIST."""
    if kind.name != "two_starts" or not (runs[0].get("dataset", "") == "mnist" and runs[0].get("hidden", 0) == 30):
        return {}
    from experiments.published import NIELSEN_30

    return {"published": NIELSEN_30}


def _own_sweep(kind: "Kind") -> str:
    needs = kind.needs
    example = needs.example if needs is not None else ""
    return f"run `wd-jax sweep {example} --out RUN` and name that"
