// Sliders and fields in, curves and numbers out. What is computed comes from `formulas`, which the derivations print.

const data = JSON.parse(document.getElementById("explorer-data").textContent);
const CONTROLS = data.controls;

/** A setting as formulas take it: weights start at 1, and n/m is the whole number of steps that an epoch has. */
function counted(values) {
  const steps_per_epoch = Math.ceil(values.n / values.m);
  return { ...values, m: values.n / steps_per_epoch, steps_per_epoch, weight_rms_0: 1 };
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
    per_epoch_factor: number("per_epoch_factor", decays),
    per_epoch_factor_limit: number("per_epoch_factor_limit"),
    relative_error_of_limit: number("relative_error_of_limit", decays),
    half_life_epochs: number("half_life_epochs", decays),
    epochs_to_fan_in_exact: number("epochs_to_fan_in_exact", decays),
    epochs_to_fan_in: number("epochs_to_fan_in"),
    momentum_per_epoch_factor: number("momentum_per_epoch_factor", overdamped),
    momentum_per_epoch_factor_leading: number("momentum_per_epoch_factor_leading"),
    critical_lmbda: critical,
    plateau_rms: number("plateau_rms"),
    decays,
    overdamped,
    float32: epsilon <= data.float32.lost ? "lost" : epsilon < data.float32.doubtful ? "doubtful" : "kept",
  });
}

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

/** 1/sqrt(n_in), as where decay alone is when it gets there; a plateau of 0 is decay alone. */
function levelOfFanIn(at) {
  return formulas.relaxed_rms_limit({ ...at, epoch: formulas.epochs_to_fan_in(at), weight_rms_plateau: 0 });
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
    result.plateau_rms > level
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

function drawWeights(svg, values, result, said) {
  const at = counted(values);
  const plateau = result.plateau_rms, level = levelOfFanIn(at);
  const until = (rms) => formulas.epochs_to_plateau({ ...at, weight_rms_plateau: rms });
  const end = roundUp(1.05 * Math.max(until(0.1), result.epochs_to_fan_in, plateau < 1 ? until(plateau) : 0));
  const epochs = between("linear", 0, end, 160);
  const curves = [
    { name: "limit", points: epochs.map((epoch) => [epoch, formulas.relaxed_rms_limit({ ...at, epoch, weight_rms_plateau: 0 })]) },
  ];
  const marks = [];
  if (result.decays) {
    const left = (epoch) => formulas.decayed_rms({ ...at, epoch });
    const held = (epoch) => formulas.relaxed_rms({ ...at, epoch, weight_rms_plateau: plateau });
    curves.unshift({ name: "exact", points: epochs.map((epoch) => [epoch, left(epoch)]) });
    curves.push({ name: "relaxed", points: epochs.map((epoch) => [epoch, held(epoch)]) });
    const half = result.half_life_epochs, t = result.epochs_to_fan_in_exact;
    marks.push({ name: "half_life", x: half, y: left(half), label: `half-life ${written(half)}` });
    marks.push({ name: "fan_in", x: t, y: left(t), label: `t* = ${written(t)}`, below: true });
  }
  drawPlot(svg, {
    x: { scale: "linear", low: 0, high: end, label: "epochs" },
    y: { scale: "log", low: roundDown(0.6 * Math.min(level, plateau, 0.5)), high: roundUp(1.2 * Math.max(1, plateau)), label: "rms weight" },
    curves,
    levels: [
      { name: "fan_in", y: level, label: `1/√n_in = ${written(level)}`, side: "left" },
      { name: "plateau", y: plateau, label: `plateau ${written(plateau)}`, side: "right" },
    ],
    marks,
    said: `Line plot of the rms weight against epochs, from 1 at epoch 0, logarithmic. ${said}`,
  });
}

function drawFactor(svg, values, result) {
  const { low, high } = CONTROLS.find(({ name }) => name === "lmbda");
  const from = Math.min(Number(`1e${low}`), values.lmbda), to = Math.max(Number(`1e${high}`), values.lmbda);
  const lmbdas = between("log", from, to, 200);
  const records = lmbdas.map((lmbda) => [lmbda, evaluate({ ...values, lmbda })]);
  const along = (name) => records.map(([lmbda, record]) => [lmbda, record[name] ?? NaN]);
  const curves = [
    { name: "exact", points: along("per_epoch_factor") },
    { name: "limit", points: along("per_epoch_factor_limit") },
  ];
  const marks = [];
  if (result.decays) marks.push({ name: "exact", x: values.lmbda, y: result.per_epoch_factor, label: written(result.per_epoch_factor, 5), below: true });
  if (values.momentum > 0) {
    curves.push({ name: "momentum", points: along("momentum_per_epoch_factor") });
    if (result.overdamped) marks.push({ name: "momentum", x: values.lmbda, y: result.momentum_per_epoch_factor, label: "" });
  }
  const here = `At λ = ${written(values.lmbda)}: exact ${written(result.per_epoch_factor, 6)}, limit ${written(result.per_epoch_factor_limit, 6)}`;
  const more = values.momentum > 0 ? `, with momentum ${written(result.momentum_per_epoch_factor, 6)}.` : ".";
  drawPlot(svg, {
    x: { scale: "log", low: from, high: to, label: "λ" },
    y: { scale: "linear", low: 0, high: 1.05, label: "factor per epoch" },
    curves,
    marks,
    said: `Line plot of the factor of a weight per epoch against λ, falling from 1 to 0. ${here}${more}`,
  });
}

function start() {
  const element = (id) => document.getElementById(`explorer-${id}`);
  const controls = CONTROLS.map((control) => {
    const stops = stopsOf(control);
    const slider = element(`${control.name}-slider`);
    slider.max = String(stops.length - 1);
    return { ...control, stops, slider, field: element(control.name), problem: element(`${control.name}-problem`) };
  });
  const values = {};
  let due = 0, speaking = 0;

  function complain(control, problem) {
    control.problem.textContent = problem;
    if (problem) control.field.setAttribute("aria-invalid", "true");
    else control.field.removeAttribute("aria-invalid");
  }

  function take(control, value, from) {
    values[control.name] = value;
    control.mistyped = false;
    if (from !== "field") control.field.value = String(value);
    if (from !== "slider") control.slider.value = String(nearest(control.stops, value));
    control.slider.setAttribute("aria-valuetext", written(value, 12));
    complain(control, "");
    due ||= requestAnimationFrame(show);
  }

  function say(sentences, alarming) {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      element("said").replaceChildren(
        ...sentences.map((sentence, k) => {
          const p = document.createElement("p");
          p.textContent = sentence;
          if (alarming[k]) p.className = "explorer-alarm";
          return p;
        }),
      );
    }, 250);
  }

  function show() {
    due = 0;
    const wrong = misfit(values);
    const m = controls.find(({ name }) => name === "m");
    if (!m.mistyped) complain(m, wrong);
    const result = wrong ? {} : evaluate(values);
    for (const [, ...names] of data.rows) {
      for (const name of names.filter(Boolean)) {
        element(`out-${name}`).textContent = written(result[name], name.includes("factor") ? 9 : 6);
      }
    }
    element("key-momentum").hidden = !(values.momentum > 0);
    if (wrong) {
      for (const name of ["weights", "factor"]) {
        element(name).replaceChildren();
        element(name).setAttribute("aria-label", `No curves: ${wrong}`);
      }
      say([`No numbers: ${wrong}`], [true]);
      return;
    }
    const said = inWords(values, result);
    drawWeights(element("weights"), values, result, said);
    drawFactor(element("factor"), values, result);
    say([said, float32Words(result)], [!result.decays, result.float32 !== "kept"]);
  }

  function preset({ values: chosen, note }) {
    for (const control of controls) take(control, chosen[control.name], "preset");
    element("source").textContent = note;
  }

  for (const control of controls) {
    control.slider.addEventListener("input", () => take(control, control.stops[Number(control.slider.value)], "slider"));
    control.field.addEventListener("input", () => {
      const { value, problem } = read(control, control.field.value);
      if (problem === undefined) {
        take(control, value, "field");
      } else {
        control.mistyped = true;
        complain(control, `${problem} Shown: ${control.symbol} = ${written(values[control.name], 12)}.`);
      }
    });
    if (control.advanced) {
      const own = () => (element("source").textContent = "These are your own numbers.");
      control.slider.addEventListener("input", own);
      control.field.addEventListener("input", own);
    }
  }
  for (const button of element("controls").querySelectorAll("button")) {
    button.addEventListener("click", () => preset(data.presets[Number(button.dataset.preset)]));
  }
  new ResizeObserver(() => (due ||= requestAnimationFrame(show))).observe(element("weights"));
  element("controls").disabled = false;
  preset(data.presets[0]);
}

window.wdJaxExplorer = Object.freeze({ formulas, evaluate });
if (document.getElementById("explorer")) start();
