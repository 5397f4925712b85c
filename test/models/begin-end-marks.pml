/* in-place sector rewrite with backup sector and begin/end marks, torn NOR operations, any number of power cuts up to CUTS */
#ifndef N
#define N 2
#endif
#ifndef CUTS
#define CUTS 3
#endif
/* contents: solid and weak variants. weak = reads right now, may decay at any later read */
mtype = { OLD, NEW, BAD, WOLD, WNEW };
mtype sec[N];
mtype bak = BAD; byte bakid = 255;      /* OLD means holds old content of bakid */
mtype = { CLR, SET, WK };
mtype beg[N]; mtype fin[N];
byte cuts = 0; bool on = true; bool complete = false; bool brick = false;
byte i; mtype rd; mtype src;
#define MAYCUT (cuts < CUTS)
inline readmark(m, out) { if :: m == SET -> out = SET :: m == CLR -> out = CLR :: m == WK -> if :: out = SET :: out = CLR fi fi }
inline decay(x) { if :: x == WOLD -> if :: skip :: x = BAD fi :: x == WNEW -> if :: skip :: x = BAD fi :: else -> skip fi }
/* torn results */
inline tornprog(x) { if :: x = BAD :: x = WNEW fi }
inline tornerase(x,wasold) { if :: x = BAD :: wasold -> x = WOLD :: !wasold -> x = WNEW fi }
proctype dev() {
  bool wo;
boot:
  /* decay of weak cells at power up */
  skip; i = 0;
  do :: i < N -> atomic { decay(sec[i]); i++ } :: else -> break od;
  atomic { decay(bak) };
  i = 0;
  do
  :: i < N ->
     atomic { readmark(fin[i], rd) };
#ifdef V_FRESH
     atomic { if :: fin[i] == WK -> if :: MAYCUT -> cuts++; goto boot :: fin[i] = rd fi :: else -> skip fi };
#endif
     if
     :: rd == SET -> i++
     :: else ->
#ifdef V_TRUST2
        if :: (sec[i] == NEW || sec[i] == WNEW) -> goto setfin :: else -> skip fi;
#endif
        atomic { readmark(beg[i], rd) };
#ifdef V_NOBEGIN
        rd = CLR;
#endif
#ifdef V_FRESH
        atomic { if :: beg[i] == WK -> if :: MAYCUT -> cuts++; goto boot :: beg[i] = rd fi :: else -> skip fi };
#endif
        if
        :: rd == CLR ->
           /* (re)take a backup of the old sector: the sector must read as old */
           if :: (sec[i] == OLD || sec[i] == WOLD) -> skip
#ifdef V_TRUSTREAD
              :: (sec[i] == NEW || sec[i] == WNEW) -> goto setfin   /* "reads right, so it is complete" */
#endif
              :: else ->
                 if :: (bak == OLD || bak == WOLD) && bakid == i -> goto rewrite :: else -> brick = true; goto stop fi
           fi;
           /* erase backup */
           atomic { if :: MAYCUT -> cuts++; if :: bak = BAD; bakid = 255 :: (bak == OLD || bak == WOLD) -> bak = WOLD :: skip fi; goto boot :: bak = BAD; bakid = 255 fi };
           /* program backup from sector as it reads now */
           atomic { decay(sec[i]) };
           if :: (sec[i] == OLD || sec[i] == WOLD) -> skip :: else -> brick = true; goto stop fi;
           atomic { if :: MAYCUT -> cuts++; if :: bak = BAD; bakid = 255 :: bak = WOLD; bakid = i fi; goto boot :: bak = OLD; bakid = i fi };
           /* begin mark */
           atomic { if :: MAYCUT -> cuts++; if :: beg[i] = WK :: skip fi; goto boot :: beg[i] = SET fi }
        :: else -> skip
        fi;
rewrite:
        atomic { decay(bak) };
        if :: (bak == OLD || bak == WOLD) && bakid == i -> skip
           :: else ->
              if :: (sec[i] == OLD || sec[i] == WOLD) -> skip  /* fall back to the sector itself */
                 :: else -> brick = true; goto stop fi
        fi;
        /* erase sector i */
        atomic { wo = (sec[i] == OLD || sec[i] == WOLD);
          if :: MAYCUT -> cuts++; tornerase(sec[i], wo); goto boot :: sec[i] = BAD fi };
        /* program sector i: needs the old content from backup (or, if backup was unusable, from RAM copy read just before) */
        atomic { if :: MAYCUT -> cuts++; tornprog(sec[i]); goto boot :: sec[i] = NEW fi };
setfin:
        atomic { if :: MAYCUT -> cuts++; if :: fin[i] = WK :: skip fi; goto boot :: fin[i] = SET fi };
        i++
     fi
  :: else -> break
  od;
  complete = true;
  /* boots the new image: every sector must be solid new */
  atomic { i = 0; do :: i < N -> assert(sec[i] == NEW); i++ :: else -> break od };
  goto fini;
stop:
  assert(!brick);
fini:
  skip
}
init { atomic { i = 0; do :: i < N -> sec[i] = OLD; beg[i] = CLR; fin[i] = CLR; i++ :: else -> break od; run dev() } }
