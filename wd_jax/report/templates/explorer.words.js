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

/** The setting in sentences: what the status line says and the plots' text alternatives repeat. */
function inWords(values, result) {
  if (!result.decays) {
    const factor = written(result.per_step_decay);
    return `Out of range: a step would remove ${factor} times the weight. The exact formulas need ηλ/n below 1: lower η or λ, or raise n.`;
  }
  const level = levelOfFanIn(counted(values));
  const words = [
    `By decay alone a weight is multiplied by ${written(result.per_epoch_factor, 6)} per epoch: half is left after ` +
      `${written(result.half_life_epochs)} epochs, and 1/√n_in = ${written(level)} is reached after ${written(result.epochs_to_fan_in_exact)}.`,
    result.plateau_rms > 1
      ? `The plateau, ${written(result.plateau_rms)}, lies above the start: with this Q the weights grow.`
      : result.plateau_rms > level
      ? `The plateau, ${written(result.plateau_rms)}, lies above that: with this Q the weights never come down to 1/√n_in.`
      : `The plateau, ${written(result.plateau_rms)}, lies below that.`,
  ];
  if (values.momentum > 0) {
    words.push(
      result.overdamped
        ? `With momentum the slow mode's factor is ${written(result.momentum_per_epoch_factor, 6)}.`
        : `With momentum a weight oscillates: λ is beyond ${written(result.critical_lmbda)}, where more λ no longer speeds the decay.`,
    );
  }
  return words.join(" ");
}

function float32Words(result) {
  const { lost, doubtful } = data.float32;
  const epsilon = `ε = ${written(result.per_step_decay)}`;
  if (result.float32 === "lost") {
    return `float32 warning: ${epsilon} is not above ${written(lost, 2)}, so 1 − ε is rounded to 1 and no decay is left. Use dtype="float64".`;
  }
  if (result.float32 === "doubtful") {
    return `float32 warning: ${epsilon} is below ${written(doubtful, 2)}; weights without gradient decay at a rate that is wrong by percents. Use dtype="float64".`;
  }
  return `float32: ${epsilon} is large enough to be kept.`;
}
