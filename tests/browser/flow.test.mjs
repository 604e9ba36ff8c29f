// A form of several pages, with conditions, recalled answers, files and every special question.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { holds } from "../../static/rules.js";
import { REFERENCE, axe, publishForm, startBrowser, startDemo, text } from "./support.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser.close();
  await demo.stop();
});

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function visitor(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(6_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    if (/content security|trusted type/i.test(message.text())) wrong.push(message.text());
  });
  const leave = async () => {
    assert.deepEqual(wrong, []);
    await context.close();
  };
  return { page, leave };
}

const form = () => `${demo.ready.url}/f/shop/stationery`;

test("the browser evaluates conditions as the server does", () => {
  const cases = JSON.parse(fs.readFileSync(new URL("../fixtures/conditions.json", import.meta.url), "utf8"));
  for (const { when, values, choices, holds: wanted } of cases) assert.equal(holds(when, values, new Set(choices)), wanted, JSON.stringify({ when, values, choices }));
});

test("from page to page, with conditions, back and forward, an error, a file, and the thank-you", async () => {
  const { page, leave } = await visitor();
  await page.goto(form());
  await page.getByText("Page 1 of 3").waitFor();
  assert.equal(await page.locator("#f-wedding_day").isVisible(), false);
  assert.equal(await page.locator("button[type=submit]").isVisible(), false);

  await page.getByLabel("A wedding").check();
  assert.ok(await page.locator("#f-wedding_day").isVisible());
  await page.getByText("Marbled").waitFor();
  assert.equal(await page.getByText("Only for you").count(), 0, "nobody needs the words where conditions are evaluated");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("#summary:focus").waitFor();
  assert.equal(await page.locator("#summary a").count(), 3);
  await axe(page);
  await page.locator("#summary a").first().click();
  assert.equal(await page.locator("#f-wedding_day:focus").count(), 1);

  await page.fill("#f-wedding_day", "2027-05-01");
  assert.equal(await page.locator("#f-wedding_day-error").count(), 0, "what was marked is looked at again");
  assert.equal(await page.locator("#f-sheets-error").count(), 1);
  await page.getByLabel("Marbled").check();
  // What is chosen and then not offered any more is not sent.
  await page.getByLabel("Private letters").check();
  assert.equal(await page.locator("#f-wedding_day").isVisible(), false);
  assert.equal(await page.getByText("Marbled").isVisible(), false);
  await page.getByLabel("Laid").check();
  await page.fill("#f-sheets", "6000");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Please give 5000 or less").first().waitFor();
  await page.fill("#f-sheets", "120");
  await page.keyboard.press("Enter");

  await page.getByText("Page 2 of 3").waitFor();
  await axe(page);
  await page.locator("#f-matters---price").selectOption("1");
  await page.locator("#f-matters---date").selectOption("1");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Please give each choice a place of its own").first().waitFor();
  await page.locator("#f-matters---date").selectOption("2");
  await page.locator("#f-matters---print").selectOption("3");
  await page.getByRole("group", { name: "Sepia" }).getByLabel("Very much").check();
  await page.locator("#f-drawing").setInputFiles({ name: "huge.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(5_242_881, "%PDF-1.7 ") });
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Please choose a file of at most 5 MB").first().waitFor();
  await page.locator("#f-drawing").setInputFiles({ name: "text.txt", mimeType: "text/plain", buffer: Buffer.from("To print") });
  await page.getByRole("button", { name: "Continue" }).click();

  await page.getByText("Page 3 of 3").waitFor();
  await page.fill("#f-name", "Ines");
  await page.getByText("E-mail address, Ines").waitFor();
  await page.goBack();
  await page.getByText("Page 2 of 3").waitFor();
  assert.equal(await page.locator("#f-matters---date").inputValue(), "2");
  await page.goForward();
  await page.getByText("Page 3 of 3").waitFor();
  assert.equal(await page.locator("#f-name").inputValue(), "Ines");
  await page.fill("#f-email", "ines@lindelof.example");
  await page.fill("#f-address---street", "Lindenhof 7");
  await page.getByRole("button", { name: "Ask for a quotation" }).click();
  // An address is whole or not there, and the file needs a confirmation.
  await page.locator("#summary:focus").waitFor();
  const summary = (await page.locator("#summary").textContent()) ?? "";
  assert.match(summary, /I may have what I sent printed/);
  await page.locator("#f-rights").check();
  await page.getByRole("button", { name: "Ask for a quotation" }).click();
  await page.getByText("Address for the samples: Postal code").waitFor();
  await axe(page);
  await page.fill("#f-address---postal_code", "00417");
  await page.fill("#f-address---city", "Wiesenbrück");
  await page.locator("#f-address---country").selectOption("DE");
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.method() === "POST"),
    page.getByRole("button", { name: "Ask for a quotation" }).click(),
  ]);
  assert.ok(!(request.postData() ?? "").includes("wedding_day"), "what is hidden is not sent");
  await page.waitForURL(/\/done\?/);
  const reference = ((await page.locator(".reference strong").textContent()) ?? "").trim();
  assert.match(reference, REFERENCE);
  await leave();

  const staff = await visitor();
  await staff.page.goto(`${demo.ready.staff_url}/login`);
  await staff.page.fill("#username", demo.ready.staff.username);
  await staff.page.fill("#password", demo.ready.staff.password);
  await staff.page.getByRole("button", { name: "Sign in" }).click();
  await staff.page.getByRole("link", { name: reference }).click();
  const shown = (await staff.page.locator("main").textContent()) ?? "";
  for (const text of ["Private letters", "Laid, cream", "120", "1. The price", "2. An early date", "Sepia: Very much", "text.txt", "Lindenhof 7", "Wiesenbrück", "Germany"]) {
    assert.ok(shown.includes(text), `${text} in ${shown}`);
  }
  assert.ok(!shown.includes("2027"), "what was hidden is not stored");
  const [download] = await Promise.all([staff.page.waitForEvent("download"), staff.page.getByRole("link", { name: "text.txt" }).click()]);
  assert.equal(fs.readFileSync((await download.path()) ?? "", "utf8"), "To print");
  await axe(staff.page);
  await staff.leave();
});

test("without JavaScript all pages are one, conditions are told in words, and the server decides", async () => {
  const { page, leave } = await visitor({ javaScriptEnabled: false });
  await page.goto(form());
  await page.getByText("Only for you if “What is it for?” is “A wedding”.").first().waitFor();
  const choice = page.locator(".choice", { has: page.getByLabel("Marbled") });
  assert.match((await choice.textContent()) ?? "", /Only for you if “What is it for\?” is “A wedding”\./, "a choice with a condition tells it too");
  await page.getByLabel("A business").check();
  await page.getByLabel("Wove").check();
  await page.fill("#f-sheets", "50");
  await page.locator("#f-drawing").setInputFiles({ name: "text.txt", mimeType: "text/plain", buffer: Buffer.from("To print") });
  await page.fill("#f-name", "Ines");
  await page.fill("#f-email", "wrong");
  await page.locator("button[type=submit]").click();
  await page.locator("#summary").waitFor();
  // The file is kept meanwhile, and asks for its confirmation.
  assert.ok(await page.getByLabel("Keep text.txt").isChecked());
  await page.getByText("E-mail address, Ines").first().waitFor();
  await page.fill("#f-email", "ines@lindelof.example");
  await page.locator("#f-rights").check();
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  await leave();
});

for (const [path, lang, dir] of [["shop/stationery", "de", "ltr"], ["atelier/contact", "ar", "rtl"], ["atelier/contact", "es", "ltr"]]) {
  for (const theme of ["light", "dark", "contrast"]) {
    test(`${path} is accessible in every state: ${lang}, ${theme}`, async () => {
      const { page, leave } = await visitor({ viewport: { width: 320, height: 640 } });
      await page.goto(`${demo.ready.url}/f/${path}?lang=${lang}&theme=${theme}`);
      assert.equal(await page.locator("html").getAttribute("dir"), dir);
      await axe(page);
      await page.locator("button.primary:visible").click();
      await page.locator("#summary:focus").waitFor();
      await axe(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 320, `${width} pixels wide`);
      await leave();
    });
  }
}

test("conditions may ask about what nobody sees", async () => {
  const url = publishForm(demo, "campaign", [
    { name: "campaign", type: "hidden", label: "Campaign" },
    { name: "voucher", type: "short_text", label: "Voucher", more: 'required = true\nwhen = { field = "campaign", equals = "autumn" }' },
    { name: "wish", type: "short_text", label: "Wish" },
  ]);
  const { page, leave } = await visitor();
  await page.goto(`${url}?campaign=autumn`);
  await page.getByLabel("Voucher").fill("ABC");
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  await page.goto(url);
  assert.equal(await page.getByLabel("Voucher").isVisible(), false);
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  await leave();
});

const SECTION = [
  { name: "more", type: "yes_no", label: "Is there more?" },
  { name: "rest", type: "section", label: "The rest", more: 'when = { field = "more", equals = true }' },
  { name: "details", type: "short_text", label: "Details", more: "required = true" },
];

test("consents are asked for whatever section is hidden, and on the last page only", async () => {
  const consents = 'consents = [{ purpose = "newsletter" }]';
  const { page, leave } = await visitor();
  await page.goto(publishForm(demo, "section", SECTION, consents));
  await page.getByLabel("Details").waitFor({ state: "hidden" });
  await page.getByLabel("Our monthly letter").check();
  const [request] = await Promise.all([page.waitForRequest((one) => one.method() === "POST"), page.locator("button[type=submit]").click()]);
  assert.match(request.postData() ?? "", /consent\.newsletter=yes/);
  await page.waitForURL(/\/done\?/);
  await page.goto(publishForm(demo, "paged-section", [{ ...SECTION[0], name: "other" }, { name: "last", type: "page", label: "Last" }, ...SECTION], consents));
  await page.getByText("Page 1 of 2").waitFor();
  assert.equal(await page.getByLabel("Our monthly letter").isVisible(), false);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Page 2 of 2").waitFor();
  await page.getByLabel("Details").waitFor({ state: "hidden" });
  await page.getByLabel("Our monthly letter").check();
  await leave();
});

test("a question may be called like something that every object has", async () => {
  const { page, leave } = await visitor();
  const url = publishForm(demo, "names", [
    { name: "built_here", type: "short_text", label: "Constructor" },
    { name: "free", type: "short_text", label: "Free", more: 'when = { field = "built_here", answered = false }' },
  ]);
  // It is not published any more, but may have been.
  await page.route(url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll("built_here", "constructor") });
  });
  await page.goto(url);
  assert.equal(await page.locator("[name=constructor]").count(), 1);
  await page.getByLabel("Constructor").fill("x");
  await page.getByLabel("Free").waitFor({ state: "hidden" });
  await page.getByLabel("Constructor").fill("");
  await page.getByLabel("Free").waitFor();
  await leave();
});

test("a part of a choice is not that choice", async () => {
  const { page, leave } = await visitor();
  const choices = ["ink", "inkwell"].map((value) => `{ value = "${value}", label = ${text(value)} }`).join(", ");
  await page.goto(publishForm(demo, "parts", [
    { name: "goods", type: "multiple_choice", label: "Goods", more: `choices = [${choices}]` },
    { name: "colour", type: "short_text", label: "Colour", more: 'when = { field = "goods", contains = "ink" }' },
  ]));
  await page.getByLabel("inkwell").check();
  await page.getByLabel("Colour").waitFor({ state: "hidden" });
  await page.getByLabel("ink", { exact: true }).check();
  await page.getByLabel("Colour").waitFor();
  await leave();
});

test("where the scripts for conditions do not come, the server decides, and the form can be sent", async () => {
  const { page, leave } = await visitor();
  await page.route(/\/(flow|more)\.js$/, (route) => route.abort());
  await page.goto(form());
  await page.getByText("Only for you if").first().waitFor();
  await page.getByLabel("A business").check();
  await page.getByLabel("Wove").check();
  await page.fill("#f-sheets", "50");
  for (const [index, part] of ["price", "date", "print"].entries()) await page.locator(`#f-matters---${part}`).selectOption(String(3 - index));
  await page.fill("#f-name", "Ines");
  await page.fill("#f-email", "wrong");
  await page.locator("button[type=submit]").click();
  // The wedding's day is asked for on this page, and is not needed.
  await page.locator("#summary:focus").waitFor();
  assert.equal(await page.locator("#summary a").count(), 1, (await page.locator("#summary").textContent()) ?? "");
  await page.fill("#f-email", "ines@lindelof.example");
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  await leave();
});

test("where the script for the proof of work does not come, that is said, and the form can be sent again", async () => {
  const { page, leave } = await visitor();
  await page.goto(`${demo.ready.url}/f/shop/contact`);
  await page.fill("#f-name", "Ines");
  await page.fill("#f-email", "ines@lindelof.example");
  await page.locator("#f-topic--1").check();
  await page.fill("#f-message", "While many are sending");
  const challenge = { parameters: { nonce: "00", salt: "00", cost: 1, keyLength: 32, keyPrefix: "" }, signature: "" };
  /** @type {(string | null)[]} */
  const proofs = [];
  await page.route(`${demo.ready.url}/f/**`, (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const proof = new URLSearchParams(route.request().postData() ?? "").get("form.proof");
    proofs.push(proof);
    return proof ? route.continue() : route.fulfill({ status: 428, contentType: "application/problem+json", body: JSON.stringify({ challenge }) });
  });
  await page.route(/\/proof\.js$/, (route) => route.abort());
  await page.locator("button[type=submit]").click();
  await page.getByText("could not be sent just now").waitFor();
  assert.equal(await page.locator("button[type=submit]").getAttribute("aria-disabled"), "false");
  await page.unroute(/\/proof\.js$/);
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  assert.deepEqual(proofs.map(Boolean), [false, false, true]);
  await leave();
});

test("whoever comes back goes on where they left, with what they had corrected", async () => {
  const { page, leave } = await visitor();
  await page.goto(`${form()}#name=Ana&email=ana%40lindelof.example`);
  await page.getByLabel("Private letters").check();
  await page.getByLabel("Laid").check();
  await page.fill("#f-sheets", "50");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Page 2 of 3").waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Page 3 of 3").waitFor();
  assert.equal(await page.locator("#f-name").inputValue(), "Ana");
  await page.fill("#f-name", "Ines");
  await page.goto(`${demo.ready.url}/policies/shop/privacy`);
  await page.goBack();
  await page.getByText("Page 3 of 3").waitFor();
  assert.equal(await page.locator("#f-name").inputValue(), "Ines");
  assert.equal(await page.locator("#f-email").inputValue(), "ana@lindelof.example");
  await page.goBack();
  await page.getByText("Page 2 of 3").waitFor();
  await page.goForward();
  await page.getByText("Page 3 of 3").waitFor();
  // Chromium forgets answers when a page is loaded again; then nobody is left behind them.
  await page.reload();
  await page.getByText("Page 1 of 3").waitFor();
  assert.equal(await page.locator("#f-name").inputValue(), "Ana");

  const pages = ["one", "two"].flatMap((name) => [{ name: `page_${name}`, type: "page", label: name }, { name, type: "short_text", label: name }]);
  await page.goto(publishForm(demo, "pages", pages));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Page 2 of 2").waitFor();
  await page.reload();
  await page.getByText("Page 2 of 2").waitFor();
  await leave();
});

test("what changes at every key or byte is told aloud in steps", async () => {
  const { page, leave } = await visitor();
  await page.goto(publishForm(demo, "aloud", [
    { name: "words", type: "long_text", label: "Words", more: "max_length = 60" },
    { name: "drawing", type: "file", label: "Drawing", more: 'accept = ["pdf"]' },
  ]));
  const listen = (/** @type {string} */ selector) =>
    page.locator(selector).evaluate((node) => {
      const said = (/** @type {any} */ (window).said = /** @type {string[]} */ ([]));
      new MutationObserver(() => said.push(node.textContent ?? "")).observe(node, { childList: true, characterData: true, subtree: true });
    });
  const said = () => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (window).said));
  await listen("[data-field=words] [role=status]");
  await page.locator("#f-words").pressSequentially("x".repeat(62));
  await page.getByText("-2 characters left").waitFor();
  assert.deepEqual((await said()).map((one) => Number.parseInt(one)), [50, 20, 10, 5, 0, -1]);
  await axe(page);

  await page.fill("#f-words", "Few");
  await page.locator("#f-drawing").setInputFiles({ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(2_000_000, "%PDF-1.7 ") });
  const client = await page.context().newCDPSession(page);
  await client.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 });
  await listen("[data-status]");
  // The last words are read before the page is left.
  /** @type {string[]} */
  let last = [];
  await page.route(/\/done\?/, async (route) => route.continue());
  await page.locator("button[type=submit]").click();
  while (!page.url().includes("/done?")) last = await said().catch(() => last) ?? last;
  const percents = last.filter((one) => one.includes("%")).map((one) => Number(one.match(/(\d+) %/)?.[1]));
  assert.ok(percents.length >= 2, last.join("\n"));
  assert.ok(percents.every((one) => one % 10 === 0), percents.join(", "));
  assert.equal(new Set(percents).size, percents.length, percents.join(", "));
  await leave();
});

test("files that are too large together are said before anything is sent", async () => {
  const { page, leave } = await visitor();
  const file = 'accept = ["pdf"]\nmax_bytes = 31457280';
  await page.goto(publishForm(demo, "large", [
    { name: "first", type: "file", label: "First", more: file },
    { name: "second", type: "file", label: "Second", more: file },
  ]));
  const put = (/** @type {string} */ id, /** @type {number} */ megabytes) =>
    page.locator(id).evaluate((input, bytes) => {
      const carrier = new DataTransfer();
      carrier.items.add(new File(["%PDF-1.7", new ArrayBuffer(bytes)], "a.pdf", { type: "application/pdf" }));
      if (input instanceof HTMLInputElement) input.files = carrier.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, megabytes * 1024 * 1024);
  await page.locator("button[type=submit]").waitFor();
  await page.waitForLoadState("networkidle");
  await put("#f-first", 26);
  await put("#f-second", 26);
  let posts = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") posts += 1;
  });
  await page.locator("button[type=submit]").click();
  await page.locator("#summary:focus").waitFor();
  assert.equal(await page.locator(".error", { hasText: "Together these files are too large; please keep them under 50 MB" }).count(), 2);
  assert.equal(posts, 0);
  await put("#f-second", 1);
  assert.equal(await page.locator(".error").count(), 0, "one file less is enough for both");
  await leave();
});
