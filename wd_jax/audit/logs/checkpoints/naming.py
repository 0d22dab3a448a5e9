"""The checkpoints of a folder, in the order of the numbers in their names."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".weights.h5", ".safetensors", ".npz", ".pth.tar", ".pth", ".pt", ".ckpt", ".bin", ".h5")
NOT_WEIGHTS = ("optim", "scheduler", "rng_state", "training_args", "scaler", "random_states", "args", "opt_state")
MODELS = ("model", "pytorch_model", "adapter_model", "diffusion_pytorch_model", "consolidated")
SHARD = re.compile(r"-\d+-of-\d+$")
_STEP = re.compile(r"(?:global[_-]?step|steps?|iter(?:ation)?s?|batch)[=_\-.]?(\d+)", re.IGNORECASE)
_EPOCH = re.compile(r"(?:epochs?|(?<![a-z])ep)[=_\-.]?(\d+)", re.IGNORECASE)
_TRAINER = re.compile(r"checkpoint-(\d+)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Saved:
    """One checkpoint on disk.

    Parameters
    ----------
    name : str
        Of its file or folder.
    files : tuple of Path
        That hold its tensors; several where it is in shards.
    """

    name: str
    files: tuple[Path, ...]

    @property
    def stem(self) -> str:
        """The name without what only says the format."""
        return next((self.name.removesuffix(end) for end in SUFFIXES if self.name.lower().endswith(end)), self.name)

    def number(self, pattern: re.Pattern[str]) -> int | None:
        """Give the number behind a word in the name; Hugging Face's folders checkpoint-N count steps."""
        of_trainer = _TRAINER.fullmatch(self.name) if pattern is _STEP else None
        found = of_trainer or pattern.search(self.stem)
        return int(found[1]) if found else None

    def last_number(self) -> int | None:
        """Give the last number in the name."""
        found = _NUMBER.findall(self.stem)
        return int(found[-1]) if found else None


def find(folder: Path) -> list[Saved]:
    """List what may be checkpoints: files by their suffix, and folders that hold a model.

    Parameters
    ----------
    folder : Path
        That holds them.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found = []
    for child in sorted(folder.iterdir()):
        if child.is_dir():
            files = _model_of(child) if _NUMBER.search(child.name) else ()
            if files:
                found.append(Saved(child.name, files))
        elif _is_weights(child) and not SHARD.search(Saved(child.name, ()).stem):
            found.append(Saved(child.name, (child,)))
    return found


def is_one(folder: Path) -> bool:
    """Tell a folder that is itself one checkpoint: it holds a model's file without a number, or its shards."""
    return bool(_model_of(folder, named=True))


def _is_weights(path: Path) -> bool:
    """Tell by its name whether a file may hold weights."""
    lower = path.name.lower()
    return path.is_file() and lower.endswith(SUFFIXES) and not lower.startswith((".", *NOT_WEIGHTS))


def _model_of(folder: Path, named: bool = False) -> tuple[Path, ...]:
    """Give the files of the model in a checkpoint's folder; safetensors where it is there twice."""
    files = [path for path in sorted(folder.iterdir()) if _is_weights(path)]
    models = [path for path in files if SHARD.sub("", Saved(path.name, ()).stem) in MODELS]
    for suffix in SUFFIXES:
        of_kind = [path for path in models if path.name.lower().endswith(suffix)]
        shards = [path for path in of_kind if SHARD.search(Saved(path.name, ()).stem)]
        if of_kind:
            return tuple(shards or of_kind[:1])
    return tuple(files) if len(files) == 1 and not named else ()


def ordered(found: list[Saved], unit: str | None) -> tuple[list[tuple[int, Saved]], str, list[str]]:
    """Put checkpoints in order.

    Parameters
    ----------
    found : list of Saved
        In any order.
    unit : {"step", "epoch"} or None
        What their numbers count; told by the words before them where None.

    Returns
    -------
    tuple of list, str, list of str
        Number and checkpoint, rising; what is counted; sentences on what was left out or supposed.

    Examples
    --------
    >>> names = ["epoch=1-step=150.ckpt", "epoch=0-step=75.ckpt", "last.ckpt"]
    >>> some, unit, notes = ordered([Saved(name, ()) for name in names], None)
    >>> [(number, saved.name) for number, saved in some], unit
    ([(75, 'epoch=0-step=75.ckpt'), (150, 'epoch=1-step=150.ckpt')], 'step')
    >>> notes
    ["'last.ckpt' has no number and is left out."]
    """
    notes = []
    steps = [saved for saved in found if saved.number(_STEP) is not None]
    epochs = [saved for saved in found if saved.number(_EPOCH) is not None]
    if unit != "epoch" and steps:
        numbered, counted = [(saved.number(_STEP), saved) for saved in steps], "step"
    elif epochs and (unit == "epoch" or len(epochs) > 1):
        numbered, counted = [(saved.number(_EPOCH), saved) for saved in epochs], "epoch"
    else:
        numbered = [(number, saved) for saved in found if (number := saved.last_number()) is not None]
        counted = unit or "step"
        if numbered and unit is None:
            notes.append("The numbers in the checkpoints' names are taken for steps; unit='epoch' says otherwise.")
    chosen, of_other = _one_pattern([(number, saved) for number, saved in numbered if number is not None])
    left = [saved.name for saved in found if all(saved is not other for _, other in [*chosen, *of_other])]
    if left:
        shown = ", ".join(map(repr, left[:4])) + " and others" * (len(left) > 4)
        notes.append(
            f"{shown} {'has' if len(left) == 1 else 'have'} no number and {'is' if len(left) == 1 else 'are'} left out."
        )
    if of_other:
        shown = ", ".join(repr(saved.name) for _, saved in of_other[:4]) + " and others" * (len(of_other) > 4)
        notes.append(f"{shown}: named otherwise than the rest, and left out.")
    return sorted(chosen, key=lambda pair: pair[0]), counted, notes


def _one_pattern(numbered: list[tuple[int, Saved]]) -> tuple[list[tuple[int, Saved]], list[tuple[int, Saved]]]:
    """Where numbers stand twice, keep the checkpoints whose names are alike in all but their numbers."""
    if len({number for number, _ in numbered}) == len(numbered):
        return numbered, []
    patterns = Counter(_NUMBER.sub("#", saved.name) for _, saved in numbered)
    common = patterns.most_common(1)[0][0]
    kept: dict[int, tuple[int, Saved]] = {}
    for number, saved in numbered:
        if _NUMBER.sub("#", saved.name) == common:
            kept[number] = (number, saved)
    return list(kept.values()), [pair for pair in numbered if pair[1] not in [saved for _, saved in kept.values()]]
