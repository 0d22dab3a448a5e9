// Sliders and fields in, curves and numbers out.

const CONTROLS = data.controls;

function drawWeights(svg, values, result, said) {
  const at = counted(values);
  const plateau = result.plateau_rms, level = levelOfFanIn(at);
  const until = (rms) => formulas.epochs_to_plateau({ ...at, weight_rms_plateau: rms });
  const shown = runIsShown(values, result);
  const end = roundUp(1.05 * Math.max(until(0.1), result.epochs_to_fan_in, plateau < 1 ? until(plateau) : 0, shown ? values.epochs : 0));
  const epochs = between("linear", 0, end, 160);
  const curves = [
    { name: "limit", points: epochs.map((epoch) => [epoch, formulas.relaxed_rms_limit({ ...at, epoch, weight_rms_plateau: 0 })]) },
  ];
  const label = `1/√n_in = ${written(level)}`;
  const near = plateau > level && plateau < 1.5 * level;
  const marks = [];
  if (result.decays) {
    const left = (epoch) => formulas.decayed_rms({ ...at, epoch });
    const held = (epoch) => formulas.relaxed_rms({ ...at, epoch, weight_rms_plateau: plateau });
    curves.unshift({ name: "exact", points: epochs.map((epoch) => [epoch, left(epoch)]) });
    curves.push({ name: "relaxed", points: epochs.map((epoch) => [epoch, held(epoch)]) });
    const half = result.half_life_epochs, t = result.epochs_to_fan_in_exact;
    marks.push({ name: "half_life", x: half, y: left(half), label: `half-life ${written(half)}` });
    marks.push({ name: "fan_in", x: t, y: left(t), label: `exact t* = ${written(t)}`, clear: plateau > level ? label.length + 2 : 0 });
  }
  let least = 1;
  if (shown) {
    const along = alongTheRun(values, between("linear", 0, 1, 160)), [last, left] = along[along.length - 1];
    curves.push({ name: "run", points: along });
    marks.push({ name: "run", x: last, y: left, label: `after the run ${written(left)}`, last: true });
    least = Math.max(left, level / 1000);
  }
  drawPlot(svg, {
    x: { scale: "linear", low: 0, high: end, label: "epochs" },
    y: { scale: "log", low: roundDown(0.4 * Math.min(level, plateau, 0.5, least)), high: roundUp(1.2 * Math.max(1, plateau)), label: "rms weight" },
    curves,
    levels: [
      { name: "fan_in", y: level, label, side: result.epochs_to_fan_in_exact > 0.35 * end ? "left" : "right", below: plateau > level },
      { name: "plateau", y: plateau, label: `plateau ${written(plateau)}`, side: "right", below: plateau < 1 && !near },
    ],
    marks,
    said: `Line plot of the rms weight against epochs, from 1 at epoch 0, logarithmic. ${said}`,
  });
}

/** Whether the run has a curve of its own: not where it is decay alone at a constant rate, which has one. */
function runIsShown(values, result) {
  const scheduled = values.schedule !== "constant" && values.optimiser !== "absolute";
  return result.decays && result.overdamped && (scheduled || result.through);
}

/** The first and the last point that a curve has; nothing if it has none. */
function ends(points) {
  const drawn = points.filter(([, y]) => Number.isFinite(y));
  return drawn.length ? [drawn[0], drawn[drawn.length - 1]] : undefined;
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
  if (result.decays) marks.push({ name: "exact", x: values.lmbda, y: result.per_epoch_factor, label: written(result.per_epoch_factor, 5) });
  if (result.through) {
    curves.push({ name: "momentum", points: along("momentum_per_epoch_factor") });
    if (result.overdamped) marks.push({ name: "momentum", x: values.lmbda, y: result.momentum_per_epoch_factor, label: "" });
  }
  const [first, last] = ends(curves[0].points) ?? ends(curves[1].points);
  const path = `${first[1] > last[1] ? "falling " : ""}from ${written(first[1])} at λ = ${written(first[0])} to ${written(last[1])} at λ = ${written(last[0])}`;
  const here = `At λ = ${written(values.lmbda)}: exact ${written(result.per_epoch_factor, 6)}, limit ${written(result.per_epoch_factor_limit, 6)}`;
  const more = result.through ? `, with momentum ${written(result.momentum_per_epoch_factor, 6)}.` : ".";
  drawPlot(svg, {
    x: { scale: "log", low: from, high: to, label: "λ" },
    y: { scale: "linear", low: 0, high: 1.05, label: "factor per epoch" },
    curves,
    marks,
    said: `Line plot of the factor of a weight per epoch against λ, ${path}. ${here}${more}`,
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
  const values = {}, lists = Object.keys(data.choices).map((name) => ({ name, list: element(name) }));
  let due = 0, speaking = 0, opened = data.presets[0], touched = false, changed = () => {};

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
          setSentence(p, sentence);
          if (alarming[k]) p.className = "explorer-alarm";
          return p;
        }),
      );
    }, 250);
  }

  function show() {
    due = 0;
    changed();
    const wrong = misfit(values);
    const m = controls.find(({ name }) => name === "m");
    if (!m.mistyped) complain(m, wrong);
    const result = wrong ? {} : evaluate(values), supply = supplyWords(values, opened);
    setSentence(element("source"), supply.note);
    for (const [, ...names] of data.rows) {
      for (const name of names.filter(Boolean)) {
        element(`out-${name}`).textContent = written(result[name], name.includes("factor") ? 9 : 6);
      }
    }
    element("key-momentum").hidden = !result.through;
    element("key-run").hidden = !runIsShown(values, result);
    element("key-run-words").textContent = result.through ? "over the run, with its schedule and momentum" : "over the run, with its schedule";
    const said = wrong ? `No numbers: ${wrong}` : inWords(values, result, supply.caveat);
    if (wrong || !result.rated) {
      for (const name of ["weights", "factor"]) {
        element(name).replaceChildren();
        element(name).setAttribute("aria-label", `No curves: ${wrong || said}`);
      }
      say([said], [true]);
      return;
    }
    drawWeights(element("weights"), values, result, said);
    drawFactor(element("factor"), values, result);
    say(result.decays ? [said, precisionWords(values, result)] : [said], [!result.decays, ["lost", "stuck", "doubtful"].includes(result.precision)]);
  }

  function preset(chosen, from = chosen) {
    opened = from;
    for (const { name, list } of lists) list.value = values[name] = { ...data.choices, ...chosen.choices }[name];
    for (const control of controls) take(control, chosen.values[control.name], "preset");
  }

  /** Keep the setting in the page's address, and take the one that it asks for. */
  function link(anchor) {
    const offered = Object.fromEntries(lists.map(({ name, list }) => [name, [...list.options].map(({ value }) => value)]));
    function follow() {
      const asked = linkedSetting(location.hash, controls, offered);
      if (!asked) return;
      preset({ ...data.presets[0], values: { ...data.presets[0].values, ...asked.values }, choices: { ...data.presets[0].choices, ...asked.choices } }, data.presets[0]);
      document.getElementById("explore").scrollIntoView();
    }
    changed = () => {
      anchor.href = linkOf(values, controls, offered);
      if (location.hash !== anchor.hash && (location.hash.startsWith(LINK) || touched)) history.replaceState(null, "", anchor.href);
    };
    addEventListener("hashchange", follow);
    follow();
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
  }
  for (const { name, list } of lists) {
    list.addEventListener("input", () => {
      values[name] = list.value;
      due ||= requestAnimationFrame(show);
    });
  }
  for (const button of element("controls").querySelectorAll("button")) {
    button.addEventListener("click", () => preset(data.presets[Number(button.dataset.preset)]));
  }
  for (const kind of ["input", "click"]) element("controls").addEventListener(kind, () => (touched = true));
  new ResizeObserver(() => (due ||= requestAnimationFrame(show))).observe(element("weights"));
  element("controls").disabled = false;
  preset(data.presets[0]);
  if (element("link")) link(element("link"));
}

window.wdJaxExplorer = Object.freeze({ formulas, evaluate, inWords, alongTheRun, supplyWords, precisionWords });
if (document.getElementById("explorer")) start();
