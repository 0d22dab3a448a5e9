"""Is what a run has on disk what was written? Quickly by names, lengths and headers, or in full, every byte."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from wd_jax.files import ForeignFileError
from wd_jax.sweeps.store import aside, chunk_file, data_file
from wd_jax.sweeps.store.chunk_store import PARTS, ChunkStore
from wd_jax.sweeps.store.generations import open_store

READERS = 4
"""Files read at once: hashing lets other threads go on."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written.

    Attributes
    ----------
    path : Path
        The file.
    said : str
        One line that names it, the check and what was done.
    """

    path: Path
    said: str


@dataclass(frozen=True)
class Verified:
    """What was found of a run.

    Attributes
    ----------
    root, generation : Path
        Its folder, and the one in it that is read.
    full : bool
        Whether every byte was checked.
    tasks : int
        Of the plan.
    whole, missing, failed : tuple of str
        Keys of the tasks that are published and verify, that are not there, and those of them that failed.
    bytes : int
        Length of the files that were checked.
    faults : tuple of Fault
        What is damaged; each damaged task was moved to quarantine and counts as missing.
    beside : int
        Published tasks that the newest plan does not name: of an earlier plan.
    unfinished, quarantined : int
        Temporary files, and files in quarantine.
    """

    root: Path
    generation: Path
    full: bool
    tasks: int
    whole: tuple[str, ...]
    missing: tuple[str, ...]
    failed: tuple[str, ...]
    bytes: int
    faults: tuple[Fault, ...]
    beside: int
    unfinished: int
    quarantined: int

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged; tasks may be missing."""
        return not self.faults


def verify(root: Path, full: bool = False) -> Verified:
    """Check the run in a folder: its pointer, its plans and its tasks.

    Parameters
    ----------
    root : Path
        Folder of the run.
    full : bool
        Whether to read every byte. By default each file's name, length, header and the hash of its header are
        checked, which finds what is cut short, renamed or overwritten at its beginning.

    Returns
    -------
    Verified
        A damaged task was moved to quarantine: the same command trains it anew.

    Raises
    ------
    FileNotFoundError, ForeignFileError
        If there is no run, if it is of a newer version, or if its newest plan cannot be read.
    """
    store = open_store(root)
    faults = [*_links(store.generation), *_others(store.generation, full)]
    planned, there = store.plan.keys, store.chunks.keys()
    ordered = [key for key in planned if key in there] + sorted(there - set(planned))
    found = _checked(store.chunks, ordered, full)
    faults += [one for one in found.values() if isinstance(one, Fault)]
    sizes = {key: one for key, one in found.items() if isinstance(one, int)}
    missing = tuple(key for key in planned if key not in sizes)
    failures = store.chunks.failures()
    return Verified(
        root,
        store.generation,
        full,
        len(planned),
        tuple(key for key in planned if key in sizes),
        missing,
        tuple(key for key in missing if key in failures),
        sum(sizes.values()),
        tuple(faults),
        len(set(sizes) - set(planned)),
        len(aside.listed(store.generation / "tmp")),
        len(aside.listed(store.generation / "quarantine")),
    )


def checked(store: ChunkStore, key: str, full: bool) -> int | Fault:
    """Check one task: the length of its file in bytes, or what is wrong with it.

    Parameters
    ----------
    store : ChunkStore
        Where it is; a damaged file is moved to quarantine.
    key : str
        Of the task.
    full : bool
        Whether to read every byte.
    """
    path = store.path(key)
    try:
        size = path.lstat().st_size
        if full:
            store.load(key)
        else:
            store.meta(key)
        return size
    except FileNotFoundError:
        return Fault(path, f"{path}: vanished while it was checked; run the same command again")
    except (ForeignFileError, OSError) as error:
        return Fault(path, str(error))


def _checked(store: ChunkStore, keys: list[str], full: bool) -> dict[str, int | Fault]:
    if not full:
        return {key: checked(store, key, full) for key in keys}
    with ThreadPoolExecutor(READERS) as readers:
        return dict(zip(keys, readers.map(lambda key: checked(store, key, full), keys), strict=True))


def _others(generation: Path, full: bool) -> Iterator[Fault]:
    """Check the plans, which are few, and the data sets that workers read."""
    for part, whole in (("plan", True), (data_file.FOLDER, full)):
        for entry in aside.listed(generation / part):
            try:
                chunk_file.read(Path(entry.path), None if whole else ())
            except (ForeignFileError, OSError) as error:
                yield Fault(Path(entry.path), f"{error}; remove it and run the same command again")


def _links(generation: Path) -> Iterator[Fault]:
    """Name the links in the folders of a generation: what they lead to is not read, and may be anything."""
    for part in ("plan", data_file.FOLDER, *PARTS):
        for path in _walked(generation / part):
            if path.is_symlink():
                yield Fault(
                    path, f"{path}: is a symbolic link; the store holds plain files only, so put the file there"
                )


def _walked(folder: Path) -> Iterator[Path]:
    """Give a folder and what is in it, without following links."""
    yield folder
    if folder.is_symlink() or not folder.is_dir():
        return
    for entry in aside.listed(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _walked(Path(entry.path))
        else:
            yield Path(entry.path)
