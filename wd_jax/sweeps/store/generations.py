"""The folder of a run: what its files are, and how a run begins, goes on, grows and is replaced.

``FORMAT`` is the only pointer: it names the generation that is read, a folder with plans and tasks. A run that replaces
another is written into a generation of its own, and the pointer is changed when that one is whole.
"""

import contextlib
import hashlib
import json
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax import files
from wd_jax.files import ForeignFileError
from wd_jax.inputs import checks
from wd_jax.sweeps import extend
from wd_jax.sweeps.extend import OtherSweepError
from wd_jax.sweeps.store import aside, chunk_file, data_file, drivers, plan_file
from wd_jax.sweeps.store.chunk_file import CorruptChunk
from wd_jax.sweeps.store.chunk_store import PARTS, ChunkStore
from wd_jax.sweeps.store.plan_file import StoredPlan

if TYPE_CHECKING:
    from wd_jax.sweeps.plan import Plan

NAME, VERSION, POINTER = "wd_jax run", 1, "FORMAT"
GENERATION = re.compile(r"run-([1-9][0-9]{0,5})")
PLAN = re.compile(r"([1-9][0-9]{0,5})\.npz")
STATUS_PAGE = "status.html"
HELD = ("plan", data_file.FOLDER, *PARTS)
"""Folders of a generation."""


@dataclass(frozen=True)
class RunStore:
    """An open run.

    Attributes
    ----------
    root : Path
        Folder that was given as `out`.
    generation : Path
        Folder in it with plans and tasks.
    chunks : ChunkStore
        The tasks that are published.
    plan : StoredPlan
        The newest plan.
    """

    root: Path
    generation: Path
    chunks: ChunkStore
    plan: StoredPlan

    @property
    def current(self) -> bool:
        """Whether this generation is the one that is read."""
        return _pointer(self.root) == self.generation.name

    def missing(self) -> list[int]:
        """List the numbers of the tasks that are not published."""
        there = self.chunks.keys()
        return [number for number, key in enumerate(self.plan.keys) if key not in there]

    def checkpointed(self) -> int:
        """Count the tasks of which a checkpoint is kept."""
        return len(aside.listed(self.generation / "checkpoints"))


def is_run(path: Path) -> bool:
    """Whether a path is the folder of a run."""
    return (path / POINTER).is_file()


def open_store(root: Path) -> RunStore:
    """Open the generation that is read.

    Raises
    ------
    FileNotFoundError
        If there is no run.
    ForeignFileError
        If it is of a newer version, or damaged.
    """
    name = _pointer(root)
    if name is None:
        inside = sorted(str(one.parent) for one in root.glob(f"*/{POINTER}")) if root.is_dir() else []
        why = f"{POINTER} is missing" if root.exists() else "there is no such folder"
        which = f"one of those in it: {', '.join(inside[:8])}" if inside else "the folder that a sweep wrote"
        raise FileNotFoundError(f"{root}: holds no run ({why}); name {which}")
    return _opened(root, root / name)


def open_generation(root: Path, name: str) -> RunStore:
    """Open a generation by its name, whether it is the one that is read or not."""
    return _opened(root, root / name)


def check(root: Path, overwrite: bool) -> None:
    """Refuse a place where no run can be, before anything is planned or computed.

    Raises
    ------
    OSError
        Naming the place and the remedy.
    """
    if root.suffix in (".zarr", ".csv", ".parquet", ".nc4", ".h5"):
        raise ValueError(f"{root}: a sweep writes a folder, or one .nc file; `wd-jax export` makes {root.suffix} of it")
    if root.is_symlink() and not root.exists():
        raise FileNotFoundError(f"{root}: is a link that leads nowhere; choose another folder")
    if root.exists() and not root.is_dir():
        raise NotADirectoryError(f"{root}: is a file; name a folder, or a file that ends in .nc")
    if root.is_dir() and root.resolve() == Path().resolve():
        raise IsADirectoryError(f"{root}: is the folder you are in; name one of its own, such as runs/decay")
    if root.is_dir() and _pointer(root) is None and (other := _not_ours(root)):
        raise FileExistsError(f"{root}: is not empty and holds no run ({other}); choose another folder")
    files.writable_folder(root)
    if generation := _pointer(root):
        aside.refuse_absent(root / generation)
        aside.check_writable(root / generation)


def begin(root: Path, plan: "Plan", overwrite: bool, made_by: str = "") -> tuple[RunStore, "Plan"]:
    """Begin a run, go on with the one that is there, add to it, or replace it.

    Parameters
    ----------
    root : Path
        Its folder.
    plan : Plan
        What is wanted.
    overwrite : bool
        Whether another run, or a finished one, may be replaced.
    made_by : str
        The command, for a reader.

    Returns
    -------
    RunStore, Plan
        The run, and the plan in which tasks that are published are as they were cut.

    Raises
    ------
    OtherSweepError
        If the run holds another sweep.
    OSError
        If it cannot be written.
    """
    check(root, overwrite)
    keys = plan_file.keys_of(plan)
    asked = plan_file.hash_of(keys)
    name = _pointer(root)
    if name is None:
        return _begun(root, root / "run-1", plan, keys, asked, made_by)
    _put_damaged_aside(root / name)
    if not _plans(root / name):
        return _planned_anew(root, root / name, plan, keys, asked, made_by)
    store = _opened(root, root / name)
    if not overwrite or (store.plan.asked == asked and store.missing()):
        return _continued(store, plan, keys, asked, made_by)
    numbers = _generations(root)
    for number in numbers:  # a replacement that was interrupted goes on
        if root / f"run-{number}" != store.generation and _plans(root / f"run-{number}"):
            begun = _opened(root, root / f"run-{number}")
            if begun.plan.asked == asked:
                return _continued(begun, plan, keys, asked, made_by)
    return _begun(root, root / f"run-{max(numbers) + 1}", plan, keys, asked, made_by)


def settle(store: RunStore) -> None:
    """Make a whole generation the one that is read, and remove the files of those before it.

    Never of a later one: two processes that replace a run would each remove what the other made.
    """
    if store.current or store.missing():
        return
    mine, there = _number(store.generation.name), _pointer(store.root)
    if there is not None and _number(there) > mine:  # a later replacement was whole first
        return
    _point(store.root, store.generation.name)
    for number in _generations(store.root):
        generation = store.root / f"run-{number}"
        if number < mine and not drivers.alive(generation):
            _remove(generation)
    if not store.current and _number(_pointer(store.root) or "") < mine:  # one that was removed had pointed to itself
        _point(store.root, store.generation.name)


def _number(name: str) -> int:
    found = GENERATION.fullmatch(name)
    return int(found[1]) if found else 0


def remove(root: Path) -> None:
    """Remove a run: what was written of it; files that are not ours stay, with their folders.

    The pointer goes first, so that no half of a run is ever read.

    Parameters
    ----------
    root : Path
        Its folder, which may have lost some of it already.
    """
    for name in (POINTER, STATUS_PAGE):
        (root / name).unlink(missing_ok=True)
    for number in _generations(root):
        _remove(root / f"run-{number}")
    with contextlib.suppress(OSError):
        root.rmdir()


def _begun(
    root: Path, generation: Path, plan: "Plan", keys: tuple[str, ...], asked: str, made_by: str
) -> tuple[RunStore, "Plan"]:
    """Write the first plan of a generation; another process that was quicker with the same plan is joined."""
    for part in ("plan", *PARTS):
        (generation / part).mkdir(parents=True, exist_ok=True)
    if not _plans(generation):
        _add(generation, plan, keys, 1, asked, made_by)
    if _pointer(root) is None:
        _point(root, generation.name)
    return _continued(_opened(root, generation), plan, keys, asked, made_by)


def _continued(
    store: RunStore, plan: "Plan", keys: tuple[str, ...], asked: str, made_by: str
) -> tuple[RunStore, "Plan"]:
    """Go on with the plan that is there, or add one that holds all of it."""
    store.chunks.sweep_temporary()
    for _ in range(3):  # another process may add a plan at the same time
        if store.plan.asked == asked:
            return store, extend.as_stored(plan, keys, store.plan, str(store.root))
        grown = extend.extended(plan, store.plan, store.chunks.keys(), str(store.root))
        _add(store.generation, grown, plan_file.keys_of(grown), store.plan.number + 1, asked, made_by)
        store = _opened(store.root, store.generation)
    raise OtherSweepError(f"{store.root}: another process changes this run; try again when it has ended")


def _add(generation: Path, plan: "Plan", keys: tuple[str, ...], number: int, asked: str, made_by: str) -> None:
    """Publish a plan under its number, unless another process has; then the reader sees which."""
    with aside.temporary(generation / "tmp", "plan") as written:
        plan_file.write(written, plan, keys, number, asked, made_by)
        aside.linked(written, generation / "plan" / f"{number}.npz")


def _put_damaged_aside(generation: Path) -> None:
    """Move a newest plan that does not verify to quarantine: the one before it, or the same call, says the same."""
    while plans := _plans(generation):
        newest = generation / "plan" / f"{max(plans)}.npz"
        try:
            chunk_file.read(newest)
            return
        except CorruptChunk:
            newest.rename(aside.room(generation, "quarantine") / f"plan.{max(plans)}.{time.time_ns()}.npz")


def _planned_anew(
    root: Path, generation: Path, plan: "Plan", keys: tuple[str, ...], asked: str, made_by: str
) -> tuple[RunStore, "Plan"]:
    """Write the plan of a run that lost it, if all that is published is of this plan."""
    if other := ChunkStore(generation).keys() - set(keys):
        raise OtherSweepError(
            f"{root}: its plan was damaged, and {len(other)} of its tasks are not of this sweep; "
            "give the sweep that it was made by, or choose another folder"
        )
    return _begun(root, generation, plan, keys, asked, made_by)


def _opened(root: Path, generation: Path) -> RunStore:
    plans = _plans(generation)
    if not plans:
        raise ForeignFileError(f"{generation}: holds no plan; run the command that made it again, or remove {root}")
    newest = generation / "plan" / f"{max(plans)}.npz"
    try:
        return RunStore(root, generation, ChunkStore(generation), plan_file.read(newest))
    except CorruptChunk as error:
        raise CorruptChunk(f"{error}; run the same command again, which keeps what is published") from error


def _plans(generation: Path) -> list[int]:
    found = (PLAN.fullmatch(entry.name) for entry in aside.listed(generation / "plan"))
    return [int(one[1]) for one in found if one]


def _generations(root: Path) -> list[int]:
    return sorted(int(one[1]) for path in root.iterdir() if (one := GENERATION.fullmatch(path.name)))


def _pointer(root: Path) -> str | None:
    """Read which generation is read; None where there is no run."""
    path = root / POINTER
    try:
        text = path.read_bytes()[:4096]
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        held: dict[str, Any] = json.loads(text)
        name, version, current = held["format"], held["version"], held["current"]
    except (ValueError, KeyError, TypeError) as error:
        return _found_again(root, error)
    if name == NAME and checks.whole(version) and version > VERSION:
        raise ForeignFileError(
            f"{path}: written by a newer version of wd_jax (format {version}, and this one knows {VERSION}): "
            "install the version that wrote it, or a later one"
        )
    if "sha256" not in held and name != NAME:
        raise ForeignFileError(f"{path}: is of {checks.shown(name)}, not of a run of wd_jax; name another folder")
    if not GENERATION.fullmatch(str(current)) and "sha256" not in held:
        raise ForeignFileError(f"{path}: names {checks.shown(current)}, which is no part of a run; start the run anew")
    if held.get("sha256") != _seal(name, version, current):
        return _found_again(root)
    return current


def _found_again(root: Path, cause: Exception | None = None) -> str:
    """Find what a damaged pointer named: the newest generation that is whole, as each is pointed to once it is.

    Raises
    ------
    ForeignFileError
        If the folder holds no generation with a plan.
    """
    there = [root / f"run-{number}" for number in _generations(root)]
    opened = [_opened(root, generation) for generation in there if _plans(generation)]
    if not opened:
        raise ForeignFileError(
            f"{root / POINTER}: not the pointer of a run; put it back, or name another folder"
        ) from cause
    whole = [store for store in opened if not store.missing()]
    return (whole[-1] if whole else opened[0]).generation.name


def _seal(name: Any, version: Any, current: Any) -> str:
    return hashlib.sha256(f"{name} {version} {current}".encode()).hexdigest()


def _point(root: Path, generation: str) -> None:
    held = {"format": NAME, "version": VERSION, "current": generation}
    sealed = held | {"sha256": _seal(NAME, VERSION, generation)}
    aside.replace(root / POINTER, json.dumps(sealed), root / generation / "tmp")


def _not_ours(root: Path) -> str:
    """Name something in a folder that is not the beginning of a run that was killed at once; empty if nothing is."""
    for path in sorted(root.iterdir()):
        begun = GENERATION.fullmatch(path.name) and {one.name for one in path.iterdir()} <= set(HELD)
        if not begun:
            return path.name
    return ""


def _remove(generation: Path) -> None:
    """Remove what was written of a generation; files that are not ours stay, with their folders."""
    for part in HELD:
        shutil.rmtree(generation / part, ignore_errors=True)
    with contextlib.suppress(OSError):
        generation.rmdir()
