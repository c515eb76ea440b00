import * as fc from 'fast-check'

const SEED = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)

/** As `holds` of test/ring-buffer/property.ts, for properties that await. FC_SEED repeats the inputs of an earlier run. */
export function holdsAsync<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  console.log(`\nFC_SEED=${SEED}`)
  return fc.assert(property, { seed: SEED, numRuns })
}

/** Strings with all kinds of units, lone surrogates among them, around the lengths where an encoder may change its way. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.string({ maxLength: 40, unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ maxLength: 40, unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc
    .tuple(fc.constantFrom('a', 'ä', '\u0100', '\ud800', '😀'), fc.integer({ min: 0, max: 300 }))
    .map(([c, n]) => c.repeat(n)),
)

/** Texts of 64 characters and more, a few of them so long that each has a place of its own. */
export const longTexts: fc.Arbitrary<string[]> = fc.array(
  fc
    .tuple(
      anyText,
      fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 64, max: 600 }) }, fc.constantFrom(4_095, 4_096, 5_000)),
    )
    .map(([text, length]) => (text === '' ? 'e' : text).repeat(length).slice(0, length)),
  { minLength: 1, maxLength: 8 },
)

export const anyPrimitive: fc.Arbitrary<unknown> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  anyText,
)

const bytes = fc.uint8Array({ maxLength: 64 })

/** What structured clone carries: primitives, boxes, dates, errors, binary data, and all kinds of containers of them. */
export const anyCloneable: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyPrimitive,
    fc.bigInt(),
    fc.date({ noInvalidDate: true }), // assert.deepStrictEqual takes two invalid ones for different
    fc.constantFrom(/a+/gi, /\u{1f600}/u, Object(1), Object('x'), Object(false), Object(12n)),
    bytes,
    bytes.map((b) => b.buffer.slice(0)),
    bytes.map((b) => new DataView(b.buffer.slice(0))),
    bytes.map((b) => new Uint16Array(b.buffer.slice(0, b.byteLength & ~1))),
    fc.array(fc.double(), { maxLength: 9 }).map((list) => Float64Array.from(list)),
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 63n }), { maxLength: 5 }).map((list) => BigUint64Array.from(list)),
    fc.constantFrom(new Error('plain'), new RangeError('range', { cause: 7 })),
    tie('value').map((cause) => new TypeError('with a cause', { cause })),
    fc.array(tie('value'), { maxLength: 6 }),
    longTexts,
    fc.array(tie('value'), { maxLength: 6 }).map((list) => {
      list.length += 2 // sparse
      return list
    }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), { maxKeys: 6 }),
    fc.dictionary(fc.constantFrom('__proto__', 'a', '1', 'constructor', 'ж'), tie('value'), { maxKeys: 4 }),
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), tie('value')).map(([list, x]) => Object.assign(list, { x })),
    fc.array(tie('value'), { maxLength: 5 }).map((list) => new Set(list)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((list) => new Map(list)),
    // Shared and cyclic references.
    tie('value').map((shared) => ({ first: shared, again: [shared] })),
    tie('value').map((inner) => {
      const cycle: { inner: unknown; self?: unknown; map?: unknown } = { inner }
      cycle.self = cycle
      cycle.map = new Map([['up', cycle]])
      return cycle
    }),
  ),
})).value

/** As structured clone leaves it: a prototype that it does not keep would be a difference. */
const anyCloned = anyCloneable.map((value) => structuredClone(value))

/** What a task may throw: errors with anything in their properties, and with each other. */
export const anyFailure: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.array(anyCloned, { minLength: 1, maxLength: 4 }),
    anyText,
    fc.dictionary(fc.string(), anyCloned, { maxKeys: 3 }),
  )
  .map(([values, message, properties]) => {
    const cause = Object.assign(new RangeError(message, { cause: values[0] }), properties)
    const error = new AggregateError([...values, cause], message, { cause })
    return Object.assign(cause, { up: [error] }) && error
  })
