import { labelOf, start } from '../contenders/index.js'
import { LINES } from '../nodes.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { percentilesUs, sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { quantile } from '../statistics.js'

const CONTENDERS = ['makeparallel', 'piscina', 'post-message']

export const nodeLines: Question = {
  name: 'node-lines',
  title: 'Lines of Node',
  asks: 'Do newer versions of Node change these figures?',
  how:
    'As `round-trip`, `in-flight` and `cold`, shorter, each in a process of that Node; the versions are those that the tests run on, from ' +
    'the registry. Plain loops.',
  cases: LINES.flatMap((node) =>
    CONTENDERS.map((contender) => ({
      name: `${contender}-node-${node}`,
      contender,
      threads: 1,
      label: `Node ${node}: ${labelOf(contender)}`,
      group: `Node ${node}`,
      node,
    })),
  ),
  columns: [
    { key: 'p50Us', head: 'round trip: p50', unit: 'µs', better: 'less' },
    { key: 'p99Us', head: 'p99', unit: 'µs', better: 'less' },
    { key: 'in1000Us', head: '1,000 at once, each', unit: 'µs', better: 'less' },
    { key: 'firstMs', head: 'first result', unit: 'ms', better: 'less' },
  ],
  main: 'p50Us',
  mostRepeats: 3,
  targets: [],
  means: (reading) => {
    const each = LINES.map(
      (node) => `${withUnit(reading.median(`makeparallel-node-${node}`, 'p50Us'), 'µs')} on Node ${node}`,
    )
    return `A call takes ${each.join(', ')}.`
  },
  async measure({ contender }, effort) {
    const begun = performance.now()
    const pool = await start(contender, 1)
    await pool.run(1)
    const firstMs = performance.now() - begun
    await warmUp(pool.run, 500 * effort)
    const { p50Us, p99Us } = percentilesUs(await sampleRoundTrips(pool.run, 600 * effort))
    const in1000Us = quantile(await sampleBatches(pool.run, 1_000, 500 * effort), 0.5)
    await pool.close()
    return { p50Us: p50Us!, p99Us: p99Us!, in1000Us, firstMs }
  },
}
