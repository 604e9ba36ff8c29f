// The proof of work that is asked for while many are sending: ALTCHA, version 2, PBKDF2/SHA-256.
// As a page's module it starts itself again as a worker, so that the page stays awake.
// @ts-check

/** @typedef {{parameters: {nonce: string, salt: string, cost: number, keyLength: number, keyPrefix: string}, signature: string}} Challenge */

const bytes = (/** @type {string} */ hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (/** @type {ArrayBuffer} */ buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {Challenge} challenge */
const count = async ({ parameters: { nonce, salt, cost, keyLength, keyPrefix } }) => {
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const view = new DataView(password.buffer);
  for (let counter = 0; counter < 100_000; counter += 1) {
    view.setUint32(start.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derived = hex(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost }, key, keyLength * 8));
    if (derived.startsWith(keyPrefix)) return { counter, derivedKey: derived };
  }
  return null;
};

/**
 * The challenge with its solution, as the server wants it back; nothing where it can't be solved here.
 * @param {Challenge} challenge
 * @returns {Promise<string | null>}
 */
export const solve = (challenge) =>
  new Promise((resolve) => {
    const own = import.meta.url;
    // The only script that is ever started so is this one.
    const policy = /** @type {any} */ (window).trustedTypes?.createPolicy("proof", { createScriptURL: () => own });
    const worker = new Worker(policy ? policy.createScriptURL("") : own, { type: "module" });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data ? JSON.stringify({ challenge, solution: data }) : null);
    };
    worker.onerror = () => resolve(null);
    worker.postMessage(challenge);
  });

if (typeof document === "undefined") {
  addEventListener("message", ({ data }) => {
    count(data).then(postMessage, () => postMessage(null));
  });
}
