#include "calendar.h"
#include <stdbool.h>
#include "version.h"

#define SECONDS_OF_DAY 86400u
#define FIRST_YEAR 1970
#define THURSDAY 4

static const char *const month_names[12] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
static const char *const weekday_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                             "Thursday", "Friday", "Saturday"};

static bool is_leap(int year) {
#if VERSION >= VERSION_OF(2, 0, 1)
  // Without divisions: a year of four is a leap year unless it ends a century.
  return (year & 3) == 0 && year != 2000 && year != 2100;
#else
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
#endif
}

int calendar_days_in(int year, int month) {
  static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

struct date calendar_date(uint32_t seconds) {
  uint32_t days = seconds / SECONDS_OF_DAY;
  uint32_t weekday = (days + THURSDAY) % 7;
  int year = FIRST_YEAR, month = 1;
  for (; days >= (is_leap(year) ? 366u : 365u); year++) days -= is_leap(year) ? 366 : 365;
  while (days >= (uint32_t)calendar_days_in(year, month)) {
    days -= (uint32_t)calendar_days_in(year, month++);
  }
  return (struct date){(uint16_t)year, (uint8_t)month, (uint8_t)(days + 1), (uint8_t)weekday};
}

void calendar_write_time(struct text *text, uint32_t seconds) {
  uint32_t minutes = seconds % SECONDS_OF_DAY / 60;
  text_add_padded(text, minutes / 60);
  text_add_char(text, ':');
  text_add_padded(text, minutes % 60);
}

void calendar_write_date(struct text *text, const struct date *date) {
  for (int i = 0; i < 3; i++) text_add_char(text, weekday_names[date->weekday][i]);
  text_add_char(text, ' ');
  text_add_number(text, date->day);
  text_add_char(text, ' ');
  text_add(text, month_names[date->month - 1]);
#if VERSION >= VERSION_OF(1, 1, 0)
  text_add_char(text, ' ');
  text_add_number(text, date->year);
#endif
}

const char *calendar_month_name(int month) {
  return month_names[month - 1];
}

const char *calendar_weekday_name(int weekday) {
  return weekday_names[weekday];
}
