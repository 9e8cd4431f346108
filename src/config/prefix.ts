const FORM = /^(\/(?!\.{1,2}(\/|$))[!"$&-.0->@-~]+)*$/

/** Empty, or a path such as `/app` or `/a/b`: no slash at the end, no empty or dot segment, no escapes. */
export function isPrefix(text: string): boolean {
  return FORM.test(text)
}
