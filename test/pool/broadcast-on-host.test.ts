// The cases of broadcast.test.ts without threads.
import '../support/on-host.js'
import './broadcast.test.js'
