// The demo's documents, as they stand now, and the visitor's wishes to it.

const docs = new Map();
const watchers = [];
let changed = new Set();
let drawn = false;

/** Call `draw` after documents whose names begin with one of the prefixes have changed. */
export function watch(prefixes, draw) {
  watchers.push({ prefixes, draw });
}

/** Draw once more what depends on these names, though no document has changed. */
export function redraw(...names) {
  for (const name of names) changed.add(name);
  plan();
}

export const doc = (key) => docs.get(key);

/** All documents whose names begin so, those changed last at the end. */
export function all(prefix) {
  return [...docs].filter(([key]) => key.startsWith(prefix)).map(([, one]) => one);
}

export function listen(lost) {
  const source = new EventSource("/sandbox/events");
  source.addEventListener("anew", () => {
    for (const key of docs.keys()) changed.add(key);
    docs.clear();
    plan();
  });
  source.onmessage = (message) => {
    lost(false);
    for (const { key, doc: one } of JSON.parse(message.data)) {
      docs.delete(key);
      if (one !== null) docs.set(key, one);
      changed.add(key);
    }
    plan();
  };
  source.onerror = () => lost(true);
}

function plan() {
  if (drawn) return;
  drawn = true;
  // A hidden page draws as well: frames are only asked for while somebody looks.
  (document.hidden ? setTimeout : requestAnimationFrame)(() => {
    drawn = false;
    const names = [...changed];
    changed = new Set();
    for (const { prefixes, draw } of watchers) {
      if (names.some((name) => prefixes.some((prefix) => name.startsWith(prefix)))) draw(names);
    }
  });
}

const token = document.querySelector('meta[name="token"]').content;

/** Ask the demo for something; says what was wrong on the page, and gives null then. */
export async function ask(act, wish = {}) {
  let told;
  try {
    const answer = await fetch(`/sandbox/do/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Sandbox-Token": token },
      body: JSON.stringify(wish),
    });
    told = answer.ok ? await answer.json() : { error: (await answer.json().catch(() => ({}))).error ?? "refused" };
  } catch {
    told = { error: "The demo does not answer. Is it still running?" };
  }
  if (told.error === undefined) return told;
  toast(told.error);
  return null;
}

let fading;
export function toast(text) {
  const place = document.getElementById("toast");
  place.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (place.textContent = ""), 6000);
}
