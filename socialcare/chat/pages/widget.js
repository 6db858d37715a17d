// The web chat's widget: one script tag, no library, nothing inline, no HTML made of text.
// Attributes of the tag: data-language (else the page's), data-mode="page" (fills #chat), data-open.
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(script.src);
  base.pathname = base.pathname.replace(/\/widget\.js$/, "");
  base.search = base.hash = "";
  const inPage = script.dataset.mode === "page";

  const WORDS = {
    en: {
      off: "No files are taken here.",
      attach: "Send a picture or PDF", size: "Files may have up to # MB.",
      kind: "Only pictures and PDF.", full: "No more files fit here.", cancel: "Cancel",
      chat: "Chat", open: "Open the chat", close: "Close the chat", said: "Conversation",
      write: "Your message", send: "Send", human: "Talk to a person",
      wish: "I would like to talk to a person, please.", you: "You", bot: "Assistant",
      colleague: "Our team", typing: "is typing …", sending: "Sending …", sent: "Sent", read: "Read",
      offline: "You are offline. What you write is sent as soon as you are back.",
      away: "The connection is lost. Trying again …", busy: "One moment: it is sent again shortly.",
      refused: "This could not be sent.", waiting: "A person of our team will answer you here.",
      joined: "A person of our team has taken over.", back: "You are talking to the assistant again.",
      resolved: "This conversation was marked as solved.", rate: "How well did we help you?",
      worst: "1, badly", best: "5, very well", thanks: "Thank you for telling us.",
      transcript: "Download the conversation", device: "Go on with another device",
      link: "Open this link on the other device within 10 minutes. Whoever has it can read along.",
      adopt: "Go on here with the conversation of your other device?", invited: "Were you invited here from another chat with us? Then we know that it is you.",
      yes: "Yes, go on", no: "No",
      privacy: "Privacy", unread: "New message", more: "More",
    },
    de: {
      off: "Dateien sind hier nicht möglich.",
      attach: "Bild oder PDF senden", size: "Höchstens # MB je Datei.",
      kind: "Nur Bilder und PDF.", full: "Mehr Dateien passen nicht.", cancel: "Abbrechen",
      chat: "Chat", open: "Chat öffnen", close: "Chat schließen", said: "Unterhaltung",
      write: "Ihre Nachricht", send: "Senden", human: "Mit einem Menschen sprechen",
      wish: "Ich möchte bitte mit einem Menschen sprechen.", you: "Sie", bot: "Assistent",
      colleague: "Unser Team", typing: "schreibt …", sending: "Wird gesendet …", sent: "Gesendet",
      read: "Gelesen",
      offline: "Sie sind offline. Was Sie schreiben, geht hinaus, sobald Sie wieder da sind.",
      away: "Die Verbindung ist weg. Neuer Versuch …", busy: "Einen Moment: Es wird gleich erneut gesendet.",
      refused: "Das konnte nicht gesendet werden.", waiting: "Jemand aus unserem Team antwortet Ihnen hier.",
      joined: "Jemand aus unserem Team hat übernommen.", back: "Sie sprechen wieder mit dem Assistenten.",
      resolved: "Diese Unterhaltung wurde als gelöst markiert.", rate: "Wie gut konnten wir helfen?",
      worst: "1, schlecht", best: "5, sehr gut", thanks: "Danke für Ihre Antwort.",
      transcript: "Unterhaltung herunterladen", device: "Auf anderem Gerät fortsetzen",
      link: "Öffnen Sie diesen Link innerhalb von 10 Minuten auf dem anderen Gerät. Wer ihn hat, liest mit.",
      adopt: "Die Unterhaltung Ihres anderen Geräts hier fortsetzen?", invited: "Wurden Sie aus einem anderen Chat mit uns hierher eingeladen? Dann wissen wir, dass Sie es sind.",
      yes: "Ja, fortsetzen", no: "Nein",
      privacy: "Datenschutz", unread: "Neue Nachricht", more: "Mehr",
    },
    fr: {
      off: "Pas de fichiers ici.",
      attach: "Envoyer une image ou un PDF", size: "Au plus # Mo par fichier.",
      kind: "Images et PDF seulement.", full: "Plus aucun fichier ici.", cancel: "Annuler",
      chat: "Discussion", open: "Ouvrir la discussion", close: "Fermer la discussion", said: "Conversation",
      write: "Votre message", send: "Envoyer", human: "Parler à une personne",
      wish: "Je voudrais parler à une personne, s'il vous plaît.", you: "Vous", bot: "Assistant",
      colleague: "Notre équipe", typing: "écrit …", sending: "Envoi …", sent: "Envoyé", read: "Lu",
      offline: "Vous êtes hors ligne. Vos messages partiront à votre retour.",
      away: "Connexion perdue. Nouvel essai …", busy: "Un instant : nouvel envoi sous peu.",
      refused: "L'envoi n'a pas abouti.", waiting: "Une personne de notre équipe vous répondra ici.",
      joined: "Une personne de notre équipe a pris le relais.", back: "Vous parlez de nouveau à l'assistant.",
      resolved: "Cette conversation est marquée comme résolue.", rate: "Vous avons-nous bien aidé ?",
      worst: "1, mal", best: "5, très bien", thanks: "Merci de votre réponse.",
      transcript: "Télécharger la conversation", device: "Continuer sur un autre appareil",
      link: "Ouvrez ce lien sur l'autre appareil dans les 10 minutes. Qui l'a peut lire.",
      adopt: "Continuer ici la conversation de votre autre appareil ?", invited: "Avez-vous été invité ici depuis une autre discussion avec nous ? Nous saurons alors que c'est vous.",
      yes: "Oui, continuer", no: "Non",
      privacy: "Confidentialité", unread: "Nouveau message", more: "Plus",
    },
    es: {
      off: "Aquí no se admiten archivos.",
      attach: "Enviar una imagen o un PDF", size: "Hasta # MB por archivo.",
      kind: "Solo imágenes y PDF.", full: "No caben más archivos.", cancel: "Cancelar",
      chat: "Chat", open: "Abrir el chat", close: "Cerrar el chat", said: "Conversación",
      write: "Su mensaje", send: "Enviar", human: "Hablar con una persona",
      wish: "Quiero hablar con una persona, por favor.", you: "Usted", bot: "Asistente",
      colleague: "Nuestro equipo", typing: "escribe …", sending: "Enviando …", sent: "Enviado", read: "Leído",
      offline: "Está sin conexión. Lo que escriba se enviará cuando vuelva.",
      away: "Se perdió la conexión. Otro intento …", busy: "Un momento: se enviará de nuevo enseguida.",
      refused: "No se pudo enviar.", waiting: "Una persona de nuestro equipo le responderá aquí.",
      joined: "Una persona de nuestro equipo le atiende ahora.", back: "Habla de nuevo con el asistente.",
      resolved: "Esta conversación se marcó como resuelta.", rate: "¿Le hemos ayudado bien?",
      worst: "1, mal", best: "5, muy bien", thanks: "Gracias por su respuesta.",
      transcript: "Descargar la conversación", device: "Seguir en otro dispositivo",
      link: "Abra este enlace en el otro dispositivo en 10 minutos. Quien lo tenga puede leer.",
      adopt: "¿Seguir aquí la conversación de su otro dispositivo?", invited: "¿Le invitaron aquí desde otro chat con nosotros? Entonces sabremos que es usted.",
      yes: "Sí, seguir", no: "No",
      privacy: "Privacidad", unread: "Mensaje nuevo", more: "Más",
    },
  };
  const wanted = script.dataset.language || document.documentElement.lang || navigator.language || "en";
  const short = wanted.slice(0, 2).toLowerCase();
  const language = WORDS[short] ? short : "en";
  const words = WORDS[language];

  const STYLE = `
    :host { all: initial; color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif;
      --paper: #fff; --ink: #16191d; --soft: #eef0f3; --faint: #596068; --edge: #cdd2d8;
      --deep: #1d4ed8; --on-deep: #fff; --bad: #b3261e; }
    @media (prefers-color-scheme: dark) { :host { --paper: #16191d; --ink: #e8eaed; --soft: #262b31;
      --faint: #a5acb4; --edge: #3b424a; --deep: #8ab4f8; --on-deep: #0b1a33; --bad: #ff9a92; } }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, textarea, input { font: inherit; color: inherit; }
    button { cursor: pointer; border: 1px solid var(--edge); border-radius: 8px; background: var(--paper);
      min-height: 40px; padding: 6px 12px; }
    :focus-visible { outline: 3px solid var(--deep); outline-offset: 2px; }
    .launch { position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; border: 0; border-radius: 28px;
      min-height: 56px; padding: 0 22px; background: var(--deep); color: var(--on-deep); font-weight: 600; }
    .panel { display: flex; flex-direction: column; background: var(--paper); color: var(--ink); overflow: hidden; }
    .floating { position: fixed; inset: auto 20px 20px auto; z-index: 2147483001; width: 380px;
      max-width: calc(100vw - 40px); height: min(620px, calc(100dvh - 40px)); border: 1px solid var(--edge);
      border-radius: 14px; box-shadow: 0 12px 40px #0005; }
    :host([data-mode="page"]) { display: flex; flex-direction: column; flex: 1; min-height: 0; }
    .filling { flex: 1; min-height: 0; }
    header { display: flex; gap: 8px; align-items: center; padding: 10px 14px; border-bottom: 1px solid var(--edge); }
    h2 { flex: 1; margin: 0; font-size: 17px; overflow-wrap: anywhere; }
    .note { margin: 0; padding: 8px 14px; font-size: 14px; color: var(--faint); background: var(--soft); }
    .note a { color: inherit; }
    .log { flex: 1; min-height: 60px; margin: 0; padding: 14px; overflow-y: auto; display: flex; flex-direction: column; gap: 10px; }
    .line { max-width: 85%; align-self: flex-start; }
    .line .text { background: var(--soft); border-radius: 12px; padding: 8px 12px; white-space: pre-wrap;
      overflow-wrap: anywhere; }
    .customer { align-self: flex-end; }
    .customer .text { background: var(--deep); color: var(--on-deep); }
    .who, .state { font-size: 13px; color: var(--faint); }
    .customer .who, .customer .state { text-align: end; }
    .failed .state { color: var(--bad); }
    progress { width: 100%; accent-color: var(--deep); }
    .dropping { outline: 3px dashed var(--deep); outline-offset: -6px; }
    .event { align-self: center; font-size: 14px; color: var(--faint); text-align: center; }
    .typing { min-height: 22px; padding: 0 14px; font-size: 14px; color: var(--faint); }
    .ask { padding: 10px 14px; border-top: 1px solid var(--edge); display: flex; flex-wrap: wrap; gap: 8px; }
    .ask p { flex-basis: 100%; margin: 0; }
    .ask input { flex: 1; min-width: 0; padding: 6px; border: 1px solid var(--edge); border-radius: 8px;
      background: var(--paper); }
    form { display: flex; gap: 8px; align-items: flex-end; padding: 10px 14px; border-top: 1px solid var(--edge); }
    textarea { flex: 1; resize: none; height: 72px; padding: 8px; border: 1px solid var(--faint); border-radius: 8px;
      background: var(--paper); }
    .send { background: var(--deep); color: var(--on-deep); border: 0; font-weight: 600; }
    footer { display: flex; flex-wrap: wrap; gap: 4px 12px; padding: 0 14px 10px; }
    footer button { border: 0; padding: 0; min-height: 28px; font-size: 14px; color: var(--faint);
      text-decoration: underline; background: none; }
    .away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @media (max-width: 480px) { .floating { inset: 0; width: 100vw; max-width: none; height: 100dvh; border: 0;
      border-radius: 0; } }`;

  // --- what the browser keeps: the token, what is not sent yet, how far was read

  const name = `socialcare:${base.href}`;
  const spare = new Map(); // where a browser keeps nothing for us
  const keep = (key, value) => {
    try { localStorage.setItem(`${name}:${key}`, value); } catch { spare.set(key, value); }
  };
  const kept = (key) => {
    try { return localStorage.getItem(`${name}:${key}`) ?? spare.get(key) ?? null; } catch { return spare.get(key) ?? null; }
  };
  const drop = (key) => {
    spare.delete(key);
    try { localStorage.removeItem(`${name}:${key}`); } catch { /* nothing was kept */ }
  };
  const queued = () => {
    const found = new Map();
    const take = (key, value) => {
      try {
        const { text, at } = JSON.parse(value);
        if (key.startsWith("q:") && typeof text === "string") found.set(key.slice(2), { text, at: Number(at) || 0 });
      } catch { /* not ours */ }
    };
    spare.forEach((value, key) => take(key, value));
    try {
      for (let i = 0; i < localStorage.length; i += 1) {
        const key = localStorage.key(i);
        if (key.startsWith(`${name}:q:`)) take(key.slice(name.length + 1), localStorage.getItem(key));
      }
    } catch { /* nothing was kept */ }
    return [...found].map(([id, one]) => ({ id, ...one })).sort((a, b) => a.at - b.at);
  };

  // --- what is seen: made of elements and text, never of HTML

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== false && value !== null) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...inside);
    return element;
  };
  const button = (attributes, ...inside) => make("button", { type: "button", ...attributes }, ...inside);
  const host = document.createElement("socialcare-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const title = make("h2", { id: "title" }, words.chat);
  const disclosure = make("p", { class: "note", id: "disclosure", hidden: true });
  const status = make("p", { class: "note", role: "status", hidden: true });
  const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.said, tabindex: "0" });
  const typing = make("div", { class: "typing", "aria-hidden": "true" });
  const ask = make("div", { class: "ask", hidden: true });
  const field = make("textarea", { id: "field", maxlength: "4000", rows: "2", enterkeyhint: "send",
    placeholder: words.write, "aria-describedby": "disclosure", oninput: tellTyping, onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    } });
  const picker = make("input", { type: "file", multiple: true, hidden: true, onchange: () => {
    offer(picker.files);
    picker.value = "";
  } });
  const clip = button({ class: "attach", "aria-label": words.attach, title: words.attach,
    hidden: true, onclick: () => picker.click() }, "+");
  const form = make("form", { onsubmit: (event) => { event.preventDefault(); submit(); } },
    make("label", { for: "field", class: "away" }, words.write), picker, clip, field,
    make("button", { class: "send", type: "submit" }, words.send));
  const panel = make("section", { class: `panel ${inPage ? "filling" : "floating"}`, role: inPage ? "region" : "dialog",
    "aria-labelledby": "title", lang: language, hidden: !inPage, onkeydown: (event) => {
      if (event.key === "Escape" && !inPage) shut();
    } },
    make("header", {}, title,
      button({ class: "human", onclick: () => say(words.wish) }, words.human),
      button({ class: "close", "aria-label": words.close, hidden: inPage, onclick: shut }, "×")),
    disclosure, status, log, typing, ask, form,
    make("footer", {},
      button({ class: "transcript", onclick: () => tell({ type: "transcript" }) }, words.transcript),
      button({ class: "device", onclick: () => tell({ type: "link" }) }, words.device)));
  for (const kind of ["paste", "drop", "dragover", "dragleave"]) panel.addEventListener(kind, (event) => {
    const from = event.clipboardData ?? event.dataTransfer;
    // Word processors copy a picture of their words too.
    const has = !!from?.types.includes("Files") && (kind !== "paste" || !from.types.includes("text/plain"));
    panel.classList.toggle("dropping", has && kind === "dragover");
    if (!has) return;
    event.preventDefault();
    if (from.files.length && kind !== "dragover") offer(from.files);
  });
  const launch = button({ class: "launch", lang: language, "aria-haspopup": "dialog",
    hidden: inPage, onclick: show }, words.chat);
  const aloud = make("div", { class: "away", role: "status", lang: language });
  root.append(launch, panel, aloud);

  function show() {
    panel.hidden = false;
    launch.hidden = true;
    launch.textContent = words.chat;
    field.focus();
    connect();
    markRead();
    log.scrollTop = log.scrollHeight;
  }
  function shut() {
    panel.hidden = true;
    launch.hidden = false;
    launch.focus();
  }
  const isRead = () => !panel.hidden && document.visibilityState === "visible";
  const note = (text) => {
    status.textContent = text;
    status.hidden = !text;
  };

  // --- the conversation

  const lines = new Map(); // by message id
  const rated = new Set();
  let seq = 0;
  let caughtUp = false;
  let ours = null; // our latest message: {id, seq}
  let resolved = 0;
  const seen = { delivered: 0, read: Number(kept("seen")) || 0 };

  const stateOf = (line, text, failed = false) => {
    line.querySelector(".state").textContent = text;
    line.classList.toggle("failed", failed);
  };
  const draw = (id, author, text) => {
    const line = make("div", { class: `line ${author}`, "data-id": id },
      make("div", { class: "who" }, words[author === "customer" ? "you" : author] ?? words.colleague),
      make("div", { class: "text", dir: "auto" }, text), make("div", { class: "state" }));
    lines.set(id, line);
    return line;
  };
  const add = (element) => {
    const isLow = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.insertBefore(element, log.querySelector(".pending"));
    if (isLow) log.scrollTop = log.scrollHeight;
  };
  const drawPending = (id, text) => {
    const line = draw(id, "customer", text);
    line.classList.add("pending");
    stateOf(line, words.sending);
    log.append(line);
    return line;
  };
  const drawQueued = () => {
    for (const { id, text } of queued()) if (!lines.has(id)) drawPending(id, text);
    for (const one of uploads.values()) {
      if (lines.has(one.id)) continue;
      const line = drawPending(one.id, named(one.file));
      one.tools = make("div", {}, one.bar, button({ onclick: () => {
        uploads.delete(one.id);
        lines.delete(one.id);
        line.remove();
        one.request?.abort();
        field.focus();
      } }, words.cancel));
      line.append(one.tools);
    }
    log.scrollTop = log.scrollHeight;
  };
  const clear = () => {
    log.replaceChildren();
    lines.clear();
    rated.clear();
    seq = resolved = 0;
    ours = null;
    caughtUp = false;
    hideAsk();
    drawQueued();
  };

  function submit() {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    say(text);
  }
  const newId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
  function say(text) {
    const id = newId();
    keep(`q:${id}`, JSON.stringify({ text, at: Date.now() }));
    drawQueued();
    connect();
    send({ id, text });
  }
  const send = ({ id, text }) => tell({ type: "message", id, text, language });

  // --- files: beside the socket, one after the other; they live as long as the page does

  const uploads = new Map(); // by message id
  let takes = null; // {size, types} once welcomed
  const named = (file) => `${file.name} (${Math.max(1, Math.round(file.size / 1024)).toLocaleString(language)} kB)`;
  const shown = (said) => [said.text, ...(said.files ?? []).map(named)].filter(Boolean).join("\n");
  function offer(files) {
    for (const file of files) {
      const why = !takes ? "off" : file.size > takes.size ? "size"
        : !file.size || file.type && !takes.types.includes(file.type) ? "kind" : "";
      if (why) { note(refusal(why)); continue; }
      const bar = make("progress", { max: "1", value: "0", "aria-label": words.sending });
      const one = { id: newId(), file, bar, tries: 0 };
      uploads.set(one.id, one);
    }
    drawQueued();
    connect();
    nextUpload();
  }
  const refusal = (why) => words[why].replace("#", takes?.size >> 20);
  function nextUpload() {
    const [one] = uploads.values();
    if (!one || one.request || !navigator.onLine || !takes) return;
    const request = one.request = new XMLHttpRequest();
    request.open("POST", `${base.href}/files?id=${one.id}&language=${language}`);
    const name = one.file.name.slice(-99).replace(/[\ud800-\udfff]/gu, "");
    Object.entries({ Authorization: `Bearer ${kept("token")}`, "Content-Type": "application/octet-stream",
      "X-File-Name": encodeURIComponent(name) }).forEach((header) => request.setRequestHeader(...header));
    request.upload.onprogress = ({ loaded, total }) => { one.bar.value = loaded / total; };
    request.onloadend = () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* lost */ }
      const isKept = request.status === 201;
      const lasts = ["size", "kind", "full", "off"].includes(told.why);
      const ends = isKept || lasts || (one.tries += 1) > 9;
      if (ends && uploads.delete(one.id)) {
        one.tools.remove();
        stateOf(lines.get(one.id), isKept ? words.sent : lasts ? refusal(told.why) : words.refused, !isKept);
      }
      const pause = ends ? 0 : Math.max(told.after_s ?? 0, Math.min(30, 2 ** one.tries));
      setTimeout(() => { one.request = null; nextUpload(); }, pause * 1000);
    };
    request.send(one.file);
  }
  addEventListener("beforeunload", (event) => { if (uploads.size) event.preventDefault(); });

  let typed = 0;
  function tellTyping() {
    if (Date.now() - typed < 4000) return;
    typed = Date.now();
    tell({ type: "typing" });
  }
  let typingEnds = 0;
  const showTyping = (frame) => {
    typing.textContent = `${frame.author === "customer" ? words.you : words.bot} ${words.typing}`;
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => { typing.textContent = ""; }, 6000);
  };

  function markRead() {
    if (!caughtUp || !ours) return;
    const kind = isRead() ? "read" : "delivered";
    if (seen[kind] >= ours.seq || seen.read >= ours.seq) return;
    if (!tell({ type: kind, id: ours.id })) return;
    seen[kind] = ours.seq;
    if (kind === "read") keep("seen", String(ours.seq));
  }

  const hideAsk = () => { ask.hidden = true; ask.replaceChildren(); };
  const showAsk = (text, ...inside) => {
    ask.replaceChildren(make("p", { id: "ask" }, text), ...inside);
    ask.setAttribute("role", "group");
    ask.setAttribute("aria-labelledby", "ask");
    ask.hidden = false;
  };
  const survey = () => {
    if (!resolved || rated.has(resolved)) return;
    const about = resolved;
    showAsk(words.rate, ...[1, 2, 3, 4, 5].map((score) => button({ class: "score",
      "aria-label": { 1: words.worst, 5: words.best }[score] ?? String(score),
      onclick: () => tell({ type: "rating", about, score }) }, String(score))));
  };

  const CASES = { waiting: words.waiting, colleague: words.joined, bot: words.back, resolved: words.resolved };
  const hear = {
    welcome(frame) {
      keep("token", frame.token);
      pause = 1;
      title.textContent = frame.brand;
      disclosure.replaceChildren(frame.disclosure);
      if (/^https?:/.test(frame.privacy ?? "")) {
        disclosure.append(" ", make("a", { href: frame.privacy, target: "_blank", rel: "noopener noreferrer" }, words.privacy));
      }
      disclosure.hidden = false;
      patience = frame.beat_s * 2700;
      note("");
      takes = frame.files;
      clip.hidden = !takes;
      picker.accept = takes?.types.join() ?? "";
      nextUpload();
      if (kept("came")) tell({ type: "referral", id: kept("came"), ref: kept("came") });
      queued().forEach(send);
    },
    stranger() { drop("token"); drop("seen"); seen.delivered = seen.read = 0; clear(); },
    reset: clear,
    now() { caughtUp = true; log.removeAttribute("aria-busy"); log.scrollTop = log.scrollHeight; markRead(); survey(); },
    line(frame) {
      const mine = frame.author === "customer";
      const line = lines.get(frame.id) ?? draw(frame.id, frame.author, "");
      line.querySelector(".text").textContent = shown(frame);
      line.classList.remove("pending");
      line.title = new Date(frame.at).toLocaleString(language);
      add(line);
      if (mine) { drop(`q:${frame.id}`); uploads.get(frame.id)?.tools.remove(); uploads.delete(frame.id); stateOf(line, words.read); return; }
      ours = { id: frame.id, seq: frame.seq };
      typing.textContent = "";
      markRead();
      if (caughtUp && !isRead()) { launch.textContent = words.unread; aloud.textContent = words.unread; }
    },
    case(frame) {
      add(make("div", { class: "event" }, CASES[frame.status] ?? ""));
      resolved = frame.status === "resolved" ? frame.seq : 0;
      hideAsk();
      if (caughtUp) survey();
    },
    rated(frame) {
      rated.add(frame.about);
      if (caughtUp && frame.about === resolved) { hideAsk(); add(make("div", { class: "event" }, words.thanks)); }
    },
    ack(frame) {
      drop(`q:${frame.id}`);
      if (frame.id === kept("came")) drop("came");
      const line = lines.get(frame.id);
      if (line && line.classList.contains("pending")) stateOf(line, words.sent);
      note("");
    },
    later(frame) {
      note(words.busy);
      wait = Math.max(wait, frame.after_s);
      const again = queued().find((one) => one.id === frame.id);
      if (again) setTimeout(() => { if (kept(`q:${again.id}`)) send(again); }, frame.after_s * 1000);
    },
    refused(frame) {
      if (frame.id === kept("came")) drop("came");
      const line = lines.get(frame.id);
      if (!line) return;
      drop(`q:${frame.id}`);
      stateOf(line, words.refused, true);
    },
    typing: showTyping,
    beat() { tell({ type: "beat" }); },
    link(frame) {
      const box = make("input", { readonly: true, value: `${base.href}#t=${frame.token}`, "aria-label": words.device });
      showAsk(words.link, box, button({ onclick: hideAsk }, "OK"));
      box.select();
    },
    transcript(frame) {
      const text = frame.lines.map((one) =>
        `${new Date(one.at).toLocaleString(language)}  ${words[one.author === "customer" ? "you" : one.author] ?? words.colleague}:\n${shown(one)}\n`).join("\n");
      const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      make("a", { href: address, download: "chat.txt" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    },
  };

  // --- the socket

  let socket = null;
  let pause = 1;
  let wait = 0;
  let patience = 45000;
  let again = 0;
  let silence = 0;

  function tell(frame) {
    if (!socket || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }
  const listenOn = () => {
    clearTimeout(silence);
    silence = setTimeout(() => { if (socket) lose(socket); }, patience);
  };
  function connect() {
    if (socket || !navigator.onLine) { if (!navigator.onLine) note(words.offline); return; }
    clearTimeout(again);
    const mine = new WebSocket(`${base.href.replace(/^http/, "ws")}/ws`);
    socket = mine;
    caughtUp = false;
    log.setAttribute("aria-busy", "true");
    mine.onopen = () => {
      listenOn();
      mine.send(JSON.stringify({ type: "hello", token: kept("token"), seq, language }));
    };
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      listenOn();
      const frame = JSON.parse(data);
      if (frame.seq) {
        if (frame.seq <= seq) return;
        seq = frame.seq;
      }
      if (Object.hasOwn(hear, frame.type)) hear[frame.type](frame);
    };
    mine.onclose = () => lose(mine);
  }
  function lose(mine) {
    if (mine !== socket) return;
    socket = null;
    clearTimeout(silence);
    mine.close();
    note(navigator.onLine ? words.away : words.offline);
    // Half of it by chance: pages that lost us together do not come back together.
    const seconds = Math.max(wait, pause * (0.5 + Math.random() / 2));
    wait = 0;
    pause = Math.min(30, pause * 2);
    again = setTimeout(connect, seconds * 1000);
  }

  addEventListener("online", () => { pause = 1; connect(); });
  addEventListener("offline", () => { if (socket) lose(socket); note(words.offline); });
  document.addEventListener("visibilitychange", markRead);
  addEventListener("storage", (event) => {
    if (event.key === `${name}:token` && event.newValue && event.newValue !== event.oldValue && !seq && socket) lose(socket);
    if (event.key?.startsWith(`${name}:q:`) && event.newValue === null) {
      const line = lines.get(event.key.slice(name.length + 3));
      if (line && line.classList.contains("pending")) stateOf(line, words.sent);
    }
  });

  const begin = () => {
    (inPage && document.getElementById("chat") || document.body).append(host);
    if (inPage) host.setAttribute("data-mode", "page");
    drawQueued();
    const handed = inPage && /^#([ti])=([\w.-]+)$/.exec(location.hash);
    if (handed) {
      history.replaceState(null, "", location.pathname + location.search);
      // Asked first: nobody shall become somebody's acquaintance by opening a link.
      const take = { t(token) { keep("token", token); drop("seen"); }, i(token) { keep("came", token); } }[handed[1]];
      const go = (token) => () => { hideAsk(); if (token) take(token); connect(); field.focus(); };
      showAsk(handed[1] === "t" ? words.adopt : words.invited,
        button({ class: "yes", onclick: go(handed[2]) }, words.yes),
        button({ onclick: go(null) }, words.no));
    } else if (inPage) connect();
    else if ("open" in script.dataset) show();
    else if (kept("token")) connect();
  };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
