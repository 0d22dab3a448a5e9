"""The experiments by name: one line each, in the order in which they are run and reported."""

import importlib

from experiments.experiment import Experiment

HOMES: dict[str, str] = {
    # name: module with a value EXPERIMENT; loaded when it is used
    "claim_1_dominance": "experiments.exercise.dominance",
    "claim_2_epoch_decay": "experiments.exercise.epoch_decay",
    "claim_3_tail_off": "experiments.exercise.tail_off",
    "claim_4_initialisation": "experiments.exercise.initialisation",
}


def names(collection: str = "") -> tuple[str, ...]:
    """List the experiments, those of the exercise in the order of its claims.

    Parameters
    ----------
    collection : str
        "exercise" or "laboratory": those alone. All by default.

    Examples
    --------
    >>> names("exercise")[0], names("laboratory")
    ('claim_1_dominance', ())
    """
    return tuple(name for name in HOMES if not collection or load(name).collection.name == collection)


def load(name: str) -> Experiment:
    """Load an experiment.

    Raises
    ------
    KeyError
        For an unknown name, listing the known ones.

    Examples
    --------
    >>> load("claim_2_epoch_decay").derivations
    ('epoch_decay',)
    """
    if name not in HOMES:
        raise KeyError(f"no experiment {name!r}: choose among {', '.join(HOMES)}")
    return importlib.import_module(HOMES[name]).EXPERIMENT
