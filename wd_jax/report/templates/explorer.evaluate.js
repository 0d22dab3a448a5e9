// Every number of the explorer at one setting. What is computed comes from `formulas`, which the derivations print.

const data = JSON.parse(document.getElementById("explorer-data").textContent);

/** A setting as formulas take it: weights start at 1, and n/m is the whole number of steps that an epoch has. */
function counted(values) {
  const steps_per_epoch = Math.ceil(values.n / values.m);
  return { ...values, m: values.n / steps_per_epoch, steps_per_epoch, weight_rms_0: 1 };
}

/** What float32 does to a weight without gradient of which a step removes this share. */
function kept(share) {
  const { lost, stuck, doubtful } = data.float32;
  if (share <= lost) return "lost";
  if (share < stuck) return "stuck";
  return share < doubtful ? "doubtful" : "kept";
}

/** Every number of the page at one setting; null where a formula does not hold. */
function evaluate(values) {
  const at = counted(values);
  const epsilon = formulas.per_step_decay(at);
  const critical = formulas.critical_lmbda(at);
  const decays = epsilon < 1, overdamped = at.lmbda < critical;
  const number = (name, holds = true) => (holds ? formulas[name](at) : null);
  return Object.freeze({
    steps_per_epoch: at.steps_per_epoch,
    per_step_decay: epsilon,
    momentum_per_step_decay: number("momentum_per_step_decay", overdamped),
    per_epoch_factor: number("per_epoch_factor", decays),
    per_epoch_factor_limit: number("per_epoch_factor_limit"),
    relative_error_of_limit: number("relative_error_of_limit", decays),
    half_life_epochs: number("half_life_epochs", decays),
    epochs_to_fan_in_exact: number("epochs_to_fan_in_exact", decays),
    epochs_to_fan_in: number("epochs_to_fan_in"),
    momentum_per_epoch_factor: number("momentum_per_epoch_factor", overdamped),
    momentum_per_epoch_factor_leading: number("momentum_per_epoch_factor_leading", overdamped),
    momentum_half_life_epochs: number("momentum_half_life_epochs", overdamped),
    critical_lmbda: critical,
    plateau_rms: number("plateau_rms"),
    decays,
    overdamped,
    float32: overdamped ? kept(formulas.momentum_per_step_decay(at)) : null,
  });
}

/** 1/sqrt(n_in), as where decay alone is when it gets there; a plateau of 0 is decay alone. */
function levelOfFanIn(at) {
  return formulas.relaxed_rms_limit({ ...at, epoch: formulas.epochs_to_fan_in(at), weight_rms_plateau: 0 });
}
