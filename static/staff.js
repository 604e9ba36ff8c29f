// What the staff area does better with JavaScript.
// @ts-check

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copy]"))) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
    const status = button.parentElement?.querySelector("[role=status]");
    await navigator.clipboard.writeText(text);
    if (status) status.textContent = button.dataset.copied ?? "";
  });
}
