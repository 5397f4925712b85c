#ifndef STATUS_BAR_H
#define STATUS_BAR_H

// Signal, cable, time and battery along the upper edge.
void status_bar_paint(void);

#endif
