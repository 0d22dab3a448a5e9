// A link to a setting: the part of the page's address behind "#explore?", read when the page opens, written as it changes.

const LINK = "#explore?";

/** The setting that an address asks for: what it names that there is, and that can be read; nothing where it asks none. */
function linkedSetting(hash, controls, choices) {
  if (!hash.startsWith(LINK)) return null;
  const asked = new URLSearchParams(hash.slice(LINK.length)), found = { values: {}, choices: {} };
  for (const control of controls) {
    const { value, problem } = asked.has(control.name) ? read(control, asked.get(control.name)) : { problem: "" };
    if (problem === undefined) found.values[control.name] = value;
  }
  for (const [name, words] of Object.entries(choices)) if (words.includes(asked.get(name))) found.choices[name] = asked.get(name);
  return found;
}

/** The address of a setting. */
function linkOf(values, controls, choices) {
  const named = [...controls.map(({ name }) => name), ...Object.keys(choices)];
  return LINK + new URLSearchParams(named.map((name) => [name, String(values[name])]));
}
