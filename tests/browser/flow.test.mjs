// A form of several pages, with conditions, recalled answers, files and every special question.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { holds } from "../../static/rules.js";
import { REFERENCE, axe, startBrowser, startDemo } from "./support.mjs";

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
  for (const { when, values, holds: wanted } of cases) assert.equal(holds(when, values), wanted, JSON.stringify({ when, values }));
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
  await page.getByLabel("A business").check();
  await page.getByLabel("Wove").check();
  await page.fill("#f-sheets", "50");
  await page.locator("#f-drawing").setInputFiles({ name: "text.txt", mimeType: "text/plain", buffer: Buffer.from("To print") });
  await page.fill("#f-name", "Ines");
  await page.fill("#f-email", "wrong");
  await page.locator("button[type=submit]").click();
  await page.locator("#summary").waitFor();
  // The file is kept meanwhile, and asks for its confirmation.
  await page.getByLabel("text.txt").waitFor();
  assert.ok(await page.getByLabel("text.txt").isChecked());
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
  const text = (/** @type {string} */ words) => `{ en = "${words}", de = "${words}", fr = "${words}" }`;
  const file = `${demo.dir}/campaign.toml`;
  fs.writeFileSync(file, `
[[forms]]
site = "shop"
slug = "campaign"
policy = "privacy"
title = ${text("Campaign")}
consents = []

[[forms.fields]]
name = "campaign"
type = "hidden"
label = ${text("Campaign")}
purpose = "enquiry"
category = "none"

[[forms.fields]]
name = "voucher"
type = "short_text"
label = ${text("Voucher")}
required = true
purpose = "enquiry"
category = "none"
when = { field = "campaign", equals = "autumn" }

[[forms.fields]]
name = "wish"
type = "short_text"
label = ${text("Wish")}
purpose = "enquiry"
category = "none"
`);
  const applied = spawnSync(process.env.SEALWAX_BIN ?? "", ["apply", file, "--dir", demo.dir], { encoding: "utf8" });
  assert.equal(applied.status, 0, applied.stderr + applied.stdout);
  const { page, leave } = await visitor();
  const url = `${demo.ready.url}/f/shop/campaign`;
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
