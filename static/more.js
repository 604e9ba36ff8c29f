// Answers of the kinds that not every form has: what is wrong with them, and how their files travel.
// @ts-check

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** @param {Iterable<File>} files */
const bytesOf = (files) => [...files].reduce((sum, file) => sum + file.size, 0);

/**
 * Every input for files that is to be sent.
 * @param {HTMLElement} within
 */
const inputsOf = (within) => /** @type {HTMLInputElement[]} */ ([...within.querySelectorAll("input[type=file]:enabled")]);

/**
 * What is wrong with the answer to a question with a kind; null where it fits.
 * @param {HTMLElement} unit
 * @param {Control[]} controls
 * @param {(code: string) => string | null} say
 * @param {string | null} needed
 * @param {(count: number, limits: DOMStringMap) => number} beyond
 * @returns {string | null}
 */
export const wrong = (unit, controls, say, needed, beyond) => {
  const { kind } = unit.dataset;
  if (kind === "ranking") {
    const places = controls.map((one) => one.value).filter(Boolean);
    if (!places.length) return needed;
    return new Set(places).size < controls.length ? say("ranking") : null;
  }
  if (kind === "number") {
    const [{ value, dataset }] = controls;
    const text = value.trim();
    if (!text) return needed;
    const plain = text.includes(".") ? text : text.replace(",", ".");
    if (!/^[+-]?\d*\.?\d+$/.test(plain)) return say("number");
    if (Number(plain) < Number(dataset.low ?? -Infinity)) return say("too-small");
    return Number(plain) > Number(dataset.high ?? Infinity) ? say("too-large") : null;
  }
  const input = /** @type {HTMLInputElement} */ (controls.at(-1));
  const files = [...(input.files ?? [])];
  const count = files.length + controls.filter((one) => /** @type {HTMLInputElement} */ (one).checked).length;
  if (!count) return needed;
  if (beyond(count, input.dataset) > 0) return say("too-many-files");
  if (files.some((file) => file.size > Number(input.dataset.bytes))) return say("file-too-large");
  if (files.some((file) => !file.size)) return say("file-empty");
  const endings = input.accept.split(",");
  if (!files.every((file) => endings.some((ending) => file.name.toLowerCase().endsWith(ending)))) return say("file-type");
  // The server takes only so much at once.
  const form = /** @type {HTMLFormElement} */ (input.form);
  const all = bytesOf(inputsOf(form).flatMap((one) => [...(one.files ?? [])]));
  return files.length && all > Number(form.dataset.total ?? Infinity) ? say("files-too-large") : null;
};

/** @param {HTMLFormElement} form */
export const start = (form) => {
  // One file less may be enough for the others.
  form.addEventListener("change", ({ target }) => {
    const inputs = inputsOf(form);
    if (!inputs.includes(/** @type {any} */ (target))) return;
    for (const one of inputs) if (one !== target) one.dispatchEvent(new Event("input", { bubbles: true }));
  });
};

/**
 * Tells how much is on its way, in steps that can be listened to.
 * @param {XMLHttpRequestUpload} upload
 * @param {(percent: number) => void} say
 */
export const progress = (upload, say) => {
  let told = -1;
  upload.onprogress = ({ loaded, total }) => {
    const step = Math.floor((10 * loaded) / total) * 10;
    if (step > told) say((told = step));
  };
};
