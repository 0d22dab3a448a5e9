// The sliders' stops, the axes and how numbers are written: the only arithmetic here that no derivation printed.

/** Numbers that a slider stops at: 75 a decade, all of them short to read. */
function stopsOf({ name, low, high, whole }) {
  if (name === "momentum") return momentumStops(high);
  const mantissas = [];
  for (let k = 20; k < 40; k++) mantissas.push(k / 20);
  for (let k = 20; k < 50; k++) mantissas.push(k / 10);
  for (let k = 25; k < 50; k++) mantissas.push(k / 5);
  const stops = [];
  for (let decade = low; decade < high; decade++) {
    for (const mantissa of mantissas) stops.push(Number(`${mantissa.toFixed(2)}e${decade}`));
  }
  stops.push(Number(`1e${high}`));
  return whole ? [...new Set(stops.map(Math.round))] : stops;
}

/** 0 to 0.9 by hundredths, to 0.99 by thousandths, and so on: even in -log(1 - momentum) from decade to decade. */
function momentumStops(decades) {
  const stops = [];
  for (let decade = 0; decade < decades; decade++) {
    for (let k = 0; k < 90; k++) stops.push(Number((1 - (100 - k) / Number(`1e${decade + 2}`)).toFixed(decade + 2)));
  }
  return [...stops, Number((1 - 1 / Number(`1e${decades}`)).toFixed(decades))];
}

/** Position of the stop that is nearest to a number. */
function nearest(stops, value) {
  let best = 0;
  for (let k = 1; k < stops.length; k++) {
    if (Math.abs(stops[k] - value) < Math.abs(stops[best] - value)) best = k;
  }
  return best;
}

/** An axis from low to high over so many pixels, starting at a pixel; ticks are as far apart as their texts need. */
function axisOf({ scale, low, high, label }, start, length, apart) {
  const along = scale === "log" ? Math.log10 : (x) => x;
  const at = (x) => start + ((along(x) - along(low)) / (along(high) - along(low))) * length;
  const enough = Math.max(2, Math.floor(Math.abs(length) / apart));
  return { at, ticks: scale === "log" ? logTicks(low, high, enough) : linearTicks(low, high, enough), label };
}

function linearTicks(low, high, enough) {
  const decade = Math.pow(10, Math.floor(Math.log10((high - low) / enough)));
  const step = [1, 2, 5, 10].map((k) => k * decade).find((size) => (high - low) / size <= enough);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high * (1 + 1e-12); k++) ticks.push(Number((k * step).toPrecision(10)));
  return ticks;
}

function logTicks(low, high, enough) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const decades = last - first + 1;
  if (!Number.isFinite(decades)) return [];
  const mantissas = decades <= 1 ? [1, 2, 5] : decades <= 2 && enough >= 5 ? [1, 3] : [1];
  const stride = Math.max(1, Math.ceil(decades / enough)), ticks = [];
  for (let k = first - 1; k <= last + 1; k++) {
    if (((k - first) % stride + stride) % stride !== 0) continue;
    for (const mantissa of mantissas) ticks.push(Number(`${mantissa}e${k}`));
  }
  return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

/** The next of 1, 2, 5, 10, 20, ...: an axis that ends there stands still while a curve moves a little. */
function roundUp(x) {
  const decade = Math.pow(10, Math.floor(Math.log10(x)));
  return [1, 2, 5, 10].map((k) => k * decade).find((size) => size >= x * (1 - 1e-9));
}

function roundDown(x) {
  return 1 / roundUp(1 / x);
}

/** So many points between two numbers, evenly on an axis of that scale. */
function between(scale, low, high, count) {
  const from = scale === "log" ? Math.log10(low) : low, to = scale === "log" ? Math.log10(high) : high;
  const back = scale === "log" ? (x) => Math.pow(10, x) : (x) => x;
  return Array.from({ length: count + 1 }, (_, k) => back(from + ((to - from) * k) / count));
}

/** A number in so many digits; a dash where there is none. */
function written(x, digits = 4) {
  if (typeof x !== "number" || !Number.isFinite(x)) return "–";
  const small = x !== 0 && Math.abs(x) < 1e-3;
  const text = small ? x.toExponential(digits - 1).replace(/\.?0*e/, "e") : String(Number(x.toPrecision(digits)));
  const grouped = /^-?\d{5,}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, "\u202f") : text;
  return grouped.replaceAll("-", "−").replace("e+", "e");
}
