import { isMainThread, MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, peekDouble, pokeDouble, store } from '#atomics'
import { clockOffset, isPeerGone } from '../../lib/workers/platform-node.js'
import { play, relax, together } from '../ring-buffer/threads.js'

const ASKED = 0
const ANSWERED = 1

interface Clocks {
  readonly words: Int32Array
  readonly doubles: Float64Array
}

const readClock = (offset: number): number => performance.now() + offset

/** Says what the time is whenever it is asked, `count` times. */
function tellTime({ words, doubles, count }: Clocks & { count: number }): void {
  const offset = clockOffset()
  for (let i = 1; i <= count; i++) {
    while (load(words, ASKED) !== i) relax()
    pokeDouble(doubles, 0, readClock(offset))
    store(words, ANSWERED, i)
  }
}

interface Peer {
  readonly port: MessagePort
  readonly words: Int32Array
  readonly worker: Worker
  /** Of its exit code, which may come in one go with its last message. */
  readonly exit: Promise<number>
}

async function startPeer(code: string): Promise<Peer> {
  const { port1: port, port2 } = new MessageChannel()
  const words = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads')
     const { port, words } = workerData
     port.on('message', () => {})
     parentPort.postMessage('up')
     ${code}`,
    { eval: true, workerData: { port: port2, words }, transferList: [port2] },
  )
  worker.on('error', () => {})
  const exit = new Promise<number>((resolve) => worker.once('exit', resolve))
  await new Promise((resolve) => worker.once('message', resolve))
  return { port, words, worker, exit }
}

if (!isMainThread) await play({ tellTime })
else {
  test('a peer is there while its thread lives, and gone once it has ended, without a turn of the event loop', async () => {
    const { port, words, exit } = await startPeer('Atomics.wait(words, 0, 0); process.exit(3)')
    for (let i = 0; i < 100; i++) assert.not(isPeerGone(port))
    store(words, 0, 1)
    Atomics.notify(words, 0)
    while (!isPeerGone(port)) relax() // a platform that does not show it ends in the runner's time limit
    assert.ok(isPeerGone(port))
    assert.is(await exit, 3)
  })

  for (const [end, code] of [
    ['that throws', "setTimeout(() => { throw new Error('on purpose') })"],
    ['that returns', 'port.unref()'],
  ] as const) {
    test(`the peer of a thread ${end} is gone after its exit`, async () => {
      const { port, exit } = await startPeer(code)
      await exit
      assert.ok(isPeerGone(port))
    })
  }

  test('a thread that was terminated is gone after its exit', async () => {
    const { port, worker } = await startPeer('for (;;);')
    assert.not(isPeerGone(port))
    await worker.terminate()
    assert.ok(isPeerGone(port))
  })

  test('a peer that is there can be talked to after it was looked for', async () => {
    const { port, worker } = await startPeer("port.once('message', (text) => port.postMessage(text + '!'))")
    assert.not(isPeerGone(port))
    port.postMessage('still')
    assert.is(await new Promise((resolve) => port.once('message', resolve)), 'still!')
    port.close()
    await worker.terminate()
  })

  test('the clocks of threads agree within a millisecond: a reading in between lies in between', async () => {
    const buffer = new SharedArrayBuffer(16)
    const clocks: Clocks = { words: new Int32Array(buffer, 0, 2), doubles: new Float64Array(buffer, 8, 1) }
    const count = 200
    const part = { role: 'tellTime', data: { ...clocks, count } }
    const { own: worst } = await together(import.meta.url, [part], () => {
      const offset = clockOffset()
      let most = Number.NEGATIVE_INFINITY
      for (let i = 1; i <= count; i++) {
        const before = readClock(offset)
        store(clocks.words, ASKED, i)
        while (load(clocks.words, ANSWERED) !== i) relax()
        const theirs = peekDouble(clocks.doubles, 0)
        most = Math.max(most, before - theirs, theirs - readClock(offset))
      }
      return most
    })
    assert.ok(worst < 1, `${worst} ms outside`)
  })

  test.run()
}
