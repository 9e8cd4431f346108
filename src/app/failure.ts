/** What a failed start is to the user: an exit status and a text. */
import { SettingsError } from '../config/settings-error.ts'
import { ServiceFailure } from '../gateway/service.ts'
import { StartFailure } from '../process/start-failure.ts'
import { InterpreterError } from '../python/interpreter.ts'
import { CertificateError } from '../server/credentials.ts'
import { TargetError } from './load-target.ts'

/** 2: a setting, 3: the application, 1: all else. */
export function exitStatus(error: unknown): number {
  if (error instanceof StartFailure) return error.status
  if (error instanceof SettingsError || error instanceof CertificateError || error instanceof InterpreterError) return 2
  return error instanceof TargetError || error instanceof ServiceFailure ? 3 : 1
}

/** One line for what the user can mend; the application's own error with its stack. */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ServiceFailure && error.detail !== '') return `${error.message}\n${error.detail.trimEnd()}`
  const ofUser = error instanceof TargetError || (error instanceof SettingsError && !(error.cause instanceof SyntaxError))
  const origin = ofUser && error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
  return `${error.message}${origin}`
}

export function failureText(error: unknown): string {
  return `pulsar: ${failureReason(error)}\n`
}
