"""Options that optimisers really have, so that a name with a slip in it is not taken for one that changes nothing."""

import difflib
from collections.abc import Iterable

_ALL = "lr eps weight_decay foreach maximize differentiable"
_ADAM = f"{_ALL} betas capturable"
TORCH = {
    "adam": f"{_ADAM} amsgrad fused decoupled_weight_decay",
    "adamw": f"{_ADAM} amsgrad fused",
    "nadam": f"{_ADAM} momentum_decay decoupled_weight_decay",
    "radam": f"{_ADAM} decoupled_weight_decay",
    "adamax": _ADAM,
    "muon": "lr weight_decay momentum nesterov ns_coefficients eps ns_steps adjust_lr_fn",
    "adafactor": "lr beta2_decay eps d weight_decay foreach maximize",
    "sgd": f"{_ALL} momentum dampening nesterov fused",
    "rmsprop": f"{_ALL} alpha momentum centered capturable",
    "adagrad": f"{_ALL} lr_decay initial_accumulator_value fused",
    "adadelta": f"{_ALL} rho capturable",
    "asgd": f"{_ALL} lambd alpha t0 capturable",
    "rprop": f"{_ALL} etas step_sizes capturable",
    "lbfgs": "lr max_iter max_eval tolerance_grad tolerance_change history_size line_search_fn",
    "sparseadam": "lr betas eps maximize",
}
"""Of PyTorch 2.13, by name in small letters."""
OPTAX = (
    "accumulator_dtype adam_b1 adam_b2 adam_eps_root adam_learning_rate adam_weight_decay adaptive alpha b1 b2 b3 beta "
    "beta3 bias_correction centered clip_threshold clipping_threshold consistent_rms decay_offset decay_rate "
    "dtype_momentum eps eps_in_sqrt eps_root eta eta_minus eta_plus factored gamma initial_accumulator_value "
    "initial_scale key learning_rate lower_bound mask min_dim_size_to_factor momentum mu_dtype "
    "multiply_by_parameter_scale muon_weight_dimension_numbers nesterov ns_coeffs ns_steps preconditioning rank rho "
    "seed state_dtype threshold trust_coefficient trust_ratio_mask update_interval warmup_steps weight_decay "
    "weight_decay_mask weight_decay_rate weight_lr_power"
)
KERAS = (
    "adam_beta_1 adam_beta_2 adam_lr_ratio adam_weight_decay amsgrad beta beta_1 beta_2 beta_2_decay centered "
    "clip_threshold clipnorm clipvalue ema_momentum ema_overwrite_frequency epsilon epsilon_1 epsilon_2 "
    "exclude_embeddings exclude_layers global_clipnorm gradient_accumulation_steps initial_accumulator_value "
    "learning_rate loss_scale_factor momentum name nesterov ns_steps relative_step rho rms_rate use_ema warmup_steps "
    "weight_decay"
)
NEAR = 0.75
"""Likeness of two words from which on one is a slip for the other, of libraries whose options are not listed here."""


def refusal(library: str, name: str, option: str, known: Iterable[str]) -> str:
    """Say why an option cannot be meant; empty for one that may be.

    Parameters
    ----------
    library, name : str
        As the table of optimisers has them.
    option : str
        That no law reads.
    known : iterable of str
        Options that laws read.

    Examples
    --------
    >>> refusal("torch", "SGD", "momentun", ["momentum"])
    'momentun is no option of it: did you mean momentum?'
    >>> refusal("torch", "SGD", "foreach", ["momentum"])
    ''
    >>> refusal("torch", "AdamW", "momentum", ["betas"])
    'momentum is no option of it: lr, eps, weight_decay, foreach, maximize, differentiable, betas, ... are'
    """
    real = _real(library, name)
    if option in real:
        return ""
    near = difflib.get_close_matches(option, dict.fromkeys((*real, *known)), 1, cutoff=0.6 if real else NEAR)
    if near:
        return f"{option} is no option of it: did you mean {near[0]}?"
    return f"{option} is no option of it: {', '.join(real[:7])}, ... are" if real else ""


def _real(library: str, name: str) -> list[str]:
    """List the options of an optimiser; none where they are not known."""
    if library == "torch":
        return TORCH.get(name.rpartition(".")[2].lower(), "").split()
    return {"optax": OPTAX, "keras": KERAS}.get(library, "").split()
