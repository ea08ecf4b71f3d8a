/* The record of a company: copies the sentence to quote. Without it the text can be selected. */
"use strict";

const told = document.getElementById("copied");

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch {
    // Only a page read over https may write to the clipboard; any may copy what is selected.
    getSelection().selectAllChildren(text);
    document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(document.getElementById(button.dataset.copy));
    button.textContent = told.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = words; told.textContent = ""; }, 2000);
  });
}

// A link to what is folded unfolds it, also where the browser does not by itself.
function unfold() {
  const folded = document.getElementById(location.hash.slice(1))?.closest("details");
  if (!folded || folded.open) return;
  folded.open = true;
  document.getElementById(location.hash.slice(1)).scrollIntoView();
}
addEventListener("hashchange", unfold);
unfold();
