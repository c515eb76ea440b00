/*
 * Parking: no wake-up is lost. lib/scheduler/idle.ts, the loop around it (lib/workers/main-loop.ts, parking.ts), and the
 * host's bell (lib/workers/host-loop.ts). One statement is one atomic operation of the code; what a thread does between two
 * of them is in a d_step with one of the two. The table in README.md names the function behind each inline.
 *
 * Deadlock is the verdict: a lost wake-up leaves tasks unfinished and everybody asleep, which is an invalid end state.
 * Timers of the code (the host's net) are Promela's `timeout`: they run out only when nothing else can happen.
 *
 *   WORKERS, TASKS   sizes
 *   MEET=…           who waits for whom: see the table of tasks below
 *   DEATHS=n         how often worker MORTAL may die, between any two steps, and come back
 *   PHANTOM          one more worker is dead at the start: its recovery may come at any time, at the price of no worker
 *   NO_SUCCESSOR     who dies is not replaced
 *   LATE             the host goes on with its loop between two calls; otherwise it makes all of them first
 *   POLLS            the host sees what is done without being rung: for the rest of the protocol, at a fraction of the states
 *   COARSE           to wake somebody and to notify it is one step, not two
 *   SHORT            tasks are short: a worker keeps its mark while it runs them. Not safe, but for the net
 *   NET              the host's net is there
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef TASKS
#define TASKS 2
#endif
#ifndef DEATHS
#define DEATHS 0
#endif

/* What a task does. PEERS(id): the tasks that have to have started before it can go on, so they need a worker each. */
#define ALL ((1 << TASKS) - 1)
#define ALONE 0   /* nobody waits for anybody */
#define CROWD 1   /* all wait for all: every worker has to come */
#define PAIRS 2   /* 0 with 1, 2 with 3 */
#define LAST_TWO 3 /* the last two meet, those before are alone */
#define SPAWN 4   /* the host calls task 0, which spawns the others on its own deque, and all meet */
#define AWAIT 5   /* task 0 is async: it returns at once, and finishes when all others have */
#ifndef MEET
#define MEET CROWD
#endif
#define ROOTS (MEET == SPAWN -> 1 : TASKS)
#define ALL_ROOTS ((1 << ROOTS) - 1)
#define PEERS(id) (MEET == ALONE -> 0 : (MEET == CROWD || MEET == SPAWN -> ALL : (MEET == PAIRS -> 3 << ((id) & 2) : \
  (MEET == LAST_TWO -> ((id) >= TASKS - 2 -> 3 << (TASKS - 2) : 0) : ((id) == 0 -> 0 : 0)))))

#define NONE 255
#define BIT(n) (1 << (n))
#define W_BIT(w) (1 << ((w) - 1))                          /* bitOf */
#define LOWEST(m) ((m) & 1 -> 0 : ((m) & 2 -> 1 : ((m) & 4 -> 2 : 3)))

/* Queues are sets of hints: the order in them is no matter of parking. Bit n: a hint to task n. */
byte band                 /* of the host */
byte deque[WORKERS + 1]
byte queued, running[WORKERS + 2], done, lost   /* the state words of the tasks, a bit each */
byte started, settled
bool over                 /* all calls are settled */
byte records              /* the completion rings: one look sees them all */

byte SEARCHING, SLEEPING, LISTENING
byte park[WORKERS + 1]
#define NEWS 1
#define ASLEEP 2          /* who takes it out has woken this sleeper */
#define ATTENTIVE 4       /* the same, of a listener */
/* The one waitAsync that a worker has on its park word (Parking): none, armed, or notified and not yet delivered. */
byte waiter[WORKERS + 1]
#define ARMED 1
#define NOTIFIED 2

byte HOST_STATE, BELL
#define AWAKE 0
#define PARKED 1
bool hostArmed, hostNotified

/* Deaths. */
bool doomed               /* the mortal one dies at its next step */
#ifdef PHANTOM
byte gone = W_BIT(WORKERS + 1)
#else
byte gone
#endif
                          /* bits of workers whose thread has ended and whom the host has not recovered */

inline notifyPark(w) {
#ifdef NO_NOTIFY
  skip
#else
  if :: waiter[w] == ARMED -> waiter[w] = NOTIFIED :: else fi
#endif
}

/* Two steps: or, notify. COARSE: one. */
inline unpark(w) {
#ifdef COARSE
  d_step { park[w] = park[w] | NEWS; notifyPark(w) }
#else
  park[w] = park[w] | NEWS;                                           /* wake: to park */
  d_step { notifyPark(w) }                                            /* wake: whoever waits on it */
#endif
}

/* rouse: `mask` says whether it was this one that has woken v. Two steps: and, notify. */
inline rouse(REST) {
  d_step {
#ifdef ROUSE_BY_STORE
    mask = 1;                                                         /* mutant: whoever comes has woken it */
#else
    mask = park[v] & REST;
#endif
#ifndef NOT_ROUSED
    park[v] = park[v] & ~REST;                                        /* claim: this sleep; wake: to park */
#endif
#ifdef COARSE
    if :: mask != 0 -> notifyPark(v) :: else fi
#endif
  }
#ifndef COARSE
  ;
  if :: mask != 0 -> d_step { notifyPark(v) } :: else fi              /* wake: whoever waits on it */
#endif
}

inline wakeListener() {
#ifndef NO_LISTENER_WAKE
  do
  :: d_step { mask = LISTENING; v = 1 + LOWEST(mask) }                /* observe: set before the last look of who parks */
     if
     :: mask == 0 -> break
     :: else ->
        d_step { mask = LISTENING & W_BIT(v); LISTENING = LISTENING & ~W_BIT(v) } /* claim: this hint */
        if
        :: mask == 0
        :: else -> rouse(ATTENTIVE); if :: mask != 0 -> break :: else fi
        fi
     fi
  od;
#endif
  mask = 0; v = 0
}

/* After the mask was loaded: takes one sleeper, or goes round again. */
inline wakeSleeper(again) {
  do
  :: again && SEARCHING != 0 -> break                                 /* observe: a searcher looks again before it parks */
  :: !again || SEARCHING == 0 ->
     d_step { mask = SLEEPING; v = 1 + LOWEST(mask) }                 /* observe: set before the last look of who parks */
     if
     :: mask == 0 -> wakeListener(); break
     :: else ->
        d_step { mask = SLEEPING & W_BIT(v); SLEEPING = SLEEPING & ~W_BIT(v) } /* claim: this hint */
        if
        :: mask == 0
        :: else ->
#ifdef ROUSE_BEFORE_MARK
           rouse(ASLEEP);
           if :: mask != 0 -> SEARCHING = SEARCHING | W_BIT(v); break :: else fi
#else
           SEARCHING = SEARCHING | W_BIT(v);                          /* publish: it searches from now on, to every waker */
           rouse(ASLEEP);
           if
           :: mask != 0 -> break
           :: else ->
#ifndef MARK_STAYS
              SEARCHING = SEARCHING & ~W_BIT(v);                      /* publish: nobody relies on it */
#endif
#ifdef GIVES_UP
              break
#else
              skip
#endif
           fi
#endif
        fi
     fi
  od;
  mask = 0; v = 0
}
inline wakeOne() { wakeSleeper(true) }
inline wakeRegardless() { wakeSleeper(false) }

inline ringHost() {
#if !defined(NO_RING) && !defined(POLLS)
  if                                                                  /* observe: set before the host's last look */
  :: HOST_STATE == AWAKE
  :: HOST_STATE != AWAKE ->
     if
     :: d_step { HOST_STATE == PARKED -> HOST_STATE = AWAKE }         /* claim: the one ring */
        BELL++;                                                       /* wake: the word differs from what the host saw */
        d_step { if :: hostArmed -> hostArmed = false; hostNotified = true :: else fi } /* wake: the host */
     :: HOST_STATE != PARKED                                          /* somebody else has rung */
     fi
  fi
#else
  skip
#endif
}

#define OTHERS (me == 1 -> 2 : 1)
#define LAST_OTHER (me == WORKERS -> WORKERS - 1 : WORKERS)

/* Finder.hasWork: band, own deque, those of the others. A step each. */
inline hasWork() {
#if MEET == SPAWN
  if
  :: band != 0 -> found = true
  :: band == 0 && deque[me] != 0 -> found = true                      /* its own: nobody else adds to it */
  :: band == 0 && deque[me] == 0 ->
     if
     :: deque[OTHERS] != 0 -> found = true
     :: deque[OTHERS] == 0 && LAST_OTHER == OTHERS
     :: deque[OTHERS] == 0 && LAST_OTHER != OTHERS -> if :: deque[LAST_OTHER] != 0 -> found = true :: else fi
     fi
  fi
#else
  found = band != 0
#endif
}

/* Finder.find: a hint, and the swap on the slot's word that makes it a task. Only a death can come between the two. */
inline takeFrom(queue) {
#if DEATHS > 0
  d_step { if :: queue == 0 -> id = NONE :: else -> id = LOWEST(queue); queue = queue & ~BIT(id) fi }
#else
  d_step {
    if
    :: queue == 0 -> id = NONE
    :: else -> id = LOWEST(queue); queue = queue & ~BIT(id); queued = queued & ~BIT(id); running[me] = running[me] | BIT(id)
    fi
  }
#endif
}

inline find() {
#if DEATHS > 0
  do
  :: takeFrom(band);
     if
     :: id == NONE -> break
     :: else ->
        d_step {                                                      /* claim: tryClaim */
          if
          :: queued & BIT(id) -> queued = queued & ~BIT(id); running[me] = running[me] | BIT(id); found = true
          :: else -> id = NONE                                        /* a stale hint: look on */
          fi
        }
        if :: found -> found = false; break :: else fi
     fi
  od
#else
  takeFrom(band)
#if MEET == SPAWN
  ;
  if :: id == NONE -> takeFrom(deque[me]) :: else fi;
  if :: id == NONE -> takeFrom(deque[OTHERS]) :: else fi;
  if :: id == NONE && LAST_OTHER != OTHERS -> takeFrom(deque[LAST_OTHER]) :: else fi
#endif
#endif
}

/* Idle.stopSearch, and who was the last to search looks for more work and wakes one. */
inline stopSearch() {
  if
  :: searching ->
     d_step { searching = false; SEARCHING = SEARCHING & ~W_BIT(me); found = false; last = SEARCHING == 0 } /* publish */
#ifndef NO_LAST_SEARCHER
     if
     :: last -> last = false; hasWork(); if :: found -> found = false; wakeOne() :: else fi
     :: else
     fi
#endif
  :: else
  fi;
  last = false
}

/* MainLoop.complete: DONE, the record, the bell. Only a death can part the first two. */
inline complete(n) {
#ifdef RING_BEFORE_RECORD
  ringHost();
#endif
#if DEATHS > 0
  d_step { assert(running[me] & BIT(n)); running[me] = running[me] & ~BIT(n); done = done | BIT(n) } /* publish: the result */
  records = records | BIT(n)                                          /* publish: RingProducer.publish */
#else
  d_step { running[me] = running[me] & ~BIT(n); done = done | BIT(n); records = records | (BIT(n) & ALL_ROOTS) }
#endif
#ifndef RING_BEFORE_RECORD
  if :: (ALL_ROOTS & BIT(n)) -> ringHost() :: else fi                 /* a child's way is in children.pml */
#endif
}

#define MET(n) ((PEERS(n) & ~(started | lost)) == 0)
#define MAY_FINISH ((ALL & ~1 & ~(done | lost)) == 0)                 /* AWAIT: task 0 */

/* MainLoop.runClaimed and what the task does. */
inline runClaimed() {
#ifndef SHORT
  stopSearch();
#endif
  d_step { assert((started & BIT(id)) == 0); started = started | BIT(id) } /* no task runs twice */
  if
  :: MEET == AWAIT && id == 0 -> inFlight = true                      /* an async function returns its promise */
  :: MEET == SPAWN && id == 0 ->
     child = 1;
     do
     :: child < TASKS ->
        d_step { queued = queued | BIT(child); deque[me] = deque[me] | BIT(child) } /* publish: DequeOwner.tryPush */
        wakeOne();
        child++
     :: else -> break
     od;
     child = 0;
     MET(0);                                                          /* blocked, in user code */
     complete(0)
  :: else ->
     MET(id);
     complete(id)
  fi;
  id = NONE
}

inline finishAsync() {
  complete(0);
  inFlight = false
}

/* Idle.prepare */
inline prepare(MASK, REST) {
#ifndef REST_AFTER_SLEEPING
  park[me] = REST;                                                    /* park: before the bit */
#endif
  MASK = MASK | W_BIT(me);                                            /* publish: may be woken, before the second look */
#ifdef REST_AFTER_SLEEPING
  park[me] = REST;
#endif
  d_step { searching = false; SEARCHING = SEARCHING & ~W_BIT(me) }    /* publish: no longer counted */
}

/* Idle.restore: in the second look, and on every return from a wait. */
inline restore(MASK, REST) {
#ifndef NO_RESTORE
  MASK = MASK & ~W_BIT(me);                                           /* publish: not to be woken */
  d_step { if :: (park[me] & REST) == 0 -> searching = true :: else fi; park[me] = park[me] & ~REST } /* claim: this sleep */
#else
  skip
#endif
}

inline unparked() {
  if
  :: parkedIn == 1 -> restore(SLEEPING, ASLEEP); parkedIn = 0;
     if :: !inFlight && !searching -> d_step { searching = true; SEARCHING = SEARCHING | W_BIT(me) } :: else fi
  :: parkedIn == 2 -> restore(LISTENING, ATTENTIVE); parkedIn = 0
  :: else
  fi
}

#define REST_IN(where) (where == 1 -> ASLEEP : ATTENTIVE)

/* What a worker does until it dies. */
inline work() {
  do
  :: find();
     if
     :: id != NONE -> runClaimed()
     :: else ->
        /* #search: the mark, and as many looks as the budget allows; none is the hardest case */
        if
        :: !searching -> d_step { searching = true; SEARCHING = SEARCHING | W_BIT(me) } /* publish: startSearch */
        :: else
        fi;
        /* #park */
        if
        :: inFlight ->
           d_step { if :: searching -> searching = false; SEARCHING = SEARCHING & ~W_BIT(me) :: else fi }
           prepare(LISTENING, ATTENTIVE); parkedIn = 2
        :: else -> prepare(SLEEPING, ASLEEP); parkedIn = 1
        fi;
#ifndef NO_SECOND_LOOK
        hasWork();
#endif
        if
        :: found -> found = false; unparked()
        :: else ->
           /* Parking.wait */
           d_step {
             if
             :: waiter[me] == 0 && park[me] == REST_IN(parkedIn) -> waiter[me] = ARMED /* park: until rouse or unpark */
             :: else -> found = park[me] != REST_IN(parkedIn)            /* observe: a wake that came meanwhile */
             fi
           }
           end_parked:
           if
           :: found -> found = false
           :: !found && waiter[me] == NOTIFIED -> waiter[me] = 0         /* its callback */
           :: !found && inFlight && MAY_FINISH -> finishAsync()          /* news of its own */
           fi;
           unparked()
        fi
     fi
  od
}

#define HEAP byte id = NONE, v, mask, child, parkedIn; bool searching, found, last, inFlight

proctype Worker(byte me) {
  HEAP;
  work()
}

#if DEATHS > 0
#ifndef MORTAL
#define MORTAL 1
#endif
/* The one that dies: alone, for all that can be interrupted has many more states. Of equal sleepers the first is woken first. */
proctype Mortal(byte me) {
  HEAP;
  end:
  do
  :: { work() } unless { doomed };
     /* The thread has ended: nothing it had in its heap is left. */
     d_step {
       doomed = false; waiter[me] = 0; gone = gone | W_BIT(me);
       id = NONE; v = 0; mask = 0; child = 0; parkedIn = 0; searching = false; found = false; last = false; inFlight = false
     }
#ifdef NO_SUCCESSOR
     end_dead: false;
#endif
     end_gone: (gone & W_BIT(me)) == 0                                /* its successor starts after the recovery */
  od
}

/* At any time while something is unsettled. */
proctype Killer() {
  byte n;
  do
  :: n < DEATHS && settled != ALL_ROOTS -> doomed = true; n++; !doomed
  :: n >= DEATHS || settled == ALL_ROOTS -> break
  od
}
#endif

/* Dispatcher.drain */
inline drain() {
  d_step { got = (records & ~settled) != 0; settled = settled | records; records = 0 }
}

/* recover, and what the host does after it. One of those whose thread has ended. */
inline recover() {
  dead = 1 + LOWEST(gone);
  SLEEPING = SLEEPING & ~W_BIT(dead);
  LISTENING = LISTENING & ~W_BIT(dead);
#ifndef KEEP_ASLEEP
  if :: dead <= WORKERS -> park[dead] = 0 :: else fi;                 /* publish: to rouse, before the marks go */
#endif
#ifndef KEEP_SEARCHING
  SEARCHING = 0;                                                      /* publish: nobody relies on anybody's looking */
#endif
  d_step { lost = lost | running[dead]; settled = settled | running[dead]; running[dead] = 0 }
#ifndef NO_UNPARK_ALL
  w = 1;
  do
  :: w > WORKERS -> break
  :: else -> unpark(w); w++
  od;
  w = 0;
#endif
  d_step { mask = done & ~settled; settled = settled | mask } /* rescan: the record may have died unwritten */
#ifndef NO_REHINT
  band = band | queued;                                               /* publish: every QUEUED slot gets a new hint */
#endif
  d_step { mask = 0; gone = gone & ~W_BIT(dead); dead = 0 }
  if :: settled != ALL_ROOTS -> wakeOne() :: else fi
}

#if DEATHS > 0
#define START(w) if :: w == MORTAL -> run Mortal(w) :: else -> run Worker(w) fi
#else
#define START(w) run Worker(w)
#endif

active proctype Host() {
  byte next, v, mask, seen, w, dead;
  bool got;
  atomic { v = 1; do :: v <= WORKERS -> START(v); v++ :: else -> break od; v = 0; 
#if DEATHS > 0
    run Killer()
#endif
  }
  do
  :: next < ROOTS ->                                                  /* a call */
     d_step { queued = queued | BIT(next); band = band | BIT(next); next++ } /* publish: the slot and its hint */
     wakeOne()
#ifdef LATE
  :: next > 0 ->
#else
  :: next == ROOTS ->
#endif
                                         /* a turn of the event loop: #onPump */
#ifdef POLLS
     if
     :: (records & ~settled) != 0 -> drain()
     :: gone != 0 -> recover()
     :: settled == ALL_ROOTS -> break
#ifdef LATE
     :: next < ROOTS
#endif
#if defined(NET) && !defined(NO_NET)
     :: timeout -> wakeRegardless()                                   /* #rescue */
#endif
     fi
#else
     HOST_STATE = AWAKE;
     drain();
     do :: gone != 0 -> recover() :: else -> break od;
     if
     :: settled == ALL_ROOTS && next == ROOTS -> break
     :: else ->
        /* #park */
        seen = BELL;
#ifndef NO_HOST_LAST_LOOK
        HOST_STATE = PARKED;                                          /* park: before the last look */
        drain();
#else
        drain(); HOST_STATE = PARKED;
#endif
        if
        :: got
        :: else ->
           d_step { if :: BELL == seen && !hostNotified -> hostArmed = true :: else -> hostNotified = true fi }
           if
           :: hostNotified -> hostNotified = false                    /* park: until ringHost */
           :: gone != 0                                               /* 'exit' */
#ifdef LATE
           :: next < ROOTS                                            /* the application calls again */
#endif
#if defined(NET) && !defined(NO_NET)
           :: timeout -> wakeRegardless()                             /* #rescue */
#endif
           fi
        fi
     fi
#endif
  od;
  /* Everybody is settled once, and nothing is left behind. */
  assert((queued & ALL_ROOTS) == 0 && ((done | lost) & ALL_ROOTS) == ALL_ROOTS);
  over = true
}

#ifdef LTL
ltl served { <> over }
#endif
