/**
 * A middleware that checks both sides of the contract between server and application and changes nothing else: PEP 3333's
 * rules as Python's wsgiref.validate knows them, with those of `docs/wsgi-for-typescript.md`. The rules are in `contract/`.
 */
import type { Environ, StartResponse, Write, WSGIApplication, WSGIBody } from './wsgi.ts'
import { CallOrder } from './contract/call-order.ts'
import { checkedBody, isPromiseLike } from './contract/checked-body.ts'
import { CheckedErrors } from './contract/checked-errors.ts'
import { CheckedInput } from './contract/checked-input.ts'
import { shown, source, WSGIContractError } from './contract/contract-error.ts'
import { checkEnviron } from './contract/environ-rules.ts'
import { checkStartResponse } from './contract/response-rules.ts'

export { WSGIContractError } from './contract/contract-error.ts'

/**
 * Puts the validator between a server and an application: for tests, of either. Whoever breaks a rule gets a
 * {@link WSGIContractError} that names the rule and its source, at the point where it was broken. A body that the server
 * forgets to close is reported on `wsgi.errors` when it is garbage collected.
 */
export function validator(application: WSGIApplication): WSGIApplication {
  if (typeof application !== 'function') {
    throw new WSGIContractError('application', `an application must be a function, not ${shown(application)}`, source.details)
  }
  return (environ, startResponse, ...rest: unknown[]) => {
    checkCall(environ, startResponse, rest)
    const order = new CallOrder()
    const { REQUEST_METHOD: method, SCRIPT_NAME: script, PATH_INFO: path } = environ
    const unclosed = { errors: environ['wsgi.errors'], request: `${method} ${script}${path}` }
    environ['wsgi.input'] = new CheckedInput(environ['wsgi.input'])
    environ['wsgi.errors'] = new CheckedErrors(environ['wsgi.errors'])
    const result: WSGIBody | PromiseLike<WSGIBody> = application(environ, checkedStartResponse(order, startResponse))
    if (!isPromiseLike(result)) return checkedBody(order, result, unclosed)
    return Promise.resolve(result).then((body) => checkedBody(order, body, unclosed))
  }
}

function checkCall(environ: Environ, startResponse: StartResponse, rest: readonly unknown[]): void {
  if (rest.length > 0) throw byServer(`an application must be called with two arguments, not ${rest.length + 2}`)
  checkEnviron(environ)
  if (typeof startResponse !== 'function') throw byServer(`startResponse must be a function, not ${shown(startResponse)}`)
}

function checkedStartResponse(order: CallOrder, startResponse: StartResponse): StartResponse {
  return (...args) => {
    checkStartResponse(args)
    order.starting(args[2])
    const write: unknown = startResponse(...args)
    order.took()
    if (typeof write !== 'function') throw byServer(`startResponse must return write, not ${shown(write)}`)
    return checkedWrite(order, write as Write)
  }
}

function checkedWrite(order: CallOrder, write: Write): Write {
  return (data, ...rest: unknown[]) => {
    if (rest.length > 0) throw new WSGIContractError('application', 'write() takes one argument', source.write)
    order.wrote(data)
    const written: unknown = write(data)
    if (data.length > 0) order.sent = true
    if (!isPromiseLike(written)) return checkWritten(written)
    const checked = Promise.resolve(written).then(checkWritten)
    // An application need not wait for a slow client: one that goes away then is nobody's unhandled rejection.
    checked.catch(() => {})
    return checked
  }
}

function checkWritten(written: unknown): number {
  if (typeof written !== 'number') throw byServer(`write() must give the number of bytes, not ${shown(written)}`)
  return written
}

function byServer(rule: string): WSGIContractError {
  return new WSGIContractError('server', rule, source.details)
}
