/**
 * Counts the blocks of this thread's arenas that are in use, for leaks. It looks at the shipped classes from outside: they
 * have no use for such a count. Import it before the library makes an arena.
 */
import { Blocks } from '../../lib/ring-buffer/blocks.js'
import { Arena, type ArenaOwner, EMPTY } from '../../lib/ring-buffer/index.js'

const owners: WeakRef<ArenaOwner>[] = []
const inUse = new WeakMap<object, number>()
const ownerOf = Arena.ownerOf
const { free, take, tryReuse } = Blocks.prototype

function count(blocks: object, by: number): void {
  inUse.set(blocks, (inUse.get(blocks) ?? 0) + by)
  last = blocks
}
let last: object | undefined
const blocksOf = new WeakMap<ArenaOwner, object>()

Arena.ownerOf = (region) => {
  const owner = ownerOf(region)
  owner.free(owner.tryAllocate(1))
  blocksOf.set(owner, last as object)
  owners.push(new WeakRef(owner))
  return owner
}
Blocks.prototype.take = function (byteLength) {
  const offset = take.call(this, byteLength)
  if (offset !== EMPTY) count(this, 1)
  return offset
}
Blocks.prototype.tryReuse = function (byteLength) {
  const offset = tryReuse.call(this, byteLength)
  if (offset !== EMPTY) count(this, 1)
  return offset
}
Blocks.prototype.free = function (offset) {
  free.call(this, offset)
  count(this, -1)
}

export function blocksInUse(): number {
  let sum = 0
  for (const reference of owners) {
    const owner = reference.deref()
    if (owner === undefined) continue
    const all = owner.tryAllocate(owner.view.length) // takes in all that came home
    if (all !== EMPTY) owner.free(all)
    sum += inUse.get(blocksOf.get(owner) as object) ?? 0
  }
  return sum
}
