// The cases of logger.test.ts without threads.
import '../support/on-host.js'
import './logger.test.js'
