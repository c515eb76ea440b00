// Every question, in the order in which BENCHMARKS.md answers them.
import type { Question } from '../question.js'
import { busyHost } from './busy-host.js'
import { child } from './child.js'
import { codec } from './codec.js'
import { cold } from './cold.js'
import { costs } from './costs.js'
import { crash } from './crash.js'
import { crowded } from './crowded.js'
import { eventLoop } from './event-loop.js'
import { gate } from './gate.js'
import { growth } from './growth.js'
import { idle } from './idle.js'
import { inFlight } from './in-flight.js'
import { memory } from './memory.js'
import { nodeLines } from './node-lines.js'
import { payload } from './payload.js'
import { promises } from './promises.js'
import { regimes } from './regimes.js'
import { roundTrip } from './round-trip.js'
import { smallObjects } from './small-objects.js'
import { steal } from './steal.js'
import { submission } from './submission.js'
import { twoWorkers } from './two-workers.js'
import { uneven } from './uneven.js'

export const questions: readonly Question[] = [
  roundTrip,
  inFlight,
  promises,
  submission,
  payload,
  smallObjects,
  codec,
  regimes,
  twoWorkers,
  uneven,
  child,
  steal,
  busyHost,
  crowded,
  eventLoop,
  idle,
  cold,
  crash,
  growth,
  memory,
  nodeLines,
  costs,
]

/** @throws Error that names those that there are */
export function findQuestion(name: string): Question {
  const found = [...questions, gate].find((question) => question.name === name)
  if (found !== undefined) return found
  throw new Error(`there is no benchmark "${name}"; there are ${questions.map((question) => question.name).join(', ')}`)
}
