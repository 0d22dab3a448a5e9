"""Under which words the numbers of a prediction are printed, in that order."""

LABELS = {
    "eta": "learning rate η",
    "lmbda": "Nielsen's λ",
    "weight_decay": "weight_decay, λ/n",
    "n": "training examples n",
    "m": "minibatch m",
    "steps_per_epoch": "steps per epoch, ⌈n/m⌉",
    "total_steps": "steps of the run, T",
    "total_epochs": "epochs of the run",
    "per_step_decay": "decay per step, ε = ηλ/n",
    "per_step_decay_mean": "decay per step, mean over the run",
    "per_step_decay_last": "decay per step, last step",
    "momentum": "momentum μ of SGD, which the decay goes through",
    "per_step_decay_with_momentum": "decay per step with momentum, 1 − r",
    "per_step_factor": "factor per step, 1 − ε",
    "per_epoch_factor": "factor per epoch, exact",
    "per_epoch_factor_limit": "factor per epoch, limit exp(−ηλ/m)",
    "relative_error_of_limit": "relative error of exact against limit",
    "half_life_steps": "half-life, steps",
    "half_life_epochs": "half-life, epochs",
    "half_life_epochs_from_rest": "half-life from a velocity of 0, epochs",
    "half_life_share": "half-life, share of the run",
    "timescale_steps": "timescale, steps",
    "timescale_epochs": "timescale, epochs",
    "timescale_share": "timescale, share of the run",
    "retained": "left of the start at the end of the run",
    "retained_at_constant_rate": "the same at the largest rate throughout",
    "decay_over_run": "decay over the run, 1 − what is left",
    "weight_by_age": "weight of the run's data, each tenth, newest first",
    "median_age_steps": "half of that weight is younger than, steps",
    "rms_at_rest": "rms of weights at rest on noise",
    "rms_at_rest_least": "rms of weights at rest on noise, at least",
    "rms_at_rest_most": "rms of weights at rest on noise, at most",
    "rotation_at_rest": "rotation per step at rest, degrees",
    "rotation_at_rest_least": "rotation per step at rest, at least, degrees",
    "rotation_at_rest_most": "rotation per step at rest, at most, degrees",
    "steps_to_rest": "steps until 1 % is left of the distance from rest",
    "rms_at_end": "rms at the end of the run on noise, from N(0,1/n_in)",
    "n_in": "inputs per neuron n_in",
    "epochs_to_fan_in_exact": "t*, exact: epochs, N(0,1) to N(0,1/n_in)",
    "epochs_to_fan_in": "t*, limit: epochs, N(0,1) to N(0,1/n_in)",
}
LIMITS = {
    # (m does not divide n, with momentum): the limit; in an uneven epoch there are more than n/m steps
    (False, False): "exp(−ηλ/m)",
    (True, False): "exp(−ηλ⌈n/m⌉/n)",
    (False, True): "exp(−ηλ/(m(1 − μ)))",
    (True, True): "exp(−ηλ⌈n/m⌉/(n(1 − μ)))",
}
OF_MOMENTUM = ("momentum", "per_step_decay_with_momentum", "half_life_epochs_from_rest")
OF_FAN_IN = ("n_in", "epochs_to_fan_in_exact", "epochs_to_fan_in")
OF_EPOCHS = ("lmbda", "n", "m", "steps_per_epoch", "total_epochs", "half_life_epochs", "timescale_epochs")
OF_A_CONSTANT_RATE = ("per_step_factor", "per_epoch_factor", "per_epoch_factor_limit", "relative_error_of_limit")
OF_A_SCHEDULE = ("per_step_decay_mean", "per_step_decay_last", "retained_at_constant_rate")
OF_A_RUN = (
    *("total_steps", "total_epochs", "half_life_share", "timescale_share", "retained", "decay_over_run"),
    *("weight_by_age", "median_age_steps"),
)
OF_MORE = ("half_life_steps", "timescale_steps", "timescale_epochs", "steps_to_rest")
OF_REST = (
    *("rms_at_rest", "rms_at_rest_least", "rms_at_rest_most"),
    *("rotation_at_rest", "rotation_at_rest_least", "rotation_at_rest_most", "steps_to_rest"),
    "rms_at_end",
)
SCHEDULED = {
    "eta": "learning rate η, the largest",
    "per_step_decay": "decay per step at the largest rate, ε = ηλ/n",
    "per_step_decay_with_momentum": "decay per step with momentum at the largest rate, 1 − r",
    "half_life_steps": "half-life from the start of the run, steps",
    "half_life_epochs": "half-life from the start of the run, epochs",
    "rms_at_rest": "rms of weights at rest on noise, at the largest rate",
    "rms_at_rest_least": "rms at rest on noise, at the largest rate, at least",
    "rms_at_rest_most": "rms at rest on noise, at the largest rate, at most",
    "rotation_at_rest": "rotation per step at rest, at the largest rate, degrees",
    "rotation_at_rest_least": "rotation per step, at the largest rate, at least, degrees",
    "rotation_at_rest_most": "rotation per step, at the largest rate, at most, degrees",
}
"""What some are called under a schedule."""
