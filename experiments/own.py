"""Settings of a user's own on top of a preset: checked, made, and said in the result."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from experiments.experiment import Experiment
from experiments.preset import NONE, Preset, text_of
from experiments.values import LARGEST
from wd_jax.inputs import checks

BORROWED = "digits"
"""Data set whose settings are used on data for which an experiment has none of its own."""
TOLERANCES = (
    "tolerances were fixed beforehand for the presets, and none was chosen for these settings: a word says whether the "
    "law keeps within them here"
)


def base(experiment: Experiment, dataset: str, size: str) -> Preset:
    """Give the preset that a run on some data starts from: on data without presets, that of `BORROWED`.

    Parameters
    ----------
    experiment : Experiment
        Whose.
    dataset : str
        Name of the data; `NONE` where none is needed.
    size : str
        "quick" or "full".

    Raises
    ------
    KeyError
        For a size that there is not.

    Examples
    --------
    >>> from experiments import registry
    >>> found = base(registry.load("claim_2"), "my_data", "quick")
    >>> found.dataset, found.lmbda
    ('my_data', 5.0)
    """
    if dataset in experiment.datasets or NONE in experiment.datasets:
        return experiment.preset(dataset, size)
    return dataclasses.replace(experiment.preset(BORROWED, size), dataset=dataset)


def changed(experiment: Experiment, preset: Preset, settings: Mapping[str, Any]) -> Preset:
    """Put settings of one's own into a preset.

    Parameters
    ----------
    experiment : Experiment
        Whose.
    preset : Preset
        That it starts from.
    settings : mapping
        Values by field, as `experiments.run` takes them. One number will do where a field holds several.

    Raises
    ------
    TypeError
        For a setting that the experiment does not have or does not read, naming the nearest that it does.
    ValueError
        For a value that it cannot be, naming what is expected.

    Examples
    --------
    >>> from experiments import registry
    >>> claim = registry.load("claim_2")
    >>> changed(claim, base(claim, "digits", "quick"), {"lmbda": 2}).lmbda
    2.0
    """
    known = {one.name: one.type for one in dataclasses.fields(preset) if one.name in experiment.settings}
    for name in settings:
        if name not in known:
            raise TypeError(f"{name}={checks.shown(settings[name])}: {unknown(experiment, name)}")
    values = {name: _value(known[name], value) for name, value in settings.items()}
    for name, value in values.items():
        if wrong := experiment.wrong(name, value):
            raise ValueError(f"{name}={checks.shown(settings[name])}: {wrong}")
    made = dataclasses.replace(preset, **values)
    if wrong := made.unfit():
        raise ValueError(wrong)
    return made


def unknown(experiment: Experiment, name: str) -> str:
    """Say that an experiment has no such setting, or does not read it, and which it has.

    Examples
    --------
    >>> from experiments import registry
    >>> unknown(registry.load("claim_2"), "widths")
    'claim_2_epoch_decay does not read it: it reads batch_size, epochs_of_book, eta, factor_seeds, first_seed, hidden, lmbda'
    """  # noqa: E501
    import difflib

    listed = ", ".join(sorted(experiment.settings))
    if name == "dataset":
        return "data are given as data=wd.data.load(...)"
    if name in {one.name for one in dataclasses.fields(experiment.preset_type)}:
        return f"{experiment.name} does not read it: it reads {listed}"
    near = difflib.get_close_matches(name, experiment.settings, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{experiment.name} has no such setting: {hint}it reads {listed}"


def said(experiment: Experiment, preset: Preset) -> tuple[str, ...]:
    """Say in what settings are none of an experiment's presets; nothing if they are one.

    Parameters
    ----------
    experiment : Experiment
        Whose.
    preset : Preset
        Its settings in a run.

    Returns
    -------
    tuple of str
        A line for data without presets, one for numbers that were changed, and one of what both mean for words.

    Examples
    --------
    >>> from experiments import registry
    >>> claim = registry.load("claim_2")
    >>> own = changed(claim, base(claim, "my_data", "quick"), {"lmbda": 2})
    >>> said(claim, own)[:2]
    ('no presets for my_data: the settings are those of digits', 'own settings: lmbda 2 (5 in digits quick)')
    """
    borrowed = preset.dataset not in experiment.datasets
    names = [one for one in experiment.settings if one in {field.name for field in dataclasses.fields(preset)}]
    dataset = BORROWED if borrowed else preset.dataset
    found: dict[str, dict[str, tuple[Any, Any]]] = {}
    for (of, size), one in experiment.presets.items():
        if of == dataset:
            pairs = {name: (getattr(preset, name), getattr(one, name)) for name in names}
            found[size] = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if not found:
        return ()
    size = min(found, key=lambda one: len(found[one]))
    lines = [f"no presets for {preset.dataset}: the settings are those of {BORROWED}"] if borrowed else []
    if found[size]:
        where = f" in {size if dataset == NONE else f'{dataset} {size}'}"
        parts = [f"{name} {text_of(own)} ({text_of(there)})" for name, (own, there) in found[size].items()]
        parts[0] = f"{parts[0][:-1]}{where})"
        lines.append(f"own settings: {', '.join(parts)}")
    return (*lines, TOLERANCES) if lines else ()


def typed(settings: Mapping[str, Any]) -> str:
    """Write settings as Python takes them.

    Examples
    --------
    >>> typed({"lmbda": 2, "widths": (4, 8)})
    ', lmbda=2, widths=(4, 8)'
    """
    return "".join(f", {name}={checks.shown(value)}" for name, value in settings.items())


def several(kind: Any) -> bool:
    """Whether a field holds several numbers.

    Examples
    --------
    >>> several(float), several(tuple[int, ...])
    (False, True)
    """
    return get_origin(kind) is tuple


def number_of(kind: Any) -> type:
    """Give the type of a field's number, or of each of its numbers.

    Examples
    --------
    >>> number_of(float), number_of(tuple[int, ...])
    (<class 'float'>, <class 'int'>)
    """
    return get_args(kind)[0] if several(kind) else kind


def _value(kind: Any, value: Any) -> Any:
    """Give numbers of NumPy and lists as a preset holds them; what is something else is left as it is."""
    if not several(kind):
        return _number(kind, value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    given = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return tuple(_number(number_of(kind), one) for one in given)


def _number(kind: type, value: Any) -> Any:
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if kind is float and real and abs(value) <= LARGEST else value
