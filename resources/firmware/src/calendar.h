// Dates out of seconds since 1970, UTC, up to the year 2106.
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdint.h>
#include "text.h"

struct date {
  uint16_t year;
  uint8_t month, day;
  // 0 for Sunday.
  uint8_t weekday;
};

struct date calendar_date(uint32_t seconds);
int calendar_days_in(int year, int month);
void calendar_write_time(struct text *text, uint32_t seconds);
void calendar_write_date(struct text *text, const struct date *date);
const char *calendar_month_name(int month);
const char *calendar_weekday_name(int weekday);

#endif
