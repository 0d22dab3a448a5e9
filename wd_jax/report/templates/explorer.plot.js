// One plot: axes, curves, levels and marked points, drawn with DOM methods; text never becomes markup.

const SVG = "http://www.w3.org/2000/svg", MATHML = "http://www.w3.org/1998/Math/MathML";
const WITH_SUBSCRIPT = /([A-Za-zλ])_([a-z]+)/, TYPESET = /(?:1\/√)?[A-Za-zλ]_[a-z]+|[ηλεμ](?![A-Za-z])/g;

function shape(kind, attributes, text) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.append(...lettered(String(text)));
  return made;
}

/** A text of a plot, a letter's subscript set below it. */
function lettered(text) {
  const found = WITH_SUBSCRIPT.exec(text);
  if (!found) return [text];
  const [whole, letter, below] = found, after = text.slice(found.index + whole.length);
  const low = shape("tspan", { dy: 3, "font-size": "80%" }, below), back = shape("tspan", { dy: -3 }, after || "\u200b");
  return [text.slice(0, found.index) + letter, low, back];
}

/** Put a sentence into an element, its quantities as MathML: 1/√n_in, n_w. */
function setSentence(element, sentence) {
  const parts = [];
  let place = 0;
  for (const found of sentence.matchAll(TYPESET)) {
    parts.push(sentence.slice(place, found.index), quantity(found[0]));
    place = found.index + found[0].length;
  }
  element.replaceChildren(...parts, sentence.slice(place));
}

function quantity(text) {
  const node = (kind, ...inside) => {
    const made = document.createElementNS(MATHML, kind);
    made.append(...inside);
    return made;
  };
  if (!WITH_SUBSCRIPT.test(text)) return node("math", node("mi", text));
  const [, letter, below] = WITH_SUBSCRIPT.exec(text);
  const name = node("msub", node("mi", letter), node("mi", below));
  return node("math", text.startsWith("1/√") ? node("mrow", node("mn", "1"), node("mo", "/"), node("msqrt", name)) : name);
}

/**
 * Draw into an svg element, at the width it has on the page.
 * x, y: { scale, low, high, label }; curves: { name, points }; levels: { name, y, label, side, below, clear }, where clear
 * puts the text where no curve crosses it;
 * bands: { name, points }, each [x, low, high];
 * marks: { name, x, y, label, clear, last }: a dot and its text; clear counts the letters of another text further left; the
 * text of the last point of a curve stands behind it, or above it where last is "above", or "below".
 */
function drawPlot(svg, { x, y, curves, bands = [], levels = [], marks = [], said }) {
  const width = Math.max(240, svg.clientWidth || 480), height = svg.clientHeight || 280;
  const box = { left: 54, right: width - 26, top: 12, bottom: height - 44 };
  const across = axisOf(x, box.left, box.right - box.left, 64);
  const up = axisOf(y, box.bottom, box.top - box.bottom, 32);
  const id = `${svg.id}-clip`;
  const clip = shape("clipPath", { id });
  clip.append(shape("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }));
  const inside = shape("g", { "clip-path": `url(#${id})` });
  inside.append(...bands.map(({ name, points }) => band(name, points, across, up)));
  inside.append(...levels.map((level) => levelLine(up, box, level)));
  inside.append(...curves.map(({ name, points }) => curve(name, points, across, up)));
  const texts = levels.map((level) => levelText(up, box, level.clear ? { ...level, ...clearPlace(level, across, up, box, curves) } : level));
  const points = marks.flatMap((mark) => markedPoint(across, up, box, mark));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", said);
  svg.replaceChildren(clip, ...axes(across, up, box), inside, ...texts, ...points);
}

function axes(across, up, box) {
  const lines = [];
  for (const tick of across.ticks) {
    const at = across.at(tick).toFixed(1);
    lines.push(shape("path", { class: "explorer-line", d: `M${at} ${box.top}V${box.bottom}` }));
    lines.push(shape("text", { class: "explorer-tick", x: at, y: box.bottom + 16, "text-anchor": "middle" }, written(tick)));
  }
  for (const tick of up.ticks) {
    const at = up.at(tick).toFixed(1);
    lines.push(shape("path", { class: "explorer-line", d: `M${box.left} ${at}H${box.right}` }));
    lines.push(shape("text", { class: "explorer-tick", x: box.left - 6, y: Number(at) + 4, "text-anchor": "end" }, written(tick)));
  }
  const middle = (box.left + box.right) / 2, centre = (box.top + box.bottom) / 2;
  lines.push(shape("path", { class: "explorer-axis", d: `M${box.left} ${box.top}V${box.bottom}H${box.right}` }));
  lines.push(shape("text", { class: "explorer-name", x: middle, y: box.bottom + 36, "text-anchor": "middle" }, across.label));
  const turned = `translate(13 ${centre}) rotate(-90)`;
  lines.push(shape("text", { class: "explorer-name", transform: turned, "text-anchor": "middle" }, up.label));
  return lines;
}

/** A path through the points; it breaks where a formula has no number. */
function curve(name, points, across, up) {
  let d = "", pen = "M";
  for (const [x, y] of points) {
    const left = across.at(x), top = up.at(y);
    if (!Number.isFinite(left) || !Number.isFinite(top)) {
      pen = "M";
      continue;
    }
    d += `${pen}${left.toFixed(1)} ${Math.max(-999, Math.min(9999, top)).toFixed(1)}`;
    pen = "L";
  }
  return shape("path", { class: `explorer-curve explorer-curve-${name}`, "data-curve": name, d });
}

/** What lies between the lowest and the highest of each point. */
function band(name, points, across, up) {
  const at = (x, y) => `${across.at(x).toFixed(1)} ${up.at(y).toFixed(1)}`;
  const over = points.map(([x, , high]) => at(x, high)), under = points.map(([x, low]) => at(x, low)).reverse();
  return shape("path", { class: `explorer-band explorer-band-${name}`, "data-band": name, d: `M${[...over, ...under].join("L")}Z` });
}

function levelLine(up, box, { name, y }) {
  return shape("path", { class: "explorer-level", "data-curve": name, d: `M${box.left} ${up.at(y).toFixed(1)}H${box.right}` });
}

/** Where the text of a level is crossed by no curve: above its right end, if that is so. */
function clearPlace({ y, label }, across, up, box, curves) {
  const wide = 6.6 * label.length + 8, at = up.at(y);
  const points = curves.flatMap((one) => one.points.map(([x, value]) => [across.at(x), up.at(value)]));
  const free = ({ side, below }) => {
    const left = side === "left" ? box.left : box.right - wide, top = below ? at + 1 : at - 20;
    return top + 19 <= box.bottom && !points.some(([x, height]) => x > left && x < left + wide && height > top && height < top + 19);
  };
  const places = ["right", "left"].flatMap((side) => [{ side, below: false }, { side, below: true }]);
  return places.find(free) ?? places[0];
}

function levelText(up, box, { y, label, side, below }) {
  const [x, anchor] = side === "left" ? [box.left + 6, "start"] : [box.right - 4, "end"];
  return shape("text", { class: "explorer-note", x, y: (up.at(y) + (below ? 15 : -6)).toFixed(1), "text-anchor": anchor }, label);
}

/** A dot with its text to the lower left, where a falling curve leaves room; without room there, to the upper right. */
function markedPoint(across, up, box, { name, x, y, label, clear = 0, last = false }) {
  const left = across.at(x), top = up.at(y), letter = 6, room = left - box.left - 14;
  if (!Number.isFinite(left) || !Number.isFinite(top) || left > box.right + 1 || top > box.bottom + 1) return [];
  const row = room < letter * (label.length + clear) ? 30 : 15;
  const lower = { x: left - 8, y: top + row, "text-anchor": "end" }, upper = { x: left + 8, y: top - 7, "text-anchor": "start" };
  const behind = { x: left + 9, y: top + 4, "text-anchor": "start" };
  const beside = { x: left, y: last === "below" ? top + 19 : top - 10, "text-anchor": "end" };
  const end = last === true && box.right - left > letter * label.length + 12 ? behind : beside;
  return [
    shape("circle", { class: `explorer-mark explorer-mark-${name}`, cx: left.toFixed(1), cy: top.toFixed(1), r: 4.5 }),
    shape("text", { class: "explorer-note", ...(last ? end : room < letter * label.length ? upper : lower) }, label),
  ];
}
