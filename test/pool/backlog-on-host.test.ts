// The cases of backlog.test.ts without threads.
import '../support/on-host.js'
import './backlog.test.js'
