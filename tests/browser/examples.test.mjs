// The examples of docs/examples, as an owner takes them: put into a page, filled in, sent, taken away.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileScript, parse } from "vue/compiler-sfc";
import { REFERENCE, startBrowser, startDemo } from "./support.mjs";

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

const here = path.dirname(fileURLToPath(import.meta.url));
const example = (/** @type {string} */ name) => path.join(here, "../../docs/examples", name);

/**
 * Compiles single-file components.
 * @type {import("esbuild").Plugin}
 */
const vue = {
  name: "vue",
  setup({ onLoad }) {
    onLoad({ filter: /\.vue$/ }, ({ path: filename }) => {
      const { descriptor, errors } = parse(fs.readFileSync(filename, "utf8"), { filename });
      if (errors.length) return { errors: errors.map(({ message }) => ({ text: message })) };
      const { content } = compileScript(descriptor, { id: filename, inlineTemplate: true });
      return { contents: content, loader: "ts", resolveDir: path.dirname(filename) };
    });
  },
};

/**
 * Bundles an app that mounts a component, for development, where frameworks say what they dislike.
 * @param {string} contents
 */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
    bundle: true, write: false, format: "iife", target: "es2022", jsx: "automatic", plugins: [vue],
    nodePaths: [path.join(here, "node_modules")],
    define: { "process.env.NODE_ENV": '"development"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
  });
  return outputFiles[0].text;
}

/**
 * A page with `body` on the shop's origin, where `/app.js` is `script`.
 * @param {string} body
 * @param {{script?: string, csp?: string}} [options]
 */
async function host(body, { script = "", csp } = {}) {
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || /vue warn|content security/i.test(message.text())) wrong.push(message.text());
  });
  await page.route(`${demo.ready.host_page}/app.js`, (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  await page.route(`${demo.ready.host_page}/page`, (route) => route.fulfill({ contentType: "text/html", body, headers: csp ? { "content-security-policy": csp } : {} }));
  await page.goto(`${demo.ready.host_page}/page`);
  const leave = async () => {
    assert.deepEqual(wrong, []);
    await context.close();
  };
  return { page, frame: page.frameLocator("sealwax-form iframe"), leave };
}

/**
 * Fills in what is still empty, sends it, and gives the reference that the visitor sees.
 * @param {import("playwright-core").FrameLocator} frame
 */
async function send(frame) {
  await frame.locator("#f-name").fill("Ines Hallberg");
  await frame.locator("#f-email").fill("ines.hallberg@lindelof.example");
  await frame.locator("#f-message").fill("From an example");
  await frame.locator("button[type=submit]").click();
  const reference = (await frame.locator(".reference strong").textContent()) ?? "";
  assert.match(reference, REFERENCE);
  return reference;
}

test("the plain page shows the form and says the reference", async () => {
  const html = fs.readFileSync(example("plain.html"), "utf8").replaceAll("https://forms.example", demo.ready.url);
  const { page, frame, leave } = await host(html);
  await frame.locator("#f-topic--2:checked").waitFor({ state: "attached" });
  assert.equal(await frame.locator("input[name='form.touchpoint']").inputValue(), "contact-page");
  const reference = await send(frame);
  await page.getByText(`Your reference is ${reference}.`).waitFor();
  assert.equal(await page.getByRole("link", { name: "Write to us" }).isVisible(), false);
  await leave();
});

const OPTIONS = 'form: "shop/contact", label: "Write to us", fields: { topic: "advice" }';

/** Each entry puts `app` into the page: what the tests do with it is the same. */
const APPS = {
  "React component, in strict mode,": () => `
    import { StrictMode, createElement, createRef } from "react";
    import { createRoot } from "react-dom/client";
    import { SealwaxForm } from ${JSON.stringify(example("SealwaxForm.tsx"))};
    const heard = [], ref = createRef();
    let root;
    window.app = {
      heard,
      mount(more) {
        root = createRoot(document.getElementById("app"));
        const props = { server: "${demo.ready.url}", ${OPTIONS}, ref, onSuccess: (event) => heard.push(event.detail.reference), ...more };
        root.render(createElement(StrictMode, null, createElement(SealwaxForm, props)));
      },
      unmount: () => root.unmount(),
      open: () => ref.current.open(),
      close: () => ref.current.close(),
    };`,
  "Vue component": () => `
    import { createApp, h, ref } from "vue";
    import SealwaxForm from ${JSON.stringify(example("SealwaxForm.vue"))};
    const heard = [], form = ref();
    let root;
    window.app = {
      heard,
      mount(more) {
        const props = { server: "${demo.ready.url}", ${OPTIONS}, ref: form, onSuccess: (event) => heard.push(event.detail.reference), ...more };
        root = createApp({ render: () => h(SealwaxForm, props) });
        root.mount("#app");
      },
      unmount: () => root.unmount(),
      open: () => form.value.open(),
      close: () => form.value.close(),
    };`,
};

for (const [name, entry] of Object.entries(APPS)) {
  test(`the ${name} sends, tells its owner, and leaves nothing behind`, async () => {
    const csp = `default-src 'none'; script-src 'self' ${demo.ready.url}; frame-src ${demo.ready.url}`;
    const body = '<!doctype html><html lang="en"><title>App</title><body><div id="app"></div><script src="/app.js"></script>';
    const { page, frame, leave } = await host(body, { script: await bundle(entry()), csp });
    const app = (/** @type {string} */ call) => page.evaluate(`app.${call}`);
    const left = () => page.evaluate(() => [document.getElementById("app")?.childNodes.length, window.frames.length, document.querySelectorAll("script[src$='/embed.js']").length]);

    await app("mount()");
    await frame.locator("#f-topic--2:checked").waitFor({ state: "attached" });
    const reference = await send(frame);
    await page.waitForFunction("app.heard.length");
    assert.deepEqual(await app("heard"), [reference], "once, and the one that the visitor sees");
    await app("unmount()");
    assert.deepEqual(await left(), [0, 0, 1]);

    await app('mount({ mode: "dialog" })');
    await page.getByRole("button", { name: "Write to us" }).waitFor();
    await app("open()");
    await frame.locator("#f-name").fill("Typed");
    await app("close()");
    await page.locator("sealwax-form dialog").waitFor({ state: "hidden" });
    await app("unmount()");
    assert.deepEqual(await left(), [0, 0, 1]);
    await leave();
  });
}

const php = spawnSync("php", ["--version"]).status === 0;

test("the WordPress plugin is PHP", { skip: php ? false : "php is not on this machine" }, () => {
  const { status, stdout, stderr } = spawnSync("php", ["-l", example("sealwax.php")], { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});
