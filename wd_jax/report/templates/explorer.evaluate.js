// Every number of the explorer at one setting. What is computed comes from `formulas`, which the derivations print;
// `data` is what explorer.py or the notebook's widget gives.

/** A setting as formulas take it: weights start at 1, and n/m is the whole number of steps that an epoch has. */
function counted(values) {
  const steps_per_epoch = Math.ceil(values.n / values.m);
  return { ...values, m: values.n / steps_per_epoch, steps_per_epoch, weight_rms_0: 1 };
}

/** The steps of a run, and of each part of its schedule; a part without a share has what the others leave. */
function lengthsOf({ epochs, steps_per_epoch, schedule }) {
  const total_steps = epochs * steps_per_epoch;
  const { parts } = data.schedules.find(({ name }) => name === schedule);
  const lengths = Object.fromEntries(parts.filter(([, share]) => share !== null).map(([name, share]) => [name, evenly(share * total_steps)]));
  const left = Object.values(lengths).reduce((rest, length) => rest - length, total_steps);
  for (const [name, share] of parts) if (share === null) lengths[name] = left;
  return { ...lengths, total_steps };
}

/** Rounded as Python does: a half to the even one. */
function evenly(x) {
  const below = Math.floor(x), over = x - below;
  return over === 0.5 ? below + (below % 2) : Math.round(x);
}

/** How the chosen optimiser decays. lmbda: what decays as much in a step without momentum; null where nothing does. */
function decayOf(at) {
  const { optimiser, momentum, lmbda } = at;
  const through = momentum > 0 && (optimiser === "sgd" || optimiser === "nesterov");
  const critical = optimiser === "nesterov" ? formulas.nesterov_critical_lmbda(at) : formulas.critical_lmbda(at);
  const rated = optimiser !== "adam_l2", overdamped = rated && !(through && lmbda >= critical);
  const slow = optimiser === "nesterov" ? formulas.lmbda_of_nesterov : formulas.lmbda_of_slow_mode;
  return {
    rated,
    through,
    critical,
    overdamped,
    schedule: optimiser === "absolute" ? "constant" : at.schedule,
    slow: !overdamped ? null : through ? slow(at) : lmbda,
    leading: !overdamped ? null : through ? formulas.lmbda_of_leading(at) : lmbda,
  };
}

/** What a dtype does to a weight without gradient of which a step removes this share: a word, and how much is kept. */
function kept(share, precision) {
  const { lost, stuck, doubtful, spaces } = data.precision.dtypes[precision];
  const word = share <= lost ? "lost" : share < stuck ? "stuck" : share < doubtful ? "doubtful" : "kept";
  const table = data.precision.kept, place = nearest(table.map(([decay]) => decay), share * spaces);
  return { word, share: word === "lost" ? 0 : word === "kept" ? 1 : table[place][1] };
}

/** Every number of the page at one setting; null where a formula does not hold. */
function evaluate(given) {
  const at = counted({ ...data.choices, epochs: 1, ...given });
  const { rated, through, critical, overdamped, schedule, slow, leading } = decayOf(at);
  const epsilon = formulas.per_step_decay(at);
  const decays = epsilon < 1;
  const number = (name, holds = true) => (holds && rated ? formulas[name](at) : null);
  const inTheGradient = at.optimiser === "sgd" && overdamped;
  const alike = { ...at, lmbda: slow };
  const lengths = lengthsOf({ ...at, schedule });
  const run = (what, lmbda, holds) => (holds ? formulas[`run_${what}_${schedule}`]({ ...at, ...lengths, step: lengths.total_steps, lmbda }) : null);
  const exact = decays && overdamped && !(through && schedule !== "constant");
  const nesterov = at.optimiser === "nesterov" && overdamped && decays;
  const held = !overdamped ? null : through ? formulas.momentum_per_step_decay(at) : epsilon;
  const precision = held === null ? { word: null, share: null } : kept(held, at.precision);
  return Object.freeze({
    steps_per_epoch: at.steps_per_epoch,
    total_steps: lengths.total_steps,
    weight_decay: formulas.weight_decay(at),
    per_step_decay: rated ? epsilon : null,
    momentum_per_step_decay: number("momentum_per_step_decay", inTheGradient || nesterov),
    per_epoch_factor: number("per_epoch_factor", decays),
    per_epoch_factor_limit: number("per_epoch_factor_limit"),
    relative_error_of_limit: number("relative_error_of_limit", decays),
    half_life_epochs: number("half_life_epochs", decays),
    epochs_to_fan_in_exact: number("epochs_to_fan_in_exact", decays),
    epochs_to_fan_in: number("epochs_to_fan_in"),
    momentum_per_epoch_factor: nesterov ? formulas.per_epoch_factor(alike) : number("momentum_per_epoch_factor", inTheGradient),
    momentum_per_epoch_factor_leading: number("momentum_per_epoch_factor_leading", inTheGradient || nesterov),
    momentum_half_life_epochs: nesterov ? formulas.half_life_epochs(alike) : number("momentum_half_life_epochs", inTheGradient),
    run_factor: run("factor", slow, exact),
    run_factor_limit: run("factor_limit", leading, leading !== null),
    run_timescale: run("timescale", slow, exact),
    run_timescale_limit: through ? run("timescale", leading, leading !== null) : null,
    beyond_second_order: exact && schedule !== "constant" ? formulas.beyond_second_order(at) : 0,
    critical_lmbda: critical,
    plateau_rms: number("plateau_rms"),
    decays: decays && rated,
    rated,
    through,
    overdamped,
    precision: precision.word,
    share_kept: precision.share,
  });
}

/** What is left of a weight of 1 after each of some shares of the run, in the same form as `run_factor` has. */
function alongTheRun(given, shares) {
  const at = counted({ ...data.choices, ...given });
  const { through, schedule, slow, leading } = decayOf(at);
  const lengths = lengthsOf({ ...at, schedule });
  const exact = !(through && schedule !== "constant");
  const left = formulas[exact ? `run_factor_${schedule}` : `run_factor_limit_${schedule}`];
  return shares.map((share) => {
    const step = share * lengths.total_steps;
    return [share * at.epochs, left({ ...at, ...lengths, step, lmbda: exact ? slow : leading })];
  });
}

/** 1/sqrt(n_in), as where decay alone is when it gets there; a plateau of 0 is decay alone. */
function levelOfFanIn(at) {
  return formulas.relaxed_rms_limit({ ...at, epoch: formulas.epochs_to_fan_in(at), weight_rms_plateau: 0 });
}
