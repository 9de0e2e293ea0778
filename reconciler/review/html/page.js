"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const ranks = { none: 0, low: 1, medium: 2, high: 3 };

  const themes = { system: ["System", "as the system says"], light: ["Light", "light"], dark: ["Dark", "dark"] };
  const button = one("#theme");
  const remembered = () => {
    try { return localStorage.getItem("reconciler-theme") || "system"; } catch { return "system"; }
  };
  const paint = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.lastElementChild.textContent = themes[theme][0];
    button.setAttribute("aria-label", `Colours: ${themes[theme][1]}`);
  };
  button.addEventListener("click", () => {
    const names = Object.keys(themes);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    try { localStorage.setItem("reconciler-theme", next); } catch { /* A page that may not remember forgets. */ }
    paint(next);
  });
  paint(themes[remembered()] ? remembered() : "system");
  button.hidden = false;

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = target?.closest("details");
    if (part) { part.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  const closed = [];
  addEventListener("beforeprint", () => all("details:not([open])").forEach((each) => { closed.push(each); each.open = true; }));
  addEventListener("afterprint", () => closed.splice(0).forEach((each) => { each.open = false; }));

  const form = one("#filter");
  if (!form) return;
  const parts = all(".part").map((part) => ({ part, words: part.dataset.words, cards: all("[data-action]", part) }));
  const filter = () => {
    const words = one("#words").value.trim().toLowerCase();
    const actions = new Set(all("[name=action]:checked", form).map((box) => box.value));
    const least = ranks[one("#risk").value];
    const drift = one("#drift").checked;
    const origin = one("#origin")?.value ?? "";
    let shown = 0;
    for (const { part, words: text, cards } of parts) {
      let some = false;
      for (const card of cards) {
        const data = card.dataset;
        const fits = actions.has(data.action) && ranks[data.risk || "none"] >= least && (!drift || "drift" in data)
          && (!origin || data.origin === origin);
        card.hidden = !fits;
        some ||= fits;
      }
      part.hidden = !(some && text.includes(words));
      shown += part.hidden ? 0 : 1;
    }
    one("#shown").textContent = `${shown} of ${parts.length} shown`;
    one("#none").hidden = shown > 0;
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  const fold = (open) => () => parts.forEach(({ part }) => { if (!part.hidden) part.open = open; });
  one("#open").addEventListener("click", fold(true));
  one("#close").addEventListener("click", fold(false));
  form.hidden = false;
  filter();
})();
