import { expect, it } from 'vitest'
import Driver from '../dist/index.js'

it('refuses options of {{name}} that nobody knows', () => {
  const make = (options: Record<string, unknown>) => new Driver({ root: '/var/lib/rt', runRoot: '/run/rt', options })
  expect(() => make({ colour: 'red' })).toThrow('isolation.{{name}} has no option "colour"')
  expect(make({})).toBeInstanceOf(Driver)
})
