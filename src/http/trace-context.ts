/** W3C Trace Context: who asks for what a request is part of. It is handed on as it came: whoever makes spans is the application. */
import { fieldValue, type RequestHead } from './request-head.ts'

/** Version, trace, parent, flags; a later version may have more behind them (Trace Context section 3.2). */
const FORM = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/

/** The id of the trace that a request belongs to; undefined where its `traceparent` is missing or malformed. */
export function traceOf({ fields }: RequestHead): string | undefined {
  const value = fieldValue(fields, 'traceparent')
  if (value === undefined) return undefined
  const [, trace = '', parent = '', rest] = FORM.exec(value) ?? []
  const wrong = trace === '' || /^0+$/.test(trace) || /^0+$/.test(parent) || (value.startsWith('00') && rest !== undefined)
  return wrong ? undefined : trace
}
