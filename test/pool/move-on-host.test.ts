// The cases of move.test.ts without threads.
import '../support/on-host.js'
import './move.test.js'
