/*
 * Children: joins, the done stack, and the death of a parent or of an executor at any step. lib/workers/children.ts,
 * submissions.ts, main-loop.ts (#completeChild, #publishDone), lib/scheduler/done-stack.ts, recovery.ts.
 *
 * Worker 1 spawns CHILDREN children, at most SLOTS at a time, and joins them as a blocking get() does. Worker 2 steals. The host
 * recovers who dies, and the successor takes the slots over and spawns what is left. That the thief is awake is the
 * business of parking.pml. Checked: no child runs twice; no slot is in the stack twice (its link would close a ring, and the
 * parent would follow it for ever); each child of a parent that lives is settled, once; all slots come back, while the thief lives.
 */
#include "slot-word.pml"
#ifndef SLOTS
#define SLOTS 1
#endif
#ifndef CHILDREN
#define CHILDREN 2
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#define PARENT 1
#define THIEF 2
#define NOBODY 255

short word[SLOTS]
byte payload[SLOTS]          /* which child the slot is for: FUNCTION and arguments */
byte next[SLOTS]             /* NEXT: the link of the done stack */
byte top                     /* memory.done: id + 1, or 0 */
byte deaths                  /* deathsWord: bits of executors that died */
bool asleep                  /* the parent waits on the word of a slot */
#define BIT(id) (1 << (id))
byte taken                   /* #done: what the parent has taken and not gone through: in its heap, and lost with it */
byte pushing                 /* PUSHING of the thief: id + 1, or 0 */
bool unparked                /* NEWS in the park word of the parent: see hasNews */
chan hints = [CHILDREN + SLOTS * DEATHS] of { byte } /* the parent's deque and what a recovery hands out: the thief looks in both */
byte spawned
byte ran[CHILDREN]
byte doomed, gone            /* who is to die, and bits of those whom the host has not recovered */
bool over

inline notify() { asleep = false }

/* done-stack.ts: pushDone. */
inline pushDone(id) {
  do
  :: d_step { link = top; next[id] = link }                           /* owned: the executor has the slot until the swap */
     swap(top, link, id + 1, ok);                                     /* publish: the slot, to takeDone */
     if :: ok -> break :: else fi
  od;
  ok = false; link = 0
}

/* main-loop.ts: #publishDone and #completeChild. */
inline complete(id, executor) {
#ifndef NO_PUSHING
  if :: executor == THIEF -> pushing = id + 1 :: else fi;             /* publish: before DONE */
#endif
  do
  :: seen = word[id];                                                 /* observe: flags of joiners and of recovery */
     if
     :: (seen & ORPHAN) != 0 ->
        word[id] = WITH_STATE(seen & ~ORPHAN, FREE);                  /* publish: to the dead parent's successor */
        break
     :: (seen & ORPHAN) == 0 ->
#ifdef COMPLETE_BY_STORE
        word[id] = WITH_STATE(seen & ~WAITED, DONE); ok = true;
#else
        swap(word[id], seen, WITH_STATE(seen & ~WAITED, DONE), ok);   /* publish: the result, to the parent */
#endif
        if
        :: ok ->
           if :: (seen & WAITED) != 0 -> notify() :: else fi;         /* wake: the joiner on this very word */
#ifdef CLEAR_BEFORE_PUSH
           if :: executor == THIEF -> pushing = 0 :: else fi;
#endif
           pushDone(id);
           break
        :: else
        fi
     fi
  od;
#ifdef UNPARK_BEFORE_CLEAR
  unparked = true;
#endif
#ifndef NO_CLEAR
  if :: executor == THIEF -> pushing = 0 :: else fi;                  /* publish: done with the slot */
#endif
#ifndef UNPARK_BEFORE_CLEAR
  unparked = true;                                                    /* wake: the parent */
#endif
  seen = 0; ok = false
}

/* tryClaim, and what a claimed task does: it reads its slot after the swap, and runs. */
inline tryClaim(id, executor) {
  do
  :: seen = word[id];                                                 /* observe: published by the parent */
     if
     :: STATE(seen) != QUEUED -> ok = false; break
     :: else ->
#ifdef CLAIM_BY_STORE
        word[id] = CLAIMED_BY(seen, executor); ok = true;
#else
        swap(word[id], seen, CLAIMED_BY(seen, executor), ok);         /* claim */
#endif
        if :: ok -> break :: else fi
     fi
  od;
  seen = 0
}
inline execute(id) {
  d_step { ran[payload[id]]++; assert(ran[payload[id]] == 1) }        /* no child runs twice */
}

/* The heap of the parent, gone with it. */
#define CALL(id) (calls & BIT(id))
inline vacate(id) { calls = calls & ~BIT(id); free = free | BIT(id) }

/* Submissions.#settle. The word stays as it is. */
inline settleCall(id) {
  d_step { taken = taken & ~BIT(id); vacate(id) }
}

/* Submissions.finishedWith: a look at each inherited slot; `finished` gets those that nobody will push any more. */
inline finishedWith() {
  n = 0;
  do
  :: n == SLOTS -> break
  :: n < SLOTS && (inherited & BIT(n)) ->
     seen = word[n];                                                  /* observe: marked by recover */
#ifdef TRUST_NOBODY
     if :: (seen & ORPHAN) -> finished = finished | BIT(n) :: else fi;
#else
     if :: (seen & ORPHAN) || pushing != n + 1 -> finished = finished | BIT(n) :: else fi; /* observe: after DONE */
#endif
     n++
  :: n < SLOTS && !(inherited & BIT(n)) -> n++
  od;
  n = 0; seen = 0
}

/* takeDone: everything pushed so far. A ring of links would never end. */
inline takeDone(into) {
  d_step {
    link = top; top = 0; n = 0;
    do
    :: link == 0 -> break
    :: else ->
       n++;
       assert(n <= SLOTS);                                            /* no slot is in the stack twice */
       into = into | BIT(link - 1);
       link = next[link - 1]
    od;
    n = 0
  }
}

/* Children.#settle */
inline settle() {
#ifndef TAKE_BEFORE_DEATHS
  d_step { dead = deaths; deaths = 0 }                                /* observe: marked by recover */
#endif
#ifndef LOOK_AFTER_TAKING
  finishedWith();                                                     /* before the stack is taken */
#endif
  takeDone(taken);
#ifdef LOOK_AFTER_TAKING
  finishedWith();
#endif
  n = 0;
  do
  :: n == SLOTS -> break
  :: n < SLOTS && !(taken & BIT(n)) -> n++
  :: n < SLOTS && (taken & BIT(n)) ->
     if
     :: CALL(n) && STATE(word[n]) == DONE -> settleCall(n)
     :: CALL(n) && STATE(word[n]) != DONE -> taken = taken & ~BIT(n)
     :: !CALL(n) -> taken = taken & ~BIT(n)                           /* of a predecessor's child */
     fi;
     n++
  od;
  n = 0;
  d_step { inherited = inherited & ~finished; finished = 0 }          /* releaseInherited */
#ifdef TAKE_BEFORE_DEATHS
  d_step { dead = deaths; deaths = 0 }
#endif
  /* #settleAfterDeath */
  if
  :: dead != 0 ->
     do
     :: n == SLOTS -> break
     :: n < SLOTS ->
        if
        :: CALL(n) && STATE(word[n]) == DONE && (word[n] & ORPHAN) -> settleCall(n)
        :: CALL(n) && STATE(word[n]) == LOST -> d_step { vacate(n) }
        :: else
        fi;
        n++
     od
  :: else
  fi;
  n = 0; dead = 0
}

/* Submissions.#isFree, for a slot without a call. */
#ifdef REUSE_DONE
#define USABLE(id) REUSABLE(word[id])
#else
#define USABLE(id) (REUSABLE(word[id]) && !(inherited & BIT(id)))
#endif

inline collectFree() {
  n = 0;
  do
  :: n == SLOTS -> break
  :: n < SLOTS && !CALL(n) && USABLE(n) -> free = free | BIT(n); n++ /* observe: an orphan's end */
  :: n < SLOTS && (CALL(n) || !USABLE(n)) -> n++
  od;
  n = 0
}

/* Children.block: helps, then sleeps on the slot's own word. */
inline join(id) {
  do
  :: CALL(id) ->
     settle();
     if
     :: !CALL(id) -> break
     :: else ->
        seen = word[id];                                              /* observe: who has it */
        if
        :: STATE(seen) == QUEUED ->
           tryClaim(id, PARENT);
           if :: ok -> execute(id); complete(id, PARENT) :: else fi
        :: STATE(seen) == RUNNING ->
           asleep = true;
#ifdef WAITED_BY_STORE
           word[id] = seen | WAITED; ok = true;
#else
           swap(word[id], seen, seen | WAITED, ok);                   /* publish: notify me, to the executor */
#endif
           if
           :: ok && word[id] == (seen | WAITED) ->
              if
              :: !asleep                                              /* park: until the state changes */
#if DEATHS > 0
              :: timeout                                              /* JOIN_WAIT_MS: its waker may have died */
#endif
              fi
           :: else
           fi;
           d_step { asleep = false; ok = false; seen = 0 }
#ifdef FREE_BEFORE_PUSH
        :: STATE(seen) == DONE -> vacate(id)                          /* mutant: does not wait for the record */
#endif
        :: STATE(seen) != QUEUED && STATE(seen) != RUNNING ->
           top != 0 || deaths != 0                                    /* spins: the record is on its way */
        fi
     fi
  :: else -> break
  od;
  seen = 0
}

proctype Parent() {
  byte calls, free, id, link, n, dead, inherited, finished;
  short seen;
  bool ok;
  do
  ::
#if DEATHS > 0
     {
#endif
       do
       :: spawned < CHILDREN ->
          /* Children.#place: room, or what the done stack gives. */
          if :: free == 0 -> collectFree() :: else fi;
          if :: free == 0 -> settle(); collectFree() :: else fi;
          if :: free == 0 -> spawned++ :: else fi;                    /* no slot: it runs on the parent's own stack */
          id = 0;
          do
          :: id == SLOTS -> break
          :: id < SLOTS && (free & BIT(id)) && spawned < CHILDREN ->
             /* Submissions.place: the fields, QUEUED in the next generation; then the hint. */
             d_step { free = free & ~BIT(id); payload[id] = spawned; spawned++; calls = calls | BIT(id) } /* owned: free */
             word[id] = PACK(QUEUED, 0, GENERATION(word[id]) + 1);    /* publish: to whoever follows an old hint */
             hints ! id;                                              /* publish: DequeOwner.tryPush */
             id++
          :: id < SLOTS && (!(free & BIT(id)) || spawned == CHILDREN) -> id++
          od;
          id = 0;
          do
          :: id < SLOTS -> join(id); id++
          :: else -> break
          od;
          id = 0
       :: spawned == CHILDREN && calls == 0 ->
          end_idle:
          if
          :: top != 0 || deaths != 0 || unparked ->                   /* hasNews: it does not park */
             unparked = false;
#ifndef NO_TEND
             settle()
#endif
          :: !over && timeout ->                                      /* nothing else will ever happen */
             d_step {
               over = true;
               n = 0;
               do
               :: n < SLOTS -> assert(USABLE(n)); n++                 /* no slot is leaked */
               :: else -> break
               od;
               n = 0
             }
          fi
       od
#if DEATHS > 0
     } unless { doomed == PARENT };
     d_step {
       doomed = 0; gone = gone | (1 << PARENT);
       taken = 0; inherited = 0; finished = 0;
       calls = 0; free = 0; id = 0; link = 0; n = 0; dead = 0; seen = 0; ok = false; asleep = false
     }
     (gone & (1 << PARENT)) == 0;
     /* Submissions.inherit */
     do
     :: n < SLOTS -> d_step { if :: STATE(word[n]) == DONE -> inherited = inherited | BIT(n) :: else fi; n++ } /* observe */
     :: else -> break
     od;
     n = 0; unparked = true
#endif
  od
}

proctype Thief() {
  byte id, link;
  short seen;
  bool ok;
  do
  ::
#if DEATHS > 0
     {
#endif
       ok = false;                                                    /* a valid end cannot be the first step of an unless */
       end_idle:
       do
       :: hints ? id;                                       /* a hint */
          tryClaim(id, THIEF);
          if :: ok -> ok = false; execute(id); complete(id, THIEF) :: else fi;
          id = 0
       od
#if DEATHS > 0
     } unless { doomed == THIEF };
     d_step { doomed = 0; gone = gone | (1 << THIEF); id = 0; link = 0; seen = 0; ok = false }
     (gone & (1 << THIEF)) == 0
#endif
  od
}

#if DEATHS > 0
active proctype Killer() {
  byte n;
  do
  :: n < DEATHS && !over -> if :: doomed = PARENT :: doomed = THIEF :: n = DEATHS fi; n++; doomed == 0
  :: n >= DEATHS || over -> break
  od
}
#endif

/* recovery.ts, slot by slot: judge for the parent's slots after the thief's death, withdraw after the parent's. */
inline judge(id) {
  if
  :: STATE(seen) == QUEUED ->
     hints ! id;                                                      /* publish: the hint may have died with it */
     break
  :: STATE(seen) == DONE && EXECUTOR(seen) == THIEF ->
     swap(word[id], seen, seen | ORPHAN, ok);                         /* claim: its record may have died unwritten */
#ifndef NO_DEATHS_WORD
     if :: ok -> deaths = deaths | (1 << THIEF); break :: else fi     /* publish: look at your slots */
#else
     if :: ok -> break :: else fi
#endif
  :: STATE(seen) == RUNNING && EXECUTOR(seen) == THIEF && (seen & ORPHAN) ->
     swap(word[id], seen, PACK(FREE, 0, GENERATION(seen)), ok);       /* whom it was for is dead too */
     if :: ok -> break :: else fi
  :: STATE(seen) == RUNNING && EXECUTOR(seen) == THIEF && !(seen & ORPHAN) ->
     swap(word[id], seen, WITH_STATE(seen, LOST), ok);                /* claim: against a joiner's flag */
     if
     :: ok -> if :: (seen & WAITED) -> notify() :: else fi; deaths = deaths | (1 << THIEF); break
     :: else
     fi
  :: else -> break
  fi
}

#ifdef FREE_RUNNING
#define RUNS_ELSEWHERE(w) false
#else
#define RUNS_ELSEWHERE(w) (STATE(w) == RUNNING && EXECUTOR(w) != PARENT)
#endif
/* Its executor lives and is about to record it: the successor frees it then. */
#ifdef FREE_DONE
#define UNRECORDED(w, id) false
#else
#define UNRECORDED(w, id) (STATE(w) == DONE && EXECUTOR(w) != PARENT && !(recorded & BIT(id)) && !((w) & ORPHAN))
#endif

inline withdraw(id) {
  if
  :: STATE(seen) == FREE || UNRECORDED(seen, id) -> break
  :: RUNS_ELSEWHERE(seen) ->
     swap(word[id], seen, seen | ORPHAN, ok);                         /* claim: against the completion */
     if :: ok -> break :: else fi
  :: STATE(seen) != FREE && !RUNS_ELSEWHERE(seen) && !UNRECORDED(seen, id) ->
#ifdef WITHDRAW_BY_STORE
     word[id] = PACK(FREE, 0, GENERATION(seen)); break
#else
     swap(word[id], seen, PACK(FREE, 0, GENERATION(seen)), ok);       /* claim: against tryClaim */
     if :: ok -> break :: else fi
#endif
  fi
}

active proctype Host() {
  byte id, link, n, recorded;
  short seen;
  bool ok;
  atomic { run Parent(); run Thief() }
  end_idle:
  do
  :: (gone & (1 << THIEF)) != 0 ->
     do
     :: id < SLOTS -> do :: seen = word[id]; judge(id) od; id++
     :: else -> break
     od;
     id = 0;
     d_step { gone = gone & ~(1 << THIEF); seen = 0; ok = false }
  :: (gone & (1 << PARENT)) != 0 ->
     takeDone(recorded);                                              /* their executors are done with them */
     do
     :: id < SLOTS -> do :: seen = word[id]; withdraw(id) od; id++
     :: else -> break
     od;
     id = 0;
     d_step { gone = gone & ~(1 << PARENT); recorded = 0; seen = 0; ok = false }
  od
}

#ifdef LTL
ltl served { <> over }
#endif
