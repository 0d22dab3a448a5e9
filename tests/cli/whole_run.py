"""What the folder of a whole run holds."""

from pathlib import Path

import experiments

NAMES = experiments.names("exercise")
SWEEPS = {
    "claim_1_dominance", "claim_2_epoch_decay", "claim_3_tail_off_by_lmbda", "claim_3_tail_off_by_width",
    "claim_3_tail_off_slider",    "claim_4_initialisation",
}  # fmt: skip
REPORTS = {"verdicts.json", "verdicts.svg", "report.md", "report.html"}
WHOLE = {"settings.json", *REPORTS, *SWEEPS}
WHOLE |= {f"{name}{suffix}" for name in NAMES for suffix in (".svg", ".png")}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def chunks(sweep: Path) -> dict[Path, tuple[int, int]]:
    """The tasks of a sweep that are published, by their place in its folder, and which files they are."""
    found = {path.relative_to(sweep): path.stat() for path in sweep.glob("run-*/chunks/*/*.npz")}
    return {path: (one.st_ino, one.st_mtime_ns) for path, one in found.items()}
