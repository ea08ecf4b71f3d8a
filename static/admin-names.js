/* Gives what Django's admin and Select2 leave nameless the name of its own label. */
"use strict";

function nameOf(select) {
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  return select.getAttribute("aria-label") || (label ? label.textContent.replace(/\s*:\s*$/, "") : "");
}

/* Select2 names its box after the choice alone: "Saidot" instead of "Company: Saidot". */
function nameBoxes() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const box = select.parentElement.querySelector(".select2-selection");
    const chosen = box && box.querySelector(".select2-selection__rendered");
    if (chosen && !chosen.previousElementSibling) {
      const name = document.createElement("span");
      name.className = "visually-hidden";
      name.id = `${select.id}_name`;
      name.textContent = nameOf(select);
      chosen.before(name);
      box.setAttribute("aria-labelledby", `${name.id} ${chosen.id}`);
      chosen.setAttribute("aria-labelledby", name.id);
    }
  }
}

const search = document.getElementById("searchbar");
if (search) search.setAttribute("aria-label", search.form.querySelector("[type=submit]").value);
/* Boxes come late: jQuery makes them after the page is loaded, and in every new row. */
new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
