// The widget: sliders over a sweep's settings, the band that was measured and the line of decay alone.

/** Show a model in an element, in a tree of its own: nothing of the page around it is named or changed. */
function render({ model, el }) {
  const data = model.get("given"), kit = explorerOf(data), numbers = floats(model.get("values"));
  const host = document.createElement("div");
  el.append(host);
  const root = host.attachShadow({ mode: "open" });
  const controls = [...data.sliders.map(sliderOf), ...listsOf()];
  const plot = make("svg", { class: "explorer-plot", id: "plot", role: "img" });
  const said = make("div", { class: "explorer-said", role: "status", "aria-live": "polite" });
  const keys = make("figcaption", {});
  root.append(
    make("style", {}, STYLE),
    make("div", { class: "explorer", role: "group", "aria-label": `Explorer: ${data.title}` },
      make("div", { class: "explorer-grid" }, ...controls.map(({ box }) => box)),
      make("figure", {}, plot, keys),
      said),
  );

  let due = 0, speaking = 0;
  const heights = [];
  const soon = () => (due ||= requestAnimationFrame(draw));
  const names = [...data.sliders.map(({ axis }) => axis), "choices", "layer"];
  for (const name of names) model.on(`change:${name}`, soon);
  const watch = new ResizeObserver(soon);
  watch.observe(plot);
  const unwatched = followTheme(host);
  soon();
  return () => {
    for (const name of names) model.off(`change:${name}`, soon);
    watch.disconnect();
    unwatched();
    cancelAnimationFrame(due);
    clearTimeout(speaking);
  };

  function give(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  function sliderOf(slider) {
    const name = slider.axis, id = `slider-${name}`;
    const stops = [...new Set([...kit.stopsOf(slider), ...slider.measured])].sort((a, b) => a - b);
    const shown = make("output", { for: id });
    const input = make("input", { type: "range", id, min: 0, max: stops.length - 1, step: 1, list: `${id}-measured` });
    const ticks = make("datalist", { id: `${id}-measured` }, ...slider.measured.map((value) => make("option", { value: stops.indexOf(value) })));
    input.addEventListener("input", () => give(name, stops[Number(input.value)]));
    const box = make("div", { class: "explorer-control" }, make("label", { for: id }, slider.label), input, shown, ticks);
    return {
      box,
      show() {
        const value = model.get(name), text = kit.written(value, 7);
        const place = kit.nearest(stops, value);
        if (stops[Number(input.value)] !== stops[place]) input.value = String(place);
        shown.textContent = text;
        input.setAttribute("aria-valuetext", slider.measured.includes(value) ? `${text}, measured` : text);
        shown.classList.toggle("measured", slider.measured.includes(value));
      },
    };
  }

  /** Lists to choose from: the layer, and the axes that are moved by no slider. */
  function listsOf() {
    const axes = data.lists.map((name) => {
      const { values } = data.axes.find((axis) => axis.name === name);
      const chosen = () => values.indexOf(model.get("choices")[name]);
      return listOf(name, data.symbols[name], values.map(String), chosen, (k) => give("choices", { ...model.get("choices"), [name]: values[k] }));
    });
    const layers = data.layers.map(({ value }) => value), labels = data.layers.map(({ label }) => label);
    const layer = listOf("layer", "layer", labels, () => layers.indexOf(model.get("layer")), (k) => give("layer", layers[k]));
    return layers.length > 1 ? [layer, ...axes] : axes;
  }

  function listOf(name, label, texts, chosen, choose) {
    const id = `list-${name}`;
    const list = make("select", { id }, ...texts.map((text, k) => make("option", { value: k }, text)));
    list.addEventListener("input", () => choose(Number(list.value)));
    const box = make("p", { class: "explorer-choice" }, make("label", { for: id }, label), list);
    return { box, show: () => (list.value = String(chosen())) };
  }

  /** The setting as the explorer's formulas take it, and the cell that was measured nearest to it. */
  function setting() {
    const moved = Object.fromEntries(data.sliders.map(({ axis }) => [axis, model.get(axis)]));
    const at = { ...moved, ...model.get("choices") };
    let place = 0, exact = true;
    const nearest = {};
    for (const { name, values } of data.axes) {
      const far = values.map((value) => apart(name, value, at[name])), k = far.indexOf(Math.min(...far));
      place = place * values.length + k;
      nearest[name] = values[k];
    }
    const cell = data.cells[place];
    for (const { axis } of data.sliders) exact &&= cell[axis] === at[axis];
    const layer = Math.max(0, data.layers.findIndex(({ value }) => value === model.get("layer")));
    return { at, place, cell, exact, layer, values: { ...cell, ...moved, m: at.batch_size ?? cell.batch_size } };
  }

  /** What was measured of a cell and a layer, record by record: [epoch, mean, low, high]. */
  function measured(place, layer) {
    const count = data.epochs.length, from = 3 * count * (place * data.layers.length + layer);
    return data.epochs.map((epoch, k) => [epoch, ...numbers.slice(from + 3 * k, from + 3 * k + 3)]);
  }

  /** The line of decay alone from where the measured weights start, or why there is none. */
  function theory({ cell, values, layer }, rows) {
    const nothing = (why) => ({ points: [], why, warning: "" });
    if (!data.layers[layer].decays) return nothing("This layer does not decay: no line is drawn.");
    if (cell.why) return nothing(cell.why);
    const precise = cell.precision in data.precision.dtypes;
    const setting = { ...values, epochs: data.epochs[data.epochs.length - 1], n_in: 1, n_w: 1, Q: 1 };
    if (!precise) delete setting.precision;
    const result = kit.evaluate(setting);
    if (!result.decays) return nothing(`A step would remove ${kit.written(result.per_step_decay)} times the weight (ηλ/n): no line is drawn.`);
    if (!result.overdamped) return nothing(`With momentum a weight oscillates here: λ is beyond ${kit.written(result.critical_lmbda)}, and no line is drawn.`);
    const left = kit.alongTheRun(setting, data.epochs.map((epoch) => epoch / setting.epochs));
    const first = rows.findIndex(([, mean]) => Number.isFinite(mean));
    if (first < 0) return nothing("");
    const points = left.slice(first).map(([epoch, factor]) => [epoch, (rows[first][1] * factor) / left[first][1]]);
    const lossy = precise && values.lmbda > 0 && ["lost", "stuck", "doubtful"].includes(result.precision);
    return { points, through: result.through, why: "", warning: lossy ? kit.precisionWords(setting, result) : "" };
  }

  function draw() {
    due = 0;
    if (!plot.clientWidth) return; // not on the page, or hidden: drawn when it has a size
    for (const control of controls) control.show();
    const now = setting(), rows = measured(now.place, now.layer), line = theory(now, rows);
    const { low, high } = heightOf(now.layer), there = now.exact ? "measured" : "elsewhere", words = inWords(now, rows, line);
    kit.drawPlot(plot, {
      x: { scale: "linear", low: 0, high: data.epochs[data.epochs.length - 1], label: "epochs" },
      y: { scale: "log", low, high, label: "rms weight" },
      bands: [{ name: there, points: bandOf(rows, low) }].filter(({ points }) => points.length),
      curves: [
        { name: there, points: rows.map(([epoch, mean]) => [epoch, mean]) },
        { name: "theory", points: line.points },
      ],
      said: `Line plot of the rms weight against epochs, logarithmic. ${words.join(" ")}`,
    });
    keys.replaceChildren(
      key(there, `measured at ${worded(now.cell)}${data.seeds > 1 ? ", mean and 95\u00a0% interval" : ""}`),
      ...(line.points.length ? [key("theory", `decay alone at ${worded(now.at)}${line.through ? ", its velocity settled" : ""}`)] : []),
    );
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      const alarms = [line.warning, line.why].filter(Boolean);
      said.replaceChildren(...words.map((text) => make("p", alarms.includes(text) ? { class: "explorer-alarm" } : {}, text)));
    }, 200);
  }

  /** The same axis for every cell of a layer, so that what moves is the curves. */
  function heightOf(layer) {
    heights[layer] ??= rangeOf(layer);
    return heights[layer];
  }

  function rangeOf(layer) {
    let low = Infinity, high = 0;
    for (let place = 0; place < data.cells.length; place++) {
      for (const [, mean] of measured(place, layer)) {
        if (mean > 0 && Number.isFinite(mean)) [low, high] = [Math.min(low, mean), Math.max(high, mean)];
      }
    }
    return high > 0 ? { low: kit.roundDown(0.7 * low), high: kit.roundUp(1.2 * high) } : { low: 0.1, high: 1 };
  }

  /** The numbers of a setting, as a sentence has them: λ = 5, η = 0.1. */
  function worded(at) {
    return data.sliders.map(({ axis, symbol }) => `${symbol} = ${kit.written(at[axis], 7)}`).join(", ");
  }

  function inWords({ at, cell, exact, layer }, rows, line) {
    const [epoch, mean, low, high] = rows[rows.length - 1], seeds = data.seeds;
    const from = exact
      ? `Measured at ${worded(at)}: ${seeds > 1 ? `the mean over ${seeds} seeds with its 95\u00a0% interval` : "1 seed, so no interval"}.`
      : `No run was made at ${worded(at)}. The band is of ${worded(cell)}, the nearest that was measured.`;
    const gone = cell.diverged ? `${cell.diverged} of ${seeds} runs diverged there: from then on the band is of the others.` : "";
    const interval = Number.isFinite(low) ? ` (${kit.written(low)} to ${kit.written(high)})` : "";
    const end = line.points.length ? line.points[line.points.length - 1][1] : NaN;
    const alone = line.points.length ? `; decay alone${exact ? "" : ` at ${worded(at)}`}${line.through ? ", its velocity settled," : ""} leaves ${kit.written(end)}` : "";
    const atTheEnd = Number.isFinite(mean)
      ? `After ${kit.written(epoch)} epochs the rms weight of ${data.layers[layer].label} is ${kit.written(mean)}${interval}${exact ? "" : " there"}${alone}.`
      : `There is no number after ${kit.written(epoch)} epochs.`;
    return [from, gone, atTheEnd, line.why, line.warning].filter(Boolean);
  }
}

/** By which factor a measured value is away from the one asked for; nearest.py says the same. */
function apart(name, measured, asked) {
  if (measured === asked) return 1;
  if (typeof measured !== "number" || typeof asked !== "number") return Infinity;
  const [one, other] = name === "momentum" ? [1 - measured, 1 - asked] : [measured, asked];
  return one > 0 && other > 0 ? Math.max(one, other) / Math.min(one, other) : Infinity;
}

/** Where an interval lies, record by record, until there is none: an end below the axis is at its foot. */
function bandOf(rows, foot) {
  const ends = rows.findIndex(([, , low, high]) => !Number.isFinite(low) || !Number.isFinite(high));
  const there = ends < 0 ? rows : rows.slice(0, ends);
  return there.map(([epoch, , low, high]) => [epoch, Math.max(low, foot), Math.max(high, foot)]);
}

/** Numbers out of the bytes that a model holds. */
function floats(bytes) {
  const { buffer, byteOffset, byteLength } = bytes;
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function key(name, words) {
  const line = make("path", { class: `explorer-curve-${name}`, d: "M1 5H33" });
  const swatch = make("svg", { class: "explorer-swatch", viewBox: "0 0 34 10", "aria-hidden": "true" }, line);
  return make("span", { class: "explorer-key" }, swatch, words);
}

/** An element with attributes and children; a text among these never becomes markup. */
function make(kind, attributes, ...children) {
  const drawn = kind === "svg" || kind === "path";
  const made = drawn ? document.createElementNS("http://www.w3.org/2000/svg", kind) : document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}
