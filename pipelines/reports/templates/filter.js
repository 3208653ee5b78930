"use strict";
(() => {
  const form = document.querySelector(".filter");
  const cards = [...document.querySelectorAll(".card")];
  if (!cards.length) return;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  const text = (card) => {
    if (!texts.has(card)) texts.set(card, plain(card.textContent));
    return texts.get(card);
  };
  const { find, source, merged, fold } = form.elements;
  const count = form.querySelector("output");
  const filter = () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits =
        (!source.value || card.dataset.sources.split(" ").includes(source.value)) &&
        (!merged.checked || "merged" in card.dataset) &&
        words.every((word) => text(card).includes(word));
      card.hidden = !fits;
      shown += fits;
    }
    count.value = `${shown} of ${cards.length}`;
    for (const section of document.querySelectorAll(".cards"))
      section.querySelector(".none").hidden = !!section.querySelector(".card:not([hidden])");
  };
  const openAll = (open) => {
    for (const card of cards) if (!open || !card.hidden) card.querySelector("details").open = open;
    fold.textContent = open ? "Close all" : "Open all";
    fold.setAttribute("aria-pressed", open);
  };
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const card = target && target.closest(".card");
    if (!card) return;
    card.hidden = false;
    card.querySelector("details").open = true;
    target.scrollIntoView();
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  fold.addEventListener("click", () => openAll(fold.getAttribute("aria-pressed") !== "true"));
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => openAll(true));
  form.hidden = false;
  filter();
  reveal();
})();
