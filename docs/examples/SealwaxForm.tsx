"use client";
// A Sealwax form as a React component, for React 18 and 19.
//
// 1. Put this file into your project, and beside it the types of your server:
//      curl https://forms.example/embed.d.ts -o embed.d.ts
// 2. Set SERVER, or give each form its `server`.
// 3. Use it:
//      <SealwaxForm form="shop/contact" label="Write to us" fields={{ topic: "advice" }}
//        onSuccess={(event) => setReference(event.detail.reference)} />
//    With mode="dialog" or "slide" a ref has open() and close(). `label`, `touchpoint` and `fields` count when the form
//    is loaded; another `key` loads it anew.
import { forwardRef, useEffect, useImperativeHandle, useRef } from "react";
import type { SealwaxEvents, SealwaxFormElement, SealwaxOptions } from "./embed";

const SERVER = "https://forms.example";
const EVENTS = ["ready", "resize", "page", "submit", "success", "error", "redirect", "open", "close"] as const;

type Handlers = { [K in keyof SealwaxEvents as `on${Capitalize<K>}`]?: (event: SealwaxEvents[K]) => void };
export type SealwaxFormProps = SealwaxOptions & Handlers & { server?: string };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "sealwax-form": DetailedHTMLProps<HTMLAttributes<SealwaxFormElement>, SealwaxFormElement>;
    }
  }
}

export const SealwaxForm = forwardRef<SealwaxFormElement, SealwaxFormProps>(function SealwaxForm(props, ref) {
  const { server = SERVER, form, lang, theme, mode, label, touchpoint, fields = {} } = props;
  const element = useRef<SealwaxFormElement>(null);
  const latest = useRef<SealwaxFormProps>(props);
  useImperativeHandle(ref, () => element.current as SealwaxFormElement);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const node = element.current;
    const hear = (event: Event) => {
      const name = `on${event.type.charAt(0).toUpperCase()}${event.type.slice(1)}` as keyof Handlers;
      (latest.current[name] as ((event: Event) => void) | undefined)?.(event);
    };
    for (const type of EVENTS) node?.addEventListener(type, hear);
    return () => {
      for (const type of EVENTS) node?.removeEventListener(type, hear);
    };
  }, []);

  // One script serves every form of the page, and stays: a custom element can't be taken back.
  useEffect(() => {
    const src = `${server}/embed.js`;
    if (document.querySelector(`script[src="${src}"]`)) return;
    document.head.append(Object.assign(document.createElement("script"), { src, async: true }));
  }, [server]);

  // Names with `data-` mean the same and are attributes in every version of React.
  const options = { form, lang, theme, mode, label, touchpoint, "scroll-offset": props["scroll-offset"] };
  const attributes = Object.fromEntries([
    ...Object.entries(options).map(([name, value]) => [`data-${name}`, value]),
    ...Object.entries(fields).map(([name, value]) => [`data-field-${name}`, value]),
  ]);
  return (
    <sealwax-form {...attributes} ref={element}>
      <a href={`${server}/f/${form}`}>{label ?? "Open the form"}</a>
    </sealwax-form>
  );
});
