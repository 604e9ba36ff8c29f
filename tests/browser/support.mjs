// The harness: a filled demo, Chromium, axe.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

/** @typedef {{url: string, staff_url: string, host_page: string, forms: {path: string, url: string}[], staff: {username: string, password: string}}} Ready */

const ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/**
 * Starts the demo in an empty directory and waits for its ready line.
 * @returns {Promise<{ready: Ready, stop: () => Promise<void>}>}
 */
export async function startDemo() {
  const program = process.env.SEALWAX_BIN;
  assert.ok(program, "SEALWAX_BIN is not set; run the tests with `make test`");
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "sealwax-browser-"));
  const child = spawn(program, ["demo", "--dir", path.join(dir, "demo"), "--listen", "127.0.0.1:0", "--host-listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => (said = (said + data).slice(-4000)));
  /** @type {Ready} */
  const ready = await new Promise((resolve, reject) => {
    let out = "";
    const timer = setTimeout(() => reject(new Error(`not ready within a minute: ${said}`)), 60_000);
    child.once("exit", (code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
    child.stdout.on("data", (data) => {
      out += data;
      const line = out.split("\n").find((one) => one.startsWith("ready "));
      if (line && out.includes("\n")) {
        clearTimeout(timer);
        resolve(JSON.parse(line.slice(6)));
      }
    });
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    fs.rmSync(dir, { recursive: true, force: true });
  };
  return { ready, stop };
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
