// A thread of own-threads.ts. It takes part in the team, and reports the tiles that it has painted in a deque of its own.
import { workerData } from 'node:worker_threads'
import { Deque, Doorbell, type Region } from '../../lib/ring-buffer/index.js'
import { EMPTY, Team } from '../../lib/scheduler/team/index.js'
import { paint, type Shared, STOP, split } from './tiles.js'

const { team, bell, pixels, done, id } = workerData as Shared & { readonly done: Region; readonly id: number }

const me = Team.join(team, id)
const painted = Deque.ownerOf(done)
const doorbell = Doorbell.of(bell)

for (let tile = me.findWork(); tile !== STOP; tile = me.findWork()) {
  if (tile === EMPTY) {
    me.park()
    continue
  }
  const quarters = split(tile)
  if (quarters !== undefined) {
    for (const quarter of quarters) me.push(quarter) // the others steal from the other end
    continue
  }
  paint(pixels, tile)
  if (!painted.tryPush(tile)) throw new Error('the deque of painted tiles is full')
  doorbell.ring()
}
me.leave()
