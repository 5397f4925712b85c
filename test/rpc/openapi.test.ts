import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isContractProcedure } from '@orpc/contract'
import { expect, test } from 'vitest'
import { contract } from '../../src-main/contract'
import { bearer, routerOf, startServer } from './carriers'
import { sampleServices } from './sample-services'

interface Document {
  openapi: string
  paths: Record<string, Record<string, { operationId?: string; requestBody?: unknown }>>
}

test('the OpenAPI document that is served names every procedure of the contract', async () => {
  const server = await startServer(routerOf(sampleServices()))
  const answer = await fetch(`${server.origin}/api/openapi.json`, { headers: bearer(server) })
  const document = (await answer.json()) as Document
  await server.close()

  const operations = Object.values(document.paths).flatMap(path => Object.values(path))
  const documented = operations.flatMap(operation => operation.operationId ?? [])
  const procedures = Object.entries(contract).flatMap(([domain, calls]) =>
    Object.keys(calls).map(call => `${domain}.${call}`),
  )
  expect(document.openapi).toMatch(/^3\.1\./)
  expect(documented.toSorted()).toEqual(procedures.toSorted())
  expect(document.paths['/upload']?.['post']?.requestBody).toBeDefined()
})

test('every procedure has a path of its own and says in a line what it does', () => {
  const routes = Object.values(contract).flatMap(calls =>
    Object.values(calls).map(procedure => {
      if (!isContractProcedure(procedure)) throw new Error('not a procedure')
      return procedure['~orpc'].route
    }),
  )
  expect(routes.every(({ summary }) => /^[A-Z].+[^.]$/.test(summary ?? ''))).toBe(true)
  const paths = routes.map(({ method, path }) => `${method} ${path}`)
  expect(new Set(paths).size).toBe(paths.length)
})

test('all parts of the RPC library have one version', () => {
  const folder = resolve(import.meta.dirname, '../../node_modules/@orpc')
  const versions = readdirSync(folder).map(name => {
    const text = readFileSync(join(folder, name, 'package.json'), 'utf8')
    return (JSON.parse(text) as { version: string }).version
  })
  expect(new Set(versions)).toEqual(new Set(['1.16.1']))
  const project = readFileSync(resolve(folder, '../../package.json'), 'utf8')
  const pinned = [...project.matchAll(/"@orpc\/[a-z-]+": "([^"]+)"/g)].map(match => match[1])
  expect(new Set(pinned)).toEqual(new Set(['1.16.1']))
})
