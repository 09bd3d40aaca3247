"use strict";
(() => {
  const find = document.getElementById("find");
  if (!find) return;
  const sites = [...document.querySelectorAll("tbody.site")];
  const names = sites.map((site) => site.querySelector("th").textContent.toLowerCase());
  const shown = document.getElementById("shown");
  find.parentElement.hidden = false;

  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    sites.forEach((site, place) => { site.hidden = !names[place].includes(wanted); });
    const number = sites.filter((site) => getComputedStyle(site).display !== "none").length;
    shown.textContent = `${number} of ${sites.length} shown`;
  };
  find.addEventListener("input", show);
  find.form.addEventListener("change", show);
  find.form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
