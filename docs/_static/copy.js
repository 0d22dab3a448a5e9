// A button on each block of code that copies it. Of a shell block the prompts, of a printed result nothing: it has no button.
"use strict";

function textOf(block) {
  return block.textContent.replace(/^\$ /gm, "").replace(/\n+$/, "\n");
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page opened from a file may not use the clipboard: the old way.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "copy-area";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

for (const box of document.querySelectorAll("article .highlight")) {
  const block = box.querySelector("pre");
  const holder = box.parentElement;
  if (!block || holder.classList.contains("highlight-text") || box.closest("td.linenos")) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy this code");
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    button.textContent = (await copied(textOf(block))) ? "Copied" : "Not copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  box.classList.add("with-copy");
  box.append(button);
}
