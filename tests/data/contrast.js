// The least contrast of any text below the elements that match, with what is painted behind it.
// Colours are drawn on a canvas of one pixel, so that every notation is understood.
selector => {
  const pixel = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const paint = (colours) => {
    pixel.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); }
    const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
    const linear = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  let least = 99;
  for (const element of document.querySelectorAll(selector)) {
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) {
      continue;
    }
    const behind = [];
    for (let at = element; at; at = at.parentElement) {
      behind.unshift(getComputedStyle(at).backgroundColor);
    }
    const [text, back] = [paint([...behind, getComputedStyle(element).color]), paint(behind)];
    least = Math.min(least, (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05));
  }
  return least;
}
