// Sends the page's form at once; without JavaScript its button waits for a click.
// @ts-check

const form = document.getElementById("onward");
if (form instanceof HTMLFormElement) form.submit();
