// Makes and proves passkeys (W3C Web Authentication) for the forms that ask for one: fetches the
// challenge, lets the browser answer it, and sends the answer with the form.
// @ts-check

/** @param {string} text base64url */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer | null} buffer */
function text(buffer) {
  if (!buffer) return null;
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {{id: string}} one a passkey that is known */
const known = (one) => ({ ...one, id: bytes(one.id) });

/** @param {any} options as they came from the server */
async function create(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: (options.excludeCredentials ?? []).map(known) };
  const made = /** @type {PublicKeyCredential} */ (await navigator.credentials.create({ publicKey }));
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: { attestationObject: text(response.attestationObject), clientDataJSON: text(response.clientDataJSON), transports: response.getTransports() },
  };
}

/** @param {any} options as they came from the server */
async function get(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: options.allowCredentials.map(known) };
  const proved = /** @type {PublicKeyCredential} */ (await navigator.credentials.get({ publicKey }));
  const response = /** @type {AuthenticatorAssertionResponse} */ (proved.response);
  return {
    id: proved.id,
    rawId: text(proved.rawId),
    type: proved.type,
    response: { authenticatorData: text(response.authenticatorData), clientDataJSON: text(response.clientDataJSON), signature: text(response.signature), userHandle: text(response.userHandle) },
  };
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-passkey]"))) {
  const failed = /** @type {HTMLElement} */ (form.querySelector("[role=alert]"));
  const present = /** @type {HTMLElement | null} */ (form.querySelector("[data-known]"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const control = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-unlocked]"))) line.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (control("credential").value) return;
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    if (present) present.hidden = true;
    try {
      const answer = await fetch(form.dataset.begin ?? "", { method: "POST", body: new URLSearchParams({ csrf: control("csrf").value }) });
      // Asked to prove once more who it is, or the sign-in is over.
      if (answer.redirected || answer.status === 410) return location.assign(answer.redirected ? answer.url : location.href);
      if (!answer.ok) throw new Error(String(answer.status));
      const { publicKey } = await answer.json();
      const credential = form.dataset.passkey === "create" ? await create(publicKey) : await get(publicKey);
      control("credential").value = JSON.stringify(credential);
      form.requestSubmit();
      // Whoever comes back to this page begins anew.
      control("credential").value = "";
    } catch (error) {
      const twice = present && error instanceof DOMException && error.name === "InvalidStateError";
      (twice ? present : failed).hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
