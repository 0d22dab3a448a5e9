// What is said in words: about a text that is no number, a setting that cannot be, and a setting that can.

/** The number typed into a field, or what is wrong with it in words. */
function read({ name, symbol, whole }, text) {
  const typed = text.trim().replace(/[\s\u202f_]/g, "").replace("−", "-");
  if (typed === "") return { problem: `${symbol} is empty: type a number.` };
  if (typed.includes(",")) return { problem: `“${text.trim()}” has a comma: write 0.1 or 50000.` };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed)) {
    return { problem: `“${text.trim()}” is not a number: write it like 0.1 or 1e-3.` };
  }
  const value = Number(typed);
  if (name === "momentum") {
    return value >= 0 && value <= 0.999999 ? { value } : { problem: `${symbol} goes from 0 to 0.999999.` };
  }
  if (whole && !(Number.isInteger(value) && value >= 1)) return { problem: `${symbol} counts: give a whole number from 1.` };
  if (!(value > 0)) return { problem: `${symbol} must be above 0.` };
  if (value < 1e-12 || value > 1e12) return { problem: `${symbol} must lie between 1e-12 and 1e12.` };
  return { value };
}

/** What is wrong with numbers that are each possible, or nothing. */
function misfit({ n, m }) {
  return m > n ? `A minibatch of m = ${written(m, 12)} is larger than the n = ${written(n, 12)} examples: lower m or raise n.` : "";
}

/** Where Q comes from, in two sentences: for beside its field, and for behind the plateau where that needs one. */
function supplyWords(values, { note, measured, values: chosen, choices }) {
  if (values.Q !== chosen.Q) {
    return { note: "These are your own numbers.", caveat: "Q is your own number here; a network's Q changes with the setting." };
  }
  const opened = { ...data.choices, ...choices };
  const others = ["optimiser", "schedule"].filter((name) => (values[name] ?? opened[name]) !== opened[name]);
  const changing = data.controls.filter(({ name }) => name !== "epochs");
  if (!others.length && changing.every(({ name }) => values[name] === chosen[name])) return { note, caveat: "" };
  const at = changing.filter(({ name }) => name !== "Q").map(({ name, symbol }) => `${symbol} = ${written(chosen[name], 7)}`);
  const with_others = others.length ? `, with another ${others.join(" and another ")}` : "";
  const caveat = `Q ${measured ? "was measured" : "is an example"} at ${at.join(", ")}${with_others}; it changes with the setting.`;
  return { note: caveat, caveat };
}

/** The setting in sentences: what the status line says and the plots' text alternatives repeat. */
function inWords(values, result, caveat) {
  if (!result.rated) {
    return "Adam and RMSprop divide an L2 term by the size of the gradients, so that the decay has no rate of its own: no factor and no half-life. See the derivation adam_l2.";
  }
  if (!result.decays) {
    const factor = written(result.per_step_decay);
    return `Out of range: a step would remove ${factor} times the weight. The exact formulas need ηλ/n below 1: lower η or λ, or raise n.`;
  }
  const level = levelOfFanIn(counted(values));
  const words = [
    `By decay alone${result.through ? ", without momentum," : ""} a weight is multiplied by ${written(result.per_epoch_factor, 6)} per epoch: half is left after ` +
      `${written(result.half_life_epochs)} epochs, and 1/√n_in = ${written(level)} is reached after t* = ` +
      `${written(result.epochs_to_fan_in_exact)} (exact; the limit says ${written(result.epochs_to_fan_in)}).`,
    result.plateau_rms > 1
      ? `The plateau of all n_w weights, ${written(result.plateau_rms)}, lies above the start: with this Q they grow.`
      : result.plateau_rms > level
      ? `The plateau of all n_w weights, ${written(result.plateau_rms)}, lies above that: with this Q their rms never comes down to 1/√n_in.`
      : `The plateau of all n_w weights, ${written(result.plateau_rms)}, lies below that.`,
    caveat,
    runWords(values, result),
  ];
  if (values.momentum > 0) {
    words.push(
      "The plateau is that of no momentum.",
      !result.through
        ? "The decay does not go through the momentum."
        : result.overdamped
        ? `With momentum the slow mode's factor is ${written(result.momentum_per_epoch_factor, 6)}, and half is left after ` +
          `${written(result.momentum_half_life_epochs)} epochs.`
        : `With momentum a weight oscillates: λ is beyond ${written(result.critical_lmbda)}, where more λ no longer speeds the decay.`,
    );
  }
  return words.filter(Boolean).join(" ");
}

/** What the run leaves, under its schedule. */
function runWords(values, result) {
  const left = result.run_factor ?? result.run_factor_limit, scheduled = (values.schedule ?? "constant") !== "constant";
  if (left === null) return "";
  const { label } = data.schedules.find(({ name }) => name === (values.schedule ?? "constant"));
  const how = values.optimiser === "absolute" ? "a decay that no schedule scales" : scheduled ? `the learning rate ${label}` : "a constant learning rate";
  const share = result.run_timescale ?? result.run_timescale_limit;
  return (
    `A run of ${written(result.total_steps, 12)} steps with ${how} leaves ${written(left)} of a weight` +
    `${result.run_factor === null ? ", in the limit ηλ ≪ n(1 − μ)²" : ""}; its timescale is ${written(share)} of the run.` +
    (result.total_steps * result.beyond_second_order > 1e-3
      ? ` A step is so large that the logarithm of this may be off by ${written(result.total_steps * result.beyond_second_order, 2)}.`
      : "")
  );
}

function precisionWords(values, result) {
  const dtype = values.precision ?? data.choices.precision;
  const { lost, stuck, doubtful } = data.precision.dtypes[dtype];
  const largest = values.schedule && values.schedule !== "constant" && values.optimiser !== "absolute" ? " at the largest learning rate" : "";
  const share = (result.through ? `ε/(1 − μ) = ${written(result.momentum_per_step_decay)}` : `ε = ${written(result.per_step_decay)}`) + largest;
  const remedy = { float32: 'Use dtype="float64".', float64: "No dtype keeps so little." }[dtype] ?? "Keep float32 master weights.";
  const warning = (what) => `${dtype} warning: ${share} is ${what} ${remedy}`;
  const about = ` Over a half-life they keep about ${written(result.share_kept, 2)} of the rate.`;
  switch (result.precision) {
    case "lost":
      return warning(`not above ${written(lost, 2)}: a weight without gradient does not move, no decay is left.`);
    case "stuck":
      return warning(`below ${written(stuck, 2)}: weights without gradient stop moving one after the other.${about}`);
    case "doubtful":
      return warning(
        `below ${written(doubtful, 2)}: weights without gradient decay at a rate that is wrong, by percents or, near ${written(stuck, 2)}, by up to half.${about}`,
      );
    case "kept":
      return `${dtype}: ${share} is large enough to be kept.`;
    default:
      return `${dtype} is not judged here, where ${result.rated ? "weights oscillate" : "decay has no rate"}.`;
  }
}
