/** The server's half of the contract: the rules of `environ`, checked when the application is called. */
import { TOKEN } from '../../http/grammar.ts'
import { isNative, shown, source, WSGIContractError, type RuleSource } from './contract-error.ts'

type Variables = Readonly<Record<string, unknown>>

const always = [
  'REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL',
  'wsgi.version', 'wsgi.url_scheme', 'wsgi.input', 'wsgi.errors', 'wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once',
] as const

/** `CONTENT_TYPE` and `CONTENT_LENGTH` have no prefix; `Proxy` would pose as the variable HTTP_PROXY of CGI programs. */
const never = ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH', 'HTTP_PROXY'] as const

// RFC 9110 section 5.6.2, without the hyphen and the lower case letters that the mapping to a variable takes away.
const fieldVariable = /^HTTP_[A-Z0-9!#$%&'*+.^_`|~]+$/
const cgiVariable = /^[A-Z][A-Z0-9_]*$/
const extensionVariable = /^[A-Za-z][\w-]*(?:\.[\w-]+)+$/
const lineEnd = /[\r\n\0]/

function fail(rule: string, from: RuleSource = source.environ): never {
  throw new WSGIContractError('server', rule, from)
}

/** @throws {WSGIContractError} for the first rule that the environ breaks */
export function checkEnviron(environ: unknown): asserts environ is Variables {
  if (!isPlainObject(environ)) fail(`environ must be a plain object, not ${shown(environ)}`, source.details)
  for (const name of always) if (!Object.hasOwn(environ, name)) fail(`environ must have ${name}`)
  for (const name of never) if (Object.hasOwn(environ, name)) fail(`environ must not have ${name}`)
  for (const name of Object.keys(environ)) checkVariable(name, environ[name])
  checkRequest(environ)
  checkPath(environ)
  checkServer(environ)
  checkStreams(environ)
}

function isPlainObject(value: unknown): value is Variables {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function checkVariable(name: string, value: unknown): void {
  if (value === undefined) fail(`environ must leave ${name} out rather than give it as undefined`, source.mapping)
  const isField = fieldVariable.test(name)
  if (!isField && extensionVariable.test(name)) return
  if (!isField && !cgiVariable.test(name)) {
    fail(`environ must not have ${shown(name)}: neither a CGI variable, nor HTTP_*, nor a name with a dot`)
  }
  if (typeof value !== 'string') fail(`${name} must be a string, not ${shown(value)}`)
  if (!isNative(value)) fail(`${name} must have no character over U+00FF, as there is in ${shown(value)}`, source.unicode)
  if (isField && lineEnd.test(value)) fail(`${name} must be one line, not ${shown(value)}`, 'RFC 9110 section 5.5')
}

function checkRequest(environ: Variables): void {
  const { REQUEST_METHOD: method, SERVER_PROTOCOL: protocol, CONTENT_LENGTH: length } = environ
  if (!TOKEN.test(String(method))) fail(`REQUEST_METHOD must be a token, not ${shown(method)}`)
  if (!/^HTTP\/\d(?:\.\d)?$/.test(String(protocol))) fail(`SERVER_PROTOCOL must be such as HTTP/1.1, not ${shown(protocol)}`)
  if (length !== undefined && !/^\d*$/.test(String(length))) fail(`CONTENT_LENGTH must be a number, not ${shown(length)}`)
}

function checkPath(environ: Variables): void {
  const { SCRIPT_NAME: script, PATH_INFO: path, REQUEST_METHOD: method } = environ
  if (script === '/') fail('SCRIPT_NAME must not be "/": the root is an empty SCRIPT_NAME with a PATH_INFO of "/"')
  if (script !== '' && !String(script).startsWith('/')) fail(`SCRIPT_NAME must begin with "/" or be empty, not ${shown(script)}`)
  // The asterisk form names the server itself and has no path (RFC 9112 section 3.2.4).
  if (path === '*' && method === 'OPTIONS') return
  if (path !== '' && !String(path).startsWith('/')) fail(`PATH_INFO must be empty or begin with "/", not ${shown(path)}`)
}

function checkServer(environ: Variables): void {
  const { SERVER_NAME: name, SERVER_PORT: port, HTTPS: https } = environ
  if (name === '') fail('SERVER_NAME must not be empty')
  if (!/^\d+$/.test(String(port))) fail(`SERVER_PORT must be a decimal number, not ${shown(port)}`)
  const version = environ['wsgi.version']
  if (!Array.isArray(version) || version.length !== 2 || version[0] !== 1 || version[1] !== 0) {
    fail(`wsgi.version must be [1, 0], not ${shown(version)}`)
  }
  const scheme = environ['wsgi.url_scheme']
  if (scheme !== 'http' && scheme !== 'https') fail(`wsgi.url_scheme must be http or https, not ${shown(scheme)}`)
  if (https !== undefined && (https !== 'on' || scheme !== 'https')) {
    fail('HTTPS must be "on", and only where wsgi.url_scheme is https')
  }
  for (const flag of ['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once']) {
    if (typeof environ[flag] !== 'boolean') fail(`${flag} must be a boolean, not ${shown(environ[flag])}`)
  }
}

function checkStreams(environ: Variables): void {
  checkMethods(environ, 'wsgi.input', ['read', 'readline', 'readlines', Symbol.asyncIterator])
  checkMethods(environ, 'wsgi.errors', ['write', 'writelines', 'flush'])
  for (const name of ['wsgi.file_wrapper', 'pulsar.client_disconnected']) {
    const value = environ[name]
    if (value !== undefined && typeof value !== 'function') {
      fail(`${name} must be a function, not ${shown(value)}`, source.mapping)
    }
  }
  if (environ['pulsar.connection'] !== undefined) {
    checkMethods(environ, 'pulsar.connection', ['informational', 'upgrade', 'onClose'], source.mapping)
  }
}

type Names = readonly (string | symbol)[]

function checkMethods(environ: Variables, name: string, methods: Names, from: RuleSource = source.streams): void {
  const value = environ[name]
  if (typeof value !== 'object' || value === null) fail(`${name} must be an object, not ${shown(value)}`, from)
  for (const method of methods) {
    if (typeof Reflect.get(value, method) !== 'function') fail(`${name} must have the method ${String(method)}`, from)
  }
}
