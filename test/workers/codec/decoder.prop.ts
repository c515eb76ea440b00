import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { test } from 'uvu'
import { anyBytes, judge } from '../../../fuzz/codec/bytes.js'
import { holds } from '../../ring-buffer/property.js'

const corpus = new URL('../../../../fuzz/corpus/codec/', import.meta.url)

for (const name of readdirSync(corpus)) {
  test(`${name} of the corpus ends in a value or a PayloadError`, () => {
    for (const line of readFileSync(new URL(name, corpus), 'utf8').split('\n')) {
      const [hex = ''] = line.split('#') // what it is follows
      judge(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')))
    }
  })
}

test('any bytes end in a value or a PayloadError', () => holds(fc.property(anyBytes, judge)))

test.run()
