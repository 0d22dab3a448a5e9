"""Keep what the laboratory found for the site: ``python docs/laboratory_pages.py RUN...``, folders of finished runs.

Of each law that a run judged: answer, verdicts, tables and tolerances in docs/laboratory/results, its figure in
docs/figures/laboratory. ``make laboratory`` does both, the run and this.
"""

import argparse
import datetime
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments import Judged
    from wd_jax.stats.outcome import Outcome, Table

HERE = Path(__file__).parent
RESULTS, FIGURES = HERE / "laboratory" / "results", HERE / "figures" / "laboratory"
FORMAT = 1
USUAL = ("none", "digits")
"""Data sets whose results need no name of their own."""


def record(judged: "Judged", outcome: "Outcome") -> dict[str, Any]:
    """Give what the site shows of a law.

    Parameters
    ----------
    judged : Judged
        A run.
    outcome : Outcome
        One of its.

    Returns
    -------
    dict
        As JSON knows it.
    """
    import experiments
    import wd_jax
    from experiments import tolerance

    experiment, preset = experiments.load(outcome.name), judged.presets[outcome.name]
    data = f" --dataset {preset.dataset} --data-dir DIR" if preset.dataset not in USUAL else ""
    return {
        "format": FORMAT,
        "name": outcome.name,
        "title": outcome.title,
        "question": experiment.question,
        "answer": outcome.answer,
        "alt": f"Measured against predicted: {outcome.title}",
        "dataset": preset.dataset,
        "command": f"wd-jax laboratory {outcome.name}{data}",
        "settings": preset.said_settings(),
        "seeds": preset.said_seeds(),
        "version": wd_jax.__version__,
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "verdicts": [verdict.to_dict() for verdict in outcome.verdicts],
        "tables": [_table(one) for one in outcome.tables],
        "tolerances": _table(tolerance.table(experiment.tolerances(preset))),
    }


def _table(table: "Table") -> dict[str, Any]:
    rows = [[cell if isinstance(cell, str) else f"{cell}" for cell in row] for row in table.rows]
    return {"title": table.title, "columns": list(table.columns), "rows": rows, "note": table.note}


def keep(folder: Path, data_dir: str | None) -> None:
    """Write the results and figures of a run into docs/."""
    import gallery

    from experiments import run_folder
    from wd_jax.cli import stored

    mnist = run_folder.settings(folder).dataset == "mnist"
    judged = stored.judged(folder, Path(data_dir) if mnist and data_dir else None)
    for outcome in judged.outcomes:
        held = record(judged, outcome)
        of_data = held["dataset"] not in USUAL
        text = json.dumps(held, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        name = f"{outcome.name}.{held['dataset']}" if of_data else outcome.name
        (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
        gallery.shrink(folder / f"{outcome.name}.png", FIGURES / f"{name.replace('.', '_')}.png")
        print(f"{name}: {', '.join(one.verdict for one in outcome.verdicts)}", flush=True)


def main() -> None:
    """Keep what the runs that are named found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder that wd-jax laboratory wrote")
    parser.add_argument(
        "--mnist", metavar="DIR", default=os.environ.get("WD_JAX_DATA"), help="folder of the MNIST files"
    )
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    for folder in options.runs:
        keep(folder, options.mnist)


if __name__ == "__main__":
    main()
