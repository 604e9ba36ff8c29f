// Staff of the demo sign in by each protocol in a real browser. tests/staff_signs_in_by_browser.rs starts
// the servers, and says in SEALWAX_JOURNEY where they are and who the people are.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, screenshot, startBrowser } from "./support.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} Context */
/** @typedef {import("playwright-core").BrowserContextOptions} Options */
/** @typedef {{label: string, here?: boolean, ends?: boolean}} Way `here`: the password is asked for on our own page; `ends`: logging out at the provider ends the session here */

/** @type {{url: string, lemon: string, logout: string, people: Record<string, {name: string, password: string}>}} */
const { url, lemon, logout, people } = JSON.parse(process.env.SEALWAX_JOURNEY ?? "{}");
assert.ok(url, "SEALWAX_JOURNEY is not set; run `cargo nextest run staff_signs_in_by_browser`");

const LDAP = { label: "Company account", here: true };
const SAML = { label: "SAML account", ends: true };
const CAS = { label: "CAS account", ends: true };
const OPENID = { label: "OpenID account" };
/** @type {Way[]} */
const WAYS = [LDAP, SAML, CAS, OPENID];
const SESSION = "__Host-sealwax";
const AT_PROVIDER = "#lform";

/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/**
 * A page of a browser that has been nowhere yet.
 * @param {(page: Page, context: Context) => Promise<void>} journey
 * @param {Options} [options]
 */
async function inNewBrowser(journey, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(15_000);
  // Of the provider's pages only what they do counts. What adorns them would keep its few workers busy.
  await context.route(`${lemon}/**`, (route) => {
    const asked = route.request();
    const acts = asked.resourceType() === "document" || /\/(redirect|autoRenew|jquery)(\.min)?\.js/.test(asked.url());
    return acts ? route.continue() : route.abort();
  });
  try {
    await journey(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

/** @param {Context} context */
async function hasSession(context) {
  return (await context.cookies(url)).some((cookie) => cookie.name === SESSION);
}

/**
 * Fills in the provider's own page, or ours for a directory.
 * @param {Page} page
 * @param {Way} way
 * @param {string} uid
 */
async function typePassword(page, way, uid) {
  const form = page.locator(way.here ? "main form" : AT_PROVIDER);
  await form.locator(way.here ? "#username" : "[name=user]").fill(uid);
  await form.locator("[type=password]").fill(people[uid].password);
  await form.locator("[type=submit]").click();
}

/**
 * Chooses a way on the login page and signs in there, wherever that leads.
 * @param {Page} page
 * @param {Way} way
 * @param {string} uid
 */
async function sign(page, way, uid) {
  await page.goto(`${url}/staff/login`);
  if (!way.here) await page.getByRole("link", { name: `Sign in with ${way.label}` }).click();
  await typePassword(page, way, uid);
}

/**
 * @param {Page} page
 * @param {Way} way
 * @param {string} uid
 */
async function signIn(page, way, uid) {
  await sign(page, way, uid);
  await page.waitForURL(`${url}/staff/inbox`);
  assert.ok((await page.locator(".top").innerText()).includes(people[uid].name));
}

/** @param {Page} page */
async function arrivedAtLogin(page) {
  await page.goto(`${url}/staff/inbox`);
  assert.match(page.url(), /\/staff\/login\?next=/);
}

describe("each way", { concurrency: 2 }, () => {
  for (const way of WAYS) {
    describe(way.label, { concurrency: 1 }, () => {
      test("an admin comes in, looks after access, and is logged out here and there", () =>
        inNewBrowser(async (page, context) => {
          await signIn(page, way, "alice");
          assert.ok((await page.locator("tbody tr").count()) > 0, "the inbox of the demo is filled");
          await page.getByRole("link", { name: "Ways to sign in" }).click();
          const state = page.locator("section", { has: page.getByRole("heading", { name: way.label }) });
          assert.match(await state.innerText(), /works/);
          await page.locator(".top").getByRole("link", { name: "Accounts" }).click();
          const row = page.locator("tr", { hasText: way.label }).filter({ hasText: "Alice Admin" });
          assert.match(await row.innerText(), /Administrator · everywhere/);
          await row.getByRole("link").click();
          await page.waitForURL(/\/staff\/accounts\/./);
          assert.equal(await page.locator("h1").innerText(), "Alice Admin");
          assert.match(await page.locator("section", { hasText: "Sessions" }).innerText(), /this one/);

          await page.getByRole("button", { name: "Sign out" }).click();
          await page.waitForURL(way.here ? `${url}/staff/login?again` : `${url}/staff/logged-out`);
          assert.ok(!(await hasSession(context)));
          await arrivedAtLogin(page);
          if (way.here) return;
          await page.getByRole("link", { name: `Sign in with ${way.label}` }).click();
          await page.locator(AT_PROVIDER).waitFor();
          assert.ok(page.url().startsWith(lemon), "the provider asks for the password again");
        }));

      test("a reviewer reads a submission and manages nothing", () =>
        inNewBrowser(async (page) => {
          await signIn(page, way, way.here || way.ends ? 'comma, plus+"q"' : "star*");
          assert.equal(await page.locator(".top nav a").count(), 1);
          await page.locator("tbody a").first().click();
          await page.waitForURL(/\/staff\/submissions\/./);
          assert.ok((await page.locator(".answers").first().innerText()).length > 0);
          for (const path of ["/staff/accounts", "/staff/providers"]) {
            assert.equal((await page.goto(`${url}${path}`))?.status(), 403, path);
          }
          if (way.here) await axe(page);
        }));

      test("whoever has no role is told so by name", () =>
        inNewBrowser(async (page, context) => {
          await sign(page, way, "carol");
          const alert = page.getByRole("alert").filter({ hasText: "Carol Nobody" });
          assert.match(await alert.innerText(), /has a role here/);
          assert.ok(page.url().startsWith(url));
          assert.ok(!(await hasSession(context)));
          await arrivedAtLogin(page);
        }));

      for (const uid of ["locked", "expired", "disabled"]) {
        test(`${uid} does not come in`, () =>
          inNewBrowser(async (page, context) => {
            await sign(page, way, uid);
            // The provider's words need scripts that are left out.
            await page.locator(way.here ? "[role=alert]" : ".message-negative").waitFor({ state: "attached" });
            assert.ok(page.url().startsWith(way.here ? url : lemon), page.url());
            assert.ok(!(await hasSession(context)));
            await arrivedAtLogin(page);
            if (way.here) return;
            // Nor does whoever just goes there once more.
            await page.getByRole("link", { name: `Sign in with ${way.label}` }).click();
            await page.locator(AT_PROVIDER).waitFor();
          }));
      }

      if (way.ends) {
        test("logging out at the provider ends the session here", () =>
          inNewBrowser(async (page, context) => {
            await signIn(page, way, "alice");
            const there = await context.newPage();
            // SAML goes through a frame of the provider's page; CAS has told us before there is one.
            const told = way === SAML ? there.waitForResponse(`${url}/staff/auth/saml/slo`) : undefined;
            await there.goto(logout);
            await told;
            await arrivedAtLogin(page);
          }));
      }

      test("whoever has been here for long proves once more who they are", () =>
        inNewBrowser(async (page) => {
          await signIn(page, way, "alice");
          const confirm = `${url}/staff/confirm?next=/staff/accounts`;
          await page.goto(confirm);
          if (way.here) {
            const [password, button] = [page.locator("#password"), page.locator("button.primary")];
            await password.fill("not the password");
            await button.click();
            await page.getByRole("alert").waitFor();
            await axe(page);
            await password.fill(people.alice.password);
            await button.click();
            await page.waitForURL(`${url}/staff/accounts`);
            return;
          }
          const asked = page.locator(AT_PROVIDER);
          // Whoever has only just typed the password is sent back at once, which CAS does not let count.
          do {
            await page.goto(confirm);
            await page.getByRole("button", { name: `Confirm with ${way.label}` }).click();
            await asked.or(page.getByRole("heading", { name: "Accounts" })).or(page.getByRole("alert")).waitFor();
          } while (!(await asked.isVisible()));
          await asked.locator("[type=password]").fill(people.alice.password);
          await asked.locator("[type=submit]").click();
          await page.waitForURL(`${url}/staff/accounts`);
        }));

      if (!way.here) {
        test("without JavaScript too", () =>
          inNewBrowser(
            async (page, context) => {
              // A form that scripts would send is sent by its button.
              const onward = async (/** @type {string} */ to) => {
                const button = page.locator("noscript [type=submit], #onward button");
                while (!page.url().startsWith(to)) {
                  await button.or(page.locator("body.door h1, .top")).first().waitFor();
                  if (await button.isVisible()) await button.click();
                }
              };
              await sign(page, way, "alice");
              await onward(`${url}/staff/inbox`);
              await page.goto(`${url}/staff/confirm`);
              await page.getByRole("button", { name: `Confirm with ${way.label}` }).click();
              await page.waitForURL((at) => !at.pathname.endsWith("/confirm"));
              await page.goto(`${url}/staff/inbox`);
              await page.getByRole("button", { name: "Sign out" }).click();
              await onward(`${url}/staff/logged-out`);
              assert.ok(!(await hasSession(context)));
              await page.getByRole("link", { name: "Sign in again" }).click();
              await page.getByRole("link", { name: `Sign in with ${way.label}` }).click();
              await page.locator(AT_PROVIDER).waitFor();
            },
            { javaScriptEnabled: false },
          ));
      }
    });
  }
});

/** @type {{name: string, options: Options}[]} */
const LOOKS = [
  { name: "light", options: {} },
  { name: "dark", options: { colorScheme: "dark" } },
  { name: "phone-de", options: { locale: "de-DE", viewport: { width: 320, height: 640 } } },
  { name: "phone-dark-ar", options: { locale: "ar", colorScheme: "dark", viewport: { width: 320, height: 640 } } },
];

/**
 * Whoever comes with any means can read the page, on a narrow phone too. Keeps a picture where that is wanted.
 * @param {Page} page
 * @param {string} name
 */
async function isFitToSee(page, name) {
  await axe(page);
  const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(width <= room, `${name} is ${width} pixels wide`);
  if (process.env.SEALWAX_PICTURES) await screenshot(page, `sign-in-${name}`);
}

describe("every page of the way", { concurrency: 2 }, () => {
  for (const { name, options } of LOOKS) {
    test(name, () =>
      inNewBrowser(async (page, context) => {
        const way = (/** @type {string} */ id) => page.locator(`.ways a[href^='/staff/auth/${id}/']`);
        await page.goto(`${url}/staff/login`);
        await isFitToSee(page, `${name}-login`);
        await way("saml").click();
        await typePassword(page, SAML, "alice");
        await page.waitForURL(`${url}/staff/inbox`);
        for (const path of ["accounts", "providers", "confirm"]) {
          await page.goto(`${url}/staff/${path}`);
          await isFitToSee(page, `${name}-${path}`);
        }
        // The provider is slow, so that the page that leads on is seen.
        await page.route(`${lemon}/**`, (route) => route.fulfill({ status: 204 }));
        await page.locator("main button.primary").click();
        await page.waitForURL(/\/confirm$/);
        await isFitToSee(page, `${name}-onward`);
        await page.unroute(`${lemon}/**`);
        await page.goto(`${url}/staff/accounts`);
        await page.locator("tr", { hasText: "Alice Admin" }).first().getByRole("link").click();
        await page.waitForURL(/\/staff\/accounts\/./);
        await isFitToSee(page, `${name}-other-account`);
        await page.goto(`${url}/staff/accounts`);
        await page.locator("tr", { hasText: "Demo" }).first().getByRole("link").click();
        await page.waitForURL(/\/staff\/accounts\/./);
        await isFitToSee(page, `${name}-local-account`);
        // As where the script does not come.
        await page.route("**/onward*.js", (route) => route.abort());
        await page.locator(".top button").click();
        await page.locator("#onward").waitFor();
        await isFitToSee(page, `${name}-onward-form`);
        await page.locator("#onward button").click();
        await page.waitForURL(`${url}/staff/logged-out`);
        await isFitToSee(page, `${name}-logged-out`);
        assert.ok(!(await hasSession(context)));
        await page.locator("main a").click();
        await way("cas").click();
        await typePassword(page, CAS, "carol");
        await page.getByRole("alert").filter({ hasText: "Carol Nobody" }).waitFor();
        await isFitToSee(page, `${name}-refusal`);
      }, options));
  }
});
