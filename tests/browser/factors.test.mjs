// Second factors in a real browser: an authenticator app, passkeys on Chromium's own virtual authenticators.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { axe, startBrowser, startDemo } from "./support.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;
let contexts = 0;

/** @returns {Promise<number>} */
const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
});

before(async () => {
  const port = await freePort();
  // Passkeys belong to a name, which an IP address is not.
  const settings = `[server]\nlisten = "127.0.0.1:${port}"\npublic_url = "http://localhost:${port}"\ntrusted_proxies = ["127.0.0.0/8", "::1"]\n`;
  [demo, browser] = await Promise.all([startDemo({ settings }), startBrowser()]);
});
after(async () => {
  await browser.close();
  await demo.stop();
});
beforeEach(() => {
  const reset = spawnSync(process.env.SEALWAX_BIN ?? "", ["staff", "reset", "demo", "--second-factor", "--dir", demo.dir], { encoding: "utf8" });
  assert.equal(reset.status, 0, reset.stderr);
});

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function newPage(options = {}) {
  contexts += 1;
  // Each from an address of its own, because one address may try only so often.
  const context = await browser.newContext({ locale: "en-GB", extraHTTPHeaders: { "x-forwarded-for": `203.0.113.${contexts}` }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (/content security|refused to|trusted type/i.test(message.text())) assert.fail(message.text());
  });
  return page;
}

/** @param {Page} page */
async function givePassword(page) {
  await page.goto(`${demo.ready.url}/staff/login`);
  await page.locator("#username").fill(demo.ready.staff.username);
  await page.locator("#password").fill(demo.ready.staff.password);
  await page.locator("button.primary").click();
  await page.waitForURL(/\/staff\/(inbox|login\/second)/);
}

/** @param {Page} page */
async function signOut(page) {
  await page.locator(".top button").click();
  await page.waitForURL(/\/staff\/login\?again$/);
}

/**
 * What an authenticator app shows (RFC 6238).
 * @param {string} key in base 32
 * @param {number} [steps] from now
 */
function code(key, steps = 0) {
  const bits = [...key.replaceAll(" ", "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/**
 * @param {Page} page
 * @returns {Promise<string>} the app's key
 */
async function addApp(page) {
  await page.goto(`${demo.ready.url}/staff/account`);
  await page.getByRole("button", { name: "Add an authenticator app" }).click();
  await page.waitForURL(/\/totp$/);
  const key = (await page.locator(".key").textContent()) ?? "";
  await page.locator("#code").fill(code(key));
  await page.locator("#label").fill("work phone");
  await page.locator("button.primary").click();
  await page.locator("#recovery-codes").waitFor();
  return key;
}

/**
 * @param {Page} page
 * @param {object} [options] instead of a phone that knows its owner
 */
async function withAuthenticator(page, options = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
  });
  return { cdp, authenticatorId };
}

/**
 * @param {Page} page
 * @param {string} label
 */
async function addPasskey(page, label) {
  await page.goto(`${demo.ready.url}/staff/account`);
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.locator("#label").fill(label);
  await page.getByRole("button", { name: "Create the passkey" }).click();
}

test("an authenticator app: set up, sign in, recovery code, removal", async () => {
  const page = await newPage({ permissions: ["clipboard-read", "clipboard-write"] });
  await givePassword(page);
  await page.locator(".top a[href='/staff/account']").click();
  const key = await addApp(page);
  const codes = ((await page.locator("#recovery-codes").textContent()) ?? "").trim().split("\n");
  assert.equal(codes.length, 10);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByText("Copied").waitFor();
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), codes.join("\n"));
  await page.getByRole("link", { name: "I have kept them" }).click();
  assert.ok((await page.locator("main").innerText()).includes("work phone"));
  await signOut(page);

  await givePassword(page);
  assert.match(page.url(), /\/login\/second$/);
  assert.equal(await page.locator("#code").getAttribute("autocomplete"), "one-time-code");
  await page.locator("#code").fill("000000");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  assert.equal(await page.locator("[role=alert]").count(), 1);
  // The one of now proved the app.
  await page.locator("#code").fill(code(key, 1));
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL(/\/staff\/inbox/);
  const names = (await page.context().cookies()).map((cookie) => cookie.name);
  assert.deepEqual(names, ["__Host-sealwax"], "nothing is left of the sign-in");
  await signOut(page);

  await givePassword(page);
  await page.locator("summary").click();
  await page.locator("#recovery").fill(codes[3].toLowerCase());
  await page.getByRole("button", { name: "Continue with this code" }).click();
  await page.waitForURL(/\/staff\/account$/);
  assert.ok((await page.locator("main").innerText()).includes("You have 9 recovery codes left"));
  await page.getByRole("button", { name: "Remove: work phone" }).click();
  await page.waitForURL(/done=removed/);
  await page.getByText("You have no second factor yet").waitFor();
  await page.context().close();
});

test("a passkey: made on this device, used, not made twice, not copied", async () => {
  const page = await newPage();
  const { cdp, authenticatorId } = await withAuthenticator(page);
  await givePassword(page);
  await addPasskey(page, "blue phone");
  await page.locator("#recovery-codes").waitFor();
  await page.getByRole("link", { name: "I have kept them" }).click();
  assert.ok((await page.locator("main").innerText()).includes("blue phone"));
  // The same device has nothing to add.
  await addPasskey(page, "again");
  await page.getByText("This device has a passkey for this account already").waitFor();
  await page.goto(`${demo.ready.url}/staff/account`);
  assert.equal(await page.locator(".factors li").count(), 1);
  await signOut(page);

  const { credentials: [before] } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await givePassword(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(/\/staff\/inbox/);
  await page.goto(`${demo.ready.url}/staff/account`);
  assert.ok((await page.locator(".factors").innerText()).includes("Last used on"));
  await signOut(page);

  // A copy has counted fewer uses than the device, which shows as soon as the device was used.
  await givePassword(page);
  await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: before.credentialId });
  await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...before, signCount: 0 } });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByText("That is not right, or was used already").waitFor();
  assert.match(page.url(), /\/login\/second$/);
  // The device itself goes on working.
  await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: before.credentialId });
  await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...before, signCount: 100 } });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(/\/staff\/inbox/);
  await page.context().close();
});

test("an answer to one challenge is none to another, and counts once", async () => {
  const page = await newPage();
  const { cdp, authenticatorId } = await withAuthenticator(page);
  await givePassword(page);
  await addPasskey(page, "phone");
  await page.locator("#recovery-codes").waitFor();
  await signOut(page);
  await givePassword(page);
  // What the browser sends is held back and used in the next sign-in.
  /** @type {Promise<string>} */
  const answered = new Promise((resolve) => {
    void page.route(/\/login\/second$/, async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      resolve(new URLSearchParams(route.request().postData() ?? "").get("credential") ?? "");
      return route.abort();
    });
  });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  const held = await answered;
  assert.ok(held.includes("clientDataJSON"));
  await page.unroute(/\/login\/second$/);
  await givePassword(page);
  const csrf = (await page.locator("input[name=csrf]").first().inputValue()) ?? "";
  await page.evaluate((csrf) => fetch("/staff/login/second/passkey", { method: "POST", body: new URLSearchParams({ csrf }) }), csrf);
  for (let times = 0; times < 2; times += 1) {
    const status = await page.evaluate(async ([csrf, credential]) => {
      const answer = await fetch("/staff/login/second", { method: "POST", body: new URLSearchParams({ csrf, credential }) });
      return answer.status;
    }, [csrf, held]);
    assert.equal(status, 422);
  }
  await page.reload();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(/\/staff\/inbox/);
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
  await page.context().close();
});

test("a key without PIN is enough, a cancelled one is said to be, another device's opens nothing", async () => {
  const page = await newPage();
  const { cdp, authenticatorId } = await withAuthenticator(page, { transport: "usb", hasUserVerification: false, hasResidentKey: false, isUserVerified: false });
  await givePassword(page);
  await addPasskey(page, "");
  await page.locator("#recovery-codes").waitFor();
  await page.getByRole("link", { name: "I have kept them" }).click();
  assert.match(await page.locator(".factors strong").innerText(), /^Passkey$/);
  await signOut(page);
  await givePassword(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(/\/staff\/inbox/);
  await signOut(page);
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
  await withAuthenticator(page, { transport: "usb", hasUserVerification: false, hasResidentKey: false, isUserVerified: false });
  await givePassword(page);
  // Chromium lets such a device time out, as if its owner had walked away.
  await page.evaluate(() => {
    const asked = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => asked({ ...options, signal: AbortSignal.timeout(500) });
  });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByText("That did not work, or was cancelled").waitFor();
  await axe(page);
  assert.equal(await page.getByRole("button", { name: "Use a passkey" }).isEnabled(), true);
  await page.context().close();
});

test("without JavaScript, an app and a recovery code work, and passkeys are said to need it", async () => {
  const scripted = await newPage();
  await withAuthenticator(scripted);
  await givePassword(scripted);
  const key = await addApp(scripted);
  await addPasskey(scripted, "phone");
  await scripted.waitForURL(/\/staff\/account$/);
  const page = await newPage({ javaScriptEnabled: false });
  await givePassword(page);
  assert.ok((await page.locator("main").innerText()).includes("Passkeys need JavaScript"));
  assert.equal(await page.getByRole("button", { name: "Use a passkey" }).count(), 0);
  await page.locator("#code").fill(code(key, 1));
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL(/\/staff\/inbox/);
  await page.context().close();
  await scripted.context().close();
});

test("every page of the second factor is accessible and fits on a narrow phone", async () => {
  // One session and one waiting sign-in, seen in every language and both schemes.
  const first = await newPage();
  await withAuthenticator(first);
  await givePassword(first);
  await addApp(first);
  await addPasskey(first, "A rather long name for a passkey that lies in the drawer");
  await first.waitForURL(/\/staff\/account$/);
  await first.getByRole("button", { name: "Add an authenticator app" }).click();
  await first.waitForURL(/\/totp$/);
  const session = await first.context().storageState();
  const other = await newPage();
  await givePassword(other);
  const pending = await other.context().storageState();
  await other.context().close();
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const locale of ["en-GB", "de-DE", "fr-FR", "es-ES", "ar"]) {
      const own = await newPage({ colorScheme, locale, storageState: session });
      const looked = async (/** @type {Page} */ page, /** @type {string} */ name) => {
        await page.setViewportSize({ width: 1200, height: 900 });
        assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2), name);
        await axe(page);
        if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}-${locale}-${colorScheme}.png`, fullPage: true });
        await page.setViewportSize({ width: 320, height: 640 });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 320, `${name} in ${locale} is ${width} pixels wide`);
        if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}-${locale}-${colorScheme}-narrow.png`, fullPage: true });
      };
      for (const path of ["account", "account?done=password", "account/totp", "account/passkeys", "account/password"]) {
        await own.goto(`${demo.ready.url}/staff/${path}`);
        await looked(own, path.replaceAll(/\W/g, "-"));
      }
      await own.locator("#old").fill(demo.ready.staff.password);
      for (const name of ["password", "repeated"]) await own.locator(`#${name}`).fill("password1234");
      await own.locator("button.primary").click();
      await own.locator("[role=alert]").waitFor();
      await looked(own, "account-password-wrong");
      await own.goto(`${demo.ready.url}/staff/account/totp`);
      await own.locator("#code").fill("000000");
      await own.locator("button.primary").click();
      await own.locator("[role=alert]").waitFor();
      await looked(own, "account-totp-wrong");
      await own.goto(`${demo.ready.url}/staff/account`);
      await own.locator("form[action$='recovery-codes'] button").click();
      await own.locator("#recovery-codes").waitFor();
      await looked(own, "codes");
      await own.context().close();
      const second = await newPage({ colorScheme, locale, storageState: pending });
      await second.goto(`${demo.ready.url}/staff/login/second`);
      await looked(second, "second");
      await second.locator("summary").click();
      await looked(second, "second-open");
      await second.context().clearCookies();
      await second.reload();
      await looked(second, "second-late");
      await second.context().close();
    }
  }
  await first.context().close();
});
