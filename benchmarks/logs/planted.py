"""Trainings with one mistake each, made where it is made in life: in the code that trains, never in the log."""

from benchmarks.logs.case import ALL, PARTLY, Case
from benchmarks.logs.clean import ADAMW, KERAS_ADAMW, KERAS_SGD, MOMENTUM, SGD, TRAINER, _case

LOST, AMPLIFIED = "decay lost to precision", "decay amplified by momentum"
STOPPED, MISSING, OTHER = "decay stopped by the schedule", "no decay on a layer", "decay other than asked"

ROUNDED = {
    "dtype": "bfloat16", "lr": 2e-3, "weight_decay": 0.5, "steps": 3000, "planted": LOST,
    "layers": (ALL,), "why": "weights in bfloat16 are rounded to the nearest: a decay of 0.001 a step changes none",
}  # fmt: skip
COUPLED = {
    "said": "timm:sgdw(momentum=0.9)", "planted": AMPLIFIED, "layers": (ALL,),
    "why": "torch.optim.SGD decays inside of the momentum: ten times of lr*weight_decay, which was meant",
}  # fmt: skip
ENDED = {
    "schedule": "over_at_a_third", "planted": STOPPED, "layers": (ALL,),
    "why": "the schedule was told a third of the steps: the rate is zero from there on, and with it the decay",
}  # fmt: skip
OTHERWISE = {"planted": OTHER, "layers": (ALL,)}
NEARLY_NONE = {**OTHERWISE, "also": (MISSING,)}
"""A hundredth of what was asked for, or nothing: no decay at all is as right a word."""

PLANTED: tuple[Case, ...] = (
    _case("bfloat16_adamw", "hook", "mlp_batchnorm", ADAMW, **{**ROUNDED, "steps": 5000, "every": 50}, seed=30),
    _case("bfloat16_layernorm", "lightning", "mlp_layernorm", ADAMW, **ROUNDED, seed=31),
    _case("bfloat16_adamw", "keras", "mlp_batchnorm", KERAS_ADAMW, **ROUNDED, seed=32),
    _case("bfloat16_trainer", "transformers", "mlp_batchnorm", TRAINER, **ROUNDED, optim="adamw_torch", seed=33),
    _case("bfloat16_fused", "transformers", "mlp_batchnorm", TRAINER, seed=54, **{**ROUNDED, "planted": PARTLY, "why":
          "the Trainer's own fused AdamW rounds decay and step together: between a half and all of the decay is left"}),
    _case("sgd_coupled", "lightning", "mlp_batchnorm", SGD, **COUPLED, seed=34),
    _case("sgd_l2_regularizer", "keras", "mlp_batchnorm", KERAS_SGD, seed=35, planted=AMPLIFIED, also=(OTHER,),
          layers=(ALL,), weight_decay=6e-3, really={"weight_decay": None}, options={**MOMENTUM, "regularizer": 3e-3},
          why="regularizers.L2(weight_decay/2) is inside of the momentum, SGD(weight_decay=...) beside it"),
    _case("sgd_coupled", "transformers", "mlp_layernorm", SGD, **COUPLED, seed=36),
    _case("conv_sgd_coupled", "tensorboard", "conv", SGD, **COUPLED, seed=37),
    _case("adamw_ended", "lightning", "mlp_batchnorm", ADAMW, **ENDED, seed=38),
    _case("adamw_ended", "keras", "conv", KERAS_ADAMW, **ENDED, seed=39),
    _case("adamw_ended", "transformers", "mlp_batchnorm", ADAMW, **ENDED, seed=40),
    _case("sgd_ended", "tensorboard", "mlp_batchnorm", SGD, **ENDED, seed=41),
    _case("group_without_decay", "lightning", "mlp_batchnorm", ADAMW, undecayed=("hidden2",), planted=MISSING,
          layers=("hidden2",), seed=42, why="hidden2 is in the parameter group of biases, whose weight_decay is 0"),
    _case("excluded", "keras", "mlp_batchnorm", KERAS_ADAMW, undecayed=("hidden1",), planted=MISSING,
          layers=("hidden1",), seed=43, why="exclude_from_weight_decay was given the kernel of hidden1"),
    _case("name_with_bias", "transformers", "named", TRAINER, planted=MISSING, layers=("debias",), seed=44,
          why="the Trainer leaves out every parameter whose name has \"bias\" in it, debias.weight too"),
    _case("not_handed_over", "tensorboard", "conv", SGD, unhanded=("conv1",), planted=MISSING, layers=("conv1",),
          seed=45, why="the optimiser was never given conv1"),
    _case("group_without_decay", "safetensors", "small", ADAMW, undecayed=("hidden1",), planted=MISSING,
          layers=("hidden1",), seed=46, why="hidden1 is in a group whose weight_decay is 0"),
    _case("adam_for_adamw", "hook", "mlp_batchnorm", ADAMW, optimiser="Adam", **OTHERWISE, seed=47,
          why="torch.optim.Adam for AdamW: its weight_decay is divided by the gradient's size"),
    _case("default_is_zero", "transformers", "mlp_batchnorm", TRAINER, really={"weight_decay": 0.0}, **NEARLY_NONE,
          seed=48, why="TrainingArguments(weight_decay=...) was left out: it is 0 by default"),
    _case("rate_forgotten", "jsonl", "mlp_batchnorm", SGD, said="timm:sgdw(momentum=0.9)", optimiser="ForgottenRate",
          lr=0.02, weight_decay=3e-3, **OTHERWISE, seed=49,
          why="a hand-written decay of weight_decay, not lr*weight_decay"),
    _case("torch_number_in_keras", "keras", "mlp_batchnorm", SGD, **OTHERWISE, seed=50,
          why="PyTorch's weight_decay of SGD with momentum in Keras, whose decay does not go through the momentum"),
    _case("keras_default", "keras", "mlp_batchnorm", KERAS_ADAMW, really={"weight_decay": 0.004}, **NEARLY_NONE,
          seed=51, why="AdamW() in Keras decays by 0.004 where nothing is said"),
    _case("adamw_times_lr", "tensorboard", "mlp_batchnorm", ADAMW, weight_decay=2e-3, **NEARLY_NONE, seed=52,
          said="pytorch_optimizer:AdamW(fixed_decay=True)",
          why="AdamW of PyTorch multiplies by lr what was meant for a step"),
    _case("masked", "jax_hook", "mlp_batchnorm", ADAMW, optimiser="adamw", said="optax:adamw", undecayed=("hidden2",),
          planted=MISSING, layers=("hidden2",), seed=55, why="the mask of optax.adamw leaves hidden2 out"),
    _case("weights_of_adam_l2", "torch", "small", ADAMW, optimiser="Adam", **OTHERWISE, seed=53, lr=2e-3,
          weight_decay=0.02, why="torch.optim.Adam for AdamW"),
)  # fmt: skip
