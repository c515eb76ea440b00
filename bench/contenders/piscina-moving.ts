// What Piscina's workers run for `moveThrough`.
import { move } from 'piscina'
import type { Bytes } from './contender.js'

export function passOn(bytes: Bytes): unknown {
  return move(bytes)
}
