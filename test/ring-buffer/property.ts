import * as fc from 'fast-check'

const SEED = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)
const RUNS = Number(process.env.FC_RUNS ?? 300)

/** Holds a property against RUNS random inputs. FC_SEED repeats the inputs of an earlier run; its seed was printed. */
export function holds<T>(property: fc.IProperty<T>): void {
  console.log(`\nFC_SEED=${SEED}`)
  fc.assert(property, { seed: SEED, numRuns: RUNS })
}

/** Indices just before they wrap, at 0, and anywhere. */
export const startIndex: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0x3fffffff - 12, max: 0x3fffffff }),
  fc.constant(0),
  fc.integer({ min: 0, max: 0x3fffffff }),
)
