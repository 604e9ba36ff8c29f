// What is wrong with answers of the kinds that not every form has.
// @ts-check

/**
 * Nothing where the kind is an ordinary one; null where the answer fits.
 * @param {HTMLElement} unit
 * @param {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} controls
 * @param {(code: string) => string | null} say
 * @param {string | null} needed
 * @param {(count: number, limits: DOMStringMap) => number} beyond
 * @returns {string | null | undefined}
 */
export const wrong = (unit, controls, say, needed, beyond) => {
  if ("rank" in unit.dataset) {
    const places = controls.map((one) => one.value).filter(Boolean);
    if (!places.length) return needed;
    return new Set(places).size < controls.length ? say("ranking") : null;
  }
  if (unit.dataset.kind === "file") {
    const input = /** @type {HTMLInputElement} */ (controls.at(-1));
    const files = [...(input.files ?? [])];
    const count = files.length + controls.filter((one) => /** @type {HTMLInputElement} */ (one).checked).length;
    if (!count) return needed;
    if (beyond(count, input.dataset) > 0) return say("too-many-files");
    if (files.some((file) => file.size > Number(input.dataset.bytes))) return say("file-too-large");
    if (files.some((file) => !file.size)) return say("file-empty");
    const endings = input.accept.split(",");
    return files.every((file) => endings.some((ending) => file.name.toLowerCase().endsWith(ending))) ? null : say("file-type");
  }
  return undefined;
};
