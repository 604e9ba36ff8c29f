// An owner who has nothing but the staff area's "Embed" page puts a form on a page of their own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
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

test("every snippet of the page works where it is pasted", async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(8_000);
  const staff = await context.newPage();
  await staff.goto(`${demo.ready.staff_url}/login`);
  await staff.fill("#username", demo.ready.staff.username);
  await staff.fill("#password", demo.ready.staff.password);
  await staff.getByRole("button", { name: "Sign in" }).click();
  await staff.getByRole("link", { name: "Embed" }).click();
  await staff.locator("#form").selectOption("shop/contact");
  await staff.locator("#origin").fill("https://elsewhere.example/page");
  await staff.getByRole("button", { name: "Show" }).click();
  await staff.getByText("Pages of https://elsewhere.example may not show this form yet").waitFor();
  assert.ok((await staff.getByText("allowed_origins = [").textContent())?.includes('"https://elsewhere.example"'));
  await staff.locator("#origin").fill(demo.ready.host_page);
  await staff.getByRole("button", { name: "Show" }).click();
  await staff.getByText(`Pages of ${demo.ready.host_page} may show this form.`).waitFor();
  await staff.frameLocator("sealwax-form iframe").locator("h1").waitFor();
  await axe(staff);

  const policy = await staff.locator("pre", { hasText: "frame-src" }).textContent();
  for (const name of ["script", "element", "pinned", "frame", "markup"]) {
    const code = (await staff.locator(`#code-${name}`).textContent()) ?? "";
    const visitors = await browser.newContext({ locale: "en-GB" });
    visitors.setDefaultTimeout(8_000);
    const page = await visitors.newPage();
    await page.route(`${demo.ready.host_page}/mine`, (route) =>
      route.fulfill({ contentType: "text/html", headers: name === "markup" || name === "frame" ? {} : { "content-security-policy": `default-src 'none'; ${policy}` }, body: `<!doctype html><html lang="en"><title>Mine</title><body>${code}` }),
    );
    await page.goto(`${demo.ready.host_page}/mine`);
    if (name === "markup") {
      await page.locator("[name=name]").fill("Ines");
      await page.locator("[name=email]").fill("ines@lindelof.example");
      await page.locator("[name=topic]").first().check();
      await page.locator("[name=message]").fill("From my own markup");
      await page.locator("button").click();
      await page.waitForURL(/\/done\?/);
      assert.match((await page.locator(".reference").textContent()) ?? "", REFERENCE);
    } else {
      const frame = name === "frame" ? page.frameLocator("iframe") : page.frameLocator("sealwax-form iframe");
      await frame.locator("#f-name").fill("Ines");
      await frame.locator("#f-email").fill("ines@lindelof.example");
      await frame.locator("#f-topic--1").check();
      await frame.locator("#f-message").fill(`From the snippet ${name}, which nobody has sent before`);
      await frame.locator("button[type=submit]").click();
      await frame.locator(".reference").waitFor();
    }
    await visitors.close();
  }
  await context.close();
});
