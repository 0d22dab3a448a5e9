"""The files in the folder of a run: their names, and where each lies while a new run takes an old one's place."""

import re
from pathlib import Path

SETTINGS, VERDICTS, REPORT, PAGE = "settings.json", "verdicts.json", "report.md", "report.html"
OVERVIEW = "verdicts.svg"
REPORTS = (OVERVIEW, REPORT, PAGE)
"""Written after the last experiment; then `VERDICTS`, which says that all is there."""
REPLACEMENT = "replacement"
"""Folder inside a run's in which the run that is to replace it is made, a run's folder itself."""
_HALF_WRITTEN = re.compile(r"\..+\.[0-9a-f]{8}(\.[a-z]+)?")


def figures(out: Path, name: str) -> tuple[Path, Path]:
    """Name the files of an experiment's figure."""
    return out / f"{name}.svg", out / f"{name}.png"


def replaced(folder: Path) -> bool:
    """Whether a whole new run waits for its files to be put in the place of the old one's."""
    return (folder / REPLACEMENT / VERDICTS).is_file()


def located(folder: Path, name: str) -> Path:
    """Say where a file or a sweep of a run is read: beside the old run as long as it was not put in its place.

    Examples
    --------
    >>> located(Path("runs/reproduce"), "settings.json").as_posix()
    'runs/reproduce/settings.json'
    """
    new = folder / REPLACEMENT / name
    return new if replaced(folder) and new.exists() else folder / name


def half_written(path: Path) -> bool:
    """Whether a name is that of a file which a killed process had not finished: nothing is known of it but that.

    Examples
    --------
    >>> half_written(Path(".settings.json.0123abcd.json")), half_written(Path("settings.json"))
    (True, False)
    """
    return _HALF_WRITTEN.fullmatch(path.name) is not None
