// The figure of the first screen: measured weights at the values of λ that were trained, and the formulas beside them.

const LAYER_NAMES = { network: "all weights", hidden: "hidden layer", output: "output layer" };

/** What the formulas say at one value of λ: a setting as they take it, the plateau, and the size that the book names. */
function theoryAt(moving, lmbda) {
  const at = counted({ eta: moving.eta, lmbda, n: moving.n, m: moving.m, n_in: moving.n_in, n_w: moving.n_w, Q: moving.supply });
  const share = formulas.per_step_decay(at), decays = lmbda > 0 && share < 1;
  return {
    at,
    share,
    decays,
    factor: decays ? formulas.per_epoch_factor(at) : null,
    balance: decays && moving.supply ? formulas.plateau_rms(at) : null,
    balanceOf: (supply) => (decays && supply ? formulas.plateau_rms({ ...at, Q: supply }) : null),
  };
}

/** The size that the book names: the same at every λ, and read off one at which the formulas hold. */
function claimedSize(moving) {
  const held = moving.stops.map((stop) => theoryAt(moving, stop.lmbda)).find((theory) => theory.decays);
  return held ? levelOfFanIn({ ...held.at, n_in: moving.n_w }) : null;
}

/** What is measured and what is said at one value of λ, in two sentences. */
function movingWords(moving, stop, theory, claimed) {
  const { curves, rest, lost } = stop, { epochs } = moving, words = [];
  const gone = lost ? ` ${lost} of the runs diverged and are left out.` : "";
  if (!curves.hidden) return `At λ = ${written(stop.lmbda)} no run is left: all diverged.`;
  const first = epochs.indexOf(1);
  if (stop.lmbda === 0) {
    const { mean } = curves.hidden, last = epochs[mean.length - 1];
    const times = (name) => written(curves[name].mean[mean.length - 1] / curves[name].mean[0], 3);
    words.push(`nothing decays, and the gradient alone moves the weights: after ${written(last)} ${last === 1 ? "epoch" : "epochs"} those of the hidden layer are ${times("hidden")} times as large as at the start, those of the output layer ${times("output")} times.`);
  }
  if (theory.factor !== null && first > 0) {
    const left = (name) => written(curves[name].mean[first] / curves[name].mean[0], 4);
    words.push(`the first epoch leaves ${written(theory.factor, 4)} of a weight by decay alone; measured: hidden layer ${left("hidden")}, output layer ${left("output")}.`);
  }
  if (theory.share >= 1) words.push("a step takes all of a weight or more, so that the formulas say nothing.");
  if (typeof rest.network === "number" && theory.decays) {
    words.push(`All weights come to rest at ${written(rest.network, 3)}, which is ${written(rest.network / claimed, 3)} times 1/√n_w = ${written(claimed, 3)}` +
      (theory.balance ? `; ${balanceWords(moving, stop, theory)}.` : "."));
  } else if ("network" in rest && theory.decays) {
    words.push("It is not shown that all weights have come to rest" + (theory.balance ? `; the balance is drawn with the gradient's part of λ = ${written(moving.stops[moving.reference].lmbda)}, and here that part is not known.` : "."));
  }
  return `At λ = ${written(stop.lmbda)}${words.length ? ": " : "."}${words.join(" ")}${gone}`;
}

/** What the balance says; away from the λ that the gradient's part is of, how much larger that part is, and what it gives. */
function balanceWords({ supply, stops, reference }, stop, theory) {
  const said = `says ${written(theory.balance, 3)}`, from = `λ = ${written(stops[reference].lmbda)}`;
  if (stop === stops[reference]) return `the balance with the gradient ${said}`;
  const own = theory.balanceOf(stop.supply), head = `the balance with the gradient's part of ${from} ${said}`;
  if (own === null) return `${head}; how large that part is here is not known`;
  return `${head}, but here that part is ${written(stop.supply / supply, 3)} times as large, which gives ${written(own, 3)}`;
}

/** Ends of the axis of sizes, the same for every λ, with room for a label at either: what is smaller yet is cut off. */
function sizesShown(moving, claimed) {
  const sizes = moving.stops.flatMap(({ curves }) => Object.values(curves).flatMap(({ low, high }) => [...low, ...high]));
  const shown = [1, claimed ?? 1, ...sizes].filter((size) => size > 0 && Number.isFinite(size));
  const most = shown.reduce((a, b) => Math.max(a, b)), least = Math.max(shown.reduce((a, b) => Math.min(a, b)), most / 1e8);
  const room = Math.max(2, Math.pow(most / least, 0.12));
  return { low: roundDown(least / (1.25 * room)), high: most * room };
}

function drawMoving(svg, moving, stop) {
  const theory = theoryAt(moving, stop.lmbda), claimed = claimedSize(moving), sizes = sizesShown(moving, claimed), { epochs } = moving;
  const last = epochs[epochs.length - 1], all = between("linear", 0, last, 240);
  const curves = [], bands = [], marks = [], levels = [];
  for (const [name, { mean, low, high }] of Object.entries(stop.curves)) {
    const trained = epochs.slice(0, mean.length);
    const seen = (size) => Math.max(size, sizes.low / 100); // weights that are exactly 0 leave the figure at its bottom
    bands.push({ name, points: trained.map((epoch, k) => [epoch, seen(low[k]), seen(high[k])]) });
    curves.push({ name, points: trained.map((epoch, k) => [epoch, seen(mean[k])]) });
    const k = name === "network" ? Math.floor(0.6 * mean.length) : mean.length - 1;
    marks.push({ name, x: epochs[k], y: mean[k], label: LAYER_NAMES[name], last: name === "hidden" ? "below" : "above" });
  }
  if (theory.share < 1) {
    curves.push({ name: "moving-decay", points: all.map((epoch) => [epoch, formulas.decayed_rms({ ...theory.at, epoch })]) });
  }
  if (claimed) {
    levels.push({ name: "claimed", y: claimed, label: `${svg.clientWidth < 400 ? "book:" : "the book: about"} 1/√n_w = ${written(claimed, 3)}`, clear: true });
  }
  if (theory.balance) {
    curves.push({ name: "moving-balance", points: all.map((epoch) => [epoch, formulas.relaxed_rms({ ...theory.at, epoch, weight_rms_plateau: theory.balance })]) });
  }
  const said = movingWords(moving, stop, theory, claimed);
  drawPlot(svg, {
    x: { scale: "linear", low: 0, high: last, label: "epochs" },
    y: { scale: "log", ...sizes, label: "size of the weights" },
    bands,
    curves,
    levels,
    marks,
    said: `Line plot of the rms weight against epochs, from 1 at epoch 0, logarithmic. ${said}`,
  });
  return said;
}

function startMoving(moving) {
  const svg = document.getElementById("moving-plot"), slider = document.getElementById("moving-lmbda");
  const value = document.getElementById("moving-value"), words = document.getElementById("moving-said");
  let due = 0, spoken = "";
  if (slider) slider.parentElement.hidden = false;
  function show() {
    due = 0;
    const stop = moving.stops[slider ? Number(slider.value) : 0];
    if (slider) slider.setAttribute("aria-valuetext", `λ = ${written(stop.lmbda)}`);
    if (value) value.textContent = written(stop.lmbda);
    const said = drawMoving(svg, moving, stop);
    if (spoken !== said) setSentence(words, said);
    spoken = said;
  }
  if (slider) slider.addEventListener("input", () => (due ||= requestAnimationFrame(show)));
  new ResizeObserver(() => (due ||= requestAnimationFrame(show))).observe(svg);
  show();
}

if (data.moving && document.getElementById("moving")) startMoving(data.moving);
