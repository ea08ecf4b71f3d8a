/* The list of companies, in place: what htmx does not do by itself. Without it all works by links. */
"use strict";

const form = document.getElementById("filters");
const fold = form.querySelector(".filters-fold");
const count = document.getElementById("count");
let unfolded = [];
let ticked = [];
let held = document.body;
let place = -1;

// An address says only what was asked for.
form.addEventListener("htmx:configRequest", (event) => {
  const asked = event.detail.formData;
  for (const [name, value] of [...asked.entries()]) {
    if (value === "") asked.delete(name);
  }
});

// What is ticked to compare goes along to every page of the list; the comparison itself is another.
const ticks = () => new FormData(form).getAll("compare");
function withTicks(address) {
  const url = new URL(address, location);
  url.searchParams.delete("compare");
  for (const slug of ticks()) url.searchParams.append("compare", slug);
  return url.pathname + url.search;
}
function addTicksToAddresses() {
  history.replaceState(history.state, "", withTicks(location.href));
  for (const link of document.querySelectorAll("#languages a")) link.href = withTicks(link.href);
}
document.addEventListener("change", (event) => {
  if (event.target.name === "compare") addTicksToAddresses();
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt !== form) event.detail.path = withTicks(event.detail.path);
});
document.addEventListener("submit", (event) => {
  if (event.submitter?.name === "to") event.stopPropagation();
}, true);

// A result that was asked for before the last tick does not undo it.
const boxes = () => [...document.querySelectorAll("input[name=compare]")];
document.addEventListener("htmx:beforeSwap", () => {
  ticked = boxes().filter((box) => box.checked);
});
document.addEventListener("htmx:afterSettle", () => {
  const before = String(ticks());
  const slugs = ticked.map((box) => box.value);
  for (const box of boxes()) box.checked = slugs.includes(box.value);
  for (const box of ticked.filter((one) => !ticks().includes(one.value))) {
    box.hidden = true;
    document.getElementById("results").append(box);
  }
  if (String(ticks()) !== before) addTicksToAddresses();
});

// What the reader unfolded stays so while the facets are replaced, and the focus where it was.
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...form.querySelectorAll("#facets details[open]")].map((details) => details.id);
  held = document.activeElement;
  place = [...document.querySelectorAll(".chip")].indexOf(held);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const id of unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});

// Where a chip was, the next one is; where nothing is any more, the number found is read.
document.addEventListener("htmx:afterSettle", () => {
  if (held.isConnected || document.activeElement !== document.body) return;
  const chips = place < 0 ? [] : [...document.querySelectorAll(".chip")];
  (chips[Math.min(place, chips.length - 1)] ?? count).focus({ preventScroll: true });
});

// A link of the result may take the search away.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt === form || !event.detail.successful) return;
  const address = new URL(event.detail.pathInfo.finalRequestPath, location);
  form.elements.q.value = address.searchParams.get("q") ?? "";
});

// On a phone the filters lie above the result: the button folds them and shows it.
form.addEventListener("submit", () => {
  fold.open = false;
  count.scrollIntoView({ block: "nearest" });
});

// What cannot be shown in place is shown by going there.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    location.assign(event.detail.pathInfo.finalRequestPath);
  });
}
