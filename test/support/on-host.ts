/** Import this before a file of tests: its cases run once more, with the tasks on the host instead of in threads. */
process.env.MAKEPARALLEL_TESTS_ON_HOST = 'yes' // for the programs that the tests start, too

export {}
