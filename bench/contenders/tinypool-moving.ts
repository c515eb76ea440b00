// What Tinypool's workers run for `moveThrough`.
import { Tinypool } from 'tinypool'
import type { Bytes } from './contender.js'

export function passOn(bytes: Bytes): unknown {
  return Tinypool.move(bytes)
}
