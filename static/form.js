// What the form does better with JavaScript. Without it everything still works.
// @ts-check

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form[data-form]");
const summary = document.getElementById("summary");
if (summary) summary.focus();

if (form) {
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("button[type=submit]"));
  const status = form.querySelector("[data-status]");

  // A second click must not send twice. The server would notice; the visitor should not have to.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    button?.setAttribute("aria-disabled", "true");
    if (status) status.textContent = form.dataset.sending ?? "";
  });
  // "Back" shows the page as it was left: it may be sent again.
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    button?.removeAttribute("aria-disabled");
    if (status) status.textContent = "";
  });

  // Free text belongs to "other", so writing it chooses it.
  for (const text of form.querySelectorAll(".other input")) {
    text.addEventListener("input", () => {
      const choice = text.closest(".choices")?.querySelector('input[value="other"]');
      if (choice instanceof HTMLInputElement && text instanceof HTMLInputElement && text.value) choice.checked = true;
    });
  }

  for (const area of form.querySelectorAll("textarea[data-count]")) {
    if (!(area instanceof HTMLTextAreaElement)) continue;
    const most = Number(area.dataset.count);
    const words = area.dataset.countWords ?? "";
    const left = document.createElement("p");
    left.className = "hint count";
    left.id = `${area.id}-count`;
    area.after(left);
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${left.id}`.trim());
    /** Shows how many characters are left, counted as the server counts them. */
    const show = () => {
      left.textContent = `${most - Array.from(area.value).length} ${words}`;
    };
    area.addEventListener("input", show);
    show();
  }
}
