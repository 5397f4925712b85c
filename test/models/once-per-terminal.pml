/* W program requests of the same terminal id; server handles each in steps; process may be killed (volatile state lost) up to K times; client retries until acknowledged.
   VARIANTS: V_CHECKACT read then write in two steps ; V_BILLFIRST bill row and issue row in separate transactions ; default: one transaction with unique key, replay of stored answer */
#ifndef W
#define W 3
#endif
#ifndef K
#define K 2
#endif
byte issued=0;   /* distinct specific infos handed out, durable */
byte bills=0;    /* durable charges */
bool row=false;  /* durable issue row for the terminal */
bool billrow=false;
byte acked=0; byte kills=0; byte epoch=0;
bool owner[W];   /* client holds specific info */
byte holders=0;
proctype client(byte id) {
  byte e; bool seen; bool ok=false;
  do
  :: !ok ->
     e = epoch;
#ifdef V_CHECKACT
     seen = row;
     if :: e != epoch -> goto again :: else -> skip fi;
     if :: !seen -> atomic { if :: e == epoch -> row = true; issued++; bills++ :: else -> goto again fi }
        :: else -> skip fi;
#else
#ifdef V_BILLFIRST
     atomic { if :: e == epoch -> if :: !row -> bills++ :: else -> skip fi :: else -> goto again fi };
     atomic { if :: e == epoch -> if :: !row -> row = true; issued++ :: else -> skip fi :: else -> goto again fi };
#else
     atomic { if :: e == epoch -> if :: !row -> row = true; issued++; bills++ :: else -> skip fi :: else -> goto again fi };
#endif
#endif
     /* answer may be lost in a kill */
     atomic { if :: e == epoch -> ok = true; acked++ :: else -> skip fi };
again: skip
  :: ok -> break
  od
}
proctype killer() { do :: kills < K -> atomic { kills++; epoch++ } :: break od }
init { byte j=0; atomic { do :: j < W -> run client(j); j++ :: else -> break od; run killer() };
  (_nr_pr == 1);
  assert(issued == 1); assert(bills == 1); assert(acked == W) }
