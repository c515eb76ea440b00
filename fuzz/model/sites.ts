/** A place in the source where a step is taken, or plain memory is read or written. */
export interface Site {
  readonly file: string
  readonly line: number
  /** Method or function in which it stands, with its class. */
  readonly within: string
  readonly operation: Operation
  /** As it stands in the source. */
  readonly text: string
}

export const OPERATIONS = [
  'load',
  'store',
  'add',
  'and',
  'or',
  'exchange',
  'compareExchange',
  'wait',
  'waitAsync',
  'notify',
  'peek',
  'poke',
  'peekDouble',
  'pokeDouble',
  'choose',
  'settled',
  'nextDeath',
  'terminate',
  'waitOrDeath',
  'turn',
  'pause',
  'invoke',
  'checkpoint',
] as const
export type Operation = (typeof OPERATIONS)[number]
