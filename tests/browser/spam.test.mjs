// While many are sending, browsers compute a proof of work that nobody sees.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { REFERENCE, axe, fillRequired, startBrowser, startDemo } from "./support.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;

before(async () => {
  const settings = "[limits]\nchallenge_address_after = 1\n";
  [demo, browser] = await Promise.all([startDemo({ settings }), startBrowser()]);
});
after(async () => {
  await browser.close();
  await demo.stop();
});

test("the second form within a minute comes with a proof, and nobody has to do anything", async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const wrong = [];
  page.on("console", (message) => {
    if (/content security|trusted type/i.test(message.text())) wrong.push(message.text());
  });
  /** @type {number[]} */
  const answers = [];
  page.on("response", (response) => {
    if (response.request().method() === "POST") answers.push(response.status());
  });
  for (const _ of [1, 2]) {
    await page.goto(`${demo.ready.url}/f/shop/contact`);
    assert.equal(await page.locator("#website-url").evaluate((node) => node.getBoundingClientRect().width <= 1 || getComputedStyle(/** @type {Element} */ (node.parentElement)).position === "absolute"), true);
    await fillRequired(page);
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/done\?/);
    assert.match((await page.locator(".reference").textContent()) ?? "", REFERENCE);
  }
  assert.deepEqual(answers, [201, 428, 201]);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("without JavaScript it is taken all the same, and waits for somebody to look", async () => {
  const context = await browser.newContext({ locale: "en-GB", javaScriptEnabled: false });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  await page.goto(`${demo.ready.url}/f/shop/contact`);
  await fillRequired(page);
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  const reference = ((await page.locator(".reference strong").textContent()) ?? "").trim();
  await context.close();

  const desk = await browser.newContext({ locale: "en-GB" });
  const staff = await desk.newPage();
  await staff.goto(`${demo.ready.staff_url}/login`);
  await staff.fill("#username", demo.ready.staff.username);
  await staff.fill("#password", demo.ready.staff.password);
  await staff.getByRole("button", { name: "Sign in" }).click();
  assert.equal(await staff.getByRole("link", { name: reference }).count(), 0, "the inbox is kept clean");
  await staff.locator("#status").selectOption("spam");
  await staff.getByRole("button", { name: "Show" }).click();
  await staff.getByRole("link", { name: reference }).click();
  await staff.getByText("No proof of work, while many were sending").waitFor();
  await axe(staff);
  await desk.close();
});
