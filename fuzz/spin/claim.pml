/*
 * Claims: the host's calls through one slot after the other, against cancelling, condemning and deaths. The swap on the slot's
 * word (tryClaim, Submissions.cancel, #publishDone) decides; hints may be stale or double. lib/workers/submissions.ts, dispatcher.ts,
 * main-loop.ts, lib/scheduler/recovery.ts. Workers that wait for a hint are awake: sleeping is the business of parking.pml.

 *
 *   CALLS, SLOTS, WORKERS, DEATHS   sizes
 *   CANCEL, CONDEMN, POLL           the host may cancel, condemn, look at a slot without having a record
 *   WRAPPED                         the generation never changes, as if it had come round between any two looks
 *
 * Checked: each call is settled once, with its own result; none runs twice, none after it was cancelled; a condemned worker
 * takes nothing with it; all slots come back.
 */
#include "slot-word.pml"
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef SLOTS
#define SLOTS 1
#endif
#ifndef CALLS
#define CALLS 2
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#define NOBODY 255
/* A slot is hinted once per use, once more per recovery. */
#define HINTS (CALLS + SLOTS * (DEATHS + CALLS))

short word[SLOTS]
byte payload[SLOTS]          /* FUNCTION and arguments: which call */
byte result[SLOTS]
chan band = [HINTS] of { byte }
chan records = [CALLS + 1] of { byte } /* the completion rings */
byte ran[CALLS], settled[CALLS], cancelled[CALLS]
#ifdef WRAPPED
#define NEXT_GENERATION(w) GENERATION(w)
#else
#define NEXT_GENERATION(w) (GENERATION(w) + 1)
#endif
#define BIT(w) (1 << (w))
byte doomed                  /* bits of workers that die at their next step */
byte gone                    /* and of those that the host has not recovered */
byte terminated              /* whom the host terminates: it takes as long as it takes */
bool over
byte deathCount

inline tryClaim() {
  do
  :: seen = word[id];                                                 /* observe: published by the submitter */
     if
     :: STATE(seen) != QUEUED -> ok = false; break
     :: else ->
#ifdef FIELDS_BEFORE_SWAP
        call = payload[id];
#endif
#ifdef CLAIM_BY_STORE
        word[id] = CLAIMED_BY(seen, me); ok = true;
#else
        swap(word[id], seen, CLAIMED_BY(seen, me), ok);               /* claim: against tryClaim, cancel, flags */
#endif
        if :: ok -> break :: else fi
     fi
  od;
  seen = 0
}

proctype Worker(byte me) {
  byte id, call;
  short seen;
  bool ok, condemned;
  do
  :: {
       ok = false;
       end_idle:
       do
       :: !over && nempty(band) && !condemned ->
          atomic { if :: band ? id -> ok = true :: empty(band) -> ok = false fi } /* a hint */
          if :: ok -> tryClaim() :: else fi;
          if
          :: ok ->
#ifndef FIELDS_BEFORE_SWAP
             call = payload[id];                                      /* owned: claimed by this worker */
#endif
             d_step { ran[call]++; assert(ran[call] == 1 && !cancelled[call]) }
             result[id] = call;                                       /* owned: claimed by this worker */
             /* #publishDone */
             do
             :: seen = word[id];                                      /* observe: what the host has made of it */
                if
                :: STATE(seen) == CONDEMNED ->
#ifndef CLAIM_AFTER_CONDEMNED
                   condemned = true;                                  /* the host kills this thread: claim nothing more */
#endif
                   break
                :: else ->
#ifdef COMPLETE_BY_STORE
                   word[id] = WITH_STATE(seen, DONE); ok = true;
#else
                   swap(word[id], seen, WITH_STATE(seen, DONE), ok);  /* publish: the result, to the submitter */
#endif
                   if :: ok -> records ! id; break :: else fi         /* publish: the record */
                fi
             od
          :: else
          fi;
          id = 0;
          d_step { ok = false; seen = 0; call = 0 }
       od
     } unless { (doomed & BIT(me)) != 0 };
     d_step { doomed = doomed & ~BIT(me); gone = gone | BIT(me); id = 0; call = 0; seen = 0; ok = false; condemned = false }
     end_dead: (gone & BIT(me)) == 0                                             /* its successor starts after the recovery */
  od
}

active proctype Killer() {
  end:
  do
  :: (terminated & ~gone & ~doomed) != 0 -> doomed = doomed | (terminated & ~gone)
#if DEATHS > 0
  :: deathCount < DEATHS && !over && ((doomed | gone) & BIT(1)) == 0 -> /* of itself; all are alike */
     d_step { deathCount++; if :: ((doomed | gone) & BIT(1)) == 0 -> doomed = doomed | BIT(1) :: else fi }
#endif
  od
}

inline settle(id) { d_step { settled[calls[id]]++; assert(settled[calls[id]] == 1); calls[id] = NOBODY } }
/* Submissions.poll */
inline poll(id) {
  if
  :: calls[id] == NOBODY
  :: else ->
     seen = word[id];                                                 /* observe: the executor's completion */
     if
#ifdef TRUST_RECORDS
     :: true ->
#else
     :: STATE(seen) == DONE ->
#endif
        assert(result[id] == calls[id] && ran[calls[id]] == 1);       /* its own result */
        settle(id)
     :: else
     fi;
     seen = 0
  fi
}

#ifdef REUSE_CONDEMNED
#define IS_FREE(id) (calls[id] == NOBODY && STATE(word[id]) != QUEUED && STATE(word[id]) != RUNNING)
#else
#define IS_FREE(id) (calls[id] == NOBODY && REUSABLE(word[id]))
#endif

active proctype Host() {
  byte calls[SLOTS] = NOBODY;
  byte next, id, dead;
  short seen;
  bool ok;
  atomic { id = 1; do :: id <= WORKERS -> run Worker(id); id++ :: else -> break od; id = 0 }
  do
  /* A call. */
  :: next < CALLS && IS_FREE(0) -> id = 0; goto place
  :: SLOTS > 1 && next < CALLS && IS_FREE(SLOTS - 1) ->
     id = SLOTS - 1;
     place: skip;
#ifdef HINT_BEFORE_FIELDS
     word[id] = PACK(QUEUED, 0, NEXT_GENERATION(word[id]));
     d_step { payload[id] = next; calls[id] = next; next++ }
#else
     d_step { payload[id] = next; calls[id] = next; next++ }          /* owned: the slot is free */
     word[id] = PACK(QUEUED, 0, NEXT_GENERATION(word[id]));            /* publish: to whoever follows an old hint */
#endif
     band ! id;                                                       /* publish: the hint */
     id = 0
  /* The rings. */
  :: records ? id -> poll(id); id = 0
#ifdef POLL
  /* A poll for a call that was just made, without its record; on each slot. */
  :: STATE(word[id]) == DONE && calls[id] != NOBODY -> poll(id)
#endif
#ifdef CANCEL
  /* Submissions.cancel */
  :: calls[id] != NOBODY && STATE(word[id]) == QUEUED && !cancelled[calls[id]] ->
     seen = word[id];
     if
     :: STATE(seen) == QUEUED ->
#ifdef CANCEL_BY_STORE
        word[id] = WITH_STATE(seen, CANCELLED); ok = true;
#else
        swap(word[id], seen, WITH_STATE(seen, CANCELLED), ok);        /* claim: against executors */
#endif
        if :: ok -> cancelled[calls[id]] = 1; settle(id) :: else fi
     :: else
     fi;
     d_step { ok = false; seen = 0 }
#endif
#ifdef CONDEMN
  /* Condemn: RUNNING(worker, generation) -> CONDEMNED, and only then the thread is terminated. */
  :: calls[id] != NOBODY && STATE(word[id]) == RUNNING ->
     seen = word[id];
     if
     :: STATE(seen) == RUNNING ->
#ifdef CONDEMN_BY_STORE
        word[id] = WITH_STATE(seen, CONDEMNED); ok = true;
#else
        swap(word[id], seen, WITH_STATE(seen, CONDEMNED), ok);        /* claim: against the completion */
#endif
#ifdef KILL_REGARDLESS
        ok = true;
#endif
        if
        :: ok ->
           if :: calls[id] != NOBODY -> settle(id) :: else fi;        /* its time is out; the slot stays until the thread is dead */
           d_step {
             if
             :: (gone & BIT(EXECUTOR(seen))) == 0 -> terminated = terminated | BIT(EXECUTOR(seen))
             :: else                                                  /* it died meanwhile */
             fi
           }
        :: else
        fi
     :: else
     fi;
     d_step { ok = false; seen = 0 }
#endif
  /* recover, and what the dispatcher does with it. */
  :: gone != 0 ->
     dead = (gone & BIT(1) -> 1 : (gone & BIT(2) -> 2 : 3));
     id = 0;
     do
     :: id < SLOTS ->
        do
        :: seen = word[id];                                           /* observe: whatever executors have decided */
           if
           :: STATE(seen) == QUEUED ->
#ifndef NO_REHINT
              band ! id;                                              /* publish: the hint may have died with it */
#endif
              break
           :: (STATE(seen) == RUNNING || STATE(seen) == CONDEMNED) && EXECUTOR(seen) == dead ->
              assert(STATE(seen) == CONDEMNED || (terminated & BIT(dead)) == 0); /* nothing but what was condemned is killed */
              swap(word[id], seen, WITH_STATE(seen, LOST), ok);
              if :: ok -> if :: calls[id] != NOBODY -> settle(id) :: else fi; break :: else fi
           :: else -> break
           fi
        od;
#ifndef NO_RESCAN
        poll(id);                                                     /* its record may have died unwritten */
#endif
        id++
     :: else -> break
     od;
     id = 0;
     d_step { terminated = terminated & ~BIT(dead); gone = gone & ~BIT(dead); dead = 0; seen = 0; ok = false }
  :: SLOTS > 1 && id == 0 && next > 0 -> id = SLOTS - 1               /* the same for the other slot */
  :: SLOTS > 1 && id != 0 -> id = 0
  :: next == CALLS && calls[0] == NOBODY && calls[SLOTS - 1] == NOBODY && gone == 0 && doomed == 0 && REUSABLE(word[0]) && REUSABLE(word[SLOTS - 1]) ->
     break
  od;
  over = true
}
