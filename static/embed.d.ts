// Types of the Sealwax widget: <script src="https://forms.example/embed.js" async></script>

/** How a form stands on the page. */
export type SealwaxMode = "inline" | "dialog" | "slide";

/** The same names as the attributes of `<sealwax-form>`. */
export interface SealwaxOptions {
  /** Site and form, such as `shop/contact`. */
  form: string;
  /** Language of the form; the visitor's where absent. */
  lang?: string;
  /** `auto` follows the visitor's system. */
  theme?: "auto" | "light" | "dark" | "contrast";
  /** Inline where absent. */
  mode?: SealwaxMode;
  /** Words on the button of a dialog or slide-in, and the frame's title until it has loaded. */
  label?: string;
  /** Where in the customer's journey the form stands, such as `checkout`. */
  touchpoint?: string;
  /** Pixels to leave free above what scrolls into view, for pages with a sticky header. */
  "scroll-offset"?: number;
  /** Answers to begin with, by field name. Consents can't be given this way. */
  fields?: Record<string, string | number>;
}

/** What every event carries. Never an answer. */
export interface SealwaxDetail {
  /** Site and form. */
  form: string;
}

export interface SealwaxEvents {
  /** The form is there. */
  ready: CustomEvent<SealwaxDetail>;
  /** Its height has changed. */
  resize: CustomEvent<SealwaxDetail & { height: number }>;
  /** The visitor has turned a page. */
  page: CustomEvent<SealwaxDetail & { page: number; pages: number }>;
  /** The visitor has pressed the button, and the answers are on their way. */
  submit: CustomEvent<SealwaxDetail>;
  /** The answers are stored. */
  success: CustomEvent<SealwaxDetail & { reference: string }>;
  /**
   * `unreachable`: the form did not load. `unavailable`: a page came that says why there is no form, such as when it
   * is closed. `invalid`: `count` answers do not fit. `unsent`: try again later.
   */
  error: CustomEvent<SealwaxDetail & { code: "unreachable" | "unavailable" | "invalid" | "unsent"; count?: number }>;
  /** The form leads on to `url`; `preventDefault()` keeps the visitor here. */
  redirect: CustomEvent<SealwaxDetail & { url: string }>;
  /** A dialog or slide-in has opened. */
  open: CustomEvent<SealwaxDetail>;
  /** It has closed; what was typed stays. */
  close: CustomEvent<SealwaxDetail>;
}

export interface SealwaxFormElement extends HTMLElement {
  /** Opens a dialog or slide-in. */
  open(): void;
  /** Closes it. */
  close(): void;
  addEventListener<K extends keyof SealwaxEvents>(type: K, listener: (event: SealwaxEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface Window {
    Sealwax: {
      /** Puts a form into `target`, behind what is there. */
      mount(target: Element, options: SealwaxOptions): SealwaxFormElement;
      /** Takes it out again; nothing stays behind. */
      unmount(element: Element): void;
    };
  }
  interface HTMLElementTagNameMap {
    "sealwax-form": SealwaxFormElement;
  }
}
