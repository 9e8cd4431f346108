/** What becomes of gunicorn's settings and options. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readCommandLine } from '../../src/config/command-line.ts'
import { configText, type GunicornEntry } from '../../src/config/gunicorn/config-text.ts'
import { gunicornHooks } from '../../src/config/gunicorn/hooks.ts'
import { gunicornTable } from '../../src/config/gunicorn/settings-table.ts'
import { gunicornSettings } from '../../src/config/gunicorn/settings.ts'
import { addressesHere } from '../../src/config/gunicorn/values.ts'
import { hookNames } from '../../src/config/hooks.ts'
import { flagOf } from '../../src/config/names.ts'
import { questions } from '../../src/config/questions.ts'
import { settingNames, table } from '../../src/config/table.ts'
import { pythonEnvironment, withoutPython } from '../support/python-environment.ts'

const everything = { ...gunicornSettings, ...gunicornHooks }
const ours: ReadonlySet<string> = new Set([
  ...settingNames.flatMap((name) => [flagOf(name), `-${table[name].short}`]), ...questions.map(({ name }) => flagOf(name)),
])

test('the page has the table as it is', () => {
  assert.ok(readFileSync('docs/migrating.md', 'utf8').includes(`\n${gunicornTable()}\n<!-- End of what is generated. -->`))
})

test('every setting and option of the gunicorn that is installed is known', { skip: withoutPython() }, () => {
  const program = `
import json
from gunicorn.config import KNOWN_SETTINGS
print(json.dumps({setting.name: setting.cli or [] for setting in KNOWN_SETTINGS}))`
  const { stdout, stderr } = spawnSync(pythonEnvironment().python, ['-c', program], { encoding: 'utf8' })
  const known = JSON.parse(stdout === '' ? stderr : stdout) as Record<string, string[]>
  assert.ok(Object.keys(known).length > 50)
  const missing = Object.entries(known).filter(([name, flags]) => !(name in everything)
    || flags.some((flag) => !everything[name]?.flags?.includes(flag)))
    // Those of an older gunicorn, which Debian has, are none of gunicorn 27's.
    .filter(([name]) => !['strip_header_spaces', 'tmp_upload_dir', 'worker_tmp_dir'].includes(name))
  assert.deepEqual(missing, [])
})

test('every setting has something to say, and options and hooks that it names are there', () => {
  const known = new Set([...ours, '--tls-cipher-list'])
  for (const [name, { to, instead }] of Object.entries(everything)) {
    assert.equal(to === undefined, instead !== undefined, name)
    for (const [flag] of instead?.matchAll(/--[a-z][a-z0-9-]+/g) ?? []) assert.ok(known.has(flag), `${name}: ${flag}`)
    const hook = /the hook (\w+)/.exec(instead ?? '')?.[1]
    if (hook !== undefined) assert.ok((hookNames as readonly string[]).includes(hook), `${name}: ${hook}`)
  }
})

test("every option of gunicorn's is one here, or is answered with what to give instead", () => {
  for (const { flags = [] } of Object.values(gunicornSettings)) {
    for (const flag of flags) {
      if (ours.has(flag) || flag === '--no-sendfile') continue
      assert.throws(() => readCommandLine([flag, 'x', 'app:app'], 'command'), ({ message }: Error) => message.startsWith(`${flag} (command line): is gunicorn's; `)
        && /; (?:here: .{5}|of its)/.test(message), flag)
    }
  }
  assert.throws(() => readCommandLine(['--no-sendfile', 'app:app'], 'command'), /is gunicorn's; here: not needed/)
})

test('of worker classes each is answered by itself', () => {
  const answer = (...argv: string[]): string => {
    try {
      readCommandLine(argv, 'command')
    } catch (error) {
      return (error as Error).message
    }
    return assert.fail('it was taken')
  }
  assert.match(answer('-k', 'gthread', 'app:app'), /of its gthread worker: threads are --threads N$/)
  assert.match(answer('--worker-class=sync'), /leave the option out$/)
  assert.match(answer('-k', 'gunicorn.workers.ggevent.GeventWorker'), /no greenlets: --threads N/)
  assert.match(answer('-k', 'uvicorn.workers.UvicornWorker'), /there is no ASGI$/)
  for (const argv of [['-k'], ['-k', '--threads', '2'], ['-k', 'my.Own']]) assert.match(answer(...argv), /here: there are none to choose/)
})

test('addresses in all of its spellings', () => {
  assert.deepEqual(addressesHere(['example.com', '10.0.0.1:80', ':1', '9000', '[::1]', '[::1]:2', 'unix:/a', 'unix:///b', 'fd://3', 'tcp://h:4', 'a:1,b:2']), [
    'example.com:8000', '10.0.0.1:80', ':1', '127.0.0.1:9000', '[::1]:8000', '[::1]:2', 'unix:/a', 'unix:/b', 'fd:3', 'h:4', 'a:1', 'b:2',
  ])
})

test('what a file says cannot end the comment, or the text, that it stands in', () => {
  const value = (name: string, one: unknown): GunicornEntry => ({ name, kind: 'value', value: one })
  const text = configText({
    name: 'a\nb', target: "app:make('x', \"y\")",
    entries: [value('statsd_host', 'x\nprocess.exit()\u2028*/'), value('proc_name', "it's \\ `${x}`"), value('raw_env', ["A='\n${1}", 'B'])],
  })
  assert.doesNotMatch(text, /^process/m)
  assert.match(text, /mount: \{ '\/': 'app:make\(\\'x\\', "y"\)' \},/)
  assert.match(text, /name: 'it\\'s \\\\ `\$\{x\}`', \/\/ proc_name/)
  assert.match(text, /A: '\\'\\n\$\{1\}',\n {2}B: '',/)
})

test('whoever connects to a unix socket is believed there, and so is named here', () => {
  const value = (name: string, one: unknown): GunicornEntry => ({ name, kind: 'value', value: one })
  const trusted = (...entries: GunicornEntry[]): string => /^ {2}forwardedAllowIps: (.*?),(?: \/\/.*)?$/m.exec(configText({ name: 'a', target: 'a:b', entries }))?.[1] ?? ''
  assert.equal(trusted(value('bind', ['unix:/run/a.sock', ':80'])), "['127.0.0.1', '::1', 'unix']")
  assert.equal(trusted(value('bind', 'unix:/run/a.sock'), value('forwarded_allow_ips', '10.0.0.1')), "'10.0.0.1,unix'")
  assert.equal(trusted(value('bind', 'unix:/run/a.sock'), value('forwarded_allow_ips', '*')), "'*'")
  assert.equal(trusted(value('bind', ':80')), '')
})
