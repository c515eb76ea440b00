/** What spin is run on: each model in a few sizes, and the mutants that each must tell from the protocol. */

export interface Configuration {
  readonly model: 'parking' | 'claim' | 'children'
  /** In a few words: what is in it. */
  readonly about: string
  /** Definitions for the model, as in `-DWORKERS=2`; the heads of the models say what they mean. */
  readonly defines: readonly string[]
  /** Definitions that break the protocol, one by one: spin has to find an error with each. */
  readonly mutants: readonly string[]
  /** Checks `<> over` under weak fairness as well: that nobody goes round in circles for ever. */
  readonly fair?: true
  /** Too large to be run each time. */
  readonly deep?: true
}

const polls = ['POLLS', 'COARSE']
const death = [...polls, 'MEET=ALONE', 'DEATHS=1', 'NO_SUCCESSOR']
const phantom = [...polls, 'LATE', 'PHANTOM', 'TASKS=2']
const anything = ['CANCEL', 'CONDEMN', 'POLL']

export const CONFIGURATIONS: readonly Configuration[] = [
  {
    model: 'parking',
    about: '2 workers, 2 tasks that meet',
    defines: ['POLLS'],
    mutants: [
      'NO_SECOND_LOOK',
      'NO_RESTORE',
      'NO_LAST_SEARCHER',
      'REST_AFTER_SLEEPING',
      'ROUSE_BY_STORE',
      'ROUSE_BEFORE_MARK',
      'MARK_STAYS',
      'GIVES_UP',
      'NOT_ROUSED',
      'NO_NOTIFY',
    ],
    fair: true,
  },
  { model: 'parking', about: '2 workers, 4 tasks in pairs', defines: ['POLLS', 'TASKS=4', 'MEET=PAIRS'], mutants: [] },
  { model: 'parking', about: 'a task whose child must be stolen', defines: ['POLLS', 'MEET=SPAWN'], mutants: [] },
  {
    model: 'parking',
    about: "1 worker that listens, the host's bell",
    defines: ['WORKERS=1', 'MEET=AWAIT'],
    mutants: ['NO_LISTENER_WAKE'],
  },
  {
    model: 'parking',
    about: "2 workers, 2 tasks alone, the host's bell",
    defines: ['MEET=ALONE'],
    mutants: ['NO_RING', 'RING_BEFORE_RECORD', 'NO_HOST_LAST_LOOK'],
  },
  { model: 'parking', about: 'short tasks, with the net', defines: ['POLLS', 'SHORT', 'NET'], mutants: ['NO_NET'] },
  {
    model: 'parking',
    about: 'a recovery at any time',
    defines: phantom,
    mutants: ['MARK_STAYS', 'ROUSE_BY_STORE', 'ROUSE_BEFORE_MARK'],
  },
  {
    model: 'parking',
    about: 'worker 1 dies',
    defines: death,
    mutants: ['NO_REHINT', 'NO_UNPARK_ALL', 'KEEP_SEARCHING'],
  },
  {
    model: 'parking',
    about: 'worker 1 dies, and calls follow',
    defines: [...death, 'LATE'],
    mutants: [],
    deep: true,
  },
  {
    model: 'parking',
    about: 'worker 1 dies, and another recovery comes at any time',
    defines: [...phantom, 'MEET=ALONE', 'DEATHS=1', 'NO_SUCCESSOR'],
    mutants: ['KEEP_ASLEEP'],
    deep: true,
  },
  { model: 'parking', about: 'worker 2 dies', defines: [...death, 'MORTAL=2'], mutants: [], deep: true },
  {
    model: 'parking',
    about: 'worker 1 dies and comes back, 2 tasks that meet',
    defines: [...polls, 'DEATHS=1'],
    mutants: [],
    deep: true,
  },
  {
    model: 'parking',
    about: '3 workers, 2 tasks that meet',
    defines: [...polls, 'WORKERS=3'],
    mutants: [],
    deep: true,
  },
  {
    model: 'parking',
    about: '3 workers, 3 tasks that meet',
    defines: [...polls, 'WORKERS=3', 'TASKS=3'],
    mutants: [],
    deep: true,
  },
  {
    model: 'parking',
    about: '2 workers, 2 tasks that meet, all steps',
    defines: [],
    mutants: [],
  },
  {
    model: 'parking',
    about: '2 workers, calls while the host is parked',
    defines: ['MEET=ALONE', 'LATE'],
    mutants: [],
    deep: true,
  },
  { model: 'parking', about: '2 workers, one of them listens', defines: ['MEET=AWAIT'], mutants: [], deep: true },

  {
    model: 'claim',
    about: 'cancel, condemn, poll; 1 slot for 2 calls',
    defines: anything,
    mutants: [
      'CLAIM_BY_STORE',
      'CANCEL_BY_STORE',
      'COMPLETE_BY_STORE',
      'KILL_REGARDLESS',
      'TRUST_RECORDS',
      'REUSE_CONDEMNED',
      'HINT_BEFORE_FIELDS',
    ],
  },
  {
    model: 'claim',
    about: 'the same, generations that come round',
    defines: [...anything, 'WRAPPED'],
    mutants: ['FIELDS_BEFORE_SWAP'],
  },
  {
    model: 'claim',
    about: 'a worker dies',
    defines: ['DEATHS=1'],
    mutants: ['NO_REHINT', 'NO_RESCAN'],
  },
  {
    model: 'claim',
    about: 'condemn, 2 slots',
    defines: ['SLOTS=2', 'CONDEMN'],
    mutants: ['CONDEMN_BY_STORE', 'CLAIM_AFTER_CONDEMNED'],
  },
  { model: 'claim', about: 'all of it, and a death', defines: [...anything, 'DEATHS=1'], mutants: [] },
  {
    model: 'claim',
    about: 'all of it, 2 slots',
    defines: [...anything, 'SLOTS=2'],
    mutants: [],
    deep: true,
  },

  {
    model: 'children',
    about: 'joins, 1 slot for 2 children',
    defines: [],
    mutants: ['COMPLETE_BY_STORE'],
    fair: true,
  },
  {
    model: 'children',
    about: 'parent or thief dies',
    defines: ['DEATHS=1'],
    mutants: [
      'NO_PUSHING',
      'CLEAR_BEFORE_PUSH',
      'NO_CLEAR',
      'UNPARK_BEFORE_CLEAR',
      'TRUST_NOBODY',
      'LOOK_AFTER_TAKING',
      'FREE_DONE',
      'REUSE_DONE',
      'NO_DEATHS_WORD',
      'FREE_RUNNING',
      'FREE_BEFORE_PUSH',
      'WITHDRAW_BY_STORE',
      'WAITED_BY_STORE',
      'TAKE_BEFORE_DEATHS',
      'CLAIM_BY_STORE',
      'NO_TEND',
    ],
  },
  { model: 'children', about: 'a death, fairly', defines: ['DEATHS=1'], mutants: [], fair: true, deep: true },
  { model: 'children', about: 'two deaths', defines: ['DEATHS=2'], mutants: [] },
  {
    model: 'children',
    about: 'a death, 2 slots for 3 children',
    defines: ['DEATHS=1', 'SLOTS=2', 'CHILDREN=3'],
    mutants: [],
    deep: true,
  },
  {
    model: 'children',
    about: 'two deaths, 2 slots for 3 children',
    defines: ['DEATHS=2', 'SLOTS=2', 'CHILDREN=3'],
    mutants: [],
    deep: true,
  },
]
