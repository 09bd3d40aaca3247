// What of a page could run, load or lead anywhere.
() => ({
  owned: document.documentElement.dataset.owned ?? null,
  scripts: document.scripts.length,
  styles: document.querySelectorAll("style, link, [style]").length,
  alien: document.querySelectorAll(
    "img, iframe, object, embed, video, audio, base, picture, source, image, use, template"
  ).length,
  links: [...document.querySelectorAll("[href], [src], [action], [formaction], [srcset]")]
    .filter((e) => !/^#[a-z]+$/.test(e.getAttribute("href") ?? "")).length,
  handlers: [...document.querySelectorAll("*")]
    .flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith("on")).length,
  shown: getComputedStyle(document.body).display,
})
