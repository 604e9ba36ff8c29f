// A reviewer's journey in a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { REFERENCE, axe, fillRequired, startBrowser, startDemo } from "./support.mjs";

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

/**
 * @param {import("playwright-core").Page} page
 * @param {string} password
 */
async function logIn(page, password) {
  await page.locator("#username").fill(demo.ready.staff.username);
  await page.locator("#password").fill(password);
  await page.locator("button.primary").click();
}

test("from a visitor's browser to a reviewer's screen", async () => {
  const public_ = await browser.newContext({ locale: "en-GB" });
  const form = await public_.newPage();
  await form.goto(`${demo.ready.url}/f/shop/contact`);
  await fillRequired(form);
  await form.locator("textarea").first().fill("The purple ink has dried up");
  await form.locator("input[name^='consent.']").nth(0).check();
  await form.locator("input[name^='consent.']").nth(1).check();
  await form.locator("button[type=submit]").click();
  await form.waitForURL(/\/done\?/);
  const reference = ((await form.locator(".reference").textContent()) ?? "").match(REFERENCE)?.[0] ?? "";
  await public_.close();

  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(demo.ready.staff_url);
  assert.match(page.url(), /\/staff\/login/);
  await axe(page);
  await logIn(page, "not the password");
  assert.equal(await page.locator("[role=alert]").count(), 1);
  await axe(page);
  await logIn(page, demo.ready.staff.password);
  await page.waitForURL(/\/staff\/inbox/);
  const [cookie] = await context.cookies();
  assert.deepEqual(
    { name: cookie.name, httpOnly: cookie.httpOnly, secure: cookie.secure, sameSite: cookie.sameSite, path: cookie.path },
    { name: "__Host-sealwax", httpOnly: true, secure: true, sameSite: "Lax", path: "/" },
  );
  await axe(page);
  const inbox = await page.content();
  assert.ok(inbox.includes(reference));
  assert.ok(!inbox.includes("ines.hallberg@"), "addresses are masked");

  await page.locator("#ref").fill(reference.toLowerCase());
  await page.locator(".filters button").click();
  await page.locator("tbody a").click();
  await page.waitForURL(/\/staff\/submissions\//);
  await axe(page);
  const shown = await page.locator("main").innerText();
  for (const text of ["Ines Hallberg", "ines.hallberg@lindelof.example", "The purple ink has dried up", "Opened – Demo"]) {
    assert.ok(shown.includes(text), text);
  }
  assert.equal(await page.locator(".badge.given").count(), 2);
  assert.equal(await page.locator(".badge.refused").count(), 1);
  assert.match((await page.locator("a[href^='/policies/shop/privacy/2']").textContent()) ?? "", /version 2/);

  await page.locator("#status").selectOption("done");
  await page.locator(".status button").click();
  await page.waitForLoadState();
  assert.equal(await page.locator("#status").inputValue(), "done");
  assert.ok((await page.locator(".history").innerText()).includes("Status changed"));

  await page.locator(".top button").click();
  await page.waitForURL(/\/staff\/login/);
  await page.goto(`${demo.ready.url}/staff/inbox`);
  assert.match(page.url(), /\/staff\/login/);
  await context.close();
});

test("without JavaScript too", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${demo.ready.url}/staff/inbox?status=new`);
  await logIn(page, demo.ready.staff.password);
  await page.locator("tbody a").first().click();
  assert.ok((await page.locator(".answers").count()) > 0);
  await context.close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const locale of ["en-GB", "de-DE", "fr-FR", "es-ES", "ar"]) {
    test(`every staff page is accessible: ${colorScheme}, ${locale}`, async () => {
      const context = await browser.newContext({ colorScheme, locale });
      const page = await context.newPage();
      await page.goto(demo.ready.staff_url);
      assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
      await axe(page);
      await logIn(page, demo.ready.staff.password);
      await page.waitForURL(/\/staff\/inbox/);
      await axe(page);
      const first = await page.locator("tbody a").first().getAttribute("href");
      for (const path of ["/staff/inbox?ref=nonsense", "/staff/inbox?status=spam", "/staff/nowhere", "/staff/embed", "/staff/links?form=shop/contact", "/staff/accounts", "/staff/providers", "/staff/confirm", "/staff/account", "/staff/logged-out", first]) {
        await page.goto(`${demo.ready.url}${path}`);
        await axe(page);
      }
      await context.close();
    });
  }
}

test("a narrow phone needs no sideways scrolling", async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  await page.goto(demo.ready.staff_url);
  await logIn(page, demo.ready.staff.password);
  await page.waitForURL(/\/staff\/inbox/);
  const first = await page.locator("tbody a").first().getAttribute("href");
  for (const path of ["/staff/inbox", "/staff/embed", "/staff/links?form=shop/contact", "/staff/accounts", "/staff/providers", "/staff/confirm", "/staff/account", "/staff/logged-out", first]) {
    await page.goto(`${demo.ready.url}${path}`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${path} is ${width} pixels wide`);
  }
  await context.close();
});
