// A visitor's journey in a real browser: with JavaScript and without.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { REFERENCE, axe, fillRequired, publishForm, screenshot, startBrowser, startDemo } from "./support.mjs";

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
 * A page that fails the test when something is loaded from elsewhere or the content policy is broken.
 * @param {import("playwright-core").BrowserContextOptions} options
 */
async function visitor(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const wrong = [];
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== demo.ready.url && origin !== demo.ready.host_page) wrong.push(`request to ${request.url()}`);
  });
  page.on("console", (message) => {
    if (/content security|refused to|trusted type/i.test(message.text())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  const leave = async () => {
    assert.deepEqual(wrong, []);
    assert.deepEqual(await context.cookies(), [], "the public side sets no cookie");
    await context.close();
  };
  return { page, leave };
}

const contact = () => `${demo.ready.url}/f/shop/contact`;

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test("from the shop's page to the thank-you, over an error", async () => {
      const { page, leave } = await visitor({ javaScriptEnabled });
      await page.goto(demo.ready.host_page);
      await page.locator("ul a[href$='/f/shop/contact']").click();
      await page.waitForURL(contact());
      assert.equal(await page.locator("input[name^='consent.']").count(), 3);
      assert.equal(await page.locator("input:checked").count(), 0, "nothing is ticked beforehand");
      if (javaScriptEnabled) await axe(page);

      await page.locator("textarea").first().fill("Typed before the error");
      await page.locator("button[type=submit]").click();
      await page.locator("#summary").waitFor();
      assert.match(await page.title(), /^Error:/);
      assert.equal(await page.locator("#summary:focus").count(), 1, "the summary takes focus");
      for (const link of await page.locator("#summary a").all()) {
        const target = await link.getAttribute("href");
        assert.equal(await page.locator(`${target}`).count(), 1, `${target} is there`);
      }
      await page.locator("#summary a").first().click();
      assert.equal(await page.locator("textarea").first().inputValue(), "Typed before the error");
      if (javaScriptEnabled) await axe(page);

      await fillRequired(page);
      const consents = page.locator("input[name^='consent.']");
      await consents.nth(0).check();
      await consents.nth(1).check();
      await page.locator("button[type=submit]").click();
      await page.waitForURL(/\/done\?/);
      assert.match((await page.locator(".reference").textContent()) ?? "", REFERENCE);
      if (javaScriptEnabled) await axe(page);
      await leave();
    });

    test("back and sending again is asked about, and nothing typed is lost", async () => {
      const { page, leave } = await visitor({ javaScriptEnabled });
      await page.goto(contact());
      await fillRequired(page);
      await page.locator("button[type=submit]").click();
      await page.waitForURL(/\/done\?/);
      await page.goBack();
      // What the browser has kept of the page differs; the token is the same.
      await fillRequired(page);
      await page.locator("textarea").first().fill("Something else");
      await page.locator("button[type=submit]").click();
      await page.locator("#summary").waitFor();
      assert.match((await page.locator("#summary").textContent()) ?? "", /already been sent/);
      assert.equal(await page.locator("textarea").first().inputValue(), "Something else");
      await leave();
    });
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`a form that leads on, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const thanks = `${demo.ready.host_page}/?thanks`;
    const url = publishForm(demo, "leading", [{ name: "wish", type: "short_text", label: "Wish" }], `consents = []\nredirect = "${thanks}"`);
    const { page, leave } = await visitor({ javaScriptEnabled });
    await page.goto(url);
    await page.getByLabel("Wish").fill(`To be led on: ${javaScriptEnabled}`);
    await page.locator("button[type=submit]").click();
    await page.waitForURL(thanks);
    await page.getByRole("heading", { name: "A shop’s own page" }).waitFor();
    await leave();
  });
}

test("in high contrast the logo fits the background", async () => {
  for (const [colorScheme, theme, dark] of /** @type {const} */ ([["dark", "contrast", true], ["light", "contrast", false], ["dark", "light", false], ["light", "dark", true]])) {
    const { page, leave } = await visitor({ colorScheme });
    const shown = async (/** @type {string} */ query) => {
      await page.goto(`${contact()}?${query}`);
      return page.locator("img.logo").evaluate((image) => /** @type {HTMLImageElement} */ (image).currentSrc);
    };
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    const own = await shown("");
    await page.emulateMedia({ colorScheme });
    assert.equal(await shown(`theme=${theme}`), own, `${theme} on a ${colorScheme} system`);
    await leave();
  }
});

test("a link fills in what nobody has touched, also several choices of one question", async () => {
  const { page, leave } = await visitor();
  await page.goto(`${contact()}#name=Ana&interests=paper&interests=tea&topic=advice&consent.newsletter=yes`);
  await page.locator("#f-name").and(page.locator(":not(:placeholder-shown)")).waitFor();
  assert.deepEqual(await page.locator("input:checked").evaluateAll((all) => all.map((one) => one.getAttribute("value"))), ["advice", "paper", "tea"]);
  const german = await page.getByRole("link", { name: "Deutsch" }).getAttribute("href");
  assert.ok(german?.endsWith(new URL(page.url()).hash), "it fills in the form in other languages too");
  // Some browsers bring back what was typed while they read the page, before its scripts.
  await page.addInitScript(() => {
    // Its first call with the form comes right after the parser's step, so before any deferred script.
    const watch = new MutationObserver(() => {
      const name = document.getElementById("f-name");
      const order = document.getElementById("f-topic--1");
      if (!(name instanceof HTMLInputElement && order instanceof HTMLInputElement)) return;
      name.value = "Ines";
      order.checked = true;
      watch.disconnect();
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await page.locator("#f-interests--1:checked").waitFor();
  assert.equal(await page.locator("#f-name").inputValue(), "Ines");
  assert.deepEqual(await page.locator("input:checked").evaluateAll((all) => all.map((one) => one.getAttribute("value"))), ["order", "paper", "tea"]);
  await leave();
});

for (const javaScriptEnabled of [true, false]) {
  test(`a consent is taken back in one click ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const { page, leave } = await visitor({ javaScriptEnabled, viewport: { width: 360, height: 740 } });
    await page.goto(contact());
    await fillRequired(page);
    const consents = page.locator("input[name^='consent.']");
    const count = await consents.count();
    for (let at = 0; at < count; at++) await consents.nth(at).check();
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/done\?/);
    if (javaScriptEnabled) await axe(page);
    await page.getByRole("button", { name: "See what is kept about you" }).click();
    await page.waitForURL(/\/me\//);
    const withdraw = page.getByRole("button", { name: "Withdraw this consent" });
    assert.equal(await withdraw.count(), count);
    if (javaScriptEnabled) await axe(page);
    await screenshot(page, "person");
    if (javaScriptEnabled) {
      // The receipt is what its schema says, by a validator that is not ours; its proofs come within a second or so.
      const schema = await (await fetch(`${demo.ready.url}/api/v1/receipt.schema.json`)).json();
      const valid = new Ajv2020().compile(schema);
      const address = `${page.url().split("?")[0]}/receipt.json`;
      const patience = Date.now() + 15_000;
      for (;;) {
        const receipt = await (await fetch(address)).json();
        assert.ok(Boolean(valid(receipt)), JSON.stringify(valid.errors));
        if (receipt["sealwax:proofs"]) break;
        assert.ok(Date.now() < patience, "the proofs do not come");
      }
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the receipt" }).click()]);
      assert.match(download.suggestedFilename(), /^[0-9A-Z]{5}-[0-9A-Z]{5}\.json$/);
    }
    await withdraw.first().click();
    await page.getByRole("status").getByText("Your consent is withdrawn.").waitFor();
    assert.equal(await withdraw.count(), count - 1);
    await page.getByText("you withdrew your consent").waitFor();
    if (javaScriptEnabled) await axe(page);
    // No line is wider than a phone.
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    for (const lang of ["de", "en"]) {
      await page.locator(`a[hreflang=${lang}], a[lang=${lang}]`).first().click();
      assert.equal(await page.locator("html").getAttribute("lang"), lang);
    }
    await leave();
  });
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const lang of ["en", "de", "fr", "es", "ar"]) {
    test(`every public page is accessible: ${colorScheme}, ${lang}`, async () => {
      const { page, leave } = await visitor({ colorScheme });
      // Between them the example's two sites speak every language.
      const site = ["es", "ar"].includes(lang) ? "atelier" : "shop";
      const forms = site === "shop" ? ["contact", "survey", "stationery"] : ["contact"];
      const paths = [`/f/${site}/contact/done`, `/policies/${site}/privacy`, `/policies/${site}/privacy/1`, ...forms.map((form) => `/f/${site}/${form}`)];
      for (const path of paths) {
        await page.goto(`${demo.ready.url}${path}?lang=${lang}`);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await axe(page);
      }
      for (const theme of ["", "&theme=contrast"]) {
        await page.goto(`${demo.ready.url}/f/${site}/contact?lang=${lang}${theme}`);
        await page.locator("button[type=submit]").click();
        await page.locator("#summary").waitFor();
        await axe(page);
      }
      await page.goto(`${demo.ready.url}/f/${site}/nothing?lang=${lang}`);
      await axe(page);
      await leave();
    });
  }
}

test("a narrow phone needs no sideways scrolling", async () => {
  const { page, leave } = await visitor({ viewport: { width: 320, height: 640 } });
  for (const path of ["/f/shop/contact", "/f/shop/survey", "/policies/shop/privacy", "/f/shop/contact/done"]) {
    await page.goto(`${demo.ready.url}${path}`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${path} is ${width} pixels wide`);
  }
  await leave();
});

test("the policy link of a consent leads to exactly the version that is shown", async () => {
  const { page, leave } = await visitor();
  await page.goto(contact());
  const href = await page.locator(".consent a").first().getAttribute("href");
  assert.match(href ?? "", /^\/policies\/shop\/privacy\/2\?/);
  await page.goto(`${demo.ready.url}${href}`);
  assert.equal(await page.locator(".versions li").count(), 2);
  await leave();
});

test("the keyboard alone is enough", async () => {
  const { page, leave } = await visitor();
  await page.goto(contact());
  await page.locator("#f-name").focus();
  for (let step = 0; step < 60; step += 1) {
    const kind = await page.evaluate(() => {
      const element = document.activeElement;
      if (element instanceof HTMLButtonElement) return "button";
      if (element instanceof HTMLTextAreaElement) return "text";
      if (!(element instanceof HTMLInputElement)) return "other";
      if (element.type === "radio" || element.type === "checkbox") return element.type;
      if (element.required) return element.type === "email" ? "email" : "text";
      return "other";
    });
    if (kind === "button") break;
    if (kind === "text") await page.keyboard.type("By keyboard");
    if (kind === "email") await page.keyboard.type("keys@lindelof.example");
    if (kind === "radio" || kind === "checkbox") await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/done\?/);
  await leave();
});

test("a double click sends once", async () => {
  const { page, leave } = await visitor();
  await page.goto(contact());
  await fillRequired(page);
  let posts = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") posts += 1;
  });
  await page.locator("button[type=submit]").dblclick();
  await page.waitForURL(/\/done\?/);
  assert.equal(posts, 1);
  await leave();
});
