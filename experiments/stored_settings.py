"""The settings.json of a run: written, and read as what a stranger may have altered, refused in one line."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments import registry, values
from experiments.experiment import Experiment
from experiments.preset import NONE, Preset, of_run
from wd_jax import files
from wd_jax.files import ForeignFileError
from wd_jax.inputs import checks

FORMAT = 1
LONGEST_NAME = 200
"""Of a data set, in characters."""
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredSettings:
    """What a run began with.

    Attributes
    ----------
    presets : dict of str to Preset
        By experiment, in the order in which they were run; the numbers checked.
    made_by : str or None
        The command line.
    sha256 : str
        Of the data; empty where none were needed, and in runs of earlier versions.
    """

    presets: dict[str, Preset]
    made_by: str | None
    sha256: str = ""

    @property
    def dataset(self) -> str:
        """Name of the dataset; "none" where no experiment needs one."""
        return of_run(self.presets)


def write(path: Path, presets: Mapping[str, Preset], size: str, made_by: str, sha256: str = "") -> None:
    """Write the settings of a run: the first experiment's as they are, others where they differ.

    Parameters
    ----------
    path : Path
        The file.
    presets : mapping of str to Preset
        By experiment.
    size, made_by : str
        Size of the presets, and the command line.
    sha256 : str
        Of the data.
    """
    first = next(iter(presets.values()))
    others = {name: dataclasses.asdict(one) for name, one in presets.items() if one != first}
    about = {"format": FORMAT, "experiments": list(presets), "size": size, "made_by": made_by}
    about |= {"dataset_sha256": sha256} if sha256 else {}
    content = about | dataclasses.asdict(first) | ({"presets": others} if others else {})
    files.publish(path, lambda aside: aside.write_text(json.dumps(content), encoding="utf-8"))


def difference(path: Path, presets: Mapping[str, Preset], sha256: str = "") -> str:
    """Say what a run began with that is other than the settings given; nothing if they are the same.

    Parameters
    ----------
    path : Path
        A settings.json that is there.
    presets : mapping of str to Preset
        By experiment.
    sha256 : str
        Of the data.

    Raises
    ------
    ForeignFileError, OSError
        As `read`.
    """
    stored = read(path)
    there = stored.presets
    if list(there) != list(presets):
        return f"experiments {', '.join(there)}, and here they are {', '.join(presets)}"
    for name, old in there.items():
        held, asked = dataclasses.asdict(old), dataclasses.asdict(presets[name])
        for field, value in held.items():
            if asked.get(field) != value:
                return f"{field} {checks.shown(value)}, and here it is {checks.shown(asked.get(field))}"
    if stored.sha256 and sha256 and stored.sha256 != sha256:
        return f"other data of the same name (sha256 {stored.sha256[:12]}, and here it is {sha256[:12]})"
    return ""


def read(path: Path) -> StoredSettings:
    """Read a settings.json.

    Parameters
    ----------
    path : Path
        The file; it is there.

    Raises
    ------
    ForeignFileError
        Naming the file, what is wrong with it and the remedy.
    OSError
        If it cannot be read.
    """
    content = _content(path)
    others = content.get("presets", {})
    presets: dict[str, Preset] = {}
    for name in content["experiments"]:
        fields = others[name] if isinstance(others, dict) and isinstance(others.get(name), dict) else content
        presets[name] = _preset(path, registry.load(name), fields, own_data=bool(_sha256(content)))
    if not presets:
        raise _refused(path, "experiments is empty")
    if len({one.dataset for one in presets.values()} - {NONE}) > 1:
        raise _refused(path, "experiments of several data sets")
    made_by = content.get("made_by")
    return StoredSettings(presets, made_by if isinstance(made_by, str) else None, _sha256(content))


def _sha256(content: Mapping[str, Any]) -> str:
    """Give the sum of a run's data; nothing where none that can be one is stored."""
    found = content.get("dataset_sha256")
    return found if isinstance(found, str) and _SHA256.fullmatch(found) else ""


def _preset(path: Path, experiment: Experiment, content: Mapping[str, Any], own_data: bool) -> Preset:
    """Check the numbers of one experiment."""
    known = {one.name: one for one in dataclasses.fields(experiment.preset_type)}
    held: dict[str, Any] = {name: content[name] for name in known if name in content}
    if "dataset" not in held:
        raise _refused(path, "dataset is missing")
    for name, value in held.items():
        if name == "dataset":
            wrong = _wrong_dataset(experiment, value, own_data)
        else:
            wrong = values.wrong(known[name].type, name, value)
        if wrong:
            raise _refused(path, f"{name} is {checks.shown(value)}: {wrong}")
    fields: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in held.items()}
    return experiment.preset_type(**fields)


def _wrong_dataset(experiment: Experiment, value: Any, own_data: bool) -> str:
    """Say what the name of a data set should be: any where the data's own sum is stored beside it."""
    if value in experiment.datasets:
        return ""
    own = own_data and NONE not in experiment.datasets and isinstance(value, str)
    if own and value.isprintable() and 0 < len(value) <= LONGEST_NAME:
        return ""
    return f"one of {', '.join(sorted(experiment.datasets))} is expected"


def _refused(path: Path, what: str) -> ForeignFileError:
    return ForeignFileError(f"{path}: not the settings of a run ({what}); run reproduce again")


def names(path: Path) -> tuple[str, ...]:
    """Read only which experiments a run is of."""
    return tuple(_content(path)["experiments"])


def _content(path: Path) -> dict[str, Any]:
    """Give the object in the file, its format and names of experiments checked."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        form, listed = content["format"], content["experiments"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = " ".join(f"{type(error).__name__ if isinstance(error, RecursionError) else error}".split())
        raise _refused(path, reason) from error
    if form != FORMAT or isinstance(form, bool):
        shown = checks.shown(form)
        raise ForeignFileError(f"{path}: format {shown} is not {FORMAT}; run reproduce again with this version")
    if not isinstance(listed, list) or len({str(name) for name in listed}) < len(listed):
        raise ForeignFileError(f"{path}: experiments is no list of names, each once; run reproduce again")
    if unknown := [name for name in listed if name not in registry.names()]:
        shown = checks.shown(unknown[0])
        raise ForeignFileError(f"{path}: names {shown}, which is no experiment; run reproduce again")
    return content
