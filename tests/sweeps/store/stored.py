"""What lies in a store, for tests."""

from pathlib import Path


def files_of(folder: Path) -> list[str]:
    """Name all files below a folder, seen from it."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir())
