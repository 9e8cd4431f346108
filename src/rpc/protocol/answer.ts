/** From what came to what goes back (JSON-RPC 2.0 sections 5 and 6). */
import { readCall, type Call, type Id, type Params } from './call.ts'
import { InternalError, InvalidRequest, type RpcError } from './rpc-error.ts'

export interface Answering {
  /** Calls a method; what it returns may be a promise. */
  invoke(method: string, params: Params | undefined): unknown
  /** What the caller may know of whatever was thrown. */
  errorFor(thrown: unknown): RpcError
  /** The most requests of a batch. */
  readonly batchSize: number
  /** How many requests of a batch may be under way at once. */
  readonly concurrency: number
}

export interface Answer {
  /** JSON; undefined where nothing is answered: to notifications. */
  readonly text: string | undefined
  /** Where one request was answered, and with an error. */
  readonly error?: RpcError
}

const NOTHING: Answer = { text: undefined }

/** Answers a request or a batch, as it was parsed. */
export function answer(value: unknown, answering: Answering): Answer | Promise<Answer> {
  return Array.isArray(value) ? answerBatch(value, answering) : answerOne(value, answering)
}

/** The answer to what could not be read at all. */
export function errorAnswer(error: RpcError, id: Id = null): Answer {
  return { text: `{"jsonrpc":"2.0","error":${JSON.stringify(error)},"id":${JSON.stringify(id)}}`, error }
}

function answerOne(value: unknown, answering: Answering): Answer | Promise<Answer> {
  const call = readCall(value)
  if ('refusal' in call) return errorAnswer(call.refusal, call.id)
  try {
    const result = answering.invoke(call.method, call.params)
    return isThenable(result)
      ? Promise.resolve(result).then((settled) => resultAnswer(call, settled, answering), (thrown: unknown) => failure(call, thrown, answering))
      : resultAnswer(call, result, answering)
  } catch (thrown) {
    return failure(call, thrown, answering)
  }
}

function resultAnswer(call: Call, result: unknown, answering: Answering): Answer {
  if (call.id === undefined) return NOTHING
  try {
    // Section 5: an answer without an error has a result; undefined would leave it out.
    const text = result === undefined ? 'null' : JSON.stringify(result) as string | undefined
    if (text === undefined) throw new TypeError(`JSON cannot say ${typeof result}: the result of ${call.method}`)
    return { text: `{"jsonrpc":"2.0","result":${text},"id":${idText(call.id)}}` }
  } catch (thrown) {
    return failure(call, thrown, answering)
  }
}

function failure(call: Call, thrown: unknown, answering: Answering): Answer {
  const error = answering.errorFor(thrown)
  if (call.id === undefined) return NOTHING
  try {
    return errorAnswer(error, call.id)
  } catch (unsayable) {
    // The error's data is something that JSON cannot say.
    return errorAnswer(answering.errorFor(new InternalError(undefined, { cause: unsayable })), call.id)
  }
}

function idText(id: Id): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id)
}

/** Answers stand in the order of their requests, in whatever order they come; notifications have none. */
async function answerBatch(values: readonly unknown[], answering: Answering): Promise<Answer> {
  const { batchSize, concurrency } = answering
  // Section 6: an empty batch is answered with one error, and so is one that is too long to begin with.
  if (values.length === 0) return errorAnswer(new InvalidRequest('Invalid Request: the batch is empty'))
  if (values.length > batchSize) {
    return errorAnswer(new InvalidRequest(`Invalid Request: the batch has more than ${batchSize} requests`, { status: 413 }))
  }
  const texts: (string | undefined)[] = new Array<string | undefined>(values.length)
  let next = 0
  const work = async (): Promise<void> => {
    while (next < values.length) {
      const index = next++
      const answered = answerOne(values[index], answering)
      texts[index] = (isThenable(answered) ? await answered : answered).text
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, values.length) }, work))
  const answered = texts.filter((text) => text !== undefined)
  return answered.length === 0 ? NOTHING : { text: `[${answered.join()}]` }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
