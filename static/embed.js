// The widget: shows a form of this server in any page, inside a frame of the server's own origin.
// Whole-line comments and indentation are left out when it is served, so no string spans two lines.
// @ts-check
(() => {
  "use strict";
  const NAME = "sealwax-form";
  // Asked for like this, because an image of that name in the page would be `document.currentScript`.
  const current = Reflect.get(Document.prototype, "currentScript", document);
  const own = /** @type {HTMLScriptElement | null} */ (current ?? document.querySelector('script[src$="/embed.js"]'));
  const home = own?.src ? new URL(own.src).origin : location.origin;
  const SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads";
  /** @type {Record<string, string[]>} */
  const WORDS = {
    en: ["Open the form", "The form could not be loaded.", "Try again", "Close"],
    de: ["Formular öffnen", "Das Formular konnte nicht geladen werden.", "Erneut versuchen", "Schließen"],
    fr: ["Ouvrir le formulaire", "Le formulaire n’a pas pu être chargé.", "Réessayer", "Fermer"],
    es: ["Abrir el formulario", "No se pudo cargar el formulario.", "Reintentar", "Cerrar"],
    ar: ["فتح النموذج", "تعذّر تحميل النموذج.", "إعادة المحاولة", "إغلاق"],
  };
  const CSS =
    ":host{all:initial!important;display:block!important}:host([hidden]),[hidden]{display:none!important}" +
    "iframe{display:block;width:100%;height:0;border:0;color-scheme:normal}iframe.on{height:10rem}i{display:block;position:relative;width:0;height:9rem;margin-bottom:-9rem}" +
    "p,a,button{font:1rem/1.5 system-ui,sans-serif;color:CanvasText}a{color:LinkText}p{margin:0 0 .5rem}.no{padding:1rem;border:2px solid;border-color:CanvasText;border-radius:8px;background:Canvas}" +
    "button{min-height:2.75rem;padding:.5rem 1rem;border:2px solid;border-radius:8px;background:Canvas;cursor:pointer}.no a{margin-inline-start:1rem}" +
    ":focus-visible{outline:3px solid Highlight;outline-offset:2px}" +
    "dialog{width:min(44rem,100%);max-width:none;max-height:100%;box-sizing:border-box;padding:.5rem;border:0;border-radius:12px;overflow:auto;overscroll-behavior:contain;scroll-padding-top:3rem;background:Canvas}" +
    "dialog::backdrop{background:#0009}dialog>button{position:sticky;top:0;display:block;margin-inline-start:auto}" +
    "dialog.slide{margin:0 0 0 auto;height:100%;width:min(32rem,100%);border-radius:0}" +
    "@media(prefers-reduced-motion:no-preference){dialog.slide[open]{animation:in .2s}@keyframes in{from{transform:translateX(100%)}}}";
  /** @type {CSSStyleSheet | undefined} */
  let sheet;

  /**
   * An element with properties and children.
   * @param {string} name
   * @param {Record<string, any>} [set]
   * @param {...Node} inner
   */
  const make = (name, set, ...inner) => {
    const node = /** @type {any} */ (Object.assign(document.createElement(name), set));
    node.append(...inner);
    return node;
  };

  class SealwaxForm extends HTMLElement {
    static observedAttributes = ["form", "lang", "theme", "mode", "data-form", "data-lang", "data-theme", "data-mode"];
    /** @type {HTMLIFrameElement | undefined} */
    #frame;
    /** @type {MessagePort | undefined} */
    #port;
    /** @type {HTMLDialogElement | undefined} */
    #dialog;
    /** @type {HTMLElement | undefined} */
    #trouble;
    /** @type {HTMLSlotElement | undefined} */
    #slot;
    #timer = 0;
    #live = false;
    #in = false;

    connectedCallback() {
      this.#in = true;
      this.#start();
    }
    disconnectedCallback() {
      this.#in = false;
      this.#stop();
    }
    // A move by moveBefore() keeps the frame as it is.
    connectedMoveCallback() {}
    /** @param {string} _ @param {string | null} before @param {string | null} after */
    attributeChangedCallback(_, before, after) {
      if (this.#in && before !== after) {
        this.#stop();
        this.#start();
      }
    }

    /** @param {string} name */
    #get(name) {
      return this.getAttribute(name) ?? this.getAttribute("data-" + name) ?? "";
    }

    #start() {
      const form = this.#get("form");
      if (this.#live || !/^[\w-]+\/[\w-]+$/.test(form)) return;
      this.#live = true;
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(CSS);
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];

      const lang = this.#get("lang");
      const spoken = (lang || document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
      const words = WORDS[spoken] ?? WORDS.en;
      const dir = spoken === "ar" ? "rtl" : "ltr";
      const theme = this.#get("theme");
      const asked = new URLSearchParams({ embed: "1" });
      for (const [name, value] of [["lang", lang], ["theme", theme], ["touchpoint", this.#get("touchpoint")]]) {
        if (value) asked.set(name, value);
      }
      const given = new URLSearchParams();
      for (const { name, value } of this.attributes) if (name.startsWith("data-field-")) given.set(name.slice(11), value);
      const page = `${home}/f/${form}`;
      const label = this.#get("label") || words[0];

      const frame = (this.#frame = make("iframe", { title: label, referrerPolicy: "no-referrer", allow: "" }));
      frame.setAttribute("sandbox", SANDBOX);
      const load = () => {
        this.#wait(10000);
        frame.onload = () => this.#greet();
        frame.src = `${page}?${asked}${given.size ? "#" + given : ""}`;
      };
      const again = make("button", { type: "button", textContent: words[2] });
      again.onclick = load;
      const link = make("a", { href: page + (lang ? "?lang=" + lang : ""), target: "_blank", rel: "noopener", textContent: words[0] });
      this.#trouble = make("div", { className: "no", hidden: true, dir }, make("p", { textContent: words[1], role: "alert" }), again, link);
      this.#slot = make("slot");
      const scheme = /^(light|dark)$/.test(theme) ? theme : "light dark";

      const mode = this.#get("mode");
      if (mode === "dialog" || mode === "slide") {
        const shut = make("button", { type: "button", textContent: words[3] });
        const opener = make("button", { type: "button", textContent: label, dir });
        opener.setAttribute("part", "button");
        opener.setAttribute("aria-haspopup", "dialog");
        const dialog = (this.#dialog = make("dialog", { className: mode, ariaLabel: label, dir }, shut, /** @type {Node} */ (this.#trouble), frame));
        shut.onclick = () => dialog.close();
        opener.onclick = () => this.open();
        dialog.onclose = () => this.#tell("close");
        // What stood there as a fallback gives way to the button.
        dialog.style.colorScheme = scheme;
        root.replaceChildren(opener, dialog);
        this.#slot = undefined;
        this.#load = load;
      } else {
        this.#trouble?.style.setProperty("color-scheme", scheme);
        load();
        root.replaceChildren(this.#slot ?? "", this.#trouble ?? "", frame);
      }
    }

    /** @type {(() => void) | undefined} */
    #load;

    #stop() {
      this.#live = false;
      clearTimeout(this.#timer);
      this.#port?.close();
      this.shadowRoot?.replaceChildren(document.createElement("slot"));
      this.#frame = this.#port = this.#dialog = this.#trouble = this.#slot = this.#load = undefined;
    }

    /** Opens the dialog or the panel. */
    open() {
      this.#load?.();
      this.#load = undefined;
      if (!this.#dialog || this.#dialog.open) return;
      this.#dialog.showModal();
      this.#tell("open");
    }

    /** Closes it; what was typed stays. */
    close() {
      this.#dialog?.close();
    }

    /** @param {number} time milliseconds until the fallback comes back */
    #wait(time) {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => {
        this.#show(false);
        this.#tell("error", { code: "unreachable" });
      }, time);
    }

    /** @param {boolean} on whether the frame is to be seen */
    #show(on) {
      if (!this.#frame || !this.#trouble) return;
      this.#frame.className = on ? "on" : "";
      if (!on) this.#frame.style.height = "";
      this.#trouble.hidden = on;
      if (this.#slot) this.#slot.hidden = on;
    }

    // Whatever document is in the frame now gets one end of a channel, if it is ours.
    #greet() {
      const { port1, port2 } = new MessageChannel();
      this.#port?.close();
      this.#port = port1;
      port1.onmessage = ({ data }) => this.#hear(data);
      this.#wait(3000);
      this.#frame?.contentWindow?.postMessage({ sealwax: 1 }, home, [port2]);
    }

    /** @param {any} said */
    #hear(said) {
      const frame = this.#frame;
      if (!frame || !said) return;
      const { type, height, top, detail } = said;
      if (type === "ready") {
        clearTimeout(this.#timer);
        frame.title = String(said.title);
        this.#show(true);
        // Only what the form declares leaves the page's own address.
        const all = new URLSearchParams(location.search);
        const hidden = Object.fromEntries([].concat(said.hidden).map((name) => [name, all.get(name)]));
        this.#port?.postMessage({ hidden });
      }
      if (height >= 0) frame.style.height = Math.min(Math.max(height, 80), 20000) + "px";
      if (top >= 0) this.#reveal(top);
      if (type === "escape") this.close();
      if (type === "redirect" && /^https?:/.test(said.url) && this.#tell("redirect", { url: said.url })) location.assign(said.url);
      if (/^(ready|resize|page|submit|success|error)$/.test(type)) this.#tell(type, detail);
    }

    /** @param {number} top CSS pixels from the frame's upper edge */
    #reveal(top) {
      // A mark that takes no room lets whatever scrolls around it move, as far as is needed.
      const mark = make("i");
      mark.style.top = top + "px";
      mark.style.scrollMarginTop = Number(this.#get("scroll-offset") || 16) + "px";
      this.#frame?.before(mark);
      mark.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion:reduce)").matches ? "instant" : "smooth" });
      mark.remove();
    }

    /** @param {string} type @param {object} [detail] */
    #tell(type, detail) {
      return this.dispatchEvent(new CustomEvent(type, { detail: { form: this.#get("form"), ...detail }, cancelable: type === "redirect" }));
    }
  }

  if (!customElements.get(NAME)) {
    customElements.define(NAME, SealwaxForm);
    /** @type {any} */ (window).Sealwax = {
      /** @param {Element} target @param {Record<string, any>} options */
      mount(target, { fields = {}, ...options }) {
        const element = document.createElement(NAME);
        for (const [name, value] of Object.entries(fields)) options["data-field-" + name] = value;
        for (const [name, value] of Object.entries(options)) if (value != null) element.setAttribute(name, value);
        target.append(element);
        return element;
      },
      /** @param {Element} element */
      unmount(element) {
        element.remove();
      },
    };
  }

  // The script tag itself says which form goes where it stands.
  if (own?.dataset.form && own.isConnected) {
    const element = document.createElement(NAME);
    for (const { name, value } of own.attributes) if (name.startsWith("data-")) element.setAttribute(name, value);
    const before = own.previousElementSibling;
    // A link that stands before the tag for those without scripts becomes the fallback.
    if (before instanceof HTMLAnchorElement && before.href.startsWith(`${home}/f/${own.dataset.form}`)) element.append(before);
    own.after(element);
  }
})();
