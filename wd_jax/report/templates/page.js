(() => {
  "use strict";
  const folds = () => [...document.querySelectorAll("details")];

  for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;
  for (const button of document.querySelectorAll("button[data-folds]")) {
    button.addEventListener("click", () => {
      for (const fold of folds()) fold.open = button.dataset.folds === "open";
    });
  }

  // On a phone an answer shows two lines until it is asked for more, so that the figure stands on the first screen too.
  for (const button of document.querySelectorAll(".more")) {
    const answer = button.closest(".answer");
    answer.classList.add("short");
    button.hidden = false;
    button.addEventListener("click", () => {
      const whole = !answer.classList.toggle("short");
      button.setAttribute("aria-expanded", String(whole));
      button.firstChild.data = whole ? "less" : "more";
    });
  }

  // A link to what is folded opens it; browsers that do so by themselves lose nothing.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)).split("?")[0]);
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    if (target?.closest("details")) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // Closed fold-outs are not printed: they are open while the page prints.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folds().filter((fold) => !fold.open);
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
    opened = [];
  });

  // A formula wider than its box can be scrolled by the keyboard too; one that fits is no stop for it.
  const reach = (box) => {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", "A long formula");
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)));
  for (const box of document.querySelectorAll(".formula")) watch.observe(box);
})();
