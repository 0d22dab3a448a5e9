"""Run experiments into a folder, and analyse such a folder again: for reproduce, experiment, figure and report."""

import dataclasses
import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax import files
from wd_jax.verdicts import write_verdicts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.preset import Preset
    from wd_jax.data import Dataset
    from wd_jax.outcome import Outcome
    from wd_jax.report.contents import Picture

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
    try:
        names = _settings(out / SETTINGS)["experiments"]
    except (OSError, ValueError):
        return []
    patterns = [f"{name}{end}" for name in names for end in (f"*{files.SUFFIX}", ".svg", ".png")]
    return [path for pattern in patterns for path in out.glob(pattern)]


def _interrupted(out: Path) -> bool:
    """Whether all that a folder holds of a run is the settings it began with."""
    try:
        finished = any((out / name).exists() for name in (VERDICTS, REPORT, PAGE))
        return not finished and bool(_settings(out / SETTINGS))
    except ValueError:
        return False


def _settings(path: Path) -> dict[str, Any]:
    """Read what `run` wrote first, or say in one line why it cannot be read."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        form, names = settings["format"], settings["experiments"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not the settings of a run ({error}); run reproduce again") from error
    if form != 1:
        raise ValueError(f"{path}: format {form!r} is not 1; run reproduce again with this version")
    import experiments

    if unknown := [name for name in names if name not in experiments.names()]:
        raise ValueError(f"{path}: names {unknown[0]!r}, which is no experiment; run reproduce again")
    return settings


def run(names: Sequence[str], preset: "Preset", size: str, data: "Dataset", out: Path) -> list["Outcome"]:
    """Run experiments one after the other; each one's sweeps and figure are on disk before the next begins."""
    import experiments
    from wd_jax import store
    from wd_jax.cli.facts import command

    settings = {"format": 1, "experiments": list(names), "size": size, "made_by": command()}
    _write_text(out / SETTINGS, json.dumps(settings | dataclasses.asdict(preset)))
    outcomes = []
    for name in names:
        experiment = experiments.load(name)
        if not sys.stderr.isatty():
            print(f"running {name} ...", file=sys.stderr, flush=True)
        runs = experiment.sweep(preset, data)
        for stored, dataset in runs.items():
            store.write(dataset, files.path_of(out / stored))
        outcomes.append(experiment.analyse(preset, data, runs))
        draw(outcomes[-1], (out / f"{name}.svg", out / f"{name}.png"))
    return outcomes


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
    from experiments.preset import Preset
    from wd_jax import store
    from wd_jax.cli import datasets

    path = folder / SETTINGS
    if not path.is_file():
        raise FileNotFoundError(f"{folder}: holds no run ({SETTINGS} is missing); name the folder reproduce wrote")
    settings = _settings(path)
    fields = {field.name for field in dataclasses.fields(Preset)}
    known: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items() if k in fields}
    try:
        preset = Preset(**known)
    except TypeError as error:
        raise ValueError(f"{path}: not the settings of a run ({error}); run reproduce again") from error
    if preset.dataset not in datasets.JUDGED:
        raise ValueError(f"{path}: dataset {preset.dataset!r} is none that the experiments know; run reproduce again")
    data = datasets.load(preset.dataset, data_dir)
    outcomes = []
    for name in settings["experiments"] if only is None else [only]:
        stored = {file.stem: store.open_runs(file) for file in sorted(folder.glob(f"{name}*{files.SUFFIX}"))}
        if not stored and only is None:
            continue
        if not stored:
            raise FileNotFoundError(f"{folder}: {name} has no results there; run it again")
        outcomes.append(experiments.load(name).analyse(preset, data, stored))
    return outcomes, preset.dataset


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
    """Write verdicts.json, and the report as Markdown and as a page, with the derivations proved again.

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
    run_facts = facts(out, _settings(out / SETTINGS), size, began)
    _write_text(out / REPORT, report(outcomes, {name: found.text() for name, found in checked.items()}, run_facts))
    _write_text(out / PAGE, page(outcomes, pictures, behind, run_facts, explorer.gather(out), overview))
    write_verdicts(tuple(v for outcome in outcomes for v in outcome.verdicts), dataset, out / VERDICTS)


def record(outcomes: Sequence["Outcome"], dataset: str, out: Path) -> dict[str, Any]:
    """Reduce what a run found to JSON."""
    verdicts = [verdict.to_dict() for outcome in outcomes for verdict in outcome.verdicts]
    answers = {outcome.name: outcome.answer for outcome in outcomes}
    return {"format": 1, "dataset": dataset, "out": str(out), "answers": answers, "verdicts": verdicts}


def summary(outcomes: Sequence["Outcome"]) -> str:
    """Lay out the answers and the verdicts for a terminal."""
    from wd_jax.report.tables import VERDICT_COLUMNS, text_table, verdict_rows

    table = text_table(VERDICT_COLUMNS, verdict_rows([v for outcome in outcomes for v in outcome.verdicts]))
    answers = [textwrap.fill(f"{outcome.title}. {outcome.answer}", 110) for outcome in outcomes]
    return "\n\n".join([*answers, table])


def written(out: Path) -> str:
    """Say where the report is."""
    return f"{out / PAGE} has figures, numbers and proofs: open it in a browser; {REPORT} is the same for a terminal."


def _write_text(path: Path, text: str) -> None:
    files.publish(path, lambda aside: aside.write_text(text, encoding="utf-8"))
