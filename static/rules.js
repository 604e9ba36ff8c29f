// Whether a condition holds: the same as src/forms/conditions.rs, which has the last word. Both run
// the cases of tests/fixtures/conditions.json.
// @ts-check

/**
 * @typedef {{all?: Condition[], any?: Condition[], field?: string, equals?: string | number | boolean, contains?: string,
 *   greater?: string | number, less?: string | number, answered?: boolean}} Condition
 */

/** @param {string} text */
const decimal = (text) => {
  const plain = text.includes(".") ? text : text.replace(",", ".");
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
};

/** @type {ReadonlySet<string>} */
const NONE = new Set();

/**
 * @param {Condition} when
 * @param {Record<string, string[]>} values the answers to each question; none where it has no answer
 * @param {ReadonlySet<string>} choices the questions that are answered by ticking, where a part of an answer means nothing
 * @returns {boolean}
 */
export const holds = (when, values, choices = NONE) => {
  if (when.all?.length) return when.all.every((one) => holds(one, values, choices));
  if (when.any?.length) return when.any.some((one) => holds(one, values, choices));
  const own = values[when.field ?? ""] ?? [];
  const [first] = own;
  const single = own.length === 1;
  if (when.answered !== undefined) return (own.length > 0) === when.answered;
  if (when.equals !== undefined) {
    const wanted = when.equals === true ? "yes" : when.equals === false ? "no" : String(when.equals);
    const number = decimal(wanted);
    return single && (first === wanted || (number !== undefined && decimal(first) === number));
  }
  if (when.contains !== undefined) {
    const part = when.contains.toLowerCase();
    return choices.has(when.field ?? "") ? own.includes(when.contains) : own.some((one) => one.toLowerCase().includes(part));
  }
  const limit = when.greater ?? when.less;
  if (limit === undefined) return true;
  if (!single) return false;
  const one = typeof limit === "number" ? decimal(first) : first;
  if (one === undefined) return false;
  return when.greater !== undefined ? one > limit : one < limit;
};
