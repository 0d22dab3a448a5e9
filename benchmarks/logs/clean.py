"""Trainings without a mistake, of many kinds: nothing may be found in their logs."""

from benchmarks.logs.case import Case

MOMENTUM = {"momentum": 0.9}
ADAMW = {"optimiser": "AdamW", "said": "torch:AdamW", "lr": 5e-3, "weight_decay": 0.5}
SGD = {"optimiser": "SGD", "said": "torch:SGD(momentum=0.9)", "lr": 0.05, "weight_decay": 6e-3, "options": MOMENTUM}
KERAS_ADAMW = {**ADAMW, "said": "keras:AdamW"}
KERAS_SGD = {**SGD, "said": "keras:SGD(momentum=0.9)", "weight_decay": 0.05}
TRAINER = {**ADAMW, "optimiser": "Trainer"}
SEQUENCES = {"data": "chain", "steps": 1600}
SHORTER = {"steps": 2000, "every": 20}
LENGTHS = {
    "keras": {"steps": 1400, "batch": 128}, "lightning": SHORTER, "transformers": SHORTER,
    "tensorboard": SHORTER, "torch": {"steps": 2000, "every": 80}, "npz": {"steps": 2000, "every": 80},
    "safetensors": {"steps": 2000, "every": 80},
}  # fmt: skip
"""By writer, where it is not 3000 steps with 120 records: several timescales of the decay all the same."""


def _case(name: str, writer: str, network: str, like: dict, **more: object) -> Case:
    parts = {"name": name, "writer": writer, "network": network, **LENGTHS.get(writer, {}), **like, **more}
    return Case(**parts)  # pyrefly: ignore


CLEAN = (
    _case("adamw", "keras", "mlp_batchnorm", KERAS_ADAMW),
    _case("sgd_momentum", "keras", "mlp_batchnorm", KERAS_SGD, seed=1),
    _case("sgd_unnormalised", "keras", "mlp", KERAS_SGD, lr=0.02, seed=2),
    _case("conv_adamw_cosine", "keras", "conv", KERAS_ADAMW, schedule="cosine", seed=3),
    _case("adam_without_decay", "keras", "mlp", KERAS_ADAMW, optimiser="Adam", said="keras:Adam", weight_decay=0.0),
    _case("lion_warmup", "keras", "mlp_batchnorm", KERAS_ADAMW, optimiser="Lion", said="keras:Lion", lr=1e-3,
          weight_decay=2.0, schedule="warmup", seed=4),
    _case("sgd_momentum", "keras_hook", "conv", KERAS_SGD, every=25, seed=28),
    _case("adamw", "jax_hook", "mlp_batchnorm", ADAMW, optimiser="adamw", said="optax:adamw", seed=29),
    _case("adamw", "lightning", "mlp_batchnorm", ADAMW, seed=5),
    _case("adamw_unnormalised", "lightning", "mlp", ADAMW, seed=6),
    _case("layernorm_adamw_warmup_cosine", "lightning", "mlp_layernorm", ADAMW, schedule="warmup_cosine", seed=7),
    _case("conv_sgd_momentum_cosine", "lightning", "conv", SGD, schedule="cosine", seed=8),
    _case("mixed_precision", "lightning", "mlp_batchnorm", ADAMW, dtype="mixed", lr=2e-3, seed=9, steps=3000, every=30),
    _case("transformer_adamw", "lightning", "transformer", ADAMW, **SEQUENCES, seed=10),
    _case("adamw_linear", "transformers", "mlp_batchnorm", TRAINER, schedule="linear", seed=11),
    _case("transformer_adamw_warmup", "transformers", "transformer", TRAINER, schedule="warmup", **SEQUENCES),
    _case("sgd_momentum", "transformers", "mlp_layernorm", SGD, seed=12),
    _case("adam_without_decay", "transformers", "mlp_batchnorm", ADAMW, optimiser="Adam", said="torch:Adam",
          weight_decay=0.0, seed=13),
    _case("no_norms", "transformers", "mlp_batchnorm", TRAINER, norms=False, seed=14),
    _case("adamw", "tensorboard", "mlp_batchnorm", ADAMW, seed=15),
    _case("conv_sgd_staircase", "tensorboard", "conv", SGD, schedule="staircase", seed=16),
    _case("lion", "tensorboard", "mlp_batchnorm", ADAMW, optimiser="Lion", said="lion_pytorch:Lion", lr=1e-3,
          weight_decay=2.0, seed=17),
    _case("muon", "hook", "mlp_batchnorm", ADAMW, optimiser="Muon", said="torch:Muon", lr=0.01, weight_decay=0.2,
          seed=18),
    _case("sgd_plain", "hook", "mlp_batchnorm", SGD, said="torch:SGD", options={}, lr=0.2, weight_decay=0.01, seed=19),
    _case("adamw_short", "jsonl", "mlp_batchnorm", ADAMW, steps=300, every=3, seed=20),
    _case("adamw_as_usual", "jsonl", "mlp", ADAMW, lr=1e-3, weight_decay=0.01, seed=21),
    _case("adam_l2", "hook", "mlp_batchnorm", ADAMW, optimiser="Adam", said="torch:Adam", lr=2e-3, weight_decay=5e-4,
          seed=22),
    _case("adamw_betas", "hook", "conv", ADAMW, said="torch:AdamW(betas=(0.9,0.95))", options={"betas": (0.9, 0.95)},
          seed=23),
    _case("bfloat16_strong", "jsonl", "mlp_batchnorm", ADAMW, dtype="bfloat16", lr=0.02, weight_decay=1.0, seed=24,
          steps=1500, every=15),
    _case("adamw", "safetensors", "small", ADAMW, seed=25),
    _case("sgd_momentum", "npz", "small", SGD, seed=26),
    _case("adamw_cosine", "torch", "small", ADAMW, schedule="cosine", seed=27),
)  # fmt: skip
"""One of them has no norms: nothing can be said."""
