// The cases of task-errors.test.ts without threads.
import '../support/on-host.js'
import './task-errors.test.js'
