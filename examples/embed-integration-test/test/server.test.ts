import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from './server.ts'

let server: Server

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test('the server answers at a port of this machine', async () => {
  const response = await fetch(server.url)
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('it works\n')
})

test('what a test prepares inside is served', async () => {
  const program = await server.container.exec(['sh', '-c', 'cat > /www/new.html'], { stdin: 'pipe' })
  program.stdin?.end('<p>new</p>')
  expect(await program.wait()).toEqual({ exitCode: 0, signal: null })
  expect(await (await fetch(`${server.url}/new.html`)).text()).toBe('<p>new</p>')
})

test('what it logs can be read', async () => {
  await fetch(`${server.url}/nowhere`)
  const lines: string[] = []
  for await (const { log } of server.container.logs()) lines.push(log)
  expect(lines.join('')).toContain('nowhere')
})
