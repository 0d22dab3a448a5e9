"""The experiments by name: one line each, in the order in which they are run and reported."""

import importlib

from experiments.experiment import Experiment

HOMES: dict[str, str] = {
    # name: module with a value EXPERIMENT; loaded when it is used
    "claim_1_dominance": "experiments.exercise.dominance",
    "claim_2_epoch_decay": "experiments.exercise.epoch_decay",
    "claim_3_tail_off": "experiments.exercise.tail_off",
    "claim_4_initialisation": "experiments.exercise.initialisation",
    "floors": "experiments.laboratory.floors",
    "shuffling": "experiments.laboratory.shuffling",
    "scale_invariance": "experiments.laboratory.scale_invariance",
    "rotation_in_networks": "experiments.laboratory.rotation_in_networks",
    "momentum": "experiments.laboratory.momentum",
    "schedules": "experiments.laboratory.schedules",
    "corrected_decay": "experiments.laboratory.corrected_decay",
    "cautious_decay": "experiments.laboratory.cautious_decay",
    "symmetry": "experiments.laboratory.symmetry",
    "ridge": "experiments.laboratory.ridge",
    "online_perceptron": "experiments.laboratory.online_perceptron",
    "saturation": "experiments.laboratory.saturation",
    "adam_l2_and_adamw": "experiments.laboratory.adam_l2_and_adamw",
    "timescale_collapse": "experiments.laboratory.timescale_collapse",
    "best_decay": "experiments.laboratory.best_decay",
    "factors": "experiments.laboratory.factors",
    "neural_collapse": "experiments.laboratory.neural_collapse",
    "low_rank_memory": "experiments.laboratory.low_rank_memory",
    "grokking": "experiments.laboratory.grokking",
    "box_constraint": "experiments.laboratory.box_constraint",
    "muon_as_it_is_run": "experiments.laboratory.muon_as_it_is_run",
    "bfloat16": "experiments.laboratory.bfloat16",
}

COLLECTIONS = ("exercise", "laboratory")
"""The collections by name, one folder each."""


def names(collection: str = "") -> tuple[str, ...]:
    """List the experiments, those of the exercise in the order of its claims.

    Parameters
    ----------
    collection : str
        "exercise" or "laboratory": those alone. All by default.

    Raises
    ------
    ValueError
        For another collection.

    Examples
    --------
    >>> names("exercise")[0], names("laboratory")[0]
    ('claim_1_dominance', 'floors')
    """
    if collection and collection not in COLLECTIONS:
        raise ValueError(f"collection={collection!r}: choose one of {', '.join(COLLECTIONS)}, or leave it out for all")
    return tuple(name for name in HOMES if not collection or load(name).collection.name == collection)


def load(name: str) -> Experiment:
    """Load an experiment by its name, or by the beginning of it.

    Raises
    ------
    KeyError
        For an unknown name, listing the known ones.

    Examples
    --------
    >>> load("claim_2_epoch_decay").derivations
    ('epoch_decay',)
    """
    return importlib.import_module(HOMES[full(name)]).EXPERIMENT


def full(name: str) -> str:
    """Complete the name of an experiment of which the beginning is given.

    Raises
    ------
    KeyError
        Where no experiment begins so, or more than one, listing the known ones.

    Examples
    --------
    >>> full("claim_2")
    'claim_2_epoch_decay'
    """
    found = [name] if name in HOMES else [known for known in HOMES if name and known.startswith(str(name))]
    if len(found) != 1:
        raise KeyError(f"no experiment {name!r}: choose among {', '.join(HOMES)}")
    return found[0]
