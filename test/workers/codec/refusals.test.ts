import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError } from '../../../lib/errors.js'
import { snapshotFailure } from '../../../lib/workers/codec/failures.js'
import { restored, snapshot, takeArguments } from '../../../lib/workers/codec/payload.js'
import { refusedKinds } from './refused-kinds.js'

/** Where in a value it may be, and how its path goes on from there. */
const places: readonly (readonly [name: string, wrap: (value: unknown) => unknown, path: (root: string) => string])[] =
  [
    ['at the top', (value) => value, (root) => root],
    ['in an object', (value) => ({ good: 1, options: { value } }), (root) => `${root}.options.value`],
    ['in an array', (value) => [1, [value]], (root) => `${root}[1][0]`],
    ['in an array with holes', (value) => Object.assign(new Array(9), { 7: value }), (root) => `${root}[7]`],
    ['in a Map', (value) => new Map([['k', value]]), (root) => `${root}.get("k")`],
    ['in a Set', (value) => new Set([1, value]), (root) => `[...${root}][1]`],
    ['as the cause of an error', (value) => new Error('x', { cause: { value } }), (root) => `${root}.cause.value`],
    ['in an instance of a class', (value) => new Holder(value), (root) => `${root}.held`],
  ]

class Holder {
  readonly held: unknown

  constructor(value: unknown) {
    this.held = value
  }
}

function refusalOf(run: () => unknown): PayloadError {
  try {
    run()
  } catch (error) {
    assert.instance(error, PayloadError)
    return error as PayloadError
  }
  return assert.unreachable('it was carried') as never
}

for (const [kind, make, what] of refusedKinds) {
  test(`${kind} is refused with its path and the way out, wherever it is`, () => {
    for (const [place, wrap, path] of places) {
      for (const [root, run] of [
        ['args[0]', (value: unknown) => takeArguments([value], 'load')],
        ['the result', (value: unknown) => snapshot(value, 'the result', 'load')],
      ] as const) {
        const { message } = refusalOf(() => run(wrap(make())))
        const start = `${path(root)} of task "load" is ${what}`
        assert.ok(message.startsWith(start), `${place}: ${message}`)
        assert.match(message.slice(start.length), /, which cannot be carried to another thread\. [A-Z].+\.$/)
      }
    }
  })

  test(`${kind} in a property of an error that is thrown is named in its stack, and the rest arrives`, () => {
    const error = Object.assign(new RangeError('rest'), { good: 1, bad: [make()] })
    const back = restored(snapshotFailure(error, 'load')) as RangeError & { good: number }
    assert.equal([back.message, back.good, 'bad' in back], ['rest', 1, false])
    assert.ok(back.stack?.includes(`(bad[0] of task "load" is ${what}`), back.stack)
  })
}

test('what structured clone refuses is refused here, and what only it takes is a trap', () => {
  const traps = refusedKinds.filter(([, make]) => {
    try {
      structuredClone(make())
      return true
    } catch {
      return false
    }
  })
  assert.equal(
    traps.map(([kind]) => kind),
    ['an AbortSignal', 'an AbortController'],
  )
})

test.run()
