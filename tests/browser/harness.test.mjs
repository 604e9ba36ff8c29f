// The harness itself: an axe that finds nothing, or a demo that never gets ready, must not pass unseen.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { axe, screenshot, startBrowser, startDemo } from "./support.mjs";

/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/** @param {string} body */
async function opened(body) {
  // axe takes pages from a context of their own only.
  const page = await (await browser.newContext()).newPage();
  await page.goto(`data:text/html,${encodeURIComponent(`<!doctype html><html lang="en"><title>A page</title>${body}`)}`);
  return page;
}

test("axe finds a planted defect, and says which and where", async () => {
  const page = await opened('<main><h1>Contact</h1><input id="nameless"></main>');
  await assert.rejects(axe(page), /label: Form elements must have labels[\s\S]*id="nameless"/);
});

test("axe finds nothing on a page without one", async () => {
  await axe(await opened("<main><h1>Contact</h1><label>Name <input></label></main>"));
});

test("a screenshot is a picture of the page", async () => {
  const file = await screenshot(await opened("<main><h1>Contact</h1></main>"), "harness");
  assert.deepEqual([...fs.readFileSync(file).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

for (const { what, script, message } of [
  { what: "ends before it is ready", script: "echo 'the port is taken' >&2; exit 3", message: /ended with 3: the port is taken/ },
  { what: "never gets ready", script: "echo 'ready soon'; exec sleep 600", message: /not ready after 2000 ms; it said: "ready soon"/ },
]) {
  test(`a program that ${what} fails with what it said`, async () => {
    await assert.rejects(startDemo({ program: ["/bin/sh", "-c", script], patience: 2_000 }), message);
  });
}
