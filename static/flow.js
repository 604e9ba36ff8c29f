// Pages, conditions and recalled answers of one form. Loaded only by forms that have them.
// @ts-check
import { passes, reveal, tell } from "./form.js";
import { holds } from "./rules.js";

/** @param {HTMLFormElement} form */
export function start(form) {
  const pages = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-page]")]);
  const words = form.dataset;
  const actions = /** @type {HTMLElement} */ (form.querySelector(".actions"));
  const send = /** @type {HTMLElement} */ (actions.querySelector("[type=submit]"));
  let at = pages[0];
  for (const note of form.querySelectorAll(".note-when")) note.remove();

  /** @param {string} name @param {string} [text] */
  const make = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });
  const back = /** @type {HTMLButtonElement} */ (make("button", words.back));
  const next = /** @type {HTMLButtonElement} */ (make("button", words.next));
  const place = /** @type {HTMLElement} */ (make("p"));
  back.type = next.type = "button";
  next.className = "primary";
  back.className = "secondary";
  place.className = "progress";
  place.tabIndex = -1;

  /**
   * The answers to each question that is shown, and what is shown, in one walk through the form.
   * @returns {Record<string, string[]>}
   */
  const evaluate = () => {
    /** @type {Record<string, string[]>} */
    const values = {};
    for (const one of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-hidden]"))) {
      if (one.value.trim()) values[one.name] = [one.value.trim()];
    }
    const shows = (/** @type {HTMLElement} */ node) => !node.dataset.when || holds(JSON.parse(node.dataset.when), values);
    for (const page of pages) {
      const seen = shows(page);
      page.classList.toggle("off", !seen);
      let section = true;
      for (const node of /** @type {HTMLElement[]} */ ([...page.children])) {
        const own = shows(node);
        if ("section" in node.dataset) section = own;
        const visible = seen && own && section;
        node.hidden = !(own && section);
        for (const choice of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll(".choice[data-when]"))) choice.hidden = !shows(choice);
        const name = node.dataset.field ?? node.dataset.group;
        const controls = /** @type {NodeListOf<any>} */ (node.querySelectorAll("input,select,textarea"));
        if (!name) continue;
        // What is hidden is not sent.
        for (const one of controls) one.disabled = !visible || !!one.closest(".choice[hidden]");
        if (!visible) continue;
        const own_values = [...controls]
          .filter((one) => !one.disabled && !one.closest("[data-other]") && (!/^(radio|checkbox)$/.test(one.type) || one.checked))
          .map((one) => one.value.trim())
          .filter(Boolean);
        if (own_values.length) values[name] = own_values;
      }
    }
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-recall]"))) {
      const unit = form.querySelector(`[data-field="${place.dataset.recall}"]`);
      const labels = [...(unit?.querySelectorAll("input:checked + label") ?? [])].map((label) => label.textContent);
      place.textContent = labels.join(", ") || values[place.dataset.recall ?? ""]?.join(", ") || "…";
    }
    return values;
  };

  const open = () => pages.filter((page) => !page.classList.contains("off"));

  /** Shows the page that the visitor is at, with where that is. */
  const show = () => {
    const all = open();
    if (!all.includes(at)) at = all[0];
    const index = all.indexOf(at);
    for (const page of pages) page.hidden = page !== at;
    if (pages.length === 1) return;
    place.textContent = (words.flow ?? "").replace("{page}", String(index + 1)).replace("{pages}", String(all.length));
    back.hidden = index === 0;
    next.hidden = index === all.length - 1;
    send.hidden = !next.hidden;
  };

  const turned = () => {
    show();
    const all = open();
    tell({ type: "page", detail: { page: all.indexOf(at) + 1, pages: all.length } });
    reveal(place);
  };

  /** @param {number} by */
  const turn = (by) => {
    const all = open();
    const to = all[all.indexOf(at) + by];
    if (!to) return;
    at = to;
    history.pushState({ page: pages.indexOf(at) }, "");
    turned();
  };

  if (pages.length > 1) {
    form.prepend(place);
    actions.prepend(back);
    send.before(next);
    history.replaceState({ page: 0 }, "");
    next.addEventListener("click", () => passes(at) && turn(1));
    back.addEventListener("click", () => turn(-1));
    addEventListener("popstate", ({ state }) => {
      const to = pages[state?.page ?? 0];
      if (!to) return;
      at = to;
      evaluate();
      turned();
    });
    // Enter in a text turns the page where there is another.
    form.addEventListener("submit", (event) => {
      if (send.hidden) {
        event.preventDefault();
        event.stopImmediatePropagation();
        next.click();
      }
    }, { capture: true });
    // An error on another page opens that page.
    form.addEventListener("sealwax-show", ({ target }) => {
      at = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-page]")) ?? at;
      show();
    });
  }
  form.addEventListener("input", evaluate);
  form.addEventListener("change", () => {
    evaluate();
    show();
  });
  evaluate();
  const wrong = /** @type {HTMLElement | null} */ (form.querySelector(".wrong"));
  at = /** @type {HTMLElement | null} */ (wrong?.closest("[data-page]")) ?? at;
  show();
}
