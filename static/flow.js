// Pages, conditions and recalled answers of one form. Loaded only by forms that have them.
// @ts-check
import { isWrong, passes, reveal, tell } from "./form.js";
import { holds } from "./rules.js";

/** @param {HTMLFormElement} form */
export function start(form) {
  const pages = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-page]")]);
  const words = form.dataset;
  const actions = /** @type {HTMLElement} */ (form.querySelector(".actions"));
  const send = /** @type {HTMLElement} */ (actions.querySelector("[type=submit]"));
  const consents = /** @type {HTMLElement | null} */ (form.querySelector(".consents"));
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[type=radio],[type=checkbox]"));
  const ticked = new Set([...boxes].map((one) => one.name));
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
    const values = Object.create(null);
    for (const one of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-hidden]"))) {
      if (one.value.trim()) values[one.name] = [one.value.trim()];
    }
    const shows = (/** @type {HTMLElement} */ node) => !node.dataset.when || holds(JSON.parse(node.dataset.when), values, ticked);
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
    if (consents) consents.hidden = send.hidden;
  };

  /**
   * The page on which something stands: consents stand behind the last.
   * @param {Element} node
   */
  const pageOf = (node) => /** @type {HTMLElement} */ (node.closest("[data-page]") ?? open().at(-1) ?? at);

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
      at = pageOf(/** @type {Element} */ (target));
      show();
    });
  }
  const changed = () => {
    evaluate();
    show();
  };
  form.addEventListener("input", evaluate);
  form.addEventListener("change", changed);
  // Browsers may bring back answers late.
  addEventListener("pageshow", changed);
  evaluate();
  const marked = form.querySelector(".wrong");
  const left = pages[history.state?.page];
  if (marked) at = pageOf(marked);
  // Whoever comes back goes on where they left, as far as browsers have kept what was answered.
  else if (left) at = open().find((page) => page === left || isWrong(page)) ?? at;
  show();
  if (pages.length > 1) history.replaceState({ page: pages.indexOf(at) }, "");
}
