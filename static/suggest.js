/* Names of companies as one types, in the browser's own list. Without it the field is a plain one. */

const PAUSE = 150; // milliseconds without a key, before names are asked for
const SHORTEST = 2; // letters

async function suggest(field, text) {
  const answer = await fetch(`${field.dataset.names}?q=${encodeURIComponent(text)}`, { credentials: "omit" });
  if (!answer.ok) return;
  const { names } = await answer.json();
  if (field.value.trim() === text) field.list.replaceChildren(...names.map((name) => new Option(name, name)));
}

for (const field of document.querySelectorAll("input[data-names]")) {
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    const text = field.value.trim();
    const isChosen = [...field.list.options].some((option) => option.value === text);
    if (text.length < SHORTEST || isChosen) return;
    timer = setTimeout(() => suggest(field, text).catch(() => {}), PAUSE);
  });
}

// A field that fills a list of names: what is chosen, or ended with Enter, becomes its next line.
for (const frame of document.querySelectorAll("[data-adds-to]")) {
  const field = frame.querySelector("input");
  const list = document.getElementById(frame.dataset.addsTo);
  const add = () => {
    const before = list.value.trimEnd();
    list.value = `${before}${before && "\n"}${field.value.trim()}\n`;
    field.value = "";
    field.list.replaceChildren();
  };
  field.addEventListener("input", (event) => {
    const isTyped = /^(insert(Text|FromPaste|CompositionText)|delete)/.test(event.inputType ?? "");
    if (!isTyped && [...field.list.options].some((option) => option.value === field.value.trim())) add();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !field.value.trim()) return;
    event.preventDefault();
    add();
  });
}
