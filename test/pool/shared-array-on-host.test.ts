// The cases of shared-array.test.ts without threads.
import '../support/on-host.js'
import './shared-array.test.js'
