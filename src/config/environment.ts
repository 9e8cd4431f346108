import { handoverVariable } from './inherited.ts'
import type { Given, Layer } from './layer.ts'
import { suggestion, variableOf, variablePrefix } from './names.ts'
import { SettingsError } from './settings-error.ts'
import { settingNames, table, type SettingName } from './table.ts'
import { valueTypes } from './value-types.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const variables: ReadonlyMap<string, SettingName> = new Map(settingNames.map((name) => [variableOf(name), name]))

/**
 * What the environment gives: `PULSAR_HEADER_TIMEOUT`, and the variables of others that the table names, such as `PORT`.
 * An empty variable counts as absent, except where empty is a value.
 * @throws {SettingsError} for a `PULSAR_` variable that is no setting
 */
export function environmentLayer(env: Environment): Layer {
  for (const [variable, value] of Object.entries(env)) {
    if (variable.startsWith(variablePrefix) && variable !== handoverVariable && !variables.has(variable)
      && !isServiceLink(variable, value)) {
      throw new SettingsError(variable, 'environment', `no such setting${suggestion(variable, [...variables.keys()])}`)
    }
  }
  const layer = new Map<SettingName, Given>()
  for (const [variable, name] of variables) {
    const given = readVariable(variable, name, env) ?? readOtherVariable(name, env)
    if (given !== undefined) layer.set(name, given)
  }
  return layer
}

function readVariable(variable: string, name: SettingName, env: Environment): Given | undefined {
  const text = env[variable]
  if (text === undefined || (text === '' && valueTypes[table[name].type].empty !== true)) return undefined
  const raw = table[name].many ? text.split(',').map((one) => one.trim()) : text
  return { raw, source: `environment ${variable}` }
}

function readOtherVariable(name: SettingName, env: Environment): Given | undefined {
  const other = table[name].otherVariable
  const text = other === undefined ? undefined : env[other.name]
  if (other === undefined || text === undefined || text === '') return undefined
  return { raw: other.prefix + text, source: `environment ${other.name}` }
}

/**
 * In a Kubernetes cluster a service that is called `pulsar` gives every container of its namespace `PULSAR_SERVICE_HOST`,
 * `PULSAR_PORT=tcp://10.0.0.1:8060` and the like: nobody's settings.
 */
function isServiceLink(variable: string, value: string | undefined): boolean {
  return /^PULSAR_(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP|SCTP))(_|$)/.test(variable)
    || (variable === 'PULSAR_PORT' && /^(tcp|udp|sctp):\/\//.test(value ?? ''))
}
