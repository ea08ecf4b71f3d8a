/* The review of proposals: what a form does not do by itself. Without it all works by buttons. */
"use strict";

const form = document.getElementById("review-form");
const boxes = () => [...form.querySelectorAll("input[name=selected]")];
const kindBox = (section) => section.querySelector("input[name=kind]");
const count = document.getElementById("selected-count");
const [apply, reject] = ["apply", "reject"].map((name) => form.querySelector(`.decide [name=${name}]`));
const words = new Map([apply, reject].filter(Boolean).map((button) => [button, button.textContent]));
let typed = "typed" in form.dataset;
let sent = false;

// A kind's own box is full, part or empty; on several pages it stands for the rows of all of them.
function show() {
  let number = 0;
  for (const section of form.querySelectorAll(".kind")) {
    const all = kindBox(section);
    const rows = [...section.querySelectorAll("input[name=selected]")];
    const picked = rows.filter((row) => row.checked);
    const apart = rows.filter((row) => row.checked && "alone" in row.dataset).length;
    const onAllPages = all && all.checked && "more" in all.dataset;
    number += onAllPages ? Number(all.dataset.more) + apart : picked.length;
    if (all) all.indeterminate = !all.checked && picked.length > 0;
    for (const row of rows) row.closest(".line").classList.toggle("is-picked", row.checked);
  }
  if (!count) return;
  count.textContent = number === 1 ? count.dataset.one : count.dataset.many.replace("#", number);
  for (const [button, text] of words) button.textContent = number ? button.dataset.some.replace("#", number) : text;
}

function pick(section, picked) {
  for (const row of section.querySelectorAll("input[name=selected]:not([data-alone])")) row.checked = picked;
}

form.addEventListener("change", ({ target }) => {
  const section = target.closest(".kind");
  if (target.name === "kind") pick(section, target.checked);
  if (target.name === "selected") {
    const together = [...section.querySelectorAll("input[name=selected]:not([data-alone])")];
    const all = kindBox(section);
    if (all && !target.checked && !("alone" in target.dataset)) all.checked = false;
    else if (all && !("more" in all.dataset)) all.checked = together.length > 0 && together.every((row) => row.checked);
  }
  // Whoever chooses the company has looked at the match.
  if (target.type === "radio") target.closest(".line").querySelector("[name=selected]").checked = true;
  typed = true;
  show();
});

// Countries and sectors are put in the rows at once; the server does the same with a sent form.
function country(line) {
  return line.querySelector(".will input[list]");
}

function take(button) {
  country(button.closest(".line")).value = button.dataset.country;
  button.remove();
}

function fillIn() {
  const all = form.querySelector("[name=all_country]");
  const sector = form.querySelector("[name=all_sector]");
  if (!all) return;
  for (const line of form.querySelectorAll(".line.is-picked")) {
    const own = country(line);
    if (own && !own.value && all.value) {
      own.value = all.value;
      line.querySelector(".guess")?.remove();
    }
    const chosen = line.querySelector(".will select");
    if (chosen && !chosen.value) chosen.value = sector.value;
  }
  const more = kindBox(all.closest(".kind"));
  if (!more?.checked || !("more" in more.dataset)) all.value = sector.value = "";
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || !["fill", "take"].includes(button.name)) return;
  event.preventDefault();
  typed = true;
  if (button.name === "fill") fillIn();
  else if (button.value === "all") form.querySelectorAll(".line.is-picked .guess").forEach(take);
  else take(button);
});

// A second press of a button sends nothing again; the server would not apply it twice either.
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
  typed = false;
});
window.addEventListener("pageshow", () => { sent = false; });
window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });

// J and K move, X selects, A applies; never while one types.
const lines = () => [...form.querySelectorAll(".line")];
document.addEventListener("keydown", (event) => {
  const types = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  if (types || event.ctrlKey || event.metaKey || event.altKey || !apply) return;
  const here = lines().indexOf(document.activeElement.closest(".line"));
  const box = lines()[here]?.querySelector("[name=selected]");
  if (event.key === "j" || event.key === "k") {
    const next = lines()[Math.max(0, here + (event.key === "j" ? 1 : -1))];
    next?.querySelector("[name=selected]").focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "x" && box) box.click();
  else if (event.key === "a") apply.click();
});
form.querySelector(".keys")?.removeAttribute("hidden");
show();
