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
 * Scrolls to what the visitor should see next: in the frame's host when there is one.
 * @param {HTMLElement | null} node
 */
export const reveal = (node) => {
  if (!node) return;
  node.focus({ preventScroll: !!port });
  tell({ top: node.getBoundingClientRect().top });
};

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
    port.onmessage = ({ data }) => {
      fill(Object.entries(data?.hidden ?? {}), "[data-hidden]");
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
    if (done) {
      tell({ type: "success", detail: { reference: done.dataset.reference }, top: 0 });
      if (done.dataset.redirect) tell({ type: "redirect", url: done.dataset.redirect });
    }
    const summary = document.getElementById("summary");
    if (summary) reveal(summary);
  };
  addEventListener("message", greeted);
  addEventListener("keydown", ({ key, defaultPrevented }) => {
    if (key === "Escape" && !defaultPrevented) tell({ type: "escape" });
  });
}
document.getElementById("summary")?.focus();
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
 * @param {Iterable<[string, any]>} pairs
 * @param {string} which
 */
function fill(pairs, which) {
  for (const [name, value] of pairs) {
    if (value == null || /^(form|consent)\./.test(name)) continue;
    for (const one of /** @type {NodeListOf<any>} */ (document.getElementsByName(name))) {
      if (!one.matches(which) || one.matches(".confirm input,.trap input,[type=file]")) continue;
      if (one.type === "radio" || one.type === "checkbox") one.checked ||= one.value === value;
      else one.value = value;
    }
  }
}

/** @type {undefined | typeof import("./more.js").wrong} */
let more;
if (form && "more" in form.dataset) import("./more.js").then((special) => (more = special.wrong));

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
  const { validity, dataset } = first;
  const needed = say("required") ?? say("unconfirmed") ?? say("consent-required");
  const beyond = (/** @type {number} */ count, /** @type {DOMStringMap} */ limits) =>
    count < Number(limits.least ?? 0) ? -1 : count > Number(limits.most ?? Infinity) ? 1 : 0;
  const special = more?.(unit, controls, say, needed, beyond);
  if (special !== undefined) return special;
  if (first.type === "radio" || first.type === "checkbox") {
    const count = controls.filter((one) => /** @type {HTMLInputElement} */ (one).checked).length;
    if (!count) return needed;
    const off = beyond(count, unit.dataset);
    return off < 0 ? say("too-few-choices") : off > 0 ? say("too-many-choices") : null;
  }
  const text = first.value.trim();
  if (validity.badInput) return say("date") ?? say("time");
  if (!text) {
    // Free text is needed only where "other" is chosen.
    const chosen = "other" in unit.dataset ? /** @type {HTMLInputElement | null} */ (unit.previousElementSibling?.querySelector("input"))?.checked : true;
    return chosen ? needed : null;
  }
  if (unit.dataset.kind === "number") {
    const plain = text.includes(".") ? text : text.replace(",", ".");
    if (!/^[+-]?\d*\.?\d+$/.test(plain)) return say("number");
    if (Number(plain) < Number(dataset.low ?? -Infinity)) return say("too-small");
    if (Number(plain) > Number(dataset.high ?? Infinity)) return say("too-large");
    return null;
  }
  const off = beyond(Array.from(text).length, dataset);
  if (off) return off < 0 ? say("too-short") : say("too-long");
  if (validity.typeMismatch) return say("email") ?? say("url");
  if (validity.patternMismatch && first.value === text) return say("pattern");
  if (validity.rangeUnderflow) return say("too-small");
  if (validity.rangeOverflow) return say("too-large");
  return null;
};

/**
 * Shows or takes away what is wrong with a question.
 * @param {HTMLElement} unit
 * @param {string | null} message
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
      error = Object.assign(document.createElement("p"), { id, className: "error" });
      const before = [...unit.querySelectorAll("legend,label,.hint:not(.count)")].filter((one) => one.closest("[data-field]") === unit && one.parentElement === unit).at(-1);
      if (before) before.after(error);
      else (first.closest(".choice") ?? unit.lastElementChild)?.before(error);
    }
    if (error.textContent !== message) error.textContent = message;
  } else error?.remove();
  if (described.length) group.setAttribute("aria-describedby", described.join(" "));
  else group.removeAttribute("aria-describedby");
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
  const box = Object.assign(document.createElement("div"), { id: "summary", className: "summary", tabIndex: -1, role: "alert" });
  const list = document.createElement("ul");
  for (const [unit, message] of found) {
    const link = Object.assign(document.createElement("a"), { href: `#${controlsOf(unit)[0]?.id}`, textContent: `${question(unit)} – ${message}` });
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  const heading = Object.assign(document.createElement("h2"), { id: "summary-title", textContent: title });
  box.setAttribute("aria-labelledby", heading.id);
  box.append(heading, list);
  form?.parentElement?.prepend(box);
  tell({ type: "error", detail: { code: "invalid", count: found.length } });
  reveal(box);
};

/**
 * Checks every question below `within` that is shown, and says what is wrong.
 * @param {ParentNode} within
 */
export const passes = (within) => {
  /** @type {[HTMLElement, string][]} */
  const found = [];
  for (const unit of /** @type {NodeListOf<HTMLElement>} */ (within.querySelectorAll("[data-field]"))) {
    const message = unit.closest("[hidden]") ? null : wrong(unit);
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
      request.upload.onprogress = ({ loaded, total }) => {
        clearTimeout(slow);
        say(`${words.sending} ${Math.round((100 * loaded) / total)} %`);
      };
    }
    const unsent = () => {
      say(navigator.onLine ? words.unsent : words.offline);
      tell({ type: "error", detail: { code: "unsent" } });
    };
    request.onloadend = () => {
      clearTimeout(slow);
      const { status: code, response } = request;
      if (code === 201 && response?.location) {
        if (port) location.replace(response.location);
        else location.assign(response.location);
        return;
      }
      if (code === 428 && response?.challenge) {
        // Many are sending: a proof of work is computed unseen, and the same is sent again.
        import("./proof.js").then(async ({ solve }) => {
          const proof = await solve(response.challenge);
          if (proof) send(proof);
          else form.submit();
        });
        return;
      }
      hold(false);
      say();
      if (code === 422 && response?.errors) {
        const units = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-field]"));
        const found = [...units].flatMap((unit) => {
          const error = response.errors.find((/** @type {any} */ one) => one.field === unit.dataset.field);
          mark(unit, error?.message ?? null);
          return error ? [/** @type {[HTMLElement, string]} */ ([unit, error.message])] : [];
        });
        if (found.length) {
          found[0][0].dispatchEvent(new Event("sealwax-show", { bubbles: true }));
          summarise(found);
          return;
        }
      }
      // Not reached, too busy or not storable just now: nothing is lost, and the same may be sent again.
      if (!code || code === 429 || code >= 500) unsent();
      // Anything else needs the server's own page, which has everything that was typed.
      else form.submit();
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
    const most = Number(area.dataset.count);
    const left = Object.assign(document.createElement("p"), { className: "hint count", id: `${area.id}-count` });
    area.after(left);
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${left.id}`.trim());
    /** Shows how many characters are left, counted as the server counts them. */
    const show = () => {
      const rest = most - Array.from(area.value).length;
      // Told aloud only when it matters.
      if (rest < 50) left.setAttribute("role", "status");
      left.textContent = `${rest} ${area.dataset.countWords}`;
    };
    area.addEventListener("input", show);
    show();
  }

  if (words.flow) import("./flow.js").then((flow) => flow.start(form));
}
