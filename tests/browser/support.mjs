// The harness: a filled demo, Chromium, axe.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

/** @typedef {{url: string, staff_url: string, host_page: string, forms: {path: string, url: string}[], staff: {username: string, password: string}}} Ready */

const ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  // Pages that a test makes up come from no address, which the browser would take for a public one.
  "--disable-features=LocalNetworkAccessChecks",
];

/**
 * Starts the demo in an empty directory and waits for its ready line.
 * @param {{program?: string[], patience?: number, settings?: string}} [options] another program, how many milliseconds it
 *   may take, and settings in TOML
 * @returns {Promise<{ready: Ready, stop: () => Promise<void>, dir: string}>}
 */
export async function startDemo({ program = [process.env.SEALWAX_BIN ?? ""], patience = 60_000, settings = "" } = {}) {
  assert.ok(program[0], "SEALWAX_BIN is not set; run the tests with `make test`");
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), "sealwax-browser-"));
  const dir = path.join(parent, "demo");
  const file = path.join(parent, "settings.toml");
  if (settings) fs.writeFileSync(file, settings);
  const child = spawn(program[0], [...program.slice(1), "demo", ...(settings ? ["--config", file] : []), "--dir", dir, "--listen", "127.0.0.1:0", "--host-listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
    // A test types faster than anybody can, which is suspect.
    env: { SEALWAX__LIMITS__QUICKEST_SECONDS: "0", ...process.env },
  });
  const ended = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  const stop = async () => {
    // A program that does not stop when asked must not keep the whole run waiting.
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(timer);
    fs.rmSync(parent, { recursive: true, force: true });
  };

  let said = "";
  let out = "";
  child.stderr.on("data", (data) => (said = (said + data).slice(-4000)));
  try {
    /** @type {Ready} */
    const ready = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready after ${patience} ms; it said: ${JSON.stringify(out.trim())} ${said}`)), patience);
      const settle = (/** @type {() => void} */ then) => {
        clearTimeout(timer);
        then();
      };
      child.once("error", (error) => settle(() => reject(error)));
      child.once("close", (code, signal) => settle(() => reject(new Error(`the demo ended with ${code ?? signal}: ${said}`))));
      child.stdout.on("data", (data) => {
        out += data;
        const line = out.match(/^ready (\{.*\})$/m);
        // Only a line that has come in whole.
        if (line && out.indexOf("\n", line.index) >= 0) settle(() => resolve(JSON.parse(line[1])));
      });
    });
    return { ready, stop, dir };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {string} words the same in each of the shop's languages, in TOML */
export const text = (words) => `{ en = "${words}", de = "${words}", fr = "${words}" }`;

/**
 * Publishes a form of the shop while the demo runs, and gives its address.
 * @param {{ready: Ready, dir: string}} demo
 * @param {string} slug
 * @param {{name: string, type: string, label: string, more?: string}[]} fields `more` is TOML
 * @param {string} [more] keys of the form itself, in TOML
 */
export function publishForm(demo, slug, fields, more = "consents = []") {
  const file = path.join(path.dirname(demo.dir), `${slug}.toml`);
  const asks = (/** @type {string} */ type) => !["page", "section", "statement"].includes(type);
  const all = fields.map((field) => `
[[forms.fields]]
name = "${field.name}"
type = "${field.type}"
label = ${text(field.label)}
${asks(field.type) ? `purpose = "enquiry"\ncategory = "${field.type === "file" ? "personal" : "none"}"` : ""}
${field.more ?? ""}`);
  fs.writeFileSync(file, `[[forms]]\nsite = "shop"\nslug = "${slug}"\npolicy = "privacy"\ntitle = ${text(slug)}\n${more}\n${all.join("")}\n`);
  const applied = spawnSync(process.env.SEALWAX_BIN ?? "", ["apply", file, "--dir", demo.dir], { encoding: "utf8" });
  assert.equal(applied.status, 0, applied.stderr + applied.stdout);
  return `${demo.ready.url}/f/shop/${slug}`;
}

export function startBrowser() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ARGS });
}

/**
 * Fails with every violation of WCAG 2.2 AA that axe finds.
 * @param {import("playwright-core").Page} page
 */
export async function axe(page) {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.map((node) => `${node.html}\n    ${node.failureSummary}`).join("\n  ")}`);
  assert.equal(found.length, 0, `${page.url()}\n${found.join("\n")}`);
}

/**
 * Keeps a picture of the page in `test-results/`, and gives its file name.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function screenshot(page, name) {
  const file = fileURLToPath(new URL(`../../test-results/${name}.png`, import.meta.url));
  await page.screenshot({ path: file, fullPage: true });
  return file;
}

/**
 * Fills in every empty required control, whatever the form asks.
 * @param {import("playwright-core").Page} page
 */
export async function fillRequired(page) {
  for (const input of await page.locator("form [required]:not([type=radio]):not([type=checkbox])").all()) {
    const kind = (await input.getAttribute("type")) ?? "textarea";
    await input.fill(kind === "email" ? "ines.hallberg@lindelof.example" : "Ines Hallberg");
  }
  for (const group of await page.locator("form fieldset:not(:has(legend .quiet))").all()) {
    await group.locator("input").first().check({ force: true });
  }
}

export const REFERENCE = /[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}/;
