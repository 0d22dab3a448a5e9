"""How parameters are handed to an optimiser of torch's protocol: in one list, in a model, or in groups."""

from collections.abc import Mapping
from typing import Any

DECAY_WORDS = ("weight_decay", "wd", "weight_decay_rate")
NOT_HIDDEN = ("embed", "head", "bias", "norm")


def plain(named: Mapping[str, Any], *_: Any) -> list[Any]:
    """Hand over every parameter in one list, as ``model.parameters()`` does."""
    return list(named.values())


def is_hidden_matrix(name: str, parameter: Any) -> bool:
    """Whether Muon's authors would give it to Muon: a matrix that is no embedding and no head."""
    return parameter.ndim >= 2 and not any(word in name for word in NOT_HIDDEN)


def matrices_apart(named: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Split into hidden matrices and all else."""
    hidden = [value for name, value in named.items() if is_hidden_matrix(name, value)]
    rest = [value for name, value in named.items() if not is_hidden_matrix(name, value)]
    return hidden, rest


def muon_groups(named: Mapping[str, Any], lr: float | None, weight_decay: float | None) -> list[dict[str, Any]]:
    """Give two groups told apart by ``use_muon``, each with the rate and the decay in it."""
    given = {key: value for key, value in (("lr", lr), ("weight_decay", weight_decay)) if value is not None}
    hidden, rest = matrices_apart(named)
    groups = [{"params": hidden, "use_muon": True, **given}, {"params": rest, "use_muon": False, **given}]
    return [group for group in groups if group["params"]]


def low_rank_groups(named: Mapping[str, Any], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give hidden matrices a group with the low-rank options (rank, scale, ...), all else one without."""
    hidden, rest = matrices_apart(named)
    groups = [{"params": rest}, {"params": hidden, **options}]
    return [group for group in groups if group["params"]]


def as_model(named: Mapping[str, Any]) -> Any:
    """Give a torch module that holds the parameters under these names, dots and all."""
    import torch

    root = torch.nn.Module()
    for name, parameter in named.items():
        *path, last = name.split(".")
        module = root
        for part in path:
            if part not in dict(module.named_children()):
                module.add_module(part, torch.nn.Module())
            module = getattr(module, part)
        module.register_parameter(last, parameter)
    return root


def model_first(named: Mapping[str, Any], *_: Any) -> Any:
    """Hand over a model, for an optimiser that takes one in place of parameters."""
    return as_model(named)


def decay_word(keys: Any) -> str | None:
    """Give the word for weight decay among these arguments or keys of a group; None where there is none."""
    return next((word for word in DECAY_WORDS if word in keys), None)
