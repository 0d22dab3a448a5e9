"""The report of a run: verdicts.json, Markdown and a page, with the derivations checked again."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import explorer_preset, registry, run_files
from experiments.experiment import Experiment
from experiments.judged import Judged
from experiments.preset import NONE
from experiments.tolerance import Tolerance, table
from wd_jax import files, siblings
from wd_jax.report.contents import About, Picture
from wd_jax.stats.verdict import write_verdicts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wd_jax.stats.outcome import Outcome


MOST_IN_A_PICTURE = 120
"""Verdicts of one overview: a picture of more is too long to be read, and larger than all figures together."""


def write(judged: Judged, out: Path) -> Path:
    """Write the report as Markdown and as a page, and last verdicts.json; the experiments' figures are there already.

    Parameters
    ----------
    judged : Judged
        Of a run in a folder.
    out : Path
        Where its files are: that folder, or the one in it where the run is made that will replace another.

    Returns
    -------
    Path
        Of the page.
    """
    siblings.check("derivations")
    import derivations
    from wd_jax.report import explorer_data
    from wd_jax.report.facts import facts
    from wd_jax.report.markdown import report
    from wd_jax.report.page import page
    from wd_jax.report.proofs import proof

    outcomes = judged.outcomes
    chosen = [registry.load(outcome.name) for outcome in outcomes]
    laws = {name: derivations.derive(name) for one in chosen for name in one.derivations}
    checked = {name: law.check() for name, law in laws.items()}
    behind = {one.name: tuple(proof(laws[name], checked[name]) for name in one.derivations) for one in chosen}
    pictures = _pictures(outcomes, judged.dataset, out)
    overview = pictures.pop(Path(run_files.OVERVIEW).stem, None)
    presets = list(dict.fromkeys(judged.presets.values()))
    told = facts(
        judged.folder or out,
        command=judged.command,
        trained_by=judged.made_by,
        preset="; ".join((f"{judged.dataset}, {judged.size}", *judged.own)),
        seeds="; ".join(one.said_seeds() for one in presets),
        settings="; ".join(one.said_settings() for one in presets),
        seconds=time.monotonic() - judged.began,
        missing=judged.missing,
    )
    deciding = registered(judged, chosen)
    about, tolerances = about_all(chosen, deciding), table(deciding)
    proved = {name: found.text() for name, found in checked.items()}
    moving = explorer_preset.moving(out, judged.presets)
    explorer = explorer_data.gather(explorer_preset.of(out, judged.presets), moving)
    _write_text(out / run_files.REPORT, report(outcomes, proved, told, tolerances, about))
    _write_text(out / run_files.PAGE, page(outcomes, pictures, behind, told, explorer, overview, tolerances, about))
    write_verdicts(judged.verdicts, judged.dataset, out / run_files.VERDICTS)
    return out / run_files.PAGE


def about_all(chosen: Sequence[Experiment], deciding: Sequence[Tolerance] = ()) -> About:
    """Put together what a report says before its first verdict: its title, what was trained, the words it uses."""
    collections = list(dict.fromkeys(one.collection for one in chosen))
    words = tuple(dict.fromkeys(word for one in chosen for word in one.glossary))
    introduction = "\n\n".join(one.introduction for one in collections if one.introduction)
    after = any(one.chosen == "after" for one in deciding)
    trained = any(one.datasets != (NONE,) for one in chosen)
    if len(collections) > 1:
        return About(introduction=introduction, glossary=words, chosen_after=after, of_data=trained)
    (only,) = collections
    question = chosen[0].question if len(chosen) == 1 else only.question
    return About(only.title, only.heading, introduction, words, after, trained, question, only.opening)


def registered(judged: Judged, chosen: Sequence[Experiment]) -> tuple[Tolerance, ...]:
    """Give every number that decides a word of a run, each once."""
    found = [one.tolerances(judged.presets[one.name]) for one in chosen]
    return tuple(dict.fromkeys(tolerance for some in found for tolerance in some))


def draw(outcome: "Outcome", targets: Sequence[Path]) -> None:
    """Draw an outcome's figure once and save it under several names; the suffix decides the format."""
    from wd_jax.figures.saving import save
    from wd_jax.figures.style import style

    with style():
        figure = outcome.draw()
        for file in targets:
            save(figure, file)


def _pictures(outcomes: Sequence["Outcome"], dataset: str, out: Path) -> dict[str, Picture]:
    """Give each outcome's figure and that of all verdicts as SVG, for a wide and for a narrow screen.

    The wide ones are files of the run: the outcomes' are there already, that of the verdicts is written, unless there
    are more of them than can be read.
    """
    from wd_jax.figures.plots import verdicts
    from wd_jax.figures.saving import save, svg
    from wd_jax.figures.style import style

    said = "" if dataset == NONE else dataset

    judged = [v for outcome in outcomes for v in outcome.verdicts]
    readable = len(judged) <= MOST_IN_A_PICTURE

    def overview() -> "Figure":
        return verdicts.sketch(judged, said).figure()

    if readable:
        with style():
            save(overview(), out / run_files.OVERVIEW)
    else:
        (out / run_files.OVERVIEW).unlink(missing_ok=True)
    with style("one"):
        narrow = {outcome.name: svg(outcome.draw()) for outcome in outcomes}
        narrow |= {Path(run_files.OVERVIEW).stem: svg(overview())} if readable else {}
    return {name: Picture((out / f"{name}.svg").read_text(encoding="utf-8"), one) for name, one in narrow.items()}


def _write_text(path: Path, text: str) -> None:
    files.publish(path, lambda aside: aside.write_text(text, encoding="utf-8"))
