/* Lists by keyboard, as the review: J and K move, X selects, Enter opens. Without it, Tab does. */
"use strict";

const rows = () => [...document.querySelectorAll("#result_list tbody tr")];
const linkOf = (row) => row.querySelector("th a, td a");

document.addEventListener("keydown", (event) => {
  const types = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  if (types || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = rows().indexOf(document.activeElement.closest("#result_list tbody tr"));
  if (event.key === "j" || event.key === "k") {
    const next = rows()[Math.max(0, here + (event.key === "j" ? 1 : -1))];
    if (!next) return;
    linkOf(next)?.focus();
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "x" && here >= 0) rows()[here].querySelector("input.action-select")?.click();
});
