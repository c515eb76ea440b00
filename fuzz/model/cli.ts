/**
 * npm run model -- [NAME…] [--deep] [--list] [--replay=SCHEDULE] [--jobs=2] [--states=N] [--seconds=N]
 *
 * Without a name: the quick set; a name selects the configurations that contain it.
 */
import { parseArgs } from 'node:util'
import { build, scenariosOf } from './build.js'
import { Explorer } from './explorer.js'
import { decodeSchedule, encodeSchedule, tellSchedule } from './trace.js'

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      deep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      replay: { type: 'string' },
      states: { type: 'string', default: '20000000' },
      seconds: { type: 'string', default: '3600' },
    },
  })
  const sound = build()
  const all = await scenariosOf(sound)
  const chosen = all.filter(({ name, tier }) =>
    positionals.length > 0 ? positionals.some((one) => name.includes(one)) : values.deep || tier === 'quick',
  )
  if (values.list) {
    for (const { name, tier } of all) console.log(`${tier.padEnd(6)} ${name}`)
    return
  }
  for (const scenario of chosen) {
    if (values.replay !== undefined) {
      for (const line of tellSchedule(scenario, sound, decodeSchedule(values.replay))) console.log(line)
      continue
    }
    const limits = { states: Number(values.states), seconds: Number(values.seconds) }
    const outcome = new Explorer(scenario, sound.sites, limits).explore()
    const { failure, states, executions, steps, longest, seconds, isExhausted } = outcome
    console.log(
      `${failure === undefined ? (isExhausted ? 'ok  ' : 'part') : 'FAIL'} ${scenario.name}: ${states} states, ${executions} executions, ${steps} steps, longest ${longest}, ${seconds.toFixed(1)} s`,
    )
    if (failure === undefined) continue
    process.exitCode = 1
    for (const line of tellSchedule(scenario, sound, outcome.schedule)) console.log(`  ${line}`)
    console.log(`  ${failure}`)
    console.log(`  npm run model -- '${scenario.name}' --replay=${encodeSchedule(outcome.schedule)}`)
  }
}

await main()
