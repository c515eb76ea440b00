/** The file that every worker is started with, unless the library was bundled: see entryFile in platform-node.ts. */
import { adoptThread } from './adopt-thread.js'
import { runtime } from './registry.js'

adoptThread()
if (runtime().worker?.stage !== 'started')
  throw new Error(
    'this file is the worker entry of makeparallel; it is started by a Pool of the same version, never by hand',
  )
