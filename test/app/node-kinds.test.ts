import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { applicationOf, KindError } from '../../src/app/application-kinds.ts'
import { ownGateway } from '../../src/gateway/own-gateway.ts'

const require = createRequire(import.meta.url)
const express = require('express') as () => object
const fastify = require('fastify') as () => object
const Koa = require('koa') as new () => { callback(): object }

describe('what is taken for a Node application', () => {
  const recognized: readonly [string, unknown][] = [
    ['a function (req, res)', (req: unknown, res: unknown) => [req, res]],
    ['an async function (request, response)', async (request: unknown, response: unknown) => [request, response]],
    ['a function (req, res, next)', function handler(req: unknown, res: unknown, next: unknown) { return [req, res, next] }],
    ['an http.Server', createServer()], ['an Express application', express()], ['a Fastify instance', fastify()],
    ['a Koa application', new Koa()], ['what callback() of Koa gives', new Koa().callback()],
  ]
  for (const [what, value] of recognized) {
    test(what, async () => {
      assert.ok(ownGateway in await applicationOf(value, null))
    })
  }

  test('not a WSGI callable', async () => {
    const callable = (environ: unknown, startResponse: unknown): unknown[] => [environ, startResponse]
    assert.equal(await applicationOf(callable, null), callable)
  })

  test('any function, where the user says so', async () => {
    assert.ok(ownGateway in await applicationOf((a: unknown, b: unknown) => [a, b], 'node'))
  })

  test('nothing else', async () => {
    await assert.rejects(applicationOf({}, 'node'), (error: Error) => error instanceof KindError && /is of type object: expected a Node handler/.test(error.message))
  })
})
