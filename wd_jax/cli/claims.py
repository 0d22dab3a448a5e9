"""Run experiments into a folder, and analyse such a folder again: for reproduce, experiment, figure and report."""

import dataclasses
import json
import shlex
import sys
import textwrap
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax import files
from wd_jax.cli import ending, stored_settings
from wd_jax.stats.verdict import write_verdicts

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from experiments.preset import Preset
    from wd_jax.data import Dataset
    from wd_jax.report.contents import Picture
    from wd_jax.stats.outcome import Outcome

SETTINGS, VERDICTS, REPORT, PAGE = "settings.json", "verdicts.json", "report.md", "report.html"
OVERVIEW = "verdicts.svg"
DERIVATIONS = ("epoch_decay", "saturation", "dominance", "tail_off", "initialisation")


def claim_folder(out: Path, overwrite: bool) -> Path:
    """Check that a run can be written to a folder, and remove what an older one had written there.

    A run that was interrupted has settings but no verdicts: it is no result, and is begun again.

    Raises
    ------
    FileExistsError
        If the folder holds a finished run, or a settings.json of something else, and `overwrite` is not set.
    OSError
        If it cannot be written to.
    """
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"{out}: is a file; name a folder with --out")
    if out == Path():
        raise IsADirectoryError("--out: names no folder of its own; give one, such as runs/reproduce")
    held = [out / name for name in (SETTINGS, VERDICTS, OVERVIEW, REPORT, PAGE) if (out / name).exists()]
    if held and not overwrite and not _interrupted(out):
        raise FileExistsError(f"{out}: holds a run already; choose another folder, or pass --overwrite")
    if out.is_dir() and not held and any(out.iterdir()):
        raise FileExistsError(f"{out}: is not empty and holds no run; choose another folder")
    files.writable_folder(out)
    for path in [*held, *_results(out)] if held else []:
        path.unlink()
    return out


def _results(out: Path) -> list[Path]:
    """List the sweeps and figures of the run that a folder's settings describe."""
    from experiments.expected import SWEEPS

    try:
        names = stored_settings.names(out / SETTINGS)
    except (OSError, ValueError):
        return []
    sweeps = [files.path_of(out / stored) for name in names for stored in SWEEPS[name]]
    paths = [*sweeps, *(out / f"{name}{end}" for name in names for end in (".svg", ".png"))]
    return [path for path in paths if path.exists()]


def _interrupted(out: Path) -> bool:
    """Whether all that a folder holds of a run is the settings it began with."""
    try:
        finished = any((out / name).exists() for name in (VERDICTS, REPORT, PAGE))
        return not finished and bool(stored_settings.names(out / SETTINGS))
    except ValueError:
        return False


def run(names: Sequence[str], preset: "Preset", size: str, data: "Dataset", out: Path) -> list["Outcome"]:
    """Run experiments one after the other; each one's sweeps and figure are on disk before the next begins."""
    import experiments
    from wd_jax.cli.facts import command

    settings = {"format": 1, "experiments": list(names), "size": size, "made_by": command()}
    _write_text(out / SETTINGS, json.dumps(settings | dataclasses.asdict(preset)))
    outcomes = []
    for name in names:
        experiment = experiments.load(name)
        if not sys.stderr.isatty():
            ending.tell(f"running {name} ...")
        runs = experiment.sweep(preset, data)
        _write_all(runs, out)
        outcomes.append(experiment.analyse(preset, data, runs))
        draw(outcomes[-1], (out / f"{name}.svg", out / f"{name}.png"))
    return outcomes


def interrupted(whole: Sequence[Path], data_dir: Path | None) -> str:
    """Say what is left of a run that was interrupted: the experiments whose results are all stored.

    Parameters
    ----------
    whole : sequence of Path
        Files that it has written.
    data_dir : Path or None
        As the command was given it.
    """
    again = "run the same command again, which begins from the start"
    folders = [path.parent for path in whole if path.name == SETTINGS]
    if not folders:
        return f"nothing was written; {again}"
    names = {path.name for path in whole}
    report = shlex.join(["wd-jax", "report", str(folders[0]), *(["--data-dir", str(data_dir)] if data_dir else [])])
    if VERDICTS in names:
        return f"{folders[0] / PAGE}: the run had finished, and everything is written"
    import experiments

    finished = [name for name in experiments.names() if f"{name}.svg" in names]
    if not finished:
        return f"{folders[0]}: no experiment had finished; {again}"
    kept = f"{folders[0]}: the results of {', '.join(finished)} are kept; `{report}` judges them"
    return f"{kept}, or {again} and removes them"


def _write_all(runs: "Mapping[str, xr.Dataset]", out: Path) -> None:
    """Write all sweeps of an experiment, or none: it is analysed from all of them."""
    from wd_jax.results import netcdf

    paths = {files.path_of(out / name): dataset for name, dataset in runs.items()}
    try:
        for path, dataset in paths.items():
            netcdf.write(dataset, path)
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise


def reopen(folder: Path, data_dir: Path | None, only: str | None = None) -> tuple[list["Outcome"], str]:
    """Analyse a folder that `run` wrote again, from its files; all experiments that finished, or `only` one.

    Returns
    -------
    list of Outcome
        One per experiment.
    str
        Name of the dataset.

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder holds no run, or one of another format.
    """
    import experiments
    from wd_jax.cli import datasets

    path = folder / SETTINGS
    if not path.is_file():
        raise FileNotFoundError(f"{folder}: holds no run ({SETTINGS} is missing); name the folder reproduce wrote")
    settings = stored_settings.read(path)
    preset = settings.preset
    data = datasets.load(preset.dataset, data_dir)
    outcomes = []
    for name in settings.experiments if only is None else [only]:
        if stored := _stored(folder, name, preset, data, needed=only is not None):
            outcomes.append(experiments.load(name).analyse(preset, data, stored))
    if not outcomes:
        raise FileNotFoundError(f"{folder}: holds no results of an experiment; run reproduce again")
    return outcomes, preset.dataset


def _stored(folder: Path, name: str, preset: "Preset", data: "Dataset", needed: bool) -> "dict[str, xr.Dataset]":
    """Open the sweeps of one experiment; none if it did not finish, unless it is needed."""
    from experiments.expected import SWEEPS, unlike
    from wd_jax.results import netcdf

    paths = {stored: files.path_of(folder / stored) for stored in SWEEPS[name]}
    missing = [path for path in paths.values() if not path.exists()]
    if missing and needed:
        raise FileNotFoundError(f"{folder}: {name} has no results there ({missing[0].name}); run it again")
    if missing:
        warnings.warn(f"{missing[0]}: not there, so {name} is left out", stacklevel=2)
        return {}
    found = {stored: netcdf.open_runs(path) for stored, path in paths.items()}
    for stored, runs in found.items():
        if difference := unlike(stored, runs, preset, data):
            raise files.ForeignFileError(
                f"{paths[stored]}: not the sweep of {folder / SETTINGS} ({difference}); run reproduce again"
            )
    return found


def draw(outcome: "Outcome", targets: Sequence[Path]) -> None:
    """Draw an outcome's figure once and save it under several names; the suffix decides the format."""
    from wd_jax.figures.saving import save
    from wd_jax.figures.style import style

    with style():
        figure = outcome.draw()
        for file in targets:
            save(figure, file)


def _pictures(outcomes: Sequence["Outcome"], dataset: str, out: Path) -> dict[str, "Picture"]:
    """Give each outcome's figure and that of all verdicts as SVG, for a wide and for a narrow screen.

    The wide ones are files of the run: the outcomes' are there already, that of the verdicts is written.
    """
    from wd_jax.figures import verdicts
    from wd_jax.figures.saving import save, svg
    from wd_jax.figures.style import style
    from wd_jax.report.contents import Picture

    def overview() -> "Figure":
        return verdicts.figure([v for outcome in outcomes for v in outcome.verdicts], dataset)

    with style():
        save(overview(), out / OVERVIEW)
    with style("one"):
        narrow = {outcome.name: svg(outcome.draw()) for outcome in outcomes} | {Path(OVERVIEW).stem: svg(overview())}
    return {name: Picture((out / f"{name}.svg").read_text(encoding="utf-8"), one) for name, one in narrow.items()}


def write_report(outcomes: Sequence["Outcome"], dataset: str, out: Path, size: str, began: float) -> None:
    """Write verdicts.json, and the report as Markdown and as a page, with the derivations checked again.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Their figures are in the folder already.
    dataset, size : str
        Name of the dataset, and of the preset's size or of where the results come from.
    out : path
        Folder of the run.
    began : float
        ``time.monotonic()`` when the command began.
    """
    import derivations
    from experiments.tolerance_table import table
    from wd_jax.cli import explorer
    from wd_jax.cli.facts import facts
    from wd_jax.cli.proofs import BEHIND, proof
    from wd_jax.report.markdown import report
    from wd_jax.report.page import page

    laws = {name: derivations.derive(name) for name in DERIVATIONS}
    checked = {name: law.check() for name, law in laws.items()}
    behind = {
        outcome.name: tuple(proof(laws[name], checked[name]) for name in BEHIND.get(outcome.name, ()))
        for outcome in outcomes
    }
    pictures = _pictures(outcomes, dataset, out)
    overview = pictures.pop(Path(OVERVIEW).stem)
    settings = stored_settings.read(out / SETTINGS)
    run_facts, tolerances = facts(out, settings.to_dict(), size, began), table(settings.preset)
    proved = {name: found.text() for name, found in checked.items()}
    _write_text(out / REPORT, report(outcomes, proved, run_facts, tolerances))
    _write_text(out / PAGE, page(outcomes, pictures, behind, run_facts, explorer.gather(out), overview, tolerances))
    write_verdicts(tuple(v for outcome in outcomes for v in outcome.verdicts), dataset, out / VERDICTS)


def record(outcomes: Sequence["Outcome"], dataset: str, out: Path) -> dict[str, Any]:
    """Reduce what a run found to JSON."""
    verdicts = [verdict.to_dict() for outcome in outcomes for verdict in outcome.verdicts]
    answers = {outcome.name: outcome.answer for outcome in outcomes}
    return {"format": 1, "dataset": dataset, "out": str(out), "answers": answers, "verdicts": verdicts}


def summary(outcomes: Sequence["Outcome"]) -> str:
    """Lay out the answers and the verdicts for a terminal."""
    from wd_jax.report.tables import VERDICT_COLUMNS, text_table, verdict_rows
    from wd_jax.report.words import AGAIN
    from wd_jax.stats.tally import tally

    verdicts = [v for outcome in outcomes for v in outcome.verdicts]
    table = text_table(VERDICT_COLUMNS, verdict_rows(verdicts))
    answers = [textwrap.fill(f"{outcome.title}. {outcome.answer}", 110) for outcome in outcomes]
    return "\n\n".join([*answers, table, f"{tally(verdicts)}\n{AGAIN}"])


def written(out: Path) -> str:
    """Say where the report is."""
    return f"{out / PAGE} has figures, numbers and proofs: open it in a browser; {REPORT} is the same for a terminal."


def _write_text(path: Path, text: str) -> None:
    files.publish(path, lambda aside: aside.write_text(text, encoding="utf-8"))
