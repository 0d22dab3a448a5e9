// What a widget is told by a page without a kernel: the same as by Jupyter's model, kept in the page.

function modelOf(state) {
  const heard = new Map();
  return {
    get: (name) => state[name],
    set(name, value) {
      if (Object.is(state[name], value)) return;
      state[name] = value;
      for (const tell of [...(heard.get(`change:${name}`) ?? [])]) tell();
    },
    save_changes() {},
    on: (event, tell) => heard.set(event, [...(heard.get(event) ?? []), tell]),
    off: (event, tell) => heard.set(event, (heard.get(event) ?? []).filter((one) => one !== tell)),
  };
}

/** Bytes out of base64, as a model holds them. */
function bytesOf(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new DataView(bytes.buffer);
}
