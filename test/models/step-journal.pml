/*
 * The rewriter's own journal (decision 0009): one entry a step, a fresh entry before anything is
 * done after a power-up, old bytes of a step in a chunk in one of RING backup sectors in turn.
 *
 * Entry k says: steps before k are done, and chunk k is whole. Step k needs chunk k, chunk k - 1
 * and what the sectors after it hold. Operations may be cut and leave any result; weak cells may
 * read either way at each power-up. At the end every sector must hold solid new content, and no
 * step may ever miss a byte that it needs.
 *
 * Variants: V_STALE acts on an entry without a fresh one; V_SILENT writes no fresh entry where the
 * old software boots, so that a torn first one may be read later; V_EARLY erases the backup before
 * the next entry; V_TRUST takes a sector that reads as new for done; V_PACKED believes after a
 * power-up that what looks erased in a backup sector is; RING=2 has one backup sector too few.
 */
#ifndef STEPS
#define STEPS 3
#endif
#ifndef CUTS
#define CUTS 3
#endif
#ifndef RING
#define RING 3
#endif
/* Chunks that a backup sector takes. */
#ifndef PLACES
#define PLACES 2
#endif
#define ALL_PLACES (RING * PLACES)
#define NONE 255
#define MAYCUT (cuts < CUTS)

mtype = { OLD, NEW, BAD, WOLD, WNEW };
mtype sec[STEPS];
/* Which chunk a place of the ring holds; GONE: erased or torn, WHOLE: solid, SHAKY: reads well. */
mtype = { ERASED, GONE, WHOLE, SHAKY };
mtype state[ALL_PLACES];
byte chunk[ALL_PLACES];
/* The next place of each backup sector that is erased for sure; NONE: nobody knows. */
byte free[RING];

typedef Entry { byte step; byte own; byte before };
/* The newest entry that was written under power, and those torn since, which read as they like. */
Entry solid;
Entry torn[CUTS + 1];
byte tornCount = 0;
Entry now;

byte cuts = 0; bool complete = false;
byte i; byte place; byte turn;

inline decaySector(x) {
  if
  :: x == WOLD -> if :: skip :: x = BAD fi
  :: x == WNEW -> if :: skip :: x = BAD fi
  :: else -> skip
  fi
}
inline decayPlace(x) { if :: x == SHAKY -> if :: skip :: x = GONE fi :: else -> skip fi }

inline powerUp() {
  atomic {
    i = 0;
    do :: i < STEPS -> decaySector(sec[i]); i++ :: else -> break od;
    i = 0;
    do :: i < ALL_PLACES -> decayPlace(state[i]); i++ :: else -> break od
  }
}

inline copyEntry(to, from) { to.step = from.step; to.own = from.own; to.before = from.before }

/* The newest entry that can be read now. */
inline readJournal() {
  atomic {
    copyEntry(now, solid);
    i = 0;
    do
    :: i < tornCount -> if :: copyEntry(now, torn[i]) :: skip fi; i++
    :: else -> break
    od
  }
}

/* Writes the entry `now`, in a cell that was never used. */
inline mark() {
  atomic {
    if
    :: MAYCUT ->
       cuts++;
       if :: copyEntry(torn[tornCount], now); tornCount++ :: skip fi;
       goto boot
    :: copyEntry(solid, now);
       do
       :: tornCount > 0 ->
          tornCount--;
          torn[tornCount].step = 0; torn[tornCount].own = 0; torn[tornCount].before = 0
       :: else -> break
       od
    fi
  }
}

inline eraseBackup(from) {
  atomic {
    i = from;
    if
    :: MAYCUT ->
       cuts++;
       do
       :: i < from + PLACES ->
          if :: state[i] = GONE :: state[i] == WHOLE || state[i] == SHAKY -> state[i] = SHAKY fi; i++
       :: else -> break
       od;
       goto boot
    :: do :: i < from + PLACES -> state[i] = ERASED; chunk[i] = NONE; i++ :: else -> break od
    fi
  }
}

/* The sector in turn holds neither the newest chunk nor the one before it, where there are three. */
inline chooseSector() {
  turn = 0;
  do
  :: now.own != NONE && turn == now.own / PLACES -> turn++
#if RING > 2
  :: now.before != NONE && turn == now.before / PLACES -> turn++
#endif
  :: else -> break
  od
}

/* Puts the old bytes of a step into the next place: what is not erased any more cannot hold them. */
inline takeChunk(source) {
  atomic { chooseSector() };
  if
  :: free[turn] == NONE || free[turn] == PLACES -> eraseBackup(turn * PLACES); free[turn] = 0
  :: else -> skip
  fi;
  atomic { place = turn * PLACES + free[turn]; free[turn] = free[turn] + 1 };
  atomic {
    if
    :: state[place] != ERASED || sec[source] == BAD || sec[source] == NEW || sec[source] == WNEW ->
       state[place] = GONE; chunk[place] = source
    :: else ->
       if
       :: MAYCUT ->
          cuts++;
          chunk[place] = source;
          if :: state[place] = GONE :: state[place] = SHAKY fi;
          goto boot
       :: chunk[place] = source; state[place] = WHOLE
       fi
    fi
  }
}

inline needChunk(at, owner) { assert(chunk[at] == owner && (state[at] == WHOLE || state[at] == SHAKY)) }

inline eraseSector(k) {
  atomic {
    if
    :: MAYCUT ->
       cuts++;
       if
       :: sec[k] = BAD
       :: sec[k] == OLD || sec[k] == WOLD -> sec[k] = WOLD
       :: sec[k] == NEW || sec[k] == WNEW -> sec[k] = WNEW
       fi;
       goto boot
    :: sec[k] = BAD
    fi
  }
}

inline programSector(k) {
  atomic {
    if :: MAYCUT -> cuts++; if :: sec[k] = BAD :: sec[k] = WNEW fi; goto boot :: sec[k] = NEW fi
  }
}

active proctype device() {
  atomic {
    i = 0;
    do :: i < STEPS -> sec[i] = OLD; i++ :: else -> break od;
    i = 0;
    do :: i < ALL_PLACES -> state[i] = GONE; chunk[i] = NONE; i++ :: else -> break od;
    i = 0;
    do :: i < RING -> free[i] = NONE; i++ :: else -> break od;
    solid.step = NONE; solid.own = NONE; solid.before = NONE;
    now.own = NONE; now.before = NONE
  }
  goto update;

boot:
  powerUp();
  readJournal();
  atomic {
    i = 0;
    do
    :: i < RING ->
#ifdef V_PACKED
       /* A torn place may look erased. */
       free[i] = 0;
       do
       :: free[i] < PLACES && state[i * PLACES + free[i]] != GONE -> free[i] = free[i] + 1
       :: else -> break
       od;
#else
       free[i] = NONE;
#endif
       i++
    :: else -> break
    od
  };
  if
  :: now.step == NONE ->
     /* No step was begun: the old software runs and asks for the file again. */
     atomic {
       i = 0;
       do :: i < STEPS -> assert(sec[i] == OLD); i++ :: else -> break od
     };
#ifndef V_SILENT
     mark();
#endif
     goto update
  :: else -> skip
  fi;
#ifndef V_STALE
  mark();
#endif
  goto work;

update:
  takeChunk(0);
  atomic { now.step = 0; now.own = place; now.before = NONE };
  mark();

work:
  do
  :: now.step == STEPS -> break
  :: else ->
     needChunk(now.own, now.step);
     if :: now.before != NONE -> needChunk(now.before, now.step - 1) :: else -> skip fi;
#ifdef V_TRUST
     if :: sec[now.step] == NEW || sec[now.step] == WNEW -> goto written :: else -> skip fi;
#endif
     eraseSector(now.step);
     programSector(now.step);
written:
#ifdef V_EARLY
     eraseBackup(now.own - now.own % PLACES);
     free[now.own / PLACES] = 0;
#endif
     if
     :: now.step + 1 == STEPS -> skip
     :: else -> takeChunk(now.step + 1)
     fi;
     atomic { now.before = now.own; now.own = place; now.step = now.step + 1 };
     mark()
  od;
  complete = true;
  atomic {
    i = 0;
    do :: i < STEPS -> assert(sec[i] == NEW); i++ :: else -> break od
  }
}
