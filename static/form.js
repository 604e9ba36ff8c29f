// What the form's page does better with JavaScript: it checks before sending, sends without losing
// what was typed, and speaks with the page that frames it. Without it everything still works.
// @ts-check

const root = document.documentElement;
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-form]"));
const done = /** @type {HTMLElement | null} */ (document.querySelector("[data-reference]"));

/** @type {MessagePort | undefined} */
let port;
/** @param {object} message */
export const tell = (message) => port?.postMessage(message);
const height = () => Math.ceil(root.getBoundingClientRect().height);

/**
 * Goes to what the visitor should see next: in the frame's host when there is one.
 * @param {HTMLElement} node
 * @param {number} [top] what to have in view, in CSS pixels from the upper edge
 */
export const reveal = (node, top = node.getBoundingClientRect().top) => {
  node.focus({ preventScroll: !!port });
  tell({ top });
};

/** @param {string} name @param {Record<string, any>} set */
const make = (name, set) => Object.assign(document.createElement(name), set);

// Nobody is told that a frame shows another page, unless its heading takes the focus. The first
// page, which comes from nowhere, must not take it from the page around.
const summary = /** @type {HTMLElement | null} */ (document.getElementById("summary"));
const inner = parent !== window && document.referrer.startsWith(location.origin + "/");
const news = summary ?? (inner ? /** @type {HTMLElement | null} */ (document.querySelector("#main h1")) : null);
if (news) {
  news.tabIndex = -1;
  news.focus({ preventScroll: inner });
}

// What a link fills in goes along through a door, and to other languages.
for (const one of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".languages a"))) one.hash = location.hash;
if (!form) for (const one of document.forms) one.action += location.hash;

// The page that frames this one hands over one end of a channel. Only the first counts, only from
// the framing page itself, and only from an origin that may frame it.
const hosts = root.dataset.hosts?.split(" ") ?? [];
if (hosts.length && parent !== window) {
  const greeted = (/** @type {MessageEvent} */ event) => {
    const [given] = event.ports;
    if (port || !given || event.source !== parent || event.data?.sealwax !== 1) return;
    if (!hosts.includes("*") && !hosts.includes(event.origin)) return;
    removeEventListener("message", greeted);
    port = given;
    root.classList.add("framed");
    port.onmessage = ({ data }) => {
      fill(new URLSearchParams(Object.entries(data?.hidden ?? {}).filter(([, value]) => value != null)), "[data-hidden]");
      // Conditions may ask about them.
      form?.dispatchEvent(new Event("change"));
    };
    const hidden = [...document.querySelectorAll("[data-hidden]")].map((one) => one.getAttribute("name"));
    tell({ type: "ready", title: document.title, hidden, height: height() });
    let last = height();
    new ResizeObserver(() => {
      const now = height();
      if (Math.abs(now - last) > 1) tell({ type: "resize", height: (last = now), detail: { height: now } });
    }).observe(root);
    if (done) tell({ type: "success", detail: { reference: done.dataset.reference } });
    if (done?.dataset.redirect) tell({ type: "redirect", url: done.dataset.redirect });
    if (document.querySelector("[data-problem]")) tell({ type: "error", detail: { code: "unavailable" } });
    if (news) reveal(news, summary ? undefined : 0);
  };
  addEventListener("message", greeted);
  addEventListener("keydown", ({ key, defaultPrevented }) => {
    if (key === "Escape" && !defaultPrevented) tell({ type: "escape" });
  });
}
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("#summary a");
  const target = link && document.getElementById(/** @type {HTMLAnchorElement} */ (link).hash.slice(1));
  if (!target) return;
  event.preventDefault();
  // It may stand on another page.
  target.dispatchEvent(new Event("sealwax-show", { bubbles: true }));
  target.scrollIntoView({ block: "center" });
  reveal(target);
});

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/**
 * The controls that belong to a question itself.
 * @param {HTMLElement} unit
 * @returns {Control[]}
 */
const controlsOf = (unit) =>
  [.../** @type {NodeListOf<Control>} */ (unit.querySelectorAll("input,textarea,select"))].filter(
    (one) => one.closest("[data-field]") === unit && !one.disabled,
  );

/**
 * Puts values into controls, never into a consent, a confirmation or what the server has signed.
 * @param {URLSearchParams} given
 * @param {string} which
 */
const fill = (given, which) => {
  for (const name of new Set(given.keys())) {
    const ones = [.../** @type {NodeListOf<any>} */ (document.getElementsByName(name))].filter((one) => one.matches(which) && !one.matches(".confirm *,.trap *,[type=file]"));
    // What was corrected, and came back with the page, stays.
    const isTouched = (/** @type {any} */ one) => one.checked !== one.defaultChecked || one.value !== (one.defaultValue ?? one.querySelector("[selected]")?.value ?? "");
    if (/^(form|consent)\./.test(name) || ones.some(isTouched)) continue;
    for (const one of ones) {
      if (/radio|checkbox/.test(one.type)) one.checked ||= given.getAll(name).includes(one.value);
      else one.value = given.get(name);
    }
  }
};

/** @type {undefined | typeof import("./more.js")} */
let more;
if (form && "more" in form.dataset) import("./more.js").then((special) => (more = special).start(form), () => {});
// Where conditions can't be evaluated here, the server alone decides what is asked.
let evaluates = !form?.dataset.flow;

/**
 * What is wrong with the answer to a question, in the form's words; nothing when it fits. The
 * server checks the same and more.
 * @param {HTMLElement} unit
 */
const wrong = (unit) => {
  const say = (/** @type {string} */ code) => unit.getAttribute("data-e-" + code);
  const controls = controlsOf(unit);
  const [first] = controls;
  if (!first) return null;
  const { type, validity, dataset } = first;
  const needed = say("required") ?? say("unconfirmed") ?? say("consent-required");
  const beyond = (/** @type {number} */ count, /** @type {DOMStringMap} */ limits) =>
    count < Number(limits.least ?? 0) ? -1 : count > Number(limits.most ?? Infinity) ? 1 : 0;
  // Without its checks the server is asked.
  if (unit.dataset.kind) return more ? more.wrong(unit, controls, say, needed, beyond) : null;
  if (type === "radio" || type === "checkbox") {
    const count = controls.filter((one) => /** @type {HTMLInputElement} */ (one).checked).length;
    const off = beyond(count, unit.dataset);
    return !count ? needed : off < 0 ? say("too-few-choices") : off > 0 ? say("too-many-choices") : null;
  }
  const text = first.value.trim();
  if (validity.badInput) return say("date") ?? say("time");
  // Free text is needed only where "other" is chosen.
  if (!text) return "other" in unit.dataset && !unit.previousElementSibling?.querySelector(":checked") ? null : needed;
  const off = beyond(Array.from(text).length, dataset);
  if (off) return say(off < 0 ? "too-short" : "too-long");
  if (validity.typeMismatch) return say("email") ?? say("url");
  if (validity.patternMismatch && first.value === text) return say("pattern");
  return validity.rangeUnderflow ? say("too-small") : validity.rangeOverflow ? say("too-large") : null;
};

/**
 * Shows or takes away what is wrong with a question.
 * @param {HTMLElement} unit
 * @param {string | null} [message]
 */
const mark = (unit, message) => {
  const [first] = controlsOf(unit);
  if (!first) return;
  const id = `f-${(unit.dataset.field ?? "").replaceAll(".", "---")}-error`;
  const group = unit instanceof HTMLFieldSetElement ? unit : first;
  const described = (group.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  let error = document.getElementById(id);
  unit.classList.toggle("wrong", !!message);
  if (message) {
    described.push(id);
    if (!error) {
      error = /** @type {HTMLElement} */ (make("p", { id, className: "error" }));
      const before = [...unit.querySelectorAll(":scope>:is(legend,label,.hint:not(.count))")].at(-1);
      if (before) before.after(error);
      else (first.closest(".choice") ?? unit.lastElementChild)?.before(error);
    }
    if (error.textContent !== message) error.textContent = message;
  } else error?.remove();
  group.setAttribute("aria-describedby", described.join(" "));
  if (!described.length) group.removeAttribute("aria-describedby");
  if (group === first) message ? first.setAttribute("aria-invalid", "true") : first.removeAttribute("aria-invalid");
};

/** @param {HTMLElement} unit */
const question = (unit) => {
  const text = (/** @type {Element | null | undefined} */ node) => {
    const copy = /** @type {Element | undefined} */ (node?.cloneNode(true));
    for (const quiet of copy?.querySelectorAll(".quiet,.wording") ?? []) quiet.remove();
    return copy?.textContent?.trim() ?? "";
  };
  const outer = unit.parentElement?.closest("fieldset")?.querySelector("legend");
  return [text(outer), text(unit.querySelector("legend,label"))].filter(Boolean).join(": ");
};

/**
 * Lists what is wrong above the form, and goes there.
 * @param {[HTMLElement, string][]} found
 */
const summarise = (found) => {
  document.getElementById("summary")?.remove();
  const { summary: title = "", error = "" } = form?.dataset ?? {};
  document.title = document.title.replace(error + " ", "");
  if (!found.length) return;
  document.title = `${error} ${document.title}`;
  const box = make("div", { id: "summary", className: "summary", tabIndex: -1, role: "alert" });
  const list = make("ul", {});
  for (const [unit, message] of found) {
    const item = make("li", {});
    item.append(make("a", { href: `#${controlsOf(unit)[0]?.id}`, textContent: `${question(unit)} – ${message}` }));
    list.append(item);
  }
  const heading = make("h2", { id: "summary-title", textContent: title });
  box.setAttribute("aria-labelledby", heading.id);
  box.append(heading, list);
  form?.parentElement?.prepend(box);
  tell({ type: "error", detail: { code: "invalid", count: found.length } });
  reveal(box);
};

/** @param {ParentNode} within */
const units = (within) => /** @type {HTMLElement[]} */ ([...within.querySelectorAll("[data-field]")]);
const shownWrong = (/** @type {HTMLElement} */ unit) => (unit.closest("[hidden]") ? null : wrong(unit));

/**
 * Whether any question below `within` that is shown has a wrong answer, without a word about it.
 * @param {ParentNode} within
 */
export const isWrong = (within) => units(within).some(shownWrong);

/**
 * Checks every question below `within` that is shown, and says what is wrong.
 * @param {ParentNode} within
 */
export const passes = (within) => {
  /** @type {[HTMLElement, string][]} */
  const found = [];
  for (const unit of units(within)) {
    const message = evaluates ? shownWrong(unit) : null;
    mark(unit, message);
    if (message) found.push([unit, message]);
  }
  summarise(found);
  return !found.length;
};

if (form) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  const status = /** @type {HTMLElement} */ (form.querySelector("[data-status]"));
  const words = form.dataset;
  let busy = false;
  /** @param {string} [text] */
  const say = (text = "") => {
    status.textContent = text;
  };
  /** @param {boolean} on */
  const hold = (on) => {
    busy = on;
    button.setAttribute("aria-disabled", String(on));
  };

  fill(new URLSearchParams(location.hash.slice(1)), "form *");

  /** @param {string} [proof] */
  const send = (proof) => {
    const body = new FormData(form);
    if (proof) body.set("form.proof", proof);
    const files = [...body.values()].some((value) => value instanceof File && value.size);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.timeout = files ? 0 : 60_000;
    const slow = setTimeout(() => say(words.slow), 6000);
    hold(true);
    say(words.sending);
    if (!proof) tell({ type: "submit" });
    if (files) {
      more?.progress(request.upload, (percent) => {
        clearTimeout(slow);
        say(`${words.sending} ${percent} %`);
      });
    }
    // Nothing is lost, and the same may be sent again.
    const unsent = () => {
      hold(false);
      say(navigator.onLine ? words.unsent : words.offline);
      tell({ type: "error", detail: { code: "unsent" } });
    };
    request.onloadend = () => {
      clearTimeout(slow);
      const { status: code, response } = request;
      if (code === 201 && response?.location) return location[port ? "replace" : "assign"](response.location);
      if (code === 428 && response?.challenge) {
        // Many are sending: a proof of work is computed unseen, and the same is sent again.
        const solved = import("./proof.js").then(({ solve }) => solve(response.challenge));
        return solved.then((proof) => (proof ? send(proof) : form.submit()), unsent);
      }
      // Not reached, too busy or not storable just now.
      if (!code || code === 429 || code >= 500) return unsent();
      hold(false);
      say();
      /** @type {[HTMLElement, string][]} */
      const found = [];
      for (const unit of units(form)) {
        const error = code === 422 && response?.errors?.find((/** @type {any} */ one) => one.field === unit.dataset.field);
        mark(unit, error?.message);
        if (error) found.push([unit, error.message]);
      }
      // Anything else needs the server's own page, which has everything that was typed.
      if (!found.length) return form.submit();
      found[0][0].dispatchEvent(new Event("sealwax-show", { bubbles: true }));
      summarise(found);
    };
    request.send(files ? body : new URLSearchParams(/** @type {any} */ ([...body].filter(([, value]) => typeof value === "string"))));
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A second click must not send twice. The server would notice; the visitor should not have to.
    if (!busy && passes(form)) send();
  });
  // "Back" shows the page as it was left: it may be sent again.
  addEventListener("pageshow", () => {
    hold(false);
    say();
  });
  addEventListener("offline", () => say(words.offline));
  addEventListener("online", () => status.textContent === words.offline && say(words.online));

  // What is marked is looked at again as it is corrected, and only that.
  const recheck = (/** @type {Event} */ { target }) => {
    const unit = /** @type {HTMLElement | null | undefined} */ (/** @type {Element | null} */ (target)?.closest("[data-field]"));
    for (const one of [unit, /** @type {HTMLElement | null | undefined} */ (unit?.querySelector("[data-other]"))]) {
      if (one?.classList.contains("wrong")) mark(one, wrong(one));
    }
  };
  form.addEventListener("input", recheck);
  form.addEventListener("change", recheck);

  // Free text belongs to "other", so writing it chooses it.
  for (const text of form.querySelectorAll(".other input")) {
    text.addEventListener("input", () => {
      const choice = text.closest(".choices")?.querySelector('input[value="other"]');
      if (choice instanceof HTMLInputElement && text instanceof HTMLInputElement && text.value) choice.checked = true;
    });
  }

  for (const area of /** @type {NodeListOf<HTMLTextAreaElement>} */ (form.querySelectorAll("textarea[data-count]"))) {
    const left = make("p", { className: "hint count", id: `${area.id}-count` });
    const aloud = make("p", { className: "hidden", role: "status" });
    area.after(left, aloud);
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${left.id}`.trim());
    let before = 0;
    /** Shows how many characters are left, counted as the server counts them. */
    const show = () => {
      const rest = Number(area.dataset.count) - Array.from(area.value).length;
      left.textContent = `${rest} ${area.dataset.countWords}`;
      // Told aloud when it begins to matter, and not at every key.
      const steps = [50, 20, 10, 5, 0, -1].filter((step) => rest <= step).length;
      if (steps > before) aloud.textContent = left.textContent;
      before = steps;
    };
    area.addEventListener("input", show);
    show();
  }

  if (words.flow) {
    const flowing = import("./flow.js").then((flow) => flow.start(form));
    flowing.then(() => (evaluates = true), () => {});
  }
}
