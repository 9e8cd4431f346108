/** A TARGET that is a Python application. */
const FORM = /^(?!.+?\.(?:[cm]?[jt]s|tsx|jsx)(?::|$))(?:[^:]+\.py(?::.+)?|[\p{ID_Start}_][\p{ID_Continue}]*(?:\.[\p{ID_Start}_][\p{ID_Continue}]*)*:.+)$/su

/** `package.module:callable`, `path/to/app.py[:callable]`. */
export function isPythonTarget(target: string): boolean {
  return FORM.test(target)
}
