// A program that starts its own threads and lets them share work: a Team hands it out, Deques report what is done. No Pool.
// node build/examples/embedding/own-threads.js
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Deque, type DequeThief, Doorbell, EMPTY, RETRY, type Region } from '../../lib/ring-buffer/index.js'
import { Team } from '../../lib/scheduler/team/index.js'
import { areaOf, type Shared, SIZE, STOP, WHOLE } from './tiles.js'

export interface Painting {
  readonly pixels: Uint8Array
  /** Tiles reported by each thread. */
  readonly tiles: readonly number[]
  /** Tasks that were recovered from threads that died. */
  readonly recovered: number
}

/** Paints with `threads` threads of our own. One of them is killed in the middle if `kill` says so, and replaced. */
export async function paintInThreads(threads: number, kill = false): Promise<Painting> {
  const shared: Shared = {
    team: Team.create({ participants: 1 + threads, capacity: 256 }),
    bell: Doorbell.create({}),
    pixels: new Uint8Array(new SharedArrayBuffer(SIZE * SIZE)),
  }
  const me = Team.join(shared.team, 0)
  const reports: Region[] = []
  const thieves: DequeThief[] = []
  const workers: Worker[] = []
  let isOver = false
  let recovered = 0

  const start = (id: number): void => {
    const worker = new Worker(new URL('./painter.js', import.meta.url), {
      workerData: { ...shared, id, done: reports[id - 1] },
    })
    worker.once('exit', () => {
      if (isOver) return
      // After 'exit' the thread touches no memory. What it held is given to the team again; a successor takes its number and
      // goes on with its deque.
      const { queued, running } = me.recover(id)
      for (const tile of [...running, ...queued]) me.submit(tile)
      recovered += running.length + queued.length
      start(id)
    })
    workers[id - 1] = worker
  }
  for (let id = 1; id <= threads; id++) {
    const report = Deque.create({ capacity: 1024 })
    reports.push(report)
    thieves.push(Deque.thiefOf(report))
    start(id)
  }

  me.submit(WHOLE) // one task: all others are parts of it
  const painted = new Set<number>() // a tile that was running in a thread that died is painted again
  const tiles = thieves.map(() => 0)
  const collect = (): boolean => {
    const before = painted.size
    for (const [i, thief] of thieves.entries()) {
      for (let tile = thief.steal(); tile !== EMPTY; tile = thief.steal()) {
        if (tile === RETRY) continue
        painted.add(tile)
        tiles[i] = (tiles[i] as number) + 1
      }
    }
    return painted.size > before
  }
  const area = (): number => [...painted].reduce((sum, tile) => sum + areaOf(tile), 0)

  const bell = Doorbell.of(shared.bell)
  for (let isKilled = !kill; area() < SIZE * SIZE; ) {
    const seen = bell.prepare()
    if (collect()) bell.cancel()
    else await bell.commitAsync(seen, 1000)
    if (!isKilled && painted.size > 20) {
      isKilled = true
      void workers[tiles.indexOf(Math.max(...tiles))]?.terminate() // the one that has done most
    }
  }

  isOver = true
  const ends = workers.map((worker) => (worker.threadId === -1 ? undefined : once(worker, 'exit')))
  for (const _ of workers) me.submit(STOP)
  await Promise.all(ends)
  me.leave()
  return { pixels: shared.pixels, tiles, recovered }
}

/** Every eighth pixel, two lines of the picture to one of text. */
export function print({ pixels }: Painting): string {
  const lines: string[] = []
  for (let y = 0; y < SIZE; y += 8) {
    let line = ''
    for (let x = 0; x < SIZE; x += 4)
      line += ' .:-=+*#%@'[Math.min(9, Math.floor((pixels[y * SIZE + x] as number) / 3))]
    lines.push(line.trimEnd())
  }
  return lines.join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const painting = await paintInThreads(3, true)
  console.log(print(painting))
  console.log(
    `tiles by thread: ${painting.tiles.join(', ')}; recovered from the one that was killed: ${painting.recovered}`,
  )
}
