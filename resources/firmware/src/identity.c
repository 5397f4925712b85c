#include "identity.h"
#include "board.h"
#include "version.h"

void identity_write_terminal(struct text *text) {
  const char *id = HANDOVER->terminal_id;
  if (HANDOVER->magic != HANDOVER_MAGIC || id[0] == 0) {
    text_add(text, "no-terminal-id");
    return;
  }
  for (int i = 0; i < TERMINAL_ID_BYTES && id[i] != 0; i++) {
    text_add_char(text, id[i] > ' ' && id[i] <= '~' ? id[i] : '?');
  }
}

void identity_write(struct text *text) {
  text_add(text, "Kintsugi " MODEL " " VERSION_TEXT " ");
  identity_write_terminal(text);
}
