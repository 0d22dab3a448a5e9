// Light or dark as the page around the widget is: by the colour that is really behind it, whatever program shows it.

/** Keep a host's attribute data-theme and its background in step with the page; gives a function that stops. */
function followTheme(host) {
  const look = () => {
    const paper = paperBehind(host);
    const dark = paper ? lightness(paper) < 0.5 : darkCanvas(preference.matches);
    host.dataset.theme = dark ? "dark" : "light";
    if (paper) host.style.setProperty("--paper", paper);
    else host.style.removeProperty("--paper");
  };
  const preference = matchMedia("(prefers-color-scheme: dark)");
  const watch = new MutationObserver(() => setTimeout(look, 60));  // after the page's own styles have followed
  for (const one of [document.documentElement, document.body]) watch.observe(one, { attributes: true });
  preference.addEventListener("change", look);
  look();
  const late = requestAnimationFrame(look);  // when the host has been put into the page
  return () => {
    watch.disconnect();
    preference.removeEventListener("change", look);
    cancelAnimationFrame(late);
  };
}

/** The colour of the nearest element behind that has one, as the browser writes it; nothing if none has. */
function paperBehind(element) {
  for (let one = element.parentNode; one; one = one.parentNode ?? one.host) {
    if (one.nodeType !== Node.ELEMENT_NODE) continue;
    const colour = getComputedStyle(one).backgroundColor;
    if (!/^rgba\(.*, 0\)$|^transparent$/.test(colour)) return colour;
  }
  return "";
}

/** Whether a page without any colour is dark: white unless its root, or its meta element, asks for a dark scheme. */
function darkCanvas(prefersDark) {
  const declared = getComputedStyle(document.documentElement).colorScheme;
  const meta = document.querySelector("meta[name=color-scheme]")?.content ?? "";
  const schemes = (declared === "normal" ? meta : declared).toLowerCase().split(/\s+/);
  return schemes.includes("dark") && (prefersDark || !schemes.includes("light"));
}

/** From 0, black, to 1, white. */
function lightness(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
