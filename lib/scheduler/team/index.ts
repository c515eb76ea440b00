/** makeparallel/scheduler: the protocols, for embedders who start their own threads. README.md says how they work. */
export { LayoutError } from '../../errors.js'
export { EMPTY, LAYOUT_VERSION, type Region } from '../../ring-buffer/index.js'
export type { Participant } from './participant.js'
export type { Recovered } from './recovery.js'
export { type JoinOptions, Team, type TeamOptions } from './team.js'
