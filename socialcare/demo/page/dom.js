// Elements out of words: text is only ever text here, whoever wrote it.

/** Make an element; `props` sets properties, `data-`, `aria-` and `on…` as they are named. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value === true ? "" : value);
    else made[name] = value;
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/**
 * Keep a container's children like a list: what reads the same stays as it is, so that focus,
 * selection and scroll positions stay too.
 */
export function keep(container, items, { key, make, update }) {
  const before = new Map([...container.children].map((one) => [one.dataset.key, one]));
  let place = container.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const sign = JSON.stringify(item);
    let found = before.get(name);
    before.delete(name);
    if (found && found.sign !== sign) {
      if (update) update(found, item);
      else {
        const fresh = make(item);
        takeFocus(found, fresh);
        if (place === found) place = fresh;
        found.replaceWith(fresh);
        found = fresh;
      }
    } else if (!found) {
      found = make(item);
      if (update) update(found, item);
    }
    found.dataset.key = name;
    found.sign = sign;
    if (found === place) place = place.nextElementSibling;
    else container.insertBefore(found, place);
  }
  for (const gone of before.values()) gone.remove();
}

/** Put the focus where it was, when what had it is drawn anew. */
function takeFocus(old, fresh) {
  const had = document.activeElement;
  if (!old.contains(had) || !had.dataset.focus) return;
  const name = CSS.escape(had.dataset.focus);
  requestAnimationFrame(() => (fresh.querySelector(`[data-focus="${name}"]`) ?? fresh).focus());
}

export const byId = (id) => document.getElementById(id);

/** Say a moment as a clock does. */
export function clock(iso) {
  return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
