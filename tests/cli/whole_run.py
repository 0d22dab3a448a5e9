"""What the folder of a whole run holds."""

from pathlib import Path

import experiments

NAMES = experiments.names()
SWEEPS = {
    "claim_1_dominance", "claim_2_epoch_decay", "claim_3_tail_off_by_lmbda", "claim_3_tail_off_by_width",
    "claim_4_initialisation",
}  # fmt: skip
REPORTS = {"verdicts.json", "verdicts.svg", "report.md", "report.html"}
WHOLE = {"settings.json", *REPORTS, *(f"{s}.nc" for s in SWEEPS)}
WHOLE |= {f"{name}{suffix}" for name in NAMES for suffix in (".svg", ".png")}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
