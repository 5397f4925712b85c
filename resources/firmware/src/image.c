// Apart from the descriptor itself, whose numbers the compiler must not take for the final ones.
#include "image.h"
#include "board.h"

uint32_t image_bytes(void) {
  uint32_t vouched = HANDOVER->magic == HANDOVER_MAGIC ? HANDOVER->image_bytes : 0;
  return vouched != 0 && vouched <= EXECUTABLE_BYTES ? vouched : descriptor.length;
}
