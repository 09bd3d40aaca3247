"use strict";
(() => {
  const boxes = [...document.querySelectorAll(".reasons input")];
  const blocks = [...document.querySelectorAll(".block:not(.picture)")];
  const shown = document.getElementById("shown");
  const unfold = document.getElementById("unfold");
  if (!shown) return;
  document.querySelector(".tools").hidden = false;

  const count = () => {
    const number = blocks.filter((block) => getComputedStyle(block).display !== "none").length;
    shown.textContent = `${number} of ${blocks.length} blocks shown`;
  };
  const tick = (on) => {
    for (const box of boxes) box.checked = on;
    count();
  };
  document.getElementById("all").addEventListener("click", () => tick(true));
  document.getElementById("none").addEventListener("click", () => tick(false));
  document.querySelector(".filter").addEventListener("change", count);
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(open));
    unfold.textContent = open ? "Fold every why" : "Unfold every why";
    for (const block of blocks) block.querySelector("details").open = open;
  });
  count();
})();
