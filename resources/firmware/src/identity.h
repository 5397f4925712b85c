// Who this handset is: model, version, terminal ID.
#ifndef IDENTITY_H
#define IDENTITY_H

#include "text.h"

// Adds the terminal ID that the boot code left behind.
void identity_write_terminal(struct text *text);
// Adds `Kintsugi k1 1.0.0 TERMINAL-ID`.
void identity_write(struct text *text);

#endif
