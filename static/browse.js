/* The list of companies, in place: what htmx does not do by itself. Without it all works by links. */
"use strict";

const form = document.getElementById("filters");
const fold = form.querySelector(".filters-fold");
let unfolded = [];

// An address says only what was asked for.
form.addEventListener("htmx:configRequest", (event) => {
  const asked = event.detail.formData;
  for (const [name, value] of [...asked.entries()]) {
    if (value === "") asked.delete(name);
  }
});

// What the reader unfolded stays so while the facets are replaced.
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...form.querySelectorAll("#facets details[open]")].map((details) => details.id);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const id of unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});

// On a phone the filters lie above the result: the button folds them and shows it.
form.addEventListener("submit", () => {
  fold.open = false;
  document.getElementById("count").scrollIntoView({ block: "nearest" });
});

// What cannot be shown in place is shown by going there.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    location.assign(event.detail.pathInfo.finalRequestPath);
  });
}
