// Forms that are not open to everybody, in a page and in a frame: codes, links, closing words, and what is given in return.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { REFERENCE, axe, startBrowser, startDemo } from "./support.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;

const text = (/** @type {string} */ words) => `{ en = "${words}", de = "${words} (de)", fr = "${words} (fr)" }`;

/**
 * A form of one question, with more keys.
 * @param {string} slug
 * @param {string} keys
 */
const form = (slug, keys) => `
[[forms]]
site = "shop"
slug = "${slug}"
policy = "privacy"
title = ${text(`The form ${slug}`)}
${keys}

[[forms.fields]]
name = "email"
type = "email"
label = ${text("E-mail address")}
required = true
purpose = "enquiry"
category = "personal"

[[forms.fields]]
name = "wish"
type = "short_text"
label = ${text("Wish")}
purpose = "enquiry"
category = "personal"
`;

/** @param {string[]} words */
function sealwax(...words) {
  const done = spawnSync(process.env.SEALWAX_BIN ?? "", [...words, "--dir", demo.dir], { encoding: "utf8", env: { ...process.env, SEALWAX__SERVER__PUBLIC_URL: demo.ready.url } });
  assert.equal(done.status, 0, done.stderr + done.stdout);
  return done.stdout;
}

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  const file = path.join(demo.dir, "doors.toml");
  fs.writeFileSync(file, [
    form("coded", 'access_code = "Blue Heron 7"'),
    form("proved", 'verify_email = "email"'),
    form("invited", "by_invitation = true"),
    form("closed", `closed = true\nclosed_message = ${text("The competition is over.")}`),
    form("members", `sign_in = { providers = ["local"], identity = ["name"], purpose = "enquiry" }`),
    form("early", `opens_at = "2099-01-01T00:00:00Z"\nopening_message = ${text("Come back in 2099.")}`),
    form("single", `limit = 1\nfull_message = ${text("All places are taken.")}`),
    form("gift", `[forms.incentive]\ntext = ${text("Ten per cent off.")}\ncode = "THANKS10"`),
  ].join("\n"));
  sealwax("apply", file);
});
after(async () => {
  await browser.close();
  await demo.stop();
});

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function visitor(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  const leave = () => context.close();
  return { page, leave };
}

const url = (/** @type {string} */ slug) => `${demo.ready.url}/f/shop/${slug}`;

/**
 * A page of the shop with the form in it.
 * @param {string} slug
 * @param {string} [more]
 */
async function framed(slug, more = "") {
  const { page, leave } = await visitor();
  await page.route(`${demo.ready.host_page}/page`, (route) =>
    route.fulfill({ contentType: "text/html", body: `<!doctype html><html lang="en"><title>Host</title><body><main><h1>Host</h1><script src="${demo.ready.url}/embed.js" data-form="shop/${slug}" ${more} async></script></main>` }),
  );
  await page.goto(`${demo.ready.host_page}/page`);
  return { page, leave, frame: page.frameLocator("sealwax-form iframe") };
}

/** The newest code that was mailed to `address`. @param {string} address */
function mailedCode(address) {
  const dir = path.join(demo.dir, "mail");
  const mails = fs.readdirSync(dir).map((name) => path.join(dir, name)).sort((a, b) => fs.statSync(a).mtimeMs - fs.statSync(b).mtimeMs);
  const mine = mails.map((file) => fs.readFileSync(file, "utf8")).filter((mail) => mail.includes(address)).at(-1) ?? "";
  return mine.match(/^(\d{6})\r?$/m)?.[1] ?? "";
}

for (const javaScriptEnabled of [true, false]) {
  test(`an access code ${javaScriptEnabled ? "with" : "without"} JavaScript: wrong, right, loaded again, in another language`, async () => {
    const { page, leave } = await visitor({ javaScriptEnabled });
    await page.goto(`${url("coded")}${javaScriptEnabled ? "#wish=Ink" : ""}`);
    if (javaScriptEnabled) await axe(page);
    await page.getByLabel("Access code").fill("wrong heron");
    await page.locator("button.primary").click();
    await page.getByRole("alert").waitFor();
    if (javaScriptEnabled) await axe(page);
    await page.getByLabel("Access code").fill("blue heron 7");
    await page.locator("button.primary").click();
    await page.getByLabel("Wish").waitFor();
    await page.reload();
    await page.getByLabel("Wish").waitFor();
    await page.getByRole("link", { name: "Deutsch" }).click();
    await page.getByLabel("Wish (de)").waitFor();
    await page.fill("#f-email", "ana@lindelof.example");
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/done\?/);
    await leave();
  });

  test(`a proved address ${javaScriptEnabled ? "with" : "without"} JavaScript is there already when the form opens`, async () => {
    const { page, leave } = await visitor({ javaScriptEnabled });
    const address = `ines${javaScriptEnabled ? 1 : 2}@lindelof.example`;
    await page.goto(url("proved"));
    // What is typed here is personal too: who asks for it, and under which notice.
    await page.getByRole("link", { name: /Privacy notice/ }).waitFor();
    if (javaScriptEnabled) await axe(page);
    await page.getByLabel("Your e-mail address").fill(address);
    await page.locator("button.primary").click();
    await page.getByText(`We have sent a code to ${address}`).waitFor();
    if (javaScriptEnabled) await axe(page);
    await page.getByLabel("The code from the e-mail").fill(mailedCode(address));
    await page.locator("button.primary").click();
    await page.getByLabel("Wish").waitFor();
    assert.equal(await page.locator("#f-email").inputValue(), address);
    assert.ok(!new URL(page.url()).search.includes("ines"), "no address in what servers see");
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/done\?/);
    await leave();
  });
}

test("the same doors in a frame", async () => {
  const { page, frame, leave } = await framed("coded", 'data-field-wish="Ink"');
  await frame.getByLabel("Access code").fill("blue heron 7");
  await frame.locator("button.primary").click();
  await frame.getByLabel("Wish").waitFor();
  assert.equal(await frame.getByLabel("Wish").inputValue(), "Ink", "what was filled in passes the door");
  await axe(page);
  await frame.locator("#f-email").fill("bo@lindelof.example");
  await frame.locator("button[type=submit]").click();
  await frame.locator(".reference").waitFor();
  await leave();

  const proved = await framed("proved");
  await proved.frame.getByLabel("Your e-mail address").fill("cy@lindelof.example");
  await proved.frame.locator("button.primary").click();
  await proved.frame.getByLabel("The code from the e-mail").fill(await mailedWhenThere("cy@lindelof.example"));
  await proved.frame.locator("button.primary").click();
  await proved.frame.getByLabel("Wish").waitFor();
  assert.equal(await proved.frame.locator("#f-email").inputValue(), "cy@lindelof.example");
  await proved.leave();
});

/** @param {string} address */
async function mailedWhenThere(address) {
  for (let tries = 0; tries < 100 && !mailedCode(address); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  return mailedCode(address);
}

test("a personal link fills in, survives another language, and counts once", async () => {
  const people = path.join(demo.dir, "people.csv");
  fs.writeFileSync(people, "name,email\nInes,ines@lindelof.example\n");
  const link = sealwax("invite", "shop/invited", people).trim().split("\n").at(-1)?.split(",").at(-1) ?? "";
  const { page, leave } = await visitor();
  await page.goto(url("invited"));
  await page.getByText("by invitation").first().waitFor();
  await axe(page);
  await page.goto(link);
  await page.getByLabel("Wish").waitFor();
  assert.equal(await page.locator("#f-email").inputValue(), "ines@lindelof.example");
  await page.getByRole("link", { name: "Français" }).click();
  await page.getByLabel("Wish (fr)").waitFor();
  await page.fill("#f-email", "ines@lindelof.example");
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/done\?/);
  assert.match((await page.locator(".reference").textContent()) ?? "", REFERENCE);
  assert.equal(await page.getByRole("link", { name: "Fill in the form again" }).count(), 0, "there is no second time");
  await page.goto(link);
  await page.getByText("This link was used already").waitFor();
  await axe(page);
  await leave();
});

for (const [slug, words] of [["closed", "The competition is over."], ["early", "Come back in 2099."], ["single", "All places are taken."]]) {
  test(`a form that is ${slug} says so in the owner's words and look, also in a frame`, async () => {
    if (slug === "single") {
      const first = await visitor();
      await first.page.goto(url(slug));
      await first.page.fill("#f-email", "ana@lindelof.example");
      await first.page.locator("button[type=submit]").click();
      await first.page.waitForURL(/\/done\?/);
      await first.leave();
    }
    const { page, leave } = await visitor();
    await page.goto(url(slug));
    await page.getByText(words, { exact: true }).waitFor();
    assert.equal(await page.locator("img.logo").count(), 1);
    assert.equal(await page.getByText(/^4\d\d$/).count(), 0, "no number that means nothing to visitors");
    await axe(page);
    await leave();
    const host = await framed(slug);
    await host.frame.getByText(words, { exact: true }).waitFor();
    await axe(host.page);
    await host.leave();
  });
}

test("what is given in return stands on the thank-you page, in a frame too", async () => {
  const { page, frame, leave } = await framed("gift");
  await frame.locator("#f-email").fill("ana@lindelof.example");
  await frame.locator("button[type=submit]").click();
  await frame.getByText("THANKS10").waitFor();
  await axe(page);
  await leave();
});

for (const javaScriptEnabled of [true, false]) {
  test(`signing in for a form ${javaScriptEnabled ? "with" : "without"} JavaScript: wrong, right, loaded again, a mistake, sent, somebody else`, async () => {
    const { page, leave } = await visitor({ javaScriptEnabled, viewport: { width: 320, height: 640 } });
    await page.goto(url("members"));
    if (javaScriptEnabled) await axe(page);
    const signIn = async (/** @type {string} */ password) => {
      await page.getByLabel("User name").fill(demo.ready.staff.username);
      await page.getByLabel("Password").fill(password);
      await page.locator("button.primary").click();
    };
    await signIn("wrong");
    await page.getByText("User name or password is wrong.").waitFor();
    assert.equal(await page.getByLabel("Password").getAttribute("aria-invalid"), "true");
    if (javaScriptEnabled) await axe(page);
    await signIn(demo.ready.staff.password);
    await page.getByText(/You are signed in as /).waitFor();
    assert.deepEqual(await page.context().cookies(), [], "no cookie on the public side");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth).catch(() => 320);
    assert.ok(wide <= 320, `${wide} px`);
    if (javaScriptEnabled) await axe(page);
    await page.getByRole("link", { name: "Not you?" }).click();
    await page.getByLabel("User name").waitFor();
    await signIn(demo.ready.staff.password);
    await page.getByText(/You are signed in as /).waitFor();
    await page.reload();
    await page.getByText(/You are signed in as /).waitFor();
    await page.fill("#f-email", "nobody");
    await page.locator("button[type=submit]").click();
    await page.locator("#f-email[aria-invalid=true]").waitFor();
    await page.getByText(/You are signed in as /).waitFor();
    await page.fill("#f-email", "ana@lindelof.example");
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/done\?/);
    await leave();
  });
}

test("in a frame, signing in leads to the form's own page", async () => {
  const { page, frame, leave } = await framed("members");
  const link = frame.getByRole("link", { name: /Open the form/ });
  await link.waitFor();
  assert.equal(await frame.locator("input[type=password]").count(), 0);
  await axe(page);
  const [own] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
  await own.getByLabel("User name").waitFor();
  assert.ok(!own.url().includes("embed"), own.url());
  await leave();
});
