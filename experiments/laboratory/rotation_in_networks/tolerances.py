"""What decides a word about layers of networks: fixed before the first network was looked at."""

from experiments.laboratory.rotation_in_networks.preset import Settings
from experiments.tolerance import Tolerance

NAME = "rotation_in_networks"
DATE = "2026-11-29"

WITHIN = Tolerance(
    "WITHIN", (NAME,), (0.1,), "relative error of a layer's angle or norm",
    "a tenth is what one would act upon; the theory has no tolerance for networks", DATE,
)  # fmt: skip
LITTLE = Tolerance(
    "LITTLE", (NAME,), (0.21,),
    "signal over noise, as the weights' memory sees it, below which the noise law should hold",
    "1.1^2 - 1: as much signal lengthens the weights by a tenth and turns them a tenth slower if all of it is along "
    "them, the worst case", DATE, words="little signal",
)  # fmt: skip
ALL = (WITHIN, LITTLE)


def registry(preset: Settings) -> tuple[Tolerance, ...]:
    """Give both; they are the same at any size."""
    return ALL
